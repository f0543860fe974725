package dev.usersapi.totp;

import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.error.ProblemException;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Authenticator;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.Race;
import dev.usersapi.support.RoundTrips;
import dev.usersapi.user.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The endpoints of the second factor, logins with it, and attempts to bypass it. */
@ApiTest
public class TotpIT {

    private static final String LOGIN = "/api/v1/auth/login";
    private static final String MINE = "/api/v1/users/me/totp";

    /** A user with a second factor and a client that logged in before the enrolment. */
    private record Enrolled(String email, Client client, Authenticator app, List<String> recoveryCodes) {

        String path() {
            return "/api/v1/users/" + client.id() + "/totp";
        }
    }

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private RoundTrips roundTrips;

    @Autowired
    private Mailbox mailbox;

    /** Creates an active user after the delivery of the invitation, so that no other mail is on its way. */
    private String newEmailOfAnInvitedUser() {
        String email = Api.newEmail();
        String id = api.create("member", email);
        mailbox.await(email);
        api.activate(id);
        return email;
    }

    private Enrolled enrolled() {
        return enrolled("member");
    }

    private Enrolled enrolled(String role) {
        return enrolledAs(api.newAccount(role));
    }

    private Enrolled enrolledAs(String email) {
        Client client = api.login(email, Api.PASSWORD);
        Authenticator app = enrol(client);
        Answer confirmed = confirm(client, app.code());
        assertThat(confirmed.status()).as(confirmed.text()).isEqualTo(200);
        List<String> codes = confirmed
                .data()
                .get("recovery_codes")
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
        return new Enrolled(email, client, app, codes);
    }

    private static Authenticator enrol(Client client) {
        Answer answer = client.post(MINE, Map.of("password", Api.PASSWORD));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return new Authenticator(answer.data().get("secret").stringValue());
    }

    private static Answer confirm(Client client, String code) {
        return client.post(MINE + "/confirm", Map.of("code", code));
    }

    private static Answer disable(Client client, String password, String code) {
        return client.post(MINE + "/disable", Map.of("password", password, "code", code));
    }

    private Answer login(String email) {
        return api.anonymous().post(LOGIN, Map.of("email", email, "password", Api.PASSWORD));
    }

    private Answer login(String email, String code) {
        return api.anonymous().post(LOGIN, Map.of("email", email, "password", Api.PASSWORD, "code", code));
    }

    private void isAskedForACode(Answer answer) {
        isRefused(answer, 401, "second_factor_required");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    }

    private void isRefusedForItsCode(Answer answer) {
        isRefused(answer, 401, "invalid_second_factor");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    }

    private void isRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }

    private static JsonNode state(Client client) {
        return client.get(MINE).data();
    }

    /** Makes the current code acceptable again. */
    private void resetLastStep(Enrolled user) {
        database.sql("update totp set last_step = 0 where user_id = ?")
                .param(uuid(user.client()))
                .update();
    }

    private int rows(Client client) {
        return database.sql("select count(*) from totp where user_id = ?")
                .param(uuid(client))
                .query(Integer.class)
                .single();
    }

    @Test
    void loginNeedsACodeAfterEnrolmentAndConfirmation() {
        String email = api.newAccount("member");
        Client client = api.login(email, Api.PASSWORD);
        assertThat(state(client)).isEqualTo(Api.JSON.readTree("""
                        {"enabled": false, "confirmed_at": null, "recovery_codes_left": 0, "retry_at": null}"""));

        JsonNode enrolment = client.post(MINE, Map.of("password", Api.PASSWORD)).data();
        String secret = enrolment.get("secret").stringValue();
        assertThat(secret).matches("[A-Z2-7]{32}");
        assertThat(enrolment.get("uri").stringValue())
                .isEqualTo("otpauth://totp/users-api:" + email.replace("@", "%40") + "?secret=" + secret
                        + "&issuer=users-api&algorithm=SHA1&digits=6&period=30");
        assertThat(login(email).status())
                .as("no code is needed before the confirmation")
                .isEqualTo(200);
        assertThat(state(client).get("enabled").booleanValue()).isFalse();

        Authenticator app = new Authenticator(secret);
        Answer confirmed = confirm(client, app.code());
        assertThat(confirmed.status()).isEqualTo(200);
        assertThat(confirmed.data().get("recovery_codes").valueStream().distinct())
                .hasSize(10);
        assertThat(state(client).get("enabled").booleanValue()).isTrue();
        assertThat(state(client).get("recovery_codes_left").intValue()).isEqualTo(10);
        assertThat(Instant.parse(state(client).get("confirmed_at").stringValue()))
                .isBetween(Instant.now().minusSeconds(30), Instant.now());

        isAskedForACode(login(email));
        JsonNode tokens = login(email, app.code(1)).data();
        Map<String, String> refresh =
                Map.of("refresh_token", tokens.get("refresh_token").stringValue());
        assertThat(api.anonymous().post("/api/v1/auth/refresh", refresh).status())
                .as("a refresh needs no code")
                .isEqualTo(200);
    }

    @Test
    void codeIsAcceptedOnceAndOlderCodesAreRefusedAfterIt() {
        Enrolled user = enrolled();
        resetLastStep(user);
        String older = user.app().code();
        String newer = user.app().code(1);

        assertThat(login(user.email(), newer).status()).isEqualTo(200);

        isRefusedForItsCode(login(user.email(), newer));
        isRefusedForItsCode(login(user.email(), older));
    }

    @Test
    void codeThatConfirmedIsRefusedAtLogin() {
        String email = api.newAccount("member");
        Client client = api.login(email, Api.PASSWORD);
        String code = enrol(client).code();
        confirm(client, code);

        isRefusedForItsCode(login(email, code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"expired", "short", "long", "other digits", "empty", "recovery", "of another user"})
    void wrongCodesAreRefusedAndTheRightCodeIsStillAccepted(String kind) {
        Enrolled user = enrolled();
        resetLastStep(user);
        String right = user.app().code();
        String code = switch (kind) {
            case "expired" -> user.app().code(-2);
            case "short" -> right.substring(1);
            case "long" -> right + right.charAt(0);
            case "other digits" ->
                right.chars()
                        .map(digit -> digit - '0' + '\u0660')
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            case "empty" -> "";
            case "recovery" -> "ABCD-EFGH-IJKL-MNOP";
            default -> enrolled().app().code(1);
        };

        isRefusedForItsCode(login(user.email(), code));

        assertThat(login(user.email(), right).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s %s", " %s%s\t", "%s\u00a0%s", "%s-%s"})
    void codeIsAcceptedWithSeparators(String form) {
        Enrolled user = enrolled();
        String code = user.app().code(1);

        assertThat(login(user.email(), form.formatted(code.substring(0, 3), code.substring(3)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void recoveryCodeIsAcceptedOnceInAnyFormat() {
        Enrolled user = enrolled();
        List<String> codes = user.recoveryCodes();

        assertThat(login(user.email(), "\ufeff\u00a0" + codes.get(0).replace('-', '\u2013') + "\r\n")
                        .status())
                .isEqualTo(200);
        assertThat(login(
                                user.email(),
                                codes.get(1).toLowerCase(java.util.Locale.ROOT).replace('-', ' '))
                        .status())
                .isEqualTo(200);

        isRefusedForItsCode(login(user.email(), codes.get(0)));
        isRefusedForItsCode(login(enrolled().email(), codes.get(2)));
        assertThat(state(user.client()).get("recovery_codes_left").intValue()).isEqualTo(8);
    }

    private void setWrongCodes(Enrolled user, int number, String retryAt) {
        database.sql("update totp set wrong_codes = ?, retry_at = " + retryAt + " where user_id = ?")
                .params(number, uuid(user.client()))
                .update();
    }

    private Integer minutesOfDelay(Enrolled user) {
        return database.sql("select ceil(extract(epoch from retry_at - now()) / 60)::int from totp where user_id = ?")
                .param(uuid(user.client()))
                .query(Integer.class)
                .optional()
                .orElse(0);
    }

    @Test
    void delayGrowsWithWrongCodesAndDoesNotAffectRecoveryCodes() {
        Enrolled user = enrolled();
        setWrongCodes(user, 3, "null");
        isRefusedForItsCode(login(user.email(), user.app().code(-5)));
        assertThat(minutesOfDelay(user)).isZero();
        isRefusedForItsCode(login(user.email(), user.app().code(-5)));
        assertThat(minutesOfDelay(user)).isEqualTo(1);

        Answer delayed = login(user.email(), user.app().code(1));

        assertThat(delayed.status()).isEqualTo(429);
        assertThat(delayed.code()).isEqualTo("too_many_attempts");
        assertThat(Integer.parseInt(String.valueOf(delayed.header("Retry-After"))))
                .isBetween(50, 60);
        setWrongCodes(user, 1000, "now()");
        isRefusedForItsCode(login(user.email(), user.app().code(-5)));
        assertThat(minutesOfDelay(user)).as("at most an hour").isEqualTo(60);
        assertThat(login(user.email(), user.recoveryCodes().get(9)).status()).isEqualTo(200);
        assertThat(login(user.email(), user.app().code(1)).status()).isEqualTo(200);
        setWrongCodes(user, 1000, "now()");
        assertThat(login(user.email(), user.recoveryCodes().get(8)).status())
                .as("the account is not locked permanently")
                .isEqualTo(200);
    }

    @Test
    void concurrentWrongCodesCountLikeSequentialOnes(@Autowired SecondFactorCheck secondFactor) throws Exception {
        Enrolled user = enrolled();
        UserId id = UserId.parse(user.client().id()).orElseThrow();

        List<String> outcomes = Race.together(30, n -> {
            try {
                return "passes: " + secondFactor.passes(id, user.app().code(-5));
            } catch (ProblemException refusal) {
                return refusal.code().code();
            }
        });

        assertThat(outcomes).filteredOn("passes: false"::equals).hasSize(5);
        assertThat(outcomes).filteredOn("too_many_attempts"::equals).hasSize(25);
    }

    @Test
    void adminSeesAndEndsTheDelayOfAUser() {
        Enrolled user = enrolled();
        setWrongCodes(user, 4, "null");
        isRefusedForItsCode(login(user.email(), user.app().code(-5)));
        assertThat(Instant.parse(
                        api.admin().get(user.path()).data().get("retry_at").stringValue()))
                .isBetween(Instant.now().plusSeconds(50), Instant.now().plusSeconds(61));

        assertThat(api.admin()
                        .delete("/api/v1/users/" + user.client().id() + "/failed-logins")
                        .status())
                .isEqualTo(204);

        assertThat(api.admin().get(user.path()).data().get("retry_at").isNull()).isTrue();
        assertThat(login(user.email(), user.app().code(1)).status()).isEqualTo(200);
        setWrongCodes(user, 0, "null");
        isRefusedForItsCode(login(user.email(), user.app().code(-5)));
        assertThat(minutesOfDelay(user)).as("the count starts again").isZero();
    }

    @Test
    void operatorRemovesTheSecondFactorBySql() {
        Enrolled user = enrolled();

        database.sql("delete from totp where user_id = (select id from users where email = ?)")
                .param(user.email())
                .update();

        assertThat(login(user.email()).status()).isEqualTo(200);
    }

    @Test
    void wrongCodesCountAsFailedLoginsButMissingCodesDoNot() {
        Enrolled user = enrolled();
        String failures = "/api/v1/users/" + user.client().id() + "/failed-logins";

        login(user.email());
        assertThat(user.client().get(failures).data().get("failures").intValue())
                .isZero();
        login(user.email(), user.app().code(-5));
        login(user.email());
        assertThat(user.client().get(failures).data().get("failures").intValue())
                .as("the right password alone does not reset the count")
                .isEqualTo(1);
        isRefused(disable(user.client(), Api.PASSWORD, user.app().code(-5)), 403, "wrong_code");
        assertThat(user.client().get(failures).data().get("failures").intValue())
                .isEqualTo(2);
        Client other = api.newUser("member");
        isRefused(confirm(other, enrol(other).code(-5)), 403, "wrong_code");
        assertThat(other.get("/api/v1/users/me/failed-logins")
                        .data()
                        .get("failures")
                        .intValue())
                .isEqualTo(1);
    }

    @Test
    void userGetsAMailAboutEachChange() {
        Enrolled user = enrolledAs(newEmailOfAnInvitedUser());
        assertThat(mailbox.await(user.email()).subject()).isEqualTo("Two-step login is on");

        disable(user.client(), Api.PASSWORD, user.app().code(1));
        assertThat(mailbox.await(user.email()).subject()).isEqualTo("Two-step login is off");

        enrol(user.client());
        api.admin().delete(user.path()); // it was not confirmed, so no mail is sent
        confirm(user.client(), enrol(user.client()).code());
        assertThat(mailbox.await(user.email()).subject()).isEqualTo("Two-step login is on");
        api.admin().delete(user.path());
        api.admin().delete(user.path());
        assertThat(mailbox.await(user.email()).subject()).isEqualTo("Two-step login is off");
        assertThat(mailbox.isEmpty(user.email())).isTrue();
    }

    @Test
    void recoveryCodesAreStoredAsHashes() {
        Enrolled user = enrolled();

        assertThat(database.sql("select unnest(recovery_codes) from totp where user_id = ?")
                        .param(uuid(user.client()))
                        .query(byte[].class)
                        .list())
                .hasSize(10)
                .allSatisfy(hash -> assertThat(hash).hasSize(32));
    }

    @Test
    void enrolmentReplacesAnUnconfirmedOne() {
        Client client = api.newUser("member");
        Authenticator first = enrol(client);
        Authenticator second = enrol(client);

        isRefused(confirm(client, first.code()), 403, "wrong_code");

        assertThat(confirm(client, second.code()).status()).isEqualTo(200);
    }

    @Test
    void confirmAnswers403ForAWrongCode() {
        String email = api.newAccount("member");
        Client client = api.login(email, Api.PASSWORD);
        Authenticator app = enrol(client);

        isRefused(confirm(client, app.code(-5)), 403, "wrong_code");
        isRefused(confirm(client, enrolled().recoveryCodes().get(0)), 403, "wrong_code");

        assertThat(state(client).get("enabled").booleanValue()).isFalse();
        assertThat(login(email).status()).isEqualTo(200);
    }

    @Test
    void requestsAnswer409WhenTheyDoNotFitTheState() {
        Client client = api.newUser("member");
        isRefused(confirm(client, "123456"), 409, "totp_not_enabled");
        isRefused(disable(client, Api.PASSWORD, "123456"), 409, "totp_not_enabled");

        Authenticator app = enrol(client);
        isRefused(disable(client, Api.PASSWORD, app.code()), 409, "totp_not_enabled");

        confirm(client, app.code());
        isRefused(confirm(client, app.code(1)), 409, "totp_enabled");
        isRefused(client.post(MINE, Map.of("password", Api.PASSWORD)), 409, "totp_enabled");
        assertThat(login(client.get("/api/v1/users/me").data().get("email").stringValue(), app.code(1))
                        .status())
                .as("the secret is unchanged")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"'', {}", "/confirm, {}", "/confirm, '{\"code\":123456}'", "/disable, '{\"code\":\"123456\"}'"})
    void requestsAnswer400ForInvalidBodies(String path, String body) {
        assertThat(api.newUser("member").send("POST", MINE + path, body).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "123456"})
    void loginAnswers400WhenTheCodeIsNotAString(String code) {
        Answer answer = api.anonymous().send("POST", LOGIN, """
                {"email":"a@example.com","password":"%s","code":%s}""".formatted(Api.PASSWORD, code));

        isRefused(answer, 400, "invalid_request");
    }

    @Test
    void loginWithAWrongPasswordDoesNotRevealTheSecondFactor() {
        String without = api.newAccount("member");
        Enrolled with = enrolled();

        Answer plain = api.anonymous().post(LOGIN, Map.of("email", without, "password", "wrong-password"));
        roundTrips.take();
        api.anonymous().post(LOGIN, Map.of("email", without, "password", "wrong-password"));
        List<String> workWithout = roundTrips.take();
        Answer guarded = api.anonymous()
                .post(
                        LOGIN,
                        Map.of(
                                "email",
                                with.email(),
                                "password",
                                "wrong-password",
                                "code",
                                with.app().code(1)));
        List<String> workWith = roundTrips.take();

        isRefused(guarded, 401, "invalid_credentials");
        assertThat(guarded.text().replaceAll("\"request_id\":\"[^\"]*\"", ""))
                .isEqualTo(plain.text().replaceAll("\"request_id\":\"[^\"]*\"", ""));
        assertThat(workWith).isEqualTo(workWithout);
        assertThat(login(with.email(), with.app().code(1)).status())
                .as("the code was not used up")
                .isEqualTo(200);
    }

    @Test
    void passwordResetDoesNotBypassTheSecondFactor() {
        Enrolled user = enrolledAs(newEmailOfAnInvitedUser());
        mailbox.await(user.email()); // the mail that the second factor is on
        api.anonymous().post("/api/v1/auth/password/forgot", Map.of("email", user.email()));
        String token = mailbox.await(user.email()).token();
        assertThat(api.anonymous()
                        .post("/api/v1/auth/password/reset", Map.of("token", token, "password", Api.PASSWORD + "-2"))
                        .status())
                .isEqualTo(204);

        isAskedForACode(api.anonymous().post(LOGIN, Map.of("email", user.email(), "password", Api.PASSWORD + "-2")));
    }

    @Test
    void loginOfAnInactiveUserIsRefusedWithoutAskingForACode() {
        Enrolled user = enrolled();
        api.admin().put("/api/v1/users/" + user.client().id(), Map.of("status", "inactive"));

        isRefused(login(user.email(), user.app().code(1)), 401, "invalid_credentials");
    }

    @Test
    void loginWithoutASecondFactorIgnoresTheCodeAndNeedsOneQuery() {
        String email = api.newAccount("member");
        roundTrips.take();

        assertThat(login(email, "123456").status()).isEqualTo(200);

        assertThat(roundTrips.take())
                .filteredOn(question -> question.contains("totp"))
                .singleElement()
                .asString()
                .contains("select");
    }

    @Test
    void stolenSessionCanNeitherEnrolNorDisable() {
        Client victim = api.newUser("member");
        isRefused(victim.post(MINE, Map.of("password", "wrong-password")), 403, "wrong_password");
        assertThat(rows(victim)).isZero();

        Enrolled guarded = enrolled();
        isRefused(disable(guarded.client(), "wrong-password", guarded.app().code(1)), 403, "wrong_password");
        isRefused(disable(guarded.client(), Api.PASSWORD, guarded.app().code(-5)), 403, "wrong_code");
        isRefused(
                disable(guarded.client(), Api.PASSWORD, guarded.app().code()), 403, "wrong_code"); // it was used before
        isAskedForACode(login(guarded.email()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void disableNeedsPasswordAndCode(boolean byRecoveryCode) {
        Enrolled user = enrolled();
        String code = byRecoveryCode ? user.recoveryCodes().get(3) : user.app().code(1);

        assertThat(disable(user.client(), Api.PASSWORD, code).status()).isEqualTo(204);

        assertThat(login(user.email()).status()).isEqualTo(200);
        assertThat(state(user.client()).get("enabled").booleanValue()).isFalse();
        assertThat(rows(user.client())).isZero();
    }

    @Test
    void callerWithAllPermissionsOfTheUserRemovesTheSecondFactor() {
        Enrolled user = enrolled();

        assertThat(api.newUser("editor").delete(user.path()).status()).isEqualTo(204);

        assertThat(login(user.email()).status()).isEqualTo(200);
        assertThat(api.admin().delete(user.path()).status())
                .as("the removal of a missing second factor is no error")
                .isEqualTo(204);
        isRefused(api.admin().delete("/api/v1/users/usr_01h455vb4pex5vsknk084sn02q/totp"), 404, "user_not_found");
    }

    @Test
    void removeAnswers403ForTheOwnAccountAndForUsersWithMorePermissions() {
        Enrolled admin = enrolled("admin");

        isRefused(admin.client().delete(MINE), 403, "own_account");
        isRefused(admin.client().delete(admin.path()), 403, "own_account");
        isRefused(api.newUser("editor").delete(admin.path()), 403, "insufficient_permissions");
        isRefused(enrolled().client().delete(MINE), 403, "insufficient_permissions");
        isAskedForACode(login(admin.email()));
    }

    @Test
    void apiKeyNeedsNoCodeAndCannotChangeTheSecondFactor() {
        Enrolled admin = enrolled("admin");
        String key = admin.client()
                .post(
                        "/api/v1/api-keys",
                        Map.of("name", "A program", "permissions", List.of("users:read", "users:write")))
                .data()
                .get("key")
                .stringValue();
        Client program = api.anonymous().with("Authorization", "Bearer " + key);

        assertThat(state(program).get("enabled").booleanValue()).isTrue();
        isRefused(program.post(MINE, Map.of("password", Api.PASSWORD)), 403, "session_required");
        isRefused(disable(program, Api.PASSWORD, admin.app().code(1)), 403, "session_required");
        isRefused(program.delete(MINE), 403, "own_account");
    }

    @Test
    void secondFactorIsDeletedWithItsUser() {
        Enrolled user = enrolled();

        assertThat(api.admin().delete("/api/v1/users/" + user.client().id()).status())
                .isEqualTo(200);

        assertThat(rows(user.client())).isZero();
        isRefused(api.admin().get(user.path()), 404, "user_not_found");
    }
}
