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

/** From the creation of a user to the first login. */
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
    void activateSetsThePasswordOfAUserCreatedWithoutOne() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        Mailbox.Received invitation = mailbox.await(email);
        assertThat(invitation.text()).contains("Ann Longname", "72 hours");
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(401);

        assertThat(faults(useToken(ACTIVATE, invitation.token()))).containsExactly("#/password required");
        assertEmptyAnswer(useToken(ACTIVATE, invitation.token(), NEW_PASSWORD), 204);

        assertThat(status(id)).isEqualTo("active");
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
        assertTokenRefused(useToken(ACTIVATE, invitation.token(), Api.PASSWORD));
        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(401);
        awaitNoQueuedMailContaining(email);
        assertThat(mailbox.isEmpty(email))
                .as("a first password is not reported as a change")
                .isTrue();
    }

    @Test
    void activateKeepsThePasswordWhenNoneIsGiven() {
        String email = Api.newEmail();
        api.create("member", email);

        assertEmptyAnswer(useToken(ACTIVATE, mailbox.await(email).token()), 204);

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void activateReplacesThePasswordWhenOneIsGiven() {
        String email = Api.newEmail();
        api.create("member", email);

        assertEmptyAnswer(useToken(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(401);
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
        assertThat(mailbox.await(email).subject()).isEqualTo("Your password was changed");
    }

    @Test
    void activateReportsAllFaultsTogetherAndKeepsTheTokenValid() {
        String email = Api.newEmail();
        createWithoutPassword(email);
        String token = mailbox.await(email).token();

        assertThat(faults(useToken(ACTIVATE, "lt_" + "x".repeat(43), "short")))
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
                .forEach((password, fault) -> assertThat(faults(useToken(ACTIVATE, token, password)))
                        .singleElement()
                        .asString()
                        .startsWith("#/password password_")
                        .endsWith("_" + fault));
        assertEmptyAnswer(useToken(ACTIVATE, token, NEW_PASSWORD), 204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lt_", "\0", "lt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "rt_x"})
    void malformedTokenIsRefused(String text) {
        assertTokenRefused(useToken(ACTIVATE, text));
        assertTokenRefused(useToken(RESET, text, NEW_PASSWORD));
        assertTokenRefused(useToken(CONFIRM, text));
    }

    @Test
    void newInvitationEndsTheFormerOne() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String former = mailbox.await(email).token();

        assertEmptyAnswer(invite(id), 202);
        assertTokenRefused(useToken(ACTIVATE, former, NEW_PASSWORD));

        assertEmptyAnswer(useToken(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
        assertThat(invite(id).code()).isEqualTo("user_not_pending");
    }

    @Test
    void invitationIsRefusedWhenItHasExpired() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        expireTokens(id);

        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
        assertThat(status(id)).isEqualTo("pending");
    }

    @Test
    void activationByAnAdminEndsTheInvitation() {
        String email = Api.newEmail();
        String id = api.create("member", email);
        String token = mailbox.await(email).token();

        setStatus(id, "active");

        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
    }

    @Test
    void deactivationEndsTheInvitationForGood() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        setStatus(id, "inactive");
        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
        assertThat(invite(id).code()).isEqualTo("user_not_pending");
        setStatus(id, "pending");
        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));

        assertEmptyAnswer(invite(id), 202);
        assertEmptyAnswer(useToken(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
    }

    @Test
    void invitationOfADeletedUserIsRefused() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        api.admin().delete(USERS + id);

        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
        assertThat(invite(id).code()).isEqualTo("user_not_found");
    }

    @Test
    void newEmailOfAPendingUserGetsANewInvitation() {
        String mistyped = Api.newEmail();
        String email = Api.newEmail();
        String id = createWithoutPassword(mistyped);
        String token = mailbox.await(mistyped).token();

        api.admin().put(USERS + id, Map.of("email", email));

        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
        assertEmptyAnswer(useToken(ACTIVATE, mailbox.await(email).token(), NEW_PASSWORD), 204);
        assertThat(mailbox.isEmpty(mistyped))
                .as("a stranger learns no e-mail of the user")
                .isTrue();
        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
    }

    @RepeatedTest(3)
    void tokenWorksOnceWhenItIsUsedConcurrently() throws Exception {
        String email = Api.newEmail();
        createWithoutPassword(email);
        String token = mailbox.await(email).token();

        List<Answer> answers = together(4, n -> useToken(ACTIVATE, token, "the-password-" + n));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 400);
        for (int n = 0; n < answers.size(); n++) {
            assertThat(login(email, "the-password-" + n).status())
                    .isEqualTo(answers.get(n).status() == 204 ? 200 : 401);
        }
    }

    @Test
    void eachDeliveryGetsATokenAndUsingOneEndsAll() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String delivered = mailbox.await(email).token();
        MailWriter writer = writers.stream()
                .filter(candidate -> candidate.kind().equals("one-time-token"))
                .findFirst()
                .orElseThrow();
        String action = actions(id).get(0).toString();

        String again = writer.write(action).orElseThrow().values().getOrDefault("token", "");

        assertThat(again).isNotEqualTo(delivered);
        assertEmptyAnswer(useToken(ACTIVATE, again, NEW_PASSWORD), 204);
        assertTokenRefused(useToken(ACTIVATE, delivered, NEW_PASSWORD));
        assertThat(writer.write(action)).isEmpty();
    }

    @Test
    void tokenIsNeitherInTheQueueNorInATable() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        String token = mailbox.await(email).token();

        assertThat(database.sql("select count(*) from one_time_tokens t join account_actions a on a.id = t.action_id"
                                + " where a.user_id = ? and length(t.hash) = 32")
                        .param(uuid(id))
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        assertThat(database.sql("select count(*) from one_time_tokens where encode(hash, 'escape') like 'lt%'")
                        .query(Integer.class)
                        .single())
                .isZero();
        awaitNoQueuedMailContaining(token);
    }

    @Test
    void noInvitationIsSentWhenTheUserIsNotCreated() {
        String email = Api.newEmail();
        api.create("member", email);
        mailbox.await(email);

        assertThat(api.admin()
                        .post("/api/v1/users", Map.of("email", email, "name", "Other"))
                        .code())
                .isEqualTo("email_taken");

        awaitNoQueuedMailContaining(email);
        assertThat(mailbox.isEmpty(email)).isTrue();
    }

    @Test
    void activeUserWithoutPasswordCannotLogInUntilAReset() {
        String email = Api.newEmail();
        String id = createWithoutPassword(email);
        mailbox.await(email);
        setStatus(id, "active");
        for (String password : List.of("", "null", NEW_PASSWORD)) {
            assertThat(login(email, password).code()).isEqualTo("invalid_credentials");
        }

        assertEmptyAnswer(api.anonymous().post(FORGOT, Map.of("email", email)), 202);
        assertEmptyAnswer(useToken(RESET, mailbox.await(email).token(), NEW_PASSWORD), 204);

        assertThat(login(email, NEW_PASSWORD).status()).isEqualTo(200);
    }
}
