package dev.usersapi.auth;

import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.Race;
import dev.usersapi.support.RawHttp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Sessions: the list, how they end, how long they last, and the refresh and replay of their tokens. */
@ApiTest
@ExtendWith(OutputCaptureExtension.class)
public class SessionIT {

    private static final String LOGIN = "/api/v1/auth/login";
    private static final String REFRESH = "/api/v1/auth/refresh";
    private static final String OWN = "/api/v1/users/me/sessions";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    private String email = "";
    private UUID user = new UUID(0, 0);
    private String sessions = "";

    @BeforeEach
    void createUser() {
        email = Api.newEmail();
        String id = api.create("member", email);
        api.activate(id);
        user = uuid(id);
        sessions = "/api/v1/users/" + id + "/sessions";
    }

    private JsonNode login() {
        return login(api.anonymous());
    }

    private JsonNode login(Client client) {
        return client.post(LOGIN, Map.of("email", email, "password", Api.PASSWORD))
                .data();
    }

    private static String refreshToken(JsonNode tokens) {
        return tokens.get("refresh_token").stringValue();
    }

    private Answer refresh(JsonNode tokens) {
        return refresh(api.anonymous(), tokens);
    }

    private static Answer refresh(Client client, JsonNode tokens) {
        return client.post(REFRESH, Map.of("refresh_token", refreshToken(tokens)));
    }

    private int statusOf(JsonNode tokens) {
        return api.as(tokens).get("/api/v1/users/me").status();
    }

    private List<JsonNode> list() {
        return api.admin().get(sessions).data().valueStream().toList();
    }

    private String idOf(JsonNode tokens) {
        return api.as(tokens)
                .get(OWN)
                .data()
                .valueStream()
                .filter(session -> session.get("current").booleanValue())
                .map(session -> session.get("id").stringValue())
                .findFirst()
                .orElseThrow();
    }

    private void assertInvalidToken(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("invalid_token");
    }

    private void assertNotFound(Answer answer, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo(code);
    }

    /** Changes all sessions of the user. */
    private void updateSessions(String assignment) {
        database.sql("update sessions set " + assignment + " where user_id = ?")
                .param(user)
                .update();
    }

    private void updateRefreshTokens(String assignment) {
        database.sql("update refresh_tokens set " + assignment
                        + " where session_id in (select id from sessions where user_id = ?)")
                .param(user)
                .update();
    }

    @Test
    void listReturnsSessionsByLatestUse() {
        JsonNode older = login(api.anonymous().with("User-Agent", "Older/1.0"));
        updateSessions("last_used_at = last_used_at - interval '1 hour'");
        Client phone = api.anonymous().with("User-Agent", "Phone/2.0").with("X-Forwarded-For", "2001:db8::7");
        JsonNode newer = login(phone);

        Answer answer = api.as(newer).get(OWN);

        assertThat(answer.body().propertyNames()).containsExactly("data", "meta");
        assertThat(answer.body().get("meta")).hasToString("{\"total\":2}");
        JsonNode first = answer.data().get(0);
        assertThat(first.propertyNames())
                .containsExactly("id", "created_at", "last_used_at", "ip", "user_agent", "current");
        assertThat(first.get("id").stringValue()).startsWith("ses_");
        assertThat(Instant.parse(first.get("created_at").stringValue()))
                .isBetween(Instant.now().minusSeconds(30), Instant.now());
        assertThat(Instant.parse(first.get("last_used_at").stringValue()))
                .isBetween(Instant.parse(first.get("created_at").stringValue()), Instant.now());
        assertThat(first.get("ip").stringValue()).isEqualTo("2001:db8:0:0:0:0:0:7");
        assertThat(first.get("user_agent").stringValue()).isEqualTo("Phone/2.0");
        assertThat(first.get("current").booleanValue()).isTrue();
        JsonNode second = answer.data().get(1);
        assertThat(second.get("ip").stringValue()).startsWith("198.51.");
        assertThat(second.get("user_agent").stringValue()).isEqualTo("Older/1.0");
        assertThat(second.get("current").booleanValue()).isFalse();
        assertThat(api.as(older).get(sessions).data().valueStream())
                .as("by the id of the user instead of me")
                .filteredOn(session -> session.get("current").booleanValue())
                .extracting(session -> session.get("id"))
                .containsExactly(second.get("id"));
        assertThat(list())
                .as("for another caller")
                .hasSize(2)
                .allMatch(session -> !session.get("current").booleanValue());
        assertThat(answer.text()).doesNotContain("rt_", refreshToken(older), refreshToken(newer), email);
    }

    @Test
    void listReturnsAddressAndUserAgentShortenedAndPrintable() {
        login(api.anonymous().with("User-Agent", "x".repeat(5000)).with("X-Forwarded-For", "y".repeat(500)));
        String body = Api.JSON.writeValueAsString(Map.of("email", email, "password", Api.PASSWORD));
        for (String fields : List.of("", "User-Agent:  \t \r\n", "User-Agent: a\tb\r\n")) {
            String request = "POST " + LOGIN + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n" + fields + "\r\n";
            assertThat(RawHttp.send(api.port(), (request + body).getBytes(StandardCharsets.ISO_8859_1))
                            .status())
                    .isEqualTo(200);
        }

        assertThat(list())
                .extracting(session -> session.get("user_agent").asString(""))
                .containsExactlyInAnyOrder("x".repeat(512), "", "", "ab");
        assertThat(list())
                .extracting(session -> session.get("ip").asString(""))
                .containsExactlyInAnyOrder("y".repeat(64), "127.0.0.1", "127.0.0.1", "127.0.0.1");
    }

    @Test
    void refreshUpdatesAddressUserAgentAndLastUse() {
        JsonNode tokens = login(api.anonymous().with("User-Agent", "App/1"));
        updateSessions("last_used_at = last_used_at - interval '1 hour', created_at = created_at - interval '1 hour'");

        refresh(api.anonymous().with("User-Agent", "App/2").with("X-Forwarded-For", "203.0.113.9"), tokens);

        assertThat(list()).singleElement().satisfies(session -> {
            assertThat(session.get("user_agent").stringValue()).isEqualTo("App/2");
            assertThat(session.get("ip").stringValue()).isEqualTo("203.0.113.9");
            assertThat(Instant.parse(session.get("last_used_at").stringValue()))
                    .isBetween(Instant.now().minusSeconds(30), Instant.now());
            assertThat(Instant.parse(session.get("created_at").stringValue()))
                    .isBefore(Instant.now().minusSeconds(3000));
        });
    }

    @Test
    void sessionsWithoutAddressAndUserAgentAreListedAndRefreshed() {
        JsonNode tokens = login();
        updateSessions("ip = null, user_agent = null");

        assertThat(list()).singleElement().satisfies(session -> {
            assertThat(session.get("ip").isNull()).isTrue();
            assertThat(session.get("user_agent").isNull()).isTrue();
        });
        assertThat(refresh(tokens).status()).isEqualTo(200);
    }

    @Test
    void listReturnsTheLatestHundredAndTheTotal() {
        database.sql("""
                        insert into sessions (id, user_id, created_at, expires_at, last_used_at)
                        select gen_random_uuid(), ?, now(), now() + interval '1 day', now() - n * interval '1 minute'
                        from generate_series(1, 120) n""").param(user).update();

        Answer answer = api.admin().get(sessions);

        assertThat(answer.data()).hasSize(100);
        assertThat(answer.data()
                        .valueStream()
                        .map(session -> session.get("last_used_at").stringValue()))
                .isSortedAccordingTo(java.util.Comparator.reverseOrder());
        assertThat(answer.body().at("/meta/total").intValue()).isEqualTo(120);
    }

    @Test
    void listReturnsNoExpiredSessions() {
        assertThat(list()).isEmpty();
        login();
        assertThat(list()).hasSize(1);

        updateSessions("expires_at = now()");
        assertThat(list()).isEmpty();
        updateSessions("expires_at = now() + interval '1 day', last_used_at = now() - interval '14 days'");
        assertThat(list()).isEmpty();
        updateSessions("last_used_at = now() - interval '14 days' + interval '1 minute'");
        assertThat(list()).hasSize(1);
        database.sql("update users set status = 'inactive' where id = ?")
                .param(user)
                .update();
        assertThat(list()).isEmpty();
    }

    @Test
    void sessionEndpointsAnswer404WhenTheUserDoesNotExist() {
        String unknown = "/api/v1/users/usr_01h455vb4pex5vsknk084sn02q/sessions";
        for (String path : List.of(unknown, "/api/v1/users/x/sessions")) {
            assertNotFound(api.admin().get(path), "user_not_found");
            assertNotFound(api.admin().delete(path), "user_not_found");
            assertNotFound(api.admin().delete(path + "/ses_01h455vb4pex5vsknk084sn02q"), "user_not_found");
        }
        JsonNode tokens = login();
        api.admin().delete(sessions.replace("/sessions", ""));
        assertNotFound(api.admin().get(sessions), "user_not_found");
        assertInvalidToken(refresh(tokens));
    }

    @Test
    void sessionEndpointsRefuseUnknownParametersAndMethods() {
        Client client = api.as(login());

        assertThat(client.get(OWN + "?limit=1").status()).isEqualTo(400);
        assertThat(client.delete(OWN + "?all=true").status()).isEqualTo(400);
        assertThat(client.delete(OWN + "/ses_01h455vb4pex5vsknk084sn02q?x=1").status())
                .isEqualTo(400);
        assertThat(client.with("Accept", "text/html").get(OWN).status()).isEqualTo(406);
        assertThat(client.send("POST", OWN).status()).isEqualTo(405);
        assertThat(client.get(OWN + "/ses_01h455vb4pex5vsknk084sn02q").header("Allow"))
                .isEqualTo("DELETE, OPTIONS");
        assertThat(client.send("HEAD", OWN).status()).isEqualTo(200);
    }

    @Test
    void endOthersKeepsTheSessionOfTheCaller() {
        JsonNode other = login();
        JsonNode current = login();
        assertThat(statusOf(other)).isEqualTo(200); // and cached

        Answer answer = api.as(current).delete(OWN);

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        assertThat(statusOf(other)).isEqualTo(401);
        assertInvalidToken(refresh(other));
        assertThat(statusOf(current)).isEqualTo(200);
        assertThat(refresh(current).status()).isEqualTo(200);
        assertThat(api.as(current).delete(OWN).status())
                .as("without other sessions")
                .isEqualTo(204);
    }

    @Test
    void endEndsOneSessionEvenTheSessionOfTheCaller() {
        JsonNode other = login();
        JsonNode current = login();
        Client client = api.as(current);
        String id = idOf(other);

        assertThat(client.delete(OWN + "/" + id).status()).isEqualTo(204);
        assertThat(statusOf(other)).isEqualTo(401);
        assertInvalidToken(refresh(other));
        assertNotFound(client.delete(OWN + "/" + id), "session_not_found");
        assertThat(statusOf(current)).isEqualTo(200);

        assertThat(client.delete(OWN + "/" + idOf(current)).status()).isEqualTo(204);
        assertInvalidToken(client.get(OWN));
        assertInvalidToken(refresh(current));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "%20",
                "me",
                "usr_01h455vb4pex5vsknk084sn02q",
                "ses_01h455vb4pex5vsknk084sn02q",
                "ses_91h455vb4pex5vsknk084sn02q",
                "01890a5d-ac96-774b-bcce-b302099a8057"
            })
    void endAnswers404WhenTheIdIsUnknown(String id) {
        assertNotFound(api.as(login()).delete(OWN + "/" + id), "session_not_found");
    }

    @Test
    void endRefusesSessionsOfOtherUsers() {
        JsonNode victim = login();
        String id = idOf(victim);
        Client other = api.newUser("member");

        assertNotFound(other.delete(OWN + "/" + id), "session_not_found");
        assertThat(other.delete(sessions + "/" + id).code()).isEqualTo("insufficient_permissions");
        assertNotFound(
                api.admin().delete("/api/v1/users/" + other.id() + "/sessions/" + id), // the session of another user
                "session_not_found");

        assertThat(statusOf(victim)).isEqualTo(200);
    }

    @Test
    void endAnswers404WhenTheSessionHasExpired() {
        String id = idOf(login());
        updateSessions("expires_at = now()");

        assertNotFound(api.admin().delete(sessions + "/" + id), "session_not_found");
    }

    @Test
    void adminEndsSessionsOfOtherUsers() {
        JsonNode one = login();
        JsonNode other = login();
        assertThat(statusOf(one)).isEqualTo(200);
        assertThat(statusOf(other)).isEqualTo(200);

        assertThat(api.admin().delete(sessions + "/" + idOf(one)).status()).isEqualTo(204);
        assertThat(statusOf(one)).isEqualTo(401);
        assertThat(statusOf(other)).isEqualTo(200);
        login();
        assertThat(api.admin().delete(sessions).status()).isEqualTo(204);

        assertThat(list()).isEmpty();
        assertThat(statusOf(other)).isEqualTo(401);
        assertThat(login().has("access_token")).as("a new login is possible").isTrue();
    }

    @Test
    void endIsRefusedWhenTheUserHasMorePermissionsThanTheCaller() {
        Client caller = api.newUser(api.newRole("sessions:read", "sessions:delete"));
        Client admin = api.newUser("admin");
        String others = "/api/v1/users/" + admin.id() + "/sessions";

        JsonNode seen = caller.get(others).data().get(0);
        String one = others + "/" + seen.get("id").stringValue();
        assertThat(caller.delete(one).code()).isEqualTo("insufficient_permissions");
        assertThat(caller.delete(others).code()).isEqualTo("insufficient_permissions");

        assertThat(admin.get("/api/v1/users/me").status()).isEqualTo(200);
        JsonNode member = login();
        assertThat(caller.delete(sessions).status()).isEqualTo(204);
        assertThat(statusOf(member)).isEqualTo(401);
    }

    @Test
    void apiKeyNeedsPermissionForTheSessionsOfItsOwner() {
        Client owner = api.newUser(api.newRole("sessions:read", "sessions:delete"));
        assertThat(api.program(owner).get(OWN).code()).isEqualTo("insufficient_permissions");
        Client reader = api.program(owner, "sessions:read");
        assertThat(reader.get(OWN).data())
                .singleElement()
                .satisfies(session ->
                        assertThat(session.get("current").booleanValue()).isFalse());
        assertThat(reader.delete(OWN).code()).isEqualTo("insufficient_permissions");
        assertThat(api.program(owner, "sessions:delete").delete(OWN).code())
                .as("without every permission of the owner's role")
                .isEqualTo("insufficient_permissions");
        Client program = api.program(owner, "sessions:read", "sessions:delete");
        assertThat(owner.get(OWN).status()).isEqualTo(200);

        assertThat(program.delete(OWN).status()).isEqualTo(204);

        assertInvalidToken(owner.get(OWN));
        assertThat(reader.get(OWN).data()).isEmpty();
    }

    @Test
    void refreshReturnsTheSameSuccessorWithinTheGracePeriod() {
        JsonNode first = login();
        JsonNode lost = refresh(first).data();

        JsonNode again = refresh(first).data();

        assertThat(refreshToken(again)).isEqualTo(refreshToken(lost)).isNotEqualTo(refreshToken(first));
        assertThat(statusOf(again)).isEqualTo(200);
        JsonNode next = refresh(again).data();
        assertThat(refreshToken(next)).isNotEqualTo(refreshToken(again));
        assertThat(refreshToken(refresh(first).data()))
                .as("within the grace period, although its successor was used")
                .isEqualTo(refreshToken(again));
        assertThat(refreshToken(refresh(again).data())).isEqualTo(refreshToken(next));
        assertThat(list()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "used_at = used_at - interval '11 seconds'",
                "used_at = used_at - interval '1 day', successor_salt = null"
            })
    void refreshReturnsANewSuccessorAfterTheGracePeriodWhenTheFirstWasNeverUsed(String since) {
        JsonNode first = login();
        JsonNode lost = refresh(first).data();
        updateRefreshTokens(since);

        JsonNode again = refresh(first).data();

        assertThat(refreshToken(again)).isNotEqualTo(refreshToken(lost));
        assertThat(refreshToken(refresh(first).data())).as("a new grace period").isEqualTo(refreshToken(again));
        assertThat(statusOf(again)).isEqualTo(200);
        assertThat(list()).hasSize(1);
        JsonNode next = refresh(again).data();
        assertThat(refresh(next).status()).isEqualTo(200);
    }

    @Test
    void concurrentRefreshesReturnTheSameSuccessor() throws Exception {
        JsonNode first = login();
        refresh(first);
        updateRefreshTokens("successor_salt = null");

        assertThat(Race.together(5, n -> refreshToken(refresh(first).data())))
                .containsOnly(refreshToken(refresh(first).data()));
    }

    @Test
    void refreshEndsTheSessionWhenTheTokenWasReplacedAsLost() {
        JsonNode first = login();
        JsonNode stolen = refresh(first).data();
        updateRefreshTokens("successor_salt = null");
        JsonNode again = refresh(first).data();

        assertInvalidToken(refresh(stolen));

        assertThat(statusOf(again)).isEqualTo(401);
        assertInvalidToken(refresh(again));
    }

    @Test
    void refreshEndsTheSessionWhenTheSuccessorWasUsed() {
        JsonNode first = login();
        JsonNode third = refresh(refresh(first).data()).data();
        updateRefreshTokens("successor_salt = null");

        assertInvalidToken(refresh(first));

        assertInvalidToken(refresh(third));
    }

    @Test
    void refreshEndsTheSessionWhenTheNewAccessTokenWasUsedOnAnotherInstance() {
        JsonNode first = login();
        JsonNode second = refresh(first).data();
        updateRefreshTokens("successor_salt = null");
        updateSessions("newest_token_issued_at = now()"); // like another instance

        assertInvalidToken(refresh(first));

        assertInvalidToken(refresh(second));
    }

    @Test
    void firstUseOfANewAccessTokenIsWrittenAtOnce() {
        JsonNode second = refresh(login()).data();

        assertThat(statusOf(second)).isEqualTo(200);

        await().atMost(Duration.ofSeconds(10)) // well below the interval of 30 seconds between writes
                .until(() -> database.sql("""
                                select bool_and(s.newest_token_issued_at >= date_trunc('second', t.used_at))
                                from sessions s join refresh_tokens t on t.session_id = s.id
                                where s.user_id = ? and t.used""").param(user).query(Boolean.class).single());
    }

    @Test
    void refreshSucceedsAgainWhenOnlyTheFormerAccessTokenWasUsed() {
        JsonNode first = login();
        assertThat(statusOf(first)).isEqualTo(200);
        Instant login = Instant.now();
        await().until(() -> Instant.now().getEpochSecond() > login.getEpochSecond());
        refresh(first);
        updateRefreshTokens("successor_salt = null");
        assertThat(statusOf(first)).isEqualTo(200);

        assertThat(refresh(first).status()).isEqualTo(200);
    }

    @Test
    void replayIsLoggedCountedAndMailedOnceAnHour(CapturedOutput output, @Autowired Mailbox mailbox) {
        mailbox.await(email); // the invitation
        replay();

        assertThat(mailbox.await(email).text())
                .containsIgnoringWhitespaces("A session of your account", "The session began on 20");
        String id = api.admin()
                .get(sessions.replace("/sessions", ""))
                .data()
                .get("id")
                .stringValue();
        assertThat(output.getOut()
                        .lines()
                        .filter(line -> line.contains("presented after it had been replaced") && line.contains(id)))
                .singleElement()
                .asString()
                .contains(" WARN ", "session ses_");
        assertThat(api.admin().get("/actuator/prometheus").text())
                .containsPattern("users_refresh_tokens_replayed_total(\\{.*})? [1-9]");

        replay();
        api.anonymous().post("/api/v1/auth/password/forgot", Map.of("email", email));
        assertThat(mailbox.await(email).text()).as("no second mail before it").contains("password");
        database.sql("update refresh_token_replay_mails set sent_at = sent_at - interval '1 hour' where user_id = ?")
                .param(user)
                .update();
        replay();
        assertThat(mailbox.await(email).text()).contains("A session of your account");
    }

    private void replay() {
        JsonNode first = login();
        refresh(refresh(first).data());
        updateRefreshTokens("successor_salt = null");
        assertInvalidToken(refresh(first));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "used_at = used_at - interval '11 seconds'",
                "used_at = null, successor_salt = null", // used by an older version
                "successor_salt = null"
            })
    void reuseAfterTheGracePeriodEndsTheSession(String since) {
        JsonNode first = login();
        JsonNode second = refresh(first).data();
        assertThat(statusOf(second)).isEqualTo(200); // and cached
        JsonNode elsewhere = login();
        updateRefreshTokens(since);

        assertInvalidToken(refresh(first));

        assertInvalidToken(refresh(second));
        assertThat(statusOf(second)).isEqualTo(401);
        assertThat(statusOf(elsewhere)).as("another session").isEqualTo(200);
    }

    @Test
    void gracePeriodEndsWithTheSession() {
        JsonNode first = login();
        JsonNode second = refresh(first).data();

        api.as(second).send("POST", "/api/v1/auth/logout");

        assertInvalidToken(refresh(first));
        assertInvalidToken(refresh(second));
    }

    @Test
    void gracePeriodAppliesToOneTokenOnly() {
        JsonNode first = login();
        JsonNode second = refresh(first).data();
        JsonNode others = login();

        assertThat(refreshToken(refresh(others).data())).isNotEqualTo(refreshToken(second));
        for (String text : List.of(
                refreshToken(first) + "x",
                refreshToken(first).substring(1),
                refreshToken(first).toUpperCase(java.util.Locale.ROOT))) {
            assertInvalidToken(api.anonymous().post(REFRESH, Map.of("refresh_token", text)));
        }
        assertThat(refresh(second).status()).isEqualTo(200);
    }

    @Test
    void databaseContainsNoTokenText() {
        JsonNode first = login();
        JsonNode second = refresh(first).data();

        for (JsonNode tokens : List.of(first, second)) {
            String text = refreshToken(tokens);
            byte[] bytes = java.util.Base64.getUrlDecoder().decode(text.substring(3));
            assertThat(database.sql("select count(*) from refresh_tokens t where position(:text in t::text) > 0"
                                    + " or hash = :bytes or successor_salt = :bytes")
                            .param("text", text)
                            .param("bytes", bytes)
                            .query(Integer.class)
                            .single())
                    .isZero();
        }
    }

    @Test
    void refreshChangesNothingWhenTheUserIsNotActive() {
        JsonNode tokens = login();
        updateSessions("last_used_at = last_used_at - interval '1 hour'");
        String state = "select string_agg(concat(s, t), ',' order by t.hash) from sessions s"
                + " join refresh_tokens t on t.session_id = s.id where s.user_id = ?";
        String before = database.sql(state).param(user).query(String.class).single();
        // directly, because the service would end the session
        database.sql("update users set status = 'inactive' where id = ?")
                .param(user)
                .update();

        assertInvalidToken(refresh(tokens));

        assertThat(database.sql(state).param(user).query(String.class).single()).isEqualTo(before);
    }

    @Test
    void sessionEndsWhenItWasNotUsedForFourteenDays() {
        JsonNode tokens = login();
        updateSessions("last_used_at = now() - interval '14 days'");

        assertInvalidToken(refresh(tokens));
        assertInvalidToken(api.as(tokens).get(OWN));
    }

    @Test
    void usedSessionEndsWhenItExpires() {
        JsonNode tokens = login();
        updateSessions("last_used_at = now() - interval '13 days', created_at = now() - interval '29 days',"
                + " expires_at = now() + interval '1 day'");

        JsonNode next = refresh(tokens).data();
        assertThat(list()).hasSize(1);
        updateSessions("expires_at = now()");

        assertInvalidToken(refresh(next));
        assertInvalidToken(api.as(next).get(OWN));
    }
}
