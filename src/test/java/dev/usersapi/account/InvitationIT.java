package dev.usersapi.account;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Api.uuid;
import static dev.usersapi.support.Race.together;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.mail.MailWriter;
import dev.usersapi.support.AccountSteps;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** From the creation of a user to their first log-in. */
@ApiTest
class InvitationIT extends AccountSteps {

    @Autowired
    private List<MailWriter> writers;

    private String createWithoutPassword(String email) {
        Answer answer = api.admin().post("/api/v1/users", Map.of("email", email, "name", "Ann Longname"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.data().get("status").stringValue()).isEqualTo("pending");
        return answer.data().get("id").stringValue();
    }

    private Answer invite(String id) {
        return api.admin().send("POST", USERS + id + "/invitation");
    }

    private String status(String id) {
        return api.admin().get(USERS + id).data().get("status").stringValue();
    }

    @Test
    void whoIsCreatedWithoutPasswordSetsOneWithTheInvitation() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        Mailbox.Received invitation = mailbox.await(email);
        assertThat(invitation.text()).contains("Ann Longname", "72 hours");
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(401);

        assertThat(faults(with(ACTIVATE, invitation.token()))).containsExactly("#/password required");
        isDone(with(ACTIVATE, invitation.token(), NEW_PASSWORD), 204);

        assertThat(status(id)).isEqualTo("active");
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
        isTokenRefused(with(ACTIVATE, invitation.token(), Api.PASSWORD));
        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(401);
        awaitNothingQueuedWith(email);
        assertThat(mailbox.isEmpty(email)).as("a first password is no change").isTrue();
    }

    @Test
    void passwordThatWasSetIsKeptWithoutAnother() {
        String email = Api.newEmail();
        api.create("member", email);

        isDone(with(ACTIVATE, mailbox.await(email).token()), 204);

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void passwordThatWasSetIsReplacedByAnother() {
        String email = Api.newEmail();
        api.create("member", email);

        isDone(with(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(401);
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
        assertThat(mailbox.await(email).subject()).isEqualTo("Your password was changed");
    }

    @Test
    void everyFaultIsNamedAtOnceAndTheTokenStaysGood() {
        String email = Api.newEmail();
        createWithoutPassword(email);
        String token = mailbox.await(email).token();

        assertThat(faults(with(ACTIVATE, "lt_" + "x".repeat(43), "short")))
                .containsExactly("#/token invalid_token", "#/password password_too_short");
        assertThat(faults(api.anonymous().send("POST", ACTIVATE, "{\"password\":5,\"x\":1}")))
                .containsExactlyInAnyOrder("#/token required", "#/password wrong_type", "#/x unknown_member");
        Map.of(
                        "short",
                        "short",
                        "password",
                        "common",
                        "passwordpassword",
                        "simple",
                        email,
                        "email",
                        "Ann Longname",
                        "name")
                .forEach((password, fault) -> assertThat(faults(with(ACTIVATE, token, password)))
                        .singleElement()
                        .asString()
                        .startsWith("#/password password_")
                        .endsWith("_" + fault));
        isDone(with(ACTIVATE, token, NEW_PASSWORD), 204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lt_", "\0", "lt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "rt_x"})
    void whatIsNoTokenIsRefused(String text) {
        isTokenRefused(with(ACTIVATE, text));
        isTokenRefused(with(RESET, text, NEW_PASSWORD));
        isTokenRefused(with(CONFIRM, text));
    }

    @Test
    void invitationSentAgainEndsTheFormerOne() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String former = mailbox.await(email).token();

        isDone(invite(id), 202);
        isTokenRefused(with(ACTIVATE, former, NEW_PASSWORD));

        isDone(with(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
        assertThat(invite(id).code()).isEqualTo("user_not_pending");
    }

    @Test
    void invitationEndsWithItsTime() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        expireLinks(id);

        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
        assertThat(status(id)).isEqualTo("pending");
    }

    @Test
    void adminStillActivatesAndThatEndsTheInvitation() {
        String email = Api.newEmail();
        String id = api.create("member", email);
        String token = mailbox.await(email).token();

        setStatus(id, "active");

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
    }

    @Test
    void invitationIsDeadForGoodOnceTheUserIsDeactivated() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        setStatus(id, "inactive");
        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
        assertThat(invite(id).code()).isEqualTo("user_not_pending");
        setStatus(id, "pending");
        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));

        isDone(invite(id), 202);
        isDone(with(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
    }

    @Test
    void invitationOfADeletedUserIsRefused() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        api.admin().delete(USERS + id);

        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
        assertThat(invite(id).code()).isEqualTo("user_not_found");
    }

    @Test
    void correctedEmailIsInvitedAnew() {
        String mistyped = Api.newEmail();
        String email = Api.newEmail();
        String id = createWithoutPassword(mistyped);
        String token = mailbox.await(mistyped).token();

        api.admin().put(USERS + id, Map.of("email", email));

        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
        isDone(with(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
        assertThat(mailbox.isEmpty(mistyped))
                .as("a stranger learns no e-mail of the user")
                .isTrue();
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
    }

    @RepeatedTest(3)
    void oneOfManyUsesOfATokenCounts() throws Exception {
        String email = Api.newEmail();
        createWithoutPassword(email);
        String token = mailbox.await(email).token();

        List<Answer> answers = together(4, n -> with(ACTIVATE, token, "the-password-" + n));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 400);
        for (int n = 0; n < answers.size(); n++) {
            assertThat(login(email, "the-password-" + n).status())
                    .isEqualTo(answers.get(n).status() == 204 ? 200 : 401);
        }
    }

    @Test
    void eachDeliveryHasATokenAndUsingOneEndsAll() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String delivered = mailbox.await(email).token();
        MailWriter writer = writers.stream()
                .filter(known -> known.kind().equals("one-time-token"))
                .findFirst()
                .orElseThrow();
        String link = actions(id).get(0).toString();

        String again = writer.write(link).orElseThrow().values().getOrDefault("token", "");

        assertThat(again).isNotEqualTo(delivered);
        isDone(with(ACTIVATE, again, NEW_PASSWORD), 204);
        isTokenRefused(with(ACTIVATE, delivered, NEW_PASSWORD));
        assertThat(writer.write(link)).isEmpty();
    }

    @Test
    void neitherQueueNorTableHoldsAToken() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        assertThat(database.sql("select count(*) from one_time_tokens t join account_actions l on l.id = t.action_id"
                                + " where l.user_id = ? and length(t.hash) = 32")
                        .param(uuid(id))
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        assertThat(database.sql("select count(*) from one_time_tokens where encode(hash, 'escape') like 'lt%'")
                        .query(Integer.class)
                        .single())
                .isZero();
        awaitNothingQueuedWith(token);
    }

    @Test
    void nobodyIsInvitedWhoIsNotCreated() {
        String email = Api.newEmail();
        api.create("member", email);
        mailbox.await(email);

        assertThat(api.admin()
                        .post("/api/v1/users", Map.of("email", email, "name", "Other"))
                        .code())
                .isEqualTo("email_taken");

        awaitNothingQueuedWith(email);
        assertThat(mailbox.isEmpty(email)).isTrue();
    }

    @Test
    void whoWasMadeActiveWithoutPasswordCannotLogIn() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        mailbox.await(email);
        setStatus(id, "active");
        for (String password : List.of("", "null", NEW_PASSWORD)) {
            assertThat(login(email, password).code()).isEqualTo("invalid_credentials");
        }

        isDone(api.anonymous().post(FORGOT, Map.of("email", email)), 202);
        isDone(with(RESET, mailbox.await(email).token(), NEW_PASSWORD), 204);

        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
    }
}
