package dev.usersapi.account;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Api.uuid;
import static dev.usersapi.support.Race.together;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.http.OpaqueToken;
import dev.usersapi.support.AccountSteps;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.RoundTrips;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Forgotten and changed passwords. */
@ApiTest
public class PasswordIT extends AccountSteps {

    @Autowired
    private RoundTrips roundTrips;

    private Answer forgot(String email) {
        return api.anonymous().post(FORGOT, Map.of("email", email));
    }

    private String resetToken(Person person) {
        assertEmptyAnswer(forgot(person.email()), 202);
        return mailbox.await(person.email()).token();
    }

    private static Answer change(Client client, String current, String next) {
        return client.put(USERS + "me/password", Map.of("current_password", current, "new_password", next));
    }

    private static int status(Client client) {
        return client.get(USERS + "me").status();
    }

    @Test
    void resetSetsANewPasswordAndEndsAllSessions() {
        Person ann = newPerson("viewer");
        JsonNode other = login(ann.email(), Api.PASSWORD).data();
        assertEmptyAnswer(forgot(" " + ann.email().toUpperCase(java.util.Locale.ROOT) + "\t"), 202);
        Mailbox.Received mail = mailbox.await(ann.email());
        assertThat(mail.subject()).isEqualTo("Set a new password");
        assertThat(mail.text()).contains("1 hour");
        assertThat(status(ann.client())).as("the request alone changes nothing").isEqualTo(200);

        assertEmptyAnswer(useToken(RESET, mail.token(), NEW_PASSWORD), 204);

        assertThat(status(ann.client())).isEqualTo(401);
        assertThat(status(api.as(other))).isEqualTo(401);
        assertThat(api.anonymous()
                        .post(
                                "/api/v1/auth/refresh",
                                Map.of(
                                        "refresh_token",
                                        other.get("refresh_token").stringValue()))
                        .status())
                .isEqualTo(401);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(401);
        assertThat(login(ann.email(), NEW_PASSWORD).status()).isEqualTo(200);
        assertThat(mailbox.await(ann.email()).subject()).isEqualTo("Your password was changed");
        assertTokenRefused(useToken(RESET, mail.token(), Api.PASSWORD));
    }

    @Test
    void forgotDoesNotTellWhetherTheAccountExists() {
        Person active = newPerson("member");
        String pending = Api.newEmail();
        api.create("member", pending);
        mailbox.await(pending);
        Person inactive = newPerson("member");
        setStatus(inactive.id(), "inactive");
        String unknown = Api.newEmail();
        List<Object> answers = new ArrayList<>();
        List<Object> questions = new ArrayList<>();

        for (String email : List.of(active.email(), pending, inactive.email(), unknown)) {
            roundTrips.take();
            Answer answer = forgot(email);
            questions.add(roundTrips.take());
            assertEmptyAnswer(answer, 202);
            answers.add(answer.headers().map().keySet());
        }

        assertThat(answers).containsOnly(answers.get(0));
        assertThat(questions).as("the same statements").containsOnly(questions.get(0));
        assertThat(mailbox.await(active.email()).subject()).isEqualTo("Set a new password");
        for (String email : List.of(pending, inactive.email(), unknown)) {
            awaitNoQueuedMailContaining(email);
            assertThat(mailbox.isEmpty(email)).as(email).isTrue();
        }
        assertThat(actions(inactive.id())).isEmpty();
    }

    @Test
    void requestsWithoutRequiredMembersAreRefused() {
        assertThat(faults(forgot("not an address"))).containsExactly("#/email invalid_value");
        assertThat(faults(api.anonymous().send("POST", FORGOT, "{}"))).containsExactly("#/email required");
        assertThat(faults(api.anonymous().send("POST", RESET, "{}")))
                .containsExactly("#/token required", "#/password required");
        assertThat(faults(api.newUser("member").send("PUT", USERS + "me/password", "{}")))
                .containsExactly("#/current_password required", "#/new_password required");
    }

    @Test
    void forgotIsRateLimitedPerEmailAndClientAddress() {
        Client client = api.anonymous();
        Map<String, String> body = Map.of("email", Api.newEmail());

        List<Answer> answers =
                IntStream.range(0, 11).mapToObj(n -> client.post(FORGOT, body)).toList();

        assertThat(answers).extracting(Answer::status).startsWith(202).endsWith(429);
        assertThat(answers.get(10).header("Retry-After")).isNotNull();
    }

    @Test
    void forgotSendsNoSecondMailWithinAMinute() {
        Person ann = newPerson("member");
        String first = resetToken(ann);
        List<UUID> action = actions(ann.id());

        forgot(ann.email());
        awaitNoQueuedMailContaining(ann.email());
        assertThat(actions(ann.id())).as("no new action within a minute").isEqualTo(action);
        assertThat(mailbox.isEmpty(ann.email())).isTrue();

        database.sql("update account_actions set created_at = created_at - interval '1 minute' where id = ?")
                .param(action.get(0))
                .update();
        String second = resetToken(ann);

        database.sql("update one_time_tokens set expires_at = now() where hash = ?")
                .param(OpaqueToken.hash(first))
                .update();
        assertTokenRefused(useToken(RESET, first, NEW_PASSWORD));
        assertEmptyAnswer(useToken(RESET, second, NEW_PASSWORD), 204);
    }

    @Test
    void forgotDoesNotEndTokensThatWereSentBefore() {
        Person ann = newPerson("member");
        String token = resetToken(ann);
        database.sql("update account_actions set created_at = created_at - interval '1 minute' where user_id = ?")
                .param(uuid(ann.id()))
                .update();
        String another = resetToken(ann);

        assertEmptyAnswer(useToken(RESET, token, NEW_PASSWORD), 204);

        assertTokenRefused(useToken(RESET, another, Api.PASSWORD));
    }

    @Test
    void mailsThatAdminsRequestAreRateLimitedPerUser() {
        Person ann = newPerson("member");
        String invited = api.create("member", Api.newEmail());

        for (String path : List.of(USERS + ann.id() + "/password-reset", USERS + invited + "/invitation")) {
            List<Answer> answers = IntStream.range(0, 11)
                    .mapToObj(n -> api.admin().send("POST", path))
                    .toList();

            assertThat(answers)
                    .as(path)
                    .extracting(Answer::status)
                    .startsWith(202)
                    .endsWith(429);
        }
    }

    @Test
    void resetEndsLoginDelaysAndTrimsTheToken() {
        Person ann = newPerson("member");
        Client home = api.anonymous();
        Map<String, String> wrong = Map.of("email", ann.email(), "password", "wrong");
        for (int n = 0; n <= 5; n++) {
            assertThat(home.post("/api/v1/auth/login", wrong).status()).isEqualTo(401);
        }
        assertThat(home.post("/api/v1/auth/login", wrong).code()).isEqualTo("too_many_attempts");

        assertEmptyAnswer(useToken(RESET, "\u00a0\r\n " + resetToken(ann) + "\ufeff\n", NEW_PASSWORD), 204);

        assertThat(home.post("/api/v1/auth/login", Map.of("email", ann.email(), "password", NEW_PASSWORD))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void resetIsRefusedWhenTheTokenHasExpired() {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        expireTokens(ann.id());

        assertTokenRefused(useToken(RESET, token, NEW_PASSWORD));
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void deactivationEndsTheResetTokenForGood() {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        setStatus(ann.id(), "inactive");
        assertTokenRefused(useToken(RESET, token, NEW_PASSWORD));
        setStatus(ann.id(), "active");

        assertTokenRefused(useToken(RESET, token, NEW_PASSWORD));
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void changeOfEmailEndsTheResetToken() {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        api.admin().put(USERS + ann.id(), Map.of("email", Api.newEmail()));

        assertTokenRefused(useToken(RESET, token, NEW_PASSWORD));
    }

    @Test
    void changeOfPasswordEndsTheResetToken() {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        assertEmptyAnswer(change(ann.client(), Api.PASSWORD, NEW_PASSWORD), 204);

        assertTokenRefused(useToken(RESET, token, "yet-another-password"));
    }

    @Test
    void tokenIsRefusedForAnotherAction() {
        Person ann = newPerson("member");
        String reset = resetToken(ann);
        String pending = Api.newEmail();
        api.create("member", pending);
        String invitation = mailbox.await(pending).token();

        assertTokenRefused(useToken(ACTIVATE, reset, NEW_PASSWORD));
        assertTokenRefused(useToken(CONFIRM, reset));
        assertTokenRefused(useToken(RESET, invitation, NEW_PASSWORD));
        assertTokenRefused(useToken(CONFIRM, invitation));

        assertEmptyAnswer(useToken(RESET, reset, NEW_PASSWORD), 204);
        assertEmptyAnswer(useToken(ACTIVATE, invitation), 204);
    }

    @RepeatedTest(3)
    void tokenWorksOnceWhenItIsUsedConcurrently() throws Exception {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        List<Answer> answers = together(4, n -> useToken(RESET, token, "the-password-" + n));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 400);
        for (int n = 0; n < answers.size(); n++) {
            assertThat(login(ann.email(), "the-password-" + n).status())
                    .isEqualTo(answers.get(n).status() == 204 ? 200 : 401);
        }
    }

    @RepeatedTest(3)
    void concurrentResetAndDeactivationLeaveNoSession() throws Exception {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        List<Answer> answers = together(List.of(
                () -> useToken(RESET, token, NEW_PASSWORD),
                () -> setStatus(ann.id(), "inactive"),
                () -> login(ann.email(), Api.PASSWORD)));

        assertThat(answers.get(0).status()).isIn(204, 400);
        assertThat(answers.get(1).status()).isEqualTo(200);
        assertThat(database.sql("select count(*) from sessions where user_id = ?")
                        .param(uuid(ann.id()))
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(actions(ann.id())).isEmpty();
    }

    @Test
    void passwordStaysUntilTheTokenThatAnAdminRequestedIsUsed() {
        Person ann = newPerson("member");
        String path = USERS + ann.id() + "/password-reset";

        assertEmptyAnswer(api.admin().send("POST", path), 202);
        String former = mailbox.await(ann.email()).token();
        assertEmptyAnswer(api.admin().send("POST", path), 202);
        String token = mailbox.await(ann.email()).token();

        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);
        assertTokenRefused(useToken(RESET, former, NEW_PASSWORD));
        assertEmptyAnswer(useToken(RESET, token, NEW_PASSWORD), 204);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(401);
        assertThat(status(ann.client())).isEqualTo(401);
    }

    @Test
    void adminCanRequestAResetForActiveUsersOnly() {
        String id = api.create("member");
        assertThat(api.admin().send("POST", USERS + id + "/password-reset").code())
                .isEqualTo("user_not_active");
        setStatus(id, "inactive");
        assertThat(api.admin().send("POST", USERS + id + "/password-reset").code())
                .isEqualTo("user_not_active");
        assertThat(actions(id)).isEmpty();
    }

    @Test
    void changeSetsTheNewPasswordAndEndsTheOtherSessions() {
        Person ann = newPerson("member");
        JsonNode other = login(ann.email(), Api.PASSWORD).data();
        assertThat(status(api.as(other))).isEqualTo(200);

        assertEmptyAnswer(change(ann.client(), Api.PASSWORD, NEW_PASSWORD), 204);

        assertThat(status(ann.client()))
                .as("the session that changed the password")
                .isEqualTo(200);
        assertThat(status(api.as(other))).isEqualTo(401);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(401);
        assertThat(login(ann.email(), NEW_PASSWORD).status()).isEqualTo(200);
        assertThat(mailbox.await(ann.email()).subject()).isEqualTo("Your password was changed");
    }

    @Test
    void changeAnswers403WhenTheCurrentPasswordIsWrong() {
        Person ann = newPerson("member");

        Answer answer = change(ann.client(), "wrong-" + Api.PASSWORD, NEW_PASSWORD);

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("wrong_password");
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void newPasswordMustFollowThePolicy() {
        Person ann = newPerson("member");
        Map.of(
                        "short",
                        "password_too_short",
                        "password",
                        "password_too_common",
                        "passwordpassword",
                        "password_too_simple",
                        ann.email(),
                        "password_like_email",
                        "Ann Example",
                        "password_like_name",
                        "x".repeat(129),
                        "password_too_long",
                        Api.PASSWORD,
                        "invalid_value")
                .forEach((next, code) -> assertThat(faults(change(ann.client(), Api.PASSWORD, next)))
                        .containsExactly("#/new_password " + code));
        String token = resetToken(ann);
        assertThat(faults(useToken(RESET, token, ann.email()))).containsExactly("#/password password_like_email");
        assertThat(faults(useToken(RESET, "lt_x", "short")))
                .containsExactly("#/token invalid_token", "#/password password_too_short");
        assertEmptyAnswer(useToken(RESET, token, NEW_PASSWORD), 204);
    }

    @Test
    void changeIsRefusedForAnotherUser() {
        Person ann = newPerson("member");
        Map<String, String> body = Map.of("current_password", Api.PASSWORD, "new_password", NEW_PASSWORD);

        assertThat(api.admin().put(USERS + ann.id() + "/password", body).code()).isEqualTo("insufficient_permissions");
        assertThat(api.anonymous().put(USERS + ann.id() + "/password", body).status())
                .isEqualTo(401);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);
    }

    @RepeatedTest(3)
    void oneOfConcurrentChangesSucceeds() throws Exception {
        Person ann = newPerson("member");

        List<Answer> answers = together(3, n -> change(ann.client(), Api.PASSWORD, "the-password-" + n));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 403);
    }

    @RepeatedTest(3)
    void concurrentChangeAndResetLeaveOnePasswordAndOnlyItsSession() throws Exception {
        Person ann = newPerson("member");
        String token = resetToken(ann);

        List<Answer> answers = together(List.of(
                () -> change(ann.client(), Api.PASSWORD, "the-changed-password"),
                () -> useToken(RESET, token, "the-reset-password")));

        boolean changed = answers.get(0).status() == 204;
        assertThat(answers.get(0).status()).isIn(204, 401, 403);
        assertThat(answers.get(1).status()).isEqualTo(changed ? 400 : 204);
        assertThat(status(ann.client())).isEqualTo(changed ? 200 : 401);
        assertThat(login(ann.email(), changed ? "the-changed-password" : "the-reset-password")
                        .status())
                .isEqualTo(200);
    }
}
