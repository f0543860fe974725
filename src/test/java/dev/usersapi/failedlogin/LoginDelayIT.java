package dev.usersapi.failedlogin;

import static dev.usersapi.support.Race.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.user.UserId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Failed logins delay the next attempt, and users with an earlier login are not delayed by the failures of others. */
@ApiTest
public class LoginDelayIT {

    private static final String LOGIN = "/api/v1/auth/login";
    private static final int FREE_FAILURES_PER_ADDRESS = 5;
    private static final int FREE_FAILURES_PER_ACCOUNT = 30;
    private static final int FREE_FAILURES_PER_NETWORK = 100;

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    @Autowired
    private LoginAttempts attempts;

    @Autowired
    private PasswordCheck check;

    /** The tests use the same addresses. */
    @AfterEach
    void deleteNetworkCounts() {
        database.sql("delete from failed_logins where account = ''").update();
    }

    private static Answer login(Client client, String email, String password) {
        return client.post(LOGIN, Map.of("email", email, "password", password));
    }

    private void fail(String email, String address, int times) {
        for (int n = 0; n < times; n++) {
            try (LoginAttempt attempt = attempts.begin(email, address)) {
                attempt.failed();
            }
            simulateElapsedTime(email, "2 minutes");
        }
    }

    /** Moves all times of the account into the past. */
    private void simulateElapsedTime(String email, String time) {
        database.sql("update failed_logins set last_failed_at = last_failed_at - cast(:time as interval),"
                        + " blocked_until = blocked_until - cast(:time as interval),"
                        + " undecided_until = undecided_until - cast(:time as interval) where account = :account")
                .param("time", time)
                .param("account", accountHash(email))
                .update();
    }

    private static byte[] accountHash(String email) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(email.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertDelayed(Answer answer, long... seconds) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("too_many_attempts");
        assertThat(Long.parseLong(String.valueOf(answer.header("Retry-After")))).isIn(longs(seconds));
    }

    private static Object[] longs(long... values) {
        return java.util.Arrays.stream(values).boxed().toArray();
    }

    private void assertDelayed(String email, String address) {
        assertThatThrownBy(() -> attempts.begin(email, address)).hasMessage("too_many_attempts");
    }

    private JsonNode failures(String email) {
        return api.admin().get(path(email)).data();
    }

    private String path(String email) {
        String id = database.sql("select id from users where email = ?")
                .param(email)
                .query((row, number) -> new UserId(row.getObject("id", java.util.UUID.class)).toString())
                .single();
        return "/api/v1/users/" + id + "/failed-logins";
    }

    @Test
    void loginAnswers429WithGrowingDelaysAfterFailuresFromOneAddress() {
        String email = api.newAccount("member");
        Client client = api.anonymous();
        for (int n = 0; n <= FREE_FAILURES_PER_ADDRESS; n++) {
            assertThat(login(client, email, "wrong").status()).isEqualTo(401);
        }

        assertDelayed(login(client, email, Api.PASSWORD), 1);
        simulateElapsedTime(email, "2 seconds");
        assertThat(login(client, email, "wrong").status()).isEqualTo(401);
        assertDelayed(login(client, email, "wrong"), 1, 2);
        simulateElapsedTime(email, "2 seconds");
        assertThat(login(client, email, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(failures(email).at("/addresses").size())
                .as("after a success")
                .isZero();
    }

    @Test
    void delayPerAddressIsAtMostAMinuteAndAffectsNoOtherAddressOrAccount() {
        String email = api.newAccount("member");
        String address = "192.0.2.1";
        fail(email, address, 20);
        attempts.begin(email, address).failed();

        assertThatThrownBy(() -> attempts.begin(email, address))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_MANY_ATTEMPTS));
        assertThat(failures(email).at("/addresses/0/retry_at").stringValue())
                .satisfies(time -> assertThat(Instant.parse(time))
                        .isBetween(Instant.now().plusSeconds(50), Instant.now().plusSeconds(62)));
        assertThat(login(api.anonymous(), email, Api.PASSWORD).status()).isEqualTo(200);
        assertDelayed(email, address);
        assertThatCode(() -> attempts.begin(Api.newEmail(), address).close()).doesNotThrowAnyException();
        simulateElapsedTime(email, "61 seconds");
        assertThatCode(() -> attempts.begin(email, address).close()).doesNotThrowAnyException();
    }

    @Test
    void refusedAttemptsDoNotExtendTheDelay() {
        String email = api.newAccount("member");
        fail(email, "192.0.2.1", FREE_FAILURES_PER_ADDRESS);
        attempts.begin(email, "192.0.2.1").failed();
        JsonNode before = failures(email);

        for (int n = 0; n < 20; n++) {
            assertDelayed(email, "192.0.2.1");
        }

        assertThat(failures(email)).isEqualTo(before);
    }

    @Test
    void failuresExpireAfterAnHour() {
        String email = api.newAccount("member");
        fail(email, "192.0.2.1", 10);

        simulateElapsedTime(email, "61 minutes");

        assertThat(failures(email)).isEqualTo(Api.JSON.readTree("""
                {"failures":0,"last_failed_at":null,"retry_at":null,"addresses":[]}"""));
        for (int n = 0; n <= FREE_FAILURES_PER_ADDRESS; n++) {
            attempts.begin(email, "192.0.2.1").failed();
        }
        assertDelayed(email, "192.0.2.1");
    }

    @Test
    void loginAnswers429AfterFailuresFromManyAddresses() {
        String email = api.newAccount("member");
        Client client = api.anonymous();
        for (int n = 0; n < FREE_FAILURES_PER_ACCOUNT; n++) {
            attempts.begin(email, "2001:db8:0:" + n).failed();
        }
        attempts.begin(email, "192.0.2.1").failed();

        assertDelayed(login(client, email, Api.PASSWORD), 1);
        JsonNode failures = failures(email);
        assertThat(failures.get("failures").intValue()).isEqualTo(FREE_FAILURES_PER_ACCOUNT + 1);
        assertThat(failures.get("addresses").size()).isEqualTo(20);
        simulateElapsedTime(email, "2 seconds");
        assertThat(login(client, email, Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void delayPerAccountIsAtMostFifteenSeconds() {
        String email = api.newAccount("member");
        for (int n = 0; n < 3 * FREE_FAILURES_PER_ACCOUNT; n++) {
            attempts.begin(email, "192.0.2." + n).failed();
            simulateElapsedTime(email, "15 seconds");
        }
        attempts.begin(email, "192.0.2.200").failed();

        assertDelayed(login(api.anonymous(), email, Api.PASSWORD), 14, 15);
    }

    @Test
    void successDoesNotResetFailuresFromOtherAddresses() {
        String email = api.newAccount("member");
        for (int n = 0; n < FREE_FAILURES_PER_ACCOUNT - 2; n++) {
            attempts.begin(email, "192.0.2." + n).failed();
        }
        JsonNode before = failures(email);

        assertThat(login(api.anonymous(), email, Api.PASSWORD).status()).isEqualTo(200);

        assertThat(failures(email))
                .as("the success does not count as a failure")
                .isEqualTo(before);
    }

    @Test
    void sessionsStayValidWhenTheAccountIsDelayed() {
        String email = api.newAccount("member");
        Client client = api.anonymous();
        JsonNode tokens = login(client, email, Api.PASSWORD).data();
        for (int n = 0; n <= FREE_FAILURES_PER_ACCOUNT; n++) {
            attempts.begin(email, "192.0.2." + n).failed();
        }
        assertDelayed(email, "192.0.2.200");

        assertThat(api.as(tokens).get("/api/v1/users/me").data().get("status").stringValue())
                .isEqualTo("active");
        assertThat(client.post(
                                "/api/v1/auth/refresh",
                                Map.of(
                                        "refresh_token",
                                        tokens.get("refresh_token").stringValue()))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refreshFromAnAddressDoesNotExemptItFromTheDelayOfTheAccount() {
        String email = api.newAccount("member");
        JsonNode tokens = login(api.anonymous(), email, Api.PASSWORD).data();
        Client attacker = api.anonymous();
        String token = tokens.get("refresh_token").stringValue();
        assertThat(attacker.post("/api/v1/auth/refresh", Map.of("refresh_token", token))
                        .status())
                .isEqualTo(200);
        failFromManyAddresses(email);

        assertDelayed(login(attacker, email, Api.PASSWORD), 1, 2);
    }

    @Test
    void loginSucceedsFromAnAddressOfAnEarlierLoginWhenTheAccountIsDelayed() {
        String email = api.newAccount("member");
        Client home = api.anonymous();
        assertThat(login(home, email, Api.PASSWORD).status()).isEqualTo(200);
        for (int n = 0; n <= FREE_FAILURES_PER_ACCOUNT; n++) {
            attempts.begin(email, "192.0.2." + n).failed();
        }
        assertDelayed(login(api.anonymous(), email, Api.PASSWORD), 1);

        assertThat(login(home, email.toUpperCase(Locale.ROOT), Api.PASSWORD).status())
                .isEqualTo(200);
        for (int n = 0; n <= FREE_FAILURES_PER_ADDRESS; n++) {
            assertThat(login(home, email, "wrong").status()).isEqualTo(401);
        }
        assertDelayed(login(home, email, Api.PASSWORD), 1);
    }

    @Test
    void addressOfALoginIsExemptFromTheDelayOfTheAccountForThirtyDays() {
        String email = api.newAccount("member");
        Client home = api.anonymous();
        logInAndOut(home, email);
        failFromManyAddresses(email);
        assertThat(login(home, email, "wrong").status()).isEqualTo(401);
        logInAndOut(home, email);

        assertThat(api.admin().delete(path(email)).status()).isEqualTo(204);
        failFromManyAddresses(email);
        logInAndOut(home, email); // clearing keeps the addresses of earlier logins

        database.sql("update failed_logins set succeeded_at = succeeded_at - interval '31 days' where account = ?")
                .param(accountHash(email))
                .update();
        assertDelayed(login(home, email, Api.PASSWORD), 1, 2);
    }

    private void logInAndOut(Client client, String email) {
        Answer answer = login(client, email, Api.PASSWORD);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(api.as(answer.data()).send("POST", "/api/v1/auth/logout").status())
                .isEqualTo(204);
    }

    private void failFromManyAddresses(String email) {
        for (int n = 0; n <= FREE_FAILURES_PER_ACCOUNT; n++) {
            attempts.begin(email, "192.0.2." + n).failed();
        }
        assertDelayed(email, "192.0.2.200");
    }

    @Test
    void loginAnswersTheSameForUnknownEmails() {
        String known = api.newAccount("member");
        String unknown = Api.newEmail();
        Client one = api.anonymous();
        Client other = api.anonymous();

        for (int n = 0; n < 9; n++) {
            Answer ofKnown = login(one, known, "wrong");
            Answer ofUnknown = login(other, unknown, "wrong");
            assertThat(shape(ofUnknown)).isEqualTo(shape(ofKnown));
        }
    }

    private static List<Object> shape(Answer answer) {
        return List.of(
                answer.status(),
                answer.code(),
                answer.headers().map().keySet().stream()
                        .filter(name -> !name.equals("connection")) // ends after a number of requests
                        .toList(),
                String.valueOf(answer.header("Retry-After")));
    }

    @Test
    void malformedEmailsAreDelayedToo() {
        for (String odd : new String[] {"\0", "\ud800", "x".repeat(5000), "\u0130"}) {
            String email = odd + Api.newEmail();
            Client client = api.anonymous();
            List<Integer> statuses = IntStream.range(0, 8)
                    .mapToObj(n -> login(client, email, "wrong").status())
                    .toList();
            assertThat(statuses).startsWith(401).endsWith(429).containsOnly(401, 429);

            for (int n = 0; n < FREE_FAILURES_PER_ACCOUNT; n++) {
                isAdmitted(email, "2001:db8:0:" + n);
            }
            assertDelayed(email, "192.0.2.1");
        }
    }

    @Test
    void concurrentWrongPasswordsAreCheckedOnlyUpToTheFreeFailures() throws Exception {
        String email = Api.newEmail();
        Client client = api.anonymous();

        List<Answer> answers = together(10, n -> login(client, email, "wrong"));

        assertThat(answers).extracting(Answer::status).containsOnly(401, 429);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 401)
                .hasSizeBetween(FREE_FAILURES_PER_ADDRESS, FREE_FAILURES_PER_ADDRESS + 1);
    }

    @Test
    void concurrentAttemptsCannotExceedTheFreeFailures() throws Exception {
        String oneAddress = Api.newEmail();
        String manyAddresses = Api.newEmail();

        assertThat(together(50, n -> isAdmitted(oneAddress, "192.0.2.1")))
                .filteredOn(admitted -> admitted)
                .hasSize(FREE_FAILURES_PER_ADDRESS + 1);
        assertThat(together(50, n -> isAdmitted(manyAddresses, "192.0.2." + n)))
                .filteredOn(admitted -> admitted)
                .hasSize(FREE_FAILURES_PER_ACCOUNT + 1);
    }

    private boolean isAdmitted(String email, String address) {
        try (LoginAttempt attempt = attempts.begin(email, address)) {
            attempt.failed();
            return true;
        } catch (ProblemException e) {
            return false;
        }
    }

    @Test
    void concurrentLoginsWithTheRightPasswordAllSucceed() throws Exception {
        String email = api.newAccount("member");
        List<Client> clients = List.of(api.anonymous(), api.anonymous());

        assertThat(together(7, n -> login(clients.get(0), email, Api.PASSWORD).status()))
                .containsOnly(200);
        assertThat(together(10, n -> login(clients.get(1), email, Api.PASSWORD).status()))
                .containsOnly(200);
        assertThat(failures(email).get("failures").intValue()).isZero();
    }

    @Test
    void passwordCheckAcceptsConcurrentRightPasswords() throws Exception {
        String email = api.newAccount("member");
        UserId id = UserId.parse(api.login(email, Api.PASSWORD).id()).orElseThrow();

        assertThat(together(
                        30, n -> check.require(id, Api.PASSWORD, "192.0.2.1").email()))
                .containsOnly(email);
    }

    @Test
    void passwordCheckChecksNoMoreConcurrentPasswordsThanSequentialOnes() throws Exception {
        String email = api.newAccount("member");
        UserId id = UserId.parse(api.login(email, Api.PASSWORD).id()).orElseThrow();
        Instant start = Instant.now();

        List<ErrorCode> refusals = together(100, n -> {
            try {
                check.require(id, "wrong", "192.0.2.1");
                throw new AssertionError("A wrong password was accepted");
            } catch (ProblemException refusal) {
                return refusal.code();
            }
        });

        assertThat(refusals).containsOnly(ErrorCode.WRONG_PASSWORD, ErrorCode.TOO_MANY_ATTEMPTS);
        assertThat(refusals)
                .filteredOn(ErrorCode.WRONG_PASSWORD::equals)
                .hasSizeBetween(
                        FREE_FAILURES_PER_ADDRESS + 1, maxSequentialAttempts(Duration.between(start, Instant.now())));
    }

    /** How many attempts are possible within the time if each follows as soon as its delay is over. */
    static int maxSequentialAttempts(Duration time) {
        int attempts = FREE_FAILURES_PER_ADDRESS + 1;
        long end = 0;
        for (long delay = 1; end + delay <= time.toSeconds(); delay *= 2) {
            attempts++;
            end += delay;
        }
        return attempts;
    }

    @Test
    void attemptWaitsForTheOutcomeOfUndecidedAttempts() throws Exception {
        String email = Api.newEmail();
        List<LoginAttempt> undecided = IntStream.rangeClosed(0, FREE_FAILURES_PER_ADDRESS)
                .mapToObj(n -> attempts.begin(email, "192.0.2.1"))
                .toList();

        CompletableFuture<LoginAttempt> waiting =
                CompletableFuture.supplyAsync(() -> attempts.begin(email, "192.0.2.1"));
        assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        undecided.get(0).succeeded();
        LoginAttempt admitted = waiting.get(10, TimeUnit.SECONDS);

        undecided.forEach(LoginAttempt::failed);
        admitted.failed();
        assertDelayed(email, "192.0.2.1");
    }

    @Test
    void attemptIsDelayedWhenTheUndecidedAttemptsFail() throws Exception {
        String email = Api.newEmail();
        List<LoginAttempt> undecided = IntStream.rangeClosed(0, FREE_FAILURES_PER_ADDRESS)
                .mapToObj(n -> attempts.begin(email, "192.0.2.1"))
                .toList();

        CompletableFuture<LoginAttempt> waiting =
                CompletableFuture.supplyAsync(() -> attempts.begin(email, "192.0.2.1"));
        undecided.forEach(LoginAttempt::failed);

        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasMessageContaining("too_many_attempts");
        assertDelayed(email, "192.0.2.1");
    }

    @Test
    void attemptWithoutOutcomeCountsAsFailedAndBlocksOthersForThirtySeconds() {
        String email = api.newAccount("member");
        for (int n = 0; n <= FREE_FAILURES_PER_ADDRESS; n++) {
            attempts.begin(email, "192.0.2.1"); // never gets an outcome
        }

        simulateElapsedTime(email, "31 seconds");

        attempts.begin(email, "192.0.2.1").failed();
        assertThat(failures(email).get("failures").intValue()).isEqualTo(FREE_FAILURES_PER_ADDRESS + 2);
        assertDelayed(email, "192.0.2.1");
    }

    @Test
    void concurrentFailuresAreAllCounted() throws Exception {
        String email = api.newAccount("member");

        together(30, n -> {
            try (LoginAttempt attempt = attempts.begin(email, "192.0.2." + n % 10)) {
                if (n < 10) {
                    attempt.failed();
                } // the others end without an outcome
            }
            return n;
        });

        JsonNode failures = failures(email);
        assertThat(failures.get("failures").intValue()).isEqualTo(10);
        assertThat(failures.get("addresses")
                        .valueStream()
                        .map(count -> count.get("failures").intValue()))
                .hasSize(10)
                .containsOnly(1);
    }

    @Test
    void clearDoesNotDeadlockWithConcurrentAttempts() throws Exception {
        String email = api.newAccount("member");
        Client admin = api.admin();
        String path = "/api/v1/users/"
                + login(api.anonymous(), email, Api.PASSWORD)
                        .data()
                        .at("/user/id")
                        .stringValue() + "/failed-logins";

        assertThatCode(() -> together(30, n -> {
                    for (int i = 0; i < 5; i++) {
                        if (n < 3) {
                            assertThat(admin.delete(path).status()).isEqualTo(204);
                        } else {
                            try (LoginAttempt attempt = attempts.begin(email, "192.0.2." + n % 9)) {
                                if (n % 2 == 0) {
                                    attempt.succeeded();
                                }
                            } catch (ProblemException delayed) {
                                assertThat(delayed.code()).isEqualTo(ErrorCode.TOO_MANY_ATTEMPTS);
                            }
                        }
                    }
                    return n;
                }))
                .doesNotThrowAnyException();
    }

    private void useFreeFailuresOfNetwork(String address) {
        for (int n = 0; n < FREE_FAILURES_PER_NETWORK; n++) {
            attempts.begin(Api.newEmail(), address).failed();
        }
    }

    @Test
    void networkIsLimitedToOneFailurePerMinuteAfterTheFreeFailures() {
        String address = "192.0.2.1";
        useFreeFailuresOfNetwork(address);

        for (int minute = 0; minute < 3; minute++) {
            assertThatThrownBy(() -> attempts.begin(Api.newEmail(), address))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_MANY_ATTEMPTS));
            attempts.begin(Api.newEmail(), "192.0.2.2").failed();
            simulateElapsedTimeForNetworks("1 minute");
            attempts.begin(Api.newEmail(), address).failed();
        }
        assertThat(api.admin().get("/actuator/prometheus").text())
                .containsPattern("users_logins_delayed_total\\{.*scope=\"network\".*} [1-9]");

        simulateElapsedTimeForNetworks("100 minutes");
        useFreeFailuresOfNetwork(address);
        assertDelayed(Api.newEmail(), address);
    }

    private void simulateElapsedTimeForNetworks(String time) {
        database.sql("update failed_logins set last_failed_at = last_failed_at - cast(:time as interval)"
                        + " where account = ''")
                .param("time", time)
                .update();
    }

    @Test
    void usersWithAnEarlierLoginLogInWhenTheirNetworkIsDelayed() throws Exception {
        String userWithLogin = api.newAccount("member");
        String newcomer = api.newAccount("member");
        Client office = api.anonymous().with("X-Forwarded-For", "192.0.2.1");
        assertThat(login(office, userWithLogin, Api.PASSWORD).status()).isEqualTo(200);
        for (int n = 0; n < FREE_FAILURES_PER_NETWORK - 1; n++) {
            attempts.begin(Api.newEmail(), "192.0.2.1").failed();
        }
        assertThat(together(3, n -> login(office, newcomer, Api.PASSWORD).status()))
                .as("successful logins do not count")
                .containsOnly(200);
        String another = api.newAccount("member");
        attempts.begin(Api.newEmail(), "192.0.2.1").failed();

        Answer delayed = login(office, another, Api.PASSWORD);
        assertThat(delayed.code()).isEqualTo("too_many_attempts");
        assertThat(Integer.parseInt(String.valueOf(delayed.header("Retry-After"))))
                .isBetween(1, 60);
        assertThat(login(office, userWithLogin, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(login(office, newcomer, "wrong").status()).isEqualTo(401);
        assertThat(login(api.anonymous(), another, Api.PASSWORD).status()).isEqualTo(200);
    }

    @Test
    void concurrentAttemptsCannotExceedTheFreeFailuresOfANetwork() throws Exception {
        assertThat(together(150, n -> isAdmitted(Api.newEmail(), "192.0.2.1")))
                .filteredOn(admission -> admission)
                .hasSizeBetween(
                        FREE_FAILURES_PER_NETWORK, FREE_FAILURES_PER_NETWORK + 1); // a minute can pass during the test
    }

    @Test
    void adminReadsAndClearsFailedLogins() {
        String email = api.newAccount("member");
        fail(email, "192.0.2.1", FREE_FAILURES_PER_ADDRESS);
        attempts.begin(email.toUpperCase(Locale.ROOT), "192.0.2.1").failed();
        attempts.begin(email, "192.0.2.2").failed();
        Client client = api.login(email, Api.PASSWORD);

        JsonNode failures = failures(email);
        assertThat(client.get("/api/v1/users/me/failed-logins").data()).isEqualTo(failures);
        assertThat(failures.propertyNames()).containsExactly("failures", "last_failed_at", "retry_at", "addresses");
        assertThat(failures.get("failures").intValue()).isEqualTo(FREE_FAILURES_PER_ADDRESS + 2);
        assertThat(failures.get("retry_at").isNull()).isTrue();
        assertThat(failures.at("/addresses/0/address").stringValue()).isEqualTo("192.0.2.2");
        assertThat(failures.at("/addresses/0/retry_at").isNull()).isTrue();
        assertThat(failures.at("/addresses/1/failures").intValue()).isEqualTo(FREE_FAILURES_PER_ADDRESS + 1);
        assertThat(failures.at("/addresses/1/retry_at").isNull()).isFalse();

        assertThat(api.admin()
                        .delete("/api/v1/users/" + client.id() + "/failed-logins")
                        .text())
                .isEmpty();

        assertThat(failures(email).get("failures").intValue()).isZero();
        assertThatCode(() -> attempts.begin(email, "192.0.2.1").close()).doesNotThrowAnyException();
        assertThat(api.admin()
                        .get("/api/v1/users/usr_01h455vb4pex5vsknk084sn02q/failed-logins")
                        .code())
                .isEqualTo("user_not_found");
    }

    @Test
    void passwordCheckCountsWrongPasswordsAsFailedLogins() {
        String email = api.newAccount("member");
        UserId id = UserId.parse(api.login(email, Api.PASSWORD).id()).orElseThrow();

        assertThat(check.require(id, Api.PASSWORD, "192.0.2.1").email()).isEqualTo(email);
        assertThat(failures(email).get("failures").intValue()).isZero();
        for (int n = 0; n <= FREE_FAILURES_PER_ADDRESS; n++) {
            assertThatThrownBy(() -> check.require(id, "wrong", "192.0.2.1")).hasMessage("wrong_password");
        }
        assertThatThrownBy(() -> check.require(id, Api.PASSWORD, "192.0.2.1")).hasMessage("too_many_attempts");
        simulateElapsedTime(email, "2 seconds");
        check.require(id, Api.PASSWORD, "192.0.2.1");
        assertThat(failures(email).get("failures").intValue())
                .as("a right password alone does not clear the failures")
                .isEqualTo(FREE_FAILURES_PER_ADDRESS + 1);
    }

    @Test
    void failedLoginsAreStoredWithoutTheEmail() {
        String email = Api.newEmail();
        login(api.anonymous(), email, "wrong");

        assertThat(database.sql("select count(*) from failed_logins where strpos(encode(account, 'escape'), ?) > 0")
                        .param(email)
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(database.sql("select count(*) from failed_logins where account = ?")
                        .param(accountHash(email))
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void metricCountsDelayedLogins() {
        String email = Api.newEmail();
        fail(email, "192.0.2.1", FREE_FAILURES_PER_ADDRESS);
        attempts.begin(email, "192.0.2.1").failed();
        assertDelayed(email, "192.0.2.1");

        assertThat(api.admin().get("/actuator/prometheus").text())
                .containsPattern("users_logins_delayed_total\\{.*scope=\"address\".*} [1-9]");
    }
}
