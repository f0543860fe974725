package dev.usersapi.http;

import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.AccountSteps;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.BlockingTransaction;
import dev.usersapi.support.RawHttp;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Entity tags of users, and conditional requests. */
@ApiTest
class PreconditionIT extends AccountSteps {

    private static final Map<String, String> RENAMED = Map.of("name", "Renamed");

    @Autowired
    private JdbcConnectionDetails connection;

    private String tag(String path) {
        return String.valueOf(api.admin().get(path).header("ETag"));
    }

    private Client ifMatch(String tags) {
        return api.admin().with("If-Match", tags);
    }

    private static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }

    private @Nullable String name(String path) {
        return api.admin().get(path).data().get("name").stringValue();
    }

    @Test
    void responsesWithOneUserHaveTheETagOfGet() {
        String email = Api.newEmail();
        Answer created =
                api.admin().post("/api/v1/users", Map.of("email", email, "name", "N", "password", Api.PASSWORD));
        String path = String.valueOf(created.header("Location"));
        assertThat(tag(path)).matches("\"v[0-9.]+\"").isEqualTo(created.header("ETag"));
        assertThat(api.admin().send("HEAD", path).header("ETag")).isEqualTo(tag(path));

        Answer patched = api.admin().patch(path, Map.of("status", "active"));
        assertThat(patched.header("ETag")).isNotEqualTo(created.header("ETag")).isEqualTo(tag(path));

        Client user = api.login(email, Api.PASSWORD);
        assertThat(user.get(USERS + "me").header("ETag")).isEqualTo(tag(path));
        assertThat(user.patch(USERS + "me", Map.of("settings", Map.of("a", 1))).header("ETag"))
                .as("includes the last login")
                .isEqualTo(tag(path));
        assertThat(tag(path)).isNotEqualTo(patched.header("ETag"));
        assertThat(user.get(USERS + "me").header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void putSendsNoETagBecauseTheBodyIsNotStoredAsSent() {
        String path = USERS + api.create("member");

        assertThat(api.admin().put(path, RENAMED).header("ETag")).isNull();
        assertThat(api.admin().get("/api/v1/users").header("ETag")).isNull();
    }

    @Test
    void eTagChangesWithEveryVisibleChangeOnly() {
        Person ann = newPerson("member");
        String path = USERS + ann.id();
        String email = Api.newEmail();
        assertTagChanges(path, () -> api.admin().put(path, RENAMED));
        assertTagChanges(path, () -> api.admin().put(path, Map.of("role", "viewer")));
        assertTagChanges(path, () -> api.admin().put(path, Map.of("status", "inactive")));
        assertTagChanges(path, () -> api.admin().put(path, Map.of("status", "active", "email", Api.newEmail())));
        assertTagChanges(path, () -> api.admin().put(path, Map.of("settings", Map.of("x", 1))));

        String tag = tag(path);
        for (Map<String, Object> same : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("name", " Renamed ", "role", "viewer", "status", "active"),
                Map.of("settings", Map.of("x", 1, "theme", "system")))) {
            assertThat(api.admin().put(path, same).status()).isEqualTo(200);
        }
        assertThat(tag(path)).isEqualTo(tag);

        Person bea = newPerson("member");
        String pathOfBea = USERS + bea.id();
        tag = tag(pathOfBea);
        assertEmptyAnswer(
                bea.client()
                        .put(
                                USERS + "me/password",
                                Map.of("current_password", Api.PASSWORD, "new_password", NEW_PASSWORD)),
                204);
        assertThat(tag(pathOfBea))
                .as("a password is not part of the representation")
                .isEqualTo(tag);
        assertThat(login(bea.email(), NEW_PASSWORD).status()).isEqualTo(200);
        assertEmptyAnswer(bea.client().post(USERS + "me/email", Map.of("email", email, "password", NEW_PASSWORD)), 202);
        assertTagChanges(pathOfBea, () -> useToken(CONFIRM, mailbox.await(email).token()));

        String invited = Api.newEmail();
        String pathOfInvited = USERS + api.create("member", invited);
        assertTagChanges(
                pathOfInvited, () -> useToken(ACTIVATE, mailbox.await(invited).token(), NEW_PASSWORD));
    }

    private void assertTagChanges(String path, Supplier<Answer> change) {
        String before = tag(path);
        Answer answer = change.get();
        assertThat(answer.status()).as(answer.text()).isIn(200, 204);
        assertThat(tag(path)).isNotEqualTo(before);
        assertRefused(ifMatch(before).put(path, RENAMED), 412, "precondition_failed");
    }

    @Test
    void getAnswers304WhenIfNoneMatchListsTheCurrentTag() {
        String path = USERS + api.create("member");
        String tag = tag(path);
        for (String known : List.of(tag, "W/" + tag, compressedByApache(tag), "\"x\", " + tag, "*")) {
            for (String method : List.of("GET", "HEAD")) {
                Answer answer = api.admin().with("If-None-Match", known).send(method, path);
                assertThat(answer.status()).as(known).isEqualTo(304);
                assertThat(answer.text()).isEmpty();
                assertThat(answer.header("ETag")).isEqualTo(tag);
                assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
                assertThat(answer.header("X-Request-Id")).isNotBlank();
                assertThat(answer.header("Content-Type")).isNull();
            }
        }
        for (String other : List.of("\"v99\"", "W/\"x\"", "")) {
            Answer answer = api.admin().with("If-None-Match", other).get(path);
            assertThat(answer.status()).as(other).isEqualTo(200);
            assertThat(answer.header("ETag")).isEqualTo(tag);
        }
    }

    @Test
    void loginChangesTheTagForIfNoneMatchButNotForIfMatch() {
        Person ann = newPerson("member");
        String path = USERS + ann.id();
        database.sql("update users set last_login = '2024-01-01T00:00:00Z' where id = ?")
                .param(uuid(ann.id()))
                .update();
        String tag = tag(path);
        assertThat(api.admin().with("If-None-Match", tag).get(path).status()).isEqualTo(304);

        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(200);

        Answer read = api.admin().with("If-None-Match", tag).get(path);
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.data().get("last_login").stringValue()).doesNotStartWith("2024");
        assertThat(ifMatch(tag).put(path, RENAMED).status()).isEqualTo(200);
        assertThat(api.admin().get(path).data().get("last_login"))
                .isEqualTo(read.data().get("last_login"));
        assertRefused(ifMatch(String.valueOf(read.header("ETag"))).put(path, RENAMED), 412, "precondition_failed");
    }

    @Test
    void tagOfAChangeShowsTheLastLoginToReadersOnly() {
        Person ann = newPerson("member");
        String path = USERS + ann.id();
        login(ann.email(), Api.PASSWORD);
        Client writer = api.newUser(api.newRole("users:write"));

        String read = String.valueOf(api.admin().patch(path, RENAMED).header("ETag"));
        String written = String.valueOf(writer.patch(path, RENAMED).header("ETag"));

        assertThat(read).matches("\"v\\d+\\.\\d+\"");
        assertThat(written).matches("\"v\\d+\"").isNotEqualTo(read);
        assertThat(api.admin().with("If-None-Match", written).get(path).status())
                .isEqualTo(200);
        assertThat(writer.with("If-Match", written).patch(path, RENAMED).status())
                .isEqualTo(200);
        assertThat(writer.patch(USERS + "me", RENAMED).header("ETag")).isEqualTo(tag(USERS + writer.id()));
    }

    /** The tag as Apache changes it when it compresses a response. */
    private static String compressedByApache(String tag) {
        return tag.replaceFirst("\"$", "-gzip\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE"})
    void changeAcceptsTagsThatAProxyHasChanged(String method) {
        for (UnaryOperator<String> proxy :
                List.<UnaryOperator<String>>of(tag -> "W/" + tag, PreconditionIT::compressedByApache)) {
            String path = USERS + api.create("member");

            Answer answer = change(ifMatch(proxy.apply(tag(path))), method, path);

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE"})
    void changeAnswers412WhenTheVersionDiffers(String method) {
        String path = USERS + api.create("member");
        String old = tag(path);
        assertThat(api.admin().put(path, RENAMED).status()).isEqualTo(200);
        String tag = tag(path);
        for (String other :
                List.of(old, "W/" + old, compressedByApache(old), "\"x\", " + old, "\"\"", "", tag.replace("v", "V"))) {
            assertRefused(change(ifMatch(other), method, path), 412, "precondition_failed");
        }
        assertRefused(change(api.admin().with("If-None-Match", "*"), method, path), 412, "precondition_failed");
        assertRefused(change(api.admin().with("If-None-Match", "W/" + tag), method, path), 412, "precondition_failed");
        assertRefused(change(ifMatch(tag).with("If-None-Match", tag), method, path), 412, "precondition_failed");
        assertThat(tag(path)).isEqualTo(tag);

        Answer answer = change(ifMatch(old + " , " + tag).with("If-None-Match", old), method, path);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE"})
    void asteriskMatchesEveryExistingUser(String method) {
        String path = USERS + api.create("member");

        assertThat(change(ifMatch("*"), method, path).status()).isEqualTo(200);
        assertRefused(change(ifMatch("*"), method, USERS + "usr_01h455vb4pex5vsknk084sn02q"), 404, "user_not_found");
    }

    private static Answer change(Client client, String method, String path) {
        return switch (method) {
            case "PUT" -> client.put(path, Map.of("name", "Changed"));
            case "PATCH" -> client.patch(path, Map.of("name", "Changed"));
            default -> client.delete(path);
        };
    }

    @Test
    void getChecksIfMatchBeforeIfNoneMatch() {
        String path = USERS + api.create("member");
        String tag = tag(path);

        assertRefused(ifMatch("\"v99\"").with("If-None-Match", tag).get(path), 412, "precondition_failed");
        assertThat(ifMatch("\"v99\"").send("HEAD", path).status()).isEqualTo(412);
        assertThat(ifMatch(tag).with("If-None-Match", tag).get(path).status()).isEqualTo(304);
        assertThat(ifMatch(tag).get(path).status()).isEqualTo(200);
    }

    @Test
    void modificationDatesAreIgnored() {
        String path = USERS + api.create("member");
        String early = "Sat, 29 Oct 1994 19:43:31 GMT";
        String late = "Fri, 29 Oct 2094 19:43:31 GMT";

        assertThat(api.admin()
                        .with("If-Unmodified-Since", early)
                        .put(path, RENAMED)
                        .status())
                .isEqualTo(200);
        assertThat(api.admin().with("If-Modified-Since", late).get(path).status())
                .isEqualTo(200);
        assertThat(api.admin().get(path).header("Last-Modified")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v7", "\"v7", "*, \"v7\"", "\"a\" \"b\"", "w/\"v7\"", "W/*"})
    void malformedTagsAreReportedByHeaderField(String field) {
        String path = USERS + api.create("member");
        for (String method : List.of("PUT", "PATCH", "DELETE")) {
            Answer answer = change(ifMatch(field).with("If-None-Match", field), method, path);

            assertRefused(answer, 400, "invalid_request");
            assertThat(answer.body()
                            .at("/errors")
                            .valueStream()
                            .map(fault -> fault.get("header").stringValue() + " "
                                    + fault.get("code").stringValue()))
                    .containsExactly("If-Match malformed_field", "If-None-Match malformed_field");
        }
        assertThat(ifMatch(field).get(path).status()).isEqualTo(400);
        assertThat(name(path)).isEqualTo("Ann Example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "\"v7\""})
    void ifMatchIsRefusedForResourcesWithoutETag(String field) {
        Answer answer = ifMatch(field).put("/api/v1/roles/viewer", "{\"description\":\"changed\"}");

        assertRefused(answer, 400, "invalid_request");
        assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo("unsupported_field");
        assertThat(api.admin().get("/api/v1/roles/viewer").body().toString()).doesNotContain("changed");
        assertThat(ifMatch(field).get("/api/v1/roles/viewer").status()).isEqualTo(200);
    }

    @Test
    void linesOfAHeaderFieldAreJoined() {
        String path = USERS + api.create("member");
        String request = "DELETE " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                + api.admin().token() + "\r\nIf-Match: \"x\"\r\nIf-Match: ";

        assertThat(RawHttp.send(api.port(), request + "*\r\n\r\n").status()).isEqualTo(400);
        assertThat(RawHttp.send(api.port(), request + tag(path) + "\r\n\r\n").status())
                .isEqualTo(200);
    }

    @Test
    void preconditionIsCheckedAfterEverythingElse() {
        String path = USERS + api.create("member");
        Client stale = ifMatch("\"v99\"");
        Client viewer = api.newUser("viewer").with("If-Match", "\"v99\"");

        assertRefused(api.anonymous().with("If-Match", "\"v99\"").put(path, RENAMED), 401, "unauthenticated");
        assertRefused(viewer.put(path, RENAMED), 403, "insufficient_permissions");
        assertRefused(viewer.patch(USERS + "me", Map.of("role", "admin")), 403, "own_role_or_status");
        assertRefused(stale.delete(USERS + "me"), 403, "own_account");
        assertRefused(stale.put(USERS + "usr_1", RENAMED), 404, "user_not_found");
        assertRefused(stale.delete(USERS + "usr_01h455vb4pex5vsknk084sn02q"), 404, "user_not_found");
        assertRefused(stale.put(path, Map.of("name", "")), 400, "invalid_request");
        assertRefused(stale.patch(path, Map.of("role", "nobody")), 400, "invalid_request");
        assertRefused(stale.put(path + "?x=1", RENAMED), 400, "invalid_request");
        assertRefused(stale.with("Content-Type", "text/plain").put(path, RENAMED), 415, "unsupported_media_type");
        assertRefused(stale.with("Accept", "text/html").put(path, RENAMED), 406, "not_acceptable");
        assertRefused(stale.put(path, RENAMED), 412, "precondition_failed");
    }

    @Test
    void tagOfAnotherUserGrantsNoAccess() {
        Client member = api.newUser("member");
        String path = USERS + api.create("member");

        for (String tag : List.of(tag(path), "*")) {
            for (String field : List.of("If-Match", "If-None-Match")) {
                assertRefused(member.with(field, tag).get(path), 403, "insufficient_permissions");
                assertRefused(member.with(field, tag).put(path, RENAMED), 403, "insufficient_permissions");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE"})
    void changeThatWaitedForAnotherChangeAnswers412(String method) throws Exception {
        String id = api.create("member");
        String path = USERS + id;
        String tag = tag(path);
        CompletableFuture<Answer> waiting;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update users set name = 'Other', version = version + 1 where id = ?", uuid(id));
            waiting = CompletableFuture.supplyAsync(() -> change(ifMatch(tag), method, path));
            other.commitOnceBlocking();
        }

        assertThat(waiting.join().status()).isEqualTo(412);
        assertThat(name(path)).isEqualTo("Other");
    }

    @Test
    void changeThatWaitedForALoginSucceedsAndKeepsItsTime() throws Exception {
        String id = api.create("member");
        String path = USERS + id;
        String tag = tag(path);
        CompletableFuture<Answer> waiting;
        try (BlockingTransaction other = new BlockingTransaction(connection)) {
            other.run("update users set last_login = '2024-01-01T00:00:00Z' where id = ?", uuid(id));
            waiting = CompletableFuture.supplyAsync(() -> change(ifMatch(tag), "PUT", path));
            other.commitOnceBlocking();
        }

        assertThat(waiting.join().status()).isEqualTo(200);
        assertThat(api.admin().get(path).data().get("last_login").stringValue()).isEqualTo("2024-01-01T00:00:00Z");
    }
}
