package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.RawHttp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** HTTP semantics of RFC 9110, and one form of all errors, no matter where they are detected. */
@ApiTest
public class ProtocolIT {

    private static final String USERS = "/api/v1/users";

    @Autowired
    private Api api;

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.body().propertyNames())
                .startsWith("type", "title", "status", "detail", "instance", "code", "explanation", "request_id");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.body().get("request_id").stringValue()).isEqualTo(answer.header("X-Request-Id"));
        assertThat(status != 400 || !answer.body().get("errors").isEmpty())
                .as(answer.text())
                .isTrue();
        assertThat(answer.text()).doesNotContain("Exception", "org.", "java.", "Tomcat", "\\tat ", "<html");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/api",
                "/api/v1",
                "/nope",
                "/api/v1/users/",
                "/api/v1/users.json",
                "/api/v1/users/me/",
                "/api/v1/users/me/x",
                "/api/v1//users",
                "/api/v1/users;x=1",
                "/API/v1/users",
                "/error",
                "/actuator",
                "/actuator/env",
                "/actuator/heapdump",
                "/actuator/health/db",
                "/actuator/metrics",
                "/actuator/sbom",
                "/actuator/sbom/application",
                "/problems/nope",
                "/docs/nope.js",
                "/.well-known/oauth-protected-resource",
                "/docs/..%2fapplication.yaml",
                "/nope%00",
                "/webjars/scalar/scalar.js"
            })
    void unknownPathsAnswer404WithAndWithoutCredentials(String path) {
        assertProblem(api.admin().get(path), 404, "not_found");
        assertProblem(api.anonymous().get(path), 404, "not_found");
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /api/v1/users, 'GET, HEAD, OPTIONS, POST'",
        "DELETE, /api/v1/users, 'GET, HEAD, OPTIONS, POST'",
        "POST, /api/v1/users/me, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'",
        "FOO, /api/v1/users/me, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'",
        "GET, /api/v1/auth/login, 'OPTIONS, POST'",
        "PUT, /api/v1/auth/refresh, 'OPTIONS, POST'",
        "GET, /api/v1/auth/logout, 'OPTIONS, POST'",
        "POST, /v3/api-docs, 'GET, HEAD, OPTIONS'",
    })
    void unsupportedMethodsAnswer405WithAllow(String method, String path, String allow) {
        Answer answer = api.admin().send(method, path, "{}");

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.header("Allow")).isEqualTo(allow);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1", "bytes=99999999-", "unknown"})
    void staticFilesIgnoreRange(String range) {
        Answer file = RawHttp.send(
                api.port(),
                "GET /docs/start.js HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: " + range + "\r\n\r\n");

        assertThat(file.status()).isEqualTo(200);
        assertThat(file.text()).contains("// All addresses are relative", "url: \"v3/api-docs\"");
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void unknownPathsOfStaticFilesAreNotLogged(CapturedOutput output) {
        String fields = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        for (String request : List.of("TRACE /docs/..%2funlogged", "GET /docs/WEB-INF-unlogged")) {
            assertThat(RawHttp.send(api.port(), request + fields).status())
                    .as(request)
                    .isEqualTo(404);
        }

        assertThat(output).doesNotContain("unlogged");
    }

    @Test
    void traceAnswers405() {
        Answer answer = RawHttp.send(
                api.port(),
                "TRACE /api/v1/users HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\n\r\n");

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
    }

    @Test
    void optionsAnswersAllow() {
        Answer answer = api.anonymous().send("OPTIONS", USERS);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Allow")).contains("GET", "HEAD", "POST", "OPTIONS");
    }

    @Test
    void headAnswersLikeGetWithoutBody() {
        Answer head = api.admin().send("HEAD", USERS + "/me");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).isEmpty();
        assertThat(head.header("Content-Type")).isEqualTo("application/json");
        Answer missing = api.admin().send("HEAD", USERS + "/usr_1");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/html",
                "application/xml",
                "application/json;q=0",
                "foo",
                "a/b/c",
                "text/*",
                "application/json;q=0, */*"
            })
    void answers406WhenAcceptExcludesJson(String accept) {
        for (String method : List.of("GET", "DELETE")) {
            assertProblem(api.admin().with("Accept", accept).send(method, USERS + "/me"), 406, "not_acceptable");
        }
        assertThat(api.admin().get(USERS + "/me").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {",,", "text/html", "foo"})
    void metricsAnswer406WhenAcceptExcludesThem(String accept) {
        assertProblem(api.admin().with("Accept", accept).get("/actuator/prometheus"), 406, "not_acceptable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "application/*",
                "application/json",
                "text/html, */*;q=0.1",
                "application/json;charset=utf-16"
            })
    void answersJsonWhenAcceptAllowsIt(String accept) {
        assertThat(api.admin().with("Accept", accept).get(USERS + "/me").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/xml",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "json",
                "application/json; charset=utf-16",
                "application/json; charset=nope",
                "application/vnd.api+json",
                "*/*",
                "/"
            })
    void otherMediaTypesAnswer415(String type) {
        Answer answer = api.admin().with("Content-Type", type).send("POST", USERS, "{}");

        assertProblem(answer, 415, "unsupported_media_type");
        assertThat(answer.header("Accept")).isEqualTo(type.contains("charset=utf-16") ? null : "application/json");
    }

    @Test
    void compressedBodiesAnswer415() {
        assertProblem(
                api.admin().with("Content-Encoding", "gzip").send("POST", USERS, "{}"), 415, "unsupported_media_type");
        assertThat(api.admin()
                        .with("Content-Encoding", "identity")
                        .send("POST", USERS, "{}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void everyEndpointAnswers400ForUnknownQueryParameters() {
        for (String path : List.of(USERS + "/me", "/.well-known/jwks.json", "/problems/not-found", "/v3/api-docs")) {
            Answer answer = api.admin().get(path + "?x=1&y=2");
            assertProblem(answer, 400, "invalid_request");
            assertThat(answer.body()
                            .get("errors")
                            .valueStream()
                            .map(fault -> fault.get("parameter").stringValue()))
                    .containsExactly("x", "y");
        }
        assertProblem(api.admin().send("POST", USERS + "?x=1", "{}"), 400, "invalid_request");
    }

    @Test
    void malformedQueryStringsAnswer400() {
        for (String path :
                List.of("/docs", "/v3/api-docs", "/problems/busy", USERS, USERS + "/me", "/actuator/health")) {
            for (String query : List.of("?%01=1", "?a=%25zz&%00=1", "?x%0aINFO=1")) {
                Answer answer = api.admin().get(path + query);
                assertThat(answer.status()).as(path + query).isIn(200, 400);
                assertThat(answer.status() == 200).isEqualTo(path.startsWith("/actuator"));
            }
        }
        for (String path : List.of("/actuator/health?a=%zz", "/docs?a=%zz", USERS + "?a=%zz")) {
            assertProblem(
                    RawHttp.send(
                            api.port(),
                            "GET " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                    + api.admin().token() + "\r\nConnection: close\r\n\r\n"),
                    400,
                    "invalid_request");
        }
    }

    @Test
    void headerFieldsWithControlCharactersAnswer400() {
        String body = "{}";
        Answer answer = RawHttp.send(
                api.port(),
                "PUT /api/v1/users/me HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                        + "Content-Encoding: \u0085\r\nConnection: close\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\n\r\n" + body);

        assertProblem(answer, 400, "invalid_request");
    }

    @Test
    void wildcardContentTypeAnswers400InCorsRequests() {
        Client page = api.admin().with("Origin", "https://app.example.com").with("Content-Type", "*/*");

        assertProblem(page.get(USERS + "/me"), 400, "invalid_request");
        assertProblem(page.send("POST", USERS, "{}"), 400, "invalid_request");
    }

    @Test
    void formBodiesAreNotRead() {
        // reading this body would block, because it is never sent completely
        Answer answer = RawHttp.send(
                api.port(),
                "PUT /nope HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: 100000000\r\nConnection: close\r\n\r\na=1");

        assertProblem(answer, 404, "not_found");
    }

    @Test
    void slowBodyAnswers408() throws Exception {
        long start = System.nanoTime();
        try (java.net.Socket socket = new java.net.Socket("localhost", api.port())) {
            java.io.OutputStream out = socket.getOutputStream();
            out.write(("POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 5000\r\nConnection: close\r\n\r\n{")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            socket.setSoTimeout(500);
            int first = -1;
            while (first < 0 && System.nanoTime() - start < 30_000_000_000L) {
                out.write(' ');
                try {
                    first = socket.getInputStream().read();
                } catch (java.net.SocketTimeoutException e) {
                    assertThat(first).isNegative(); // no response yet
                }
            }
            String answer =
                    new String(socket.getInputStream().readNBytes(11), java.nio.charset.StandardCharsets.US_ASCII);
            assertThat((char) first + answer).isEqualTo("HTTP/1.1 408");
        }
    }

    @Test
    void requestIdIsKeptWhenItIsSafe() {
        assertThat(api.admin()
                        .with("X-Request-Id", "Abc.1_2-3")
                        .get(USERS + "/me")
                        .header("X-Request-Id"))
                .isEqualTo("Abc.1_2-3");
        for (String unsafe : List.of("", "a b", "x".repeat(65), "a{jndi:x}", "\u00e4")) {
            assertThat(api.admin()
                            .with("X-Request-Id", unsafe)
                            .get(USERS + "/me")
                            .header("X-Request-Id"))
                    .matches("[0-9a-f-]{36}");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /api/v1/users?a=ü HTTP/1.1; Host: a                                | - malformed_message
            GET /api/v1/users/{x} HTTP/1.1; Host: a                                | - malformed_message
            GET /%zz HTTP/1.1; Host: a                                             | - malformed_message
            GET /actuator/health?a=%zz HTTP/1.1; Host: a                           | parameter malformed_query
            G(T / HTTP/1.1; Host: a                                                | - malformed_message
            GET / HTTX/1.1; Host: a                                                | - malformed_message
            GET ftp:nope HTTP/1.1; Host: a                                         | - malformed_message
            GET / HTTP/1.1; Host: a; no colon                                      | - malformed_message
            GET /api/v1/users HTTP/1.1; X: a                                       | Host required
            GET /api/v1/users HTTP/1.1; Host: a; Host: b                           | Host repeated_field
            GET /api/v1/users HTTP/1.1; Host: a b                                  | Host malformed_field
            POST /api/v1/users HTTP/1.1; Host: a; Content-Length: x                | Content-Length malformed_field
            POST /api/v1/users HTTP/1.1; Host: a; Content-Length: 1; Content-Length: 2 | Content-Length repeated_field
            POST /api/v1/users HTTP/1.0; Transfer-Encoding: chunked                | Transfer-Encoding malformed_field
            POST /api/v1/users HTTP/1.1; Host: a; Transfer-Encoding: chunked, chunked  | Transfer-Encoding malformed_field
            POST /api/v1/users HTTP/1.1; Transfer-Encoding: chunked                | Host required
            POST /api/v1/users HTTP/1.1; Host: a b; Transfer-Encoding: chunked     | Host malformed_field
            POST /api/v1/users HTTP/1.1; Host: a; Transfer-Encoding: chunked; no colon | - malformed_message
            GET / HTTP/1.1; no colon; Host: a                                      | - malformed_message
            GET /docs HTTP/1.1; Host: a; Expect: 200-maybe                         | Expect unsupported_field
            GET /docs HTTP/1.1; Host: a; Authorization: Bearer a; Authorization: Bearer b | Authorization repeated_field
            """)
    void requestsThatTomcatRefusesAnswer400WithTheirFault(String request, String expected) {
        Answer answer =
                RawHttp.send(api.port(), request.strip().replace("; ", "\r\n") + "\r\nConnection: close\r\n\r\n");

        assertProblem(answer, 400, "invalid_request");
        assertThat(answer.body().get("errors")).hasSize(1);
        String[] fault = expected.split(" ", 2);
        assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo(fault[1]);
        assertThat(answer.body().at("/errors/0").propertyNames())
                .contains(fault[0].equals("parameter") ? "parameter" : "detail");
        assertThat(answer.body().at("/errors/0/header").stringValue("-"))
                .isEqualTo(fault[0].equals("parameter") ? "-" : fault[0]);
    }

    @Test
    void bearerSchemeMayBeFollowedBySeveralSpaces() {
        for (String scheme : List.of("Bearer   ", "bearer ", "BEARER  ")) {
            assertThat(api.anonymous()
                            .with("Authorization", scheme + api.admin().token())
                            .get(USERS + "/me")
                            .status())
                    .as(scheme)
                    .isEqualTo(200);
        }
        for (String other : List.of("Bearer", "Bearer\t", "Bearer: ")) {
            assertProblem(
                    api.anonymous()
                            .with("Authorization", other + api.admin().token())
                            .get(USERS + "/me"),
                    401,
                    "invalid_token");
        }
    }

    @Test
    void unencodedBracketsInAQueryAreReportedByName() {
        Answer answer = RawHttp.send(
                api.port(),
                "GET /api/v1/users?status[]=active HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\nConnection: close\r\n\r\n");

        assertProblem(answer, 400, "invalid_request");
        assertThat(answer.body().at("/errors/0/parameter").stringValue()).isEqualTo("status[]");
        assertThat(answer.body().at("/errors/0/code").stringValue()).isEqualTo("unknown_parameter");
    }

    @Test
    void hugeHeaderAnswers431() {
        for (String fields : List.of(
                "X: " + "x".repeat(100_000), "Cookie: a=" + "x".repeat(8192), "X: x\r\n".repeat(101) + "Y: y")) {
            Answer answer = RawHttp.send(
                    api.port(), "GET /docs HTTP/1.1\r\nHost: a\r\n" + fields + "\r\nConnection: close\r\n\r\n");

            assertProblem(answer, 431, "header_fields_too_large");
            assertThat(answer.body().get("explanation").stringValue()).contains("8 KiB");
        }
    }

    @Test
    void longRequestLineAnswers414() {
        Answer answer = RawHttp.send(
                api.port(), "GET /docs?q=" + "x".repeat(8192) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assertProblem(answer, 414, "uri_too_long");
        assertThat(answer.body().get("explanation").stringValue()).contains("8 KiB");
    }

    @Test
    void unknownTransferCodingAnswers501() {
        Answer answer = RawHttp.send(
                api.port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\nConnection: close\r\n\r\n");

        assertProblem(answer, 501, "not_implemented");
    }

    @Test
    void missingBodyAnswers408() {
        Answer answer = RawHttp.send(
                api.port(),
                "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Connection: close\r\nContent-Length: 100\r\n\r\n{");

        assertProblem(answer, 408, "request_timeout");
    }

    @Test
    void forgedHostIsIgnored() {
        String body =
                Api.JSON.writeValueAsString(Map.of("email", Api.newEmail(), "name", "N", "password", Api.PASSWORD));
        Answer answer = RawHttp.send(
                api.port(),
                "POST /api/v1/users HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
                        + "Authorization: Bearer " + api.admin().token()
                        + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).startsWith("/api/v1/users/usr_");
        assertThat(answer.headers().map().toString()).doesNotContain("evil");
    }

    @Test
    void corsAllowsOnlyTheConfiguredOrigin() {
        String origin = "https://app.example.com";
        Answer preflight = api.anonymous()
                .with("Origin", origin)
                .with("Access-Control-Request-Method", "PUT")
                .with("Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
                .send("OPTIONS", USERS + "/me");
        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo(origin);
        assertThat(preflight.header("Access-Control-Allow-Methods")).contains("PUT", "PATCH");
        assertThat(api.anonymous()
                        .with("Origin", origin)
                        .with("Access-Control-Request-Method", "PATCH")
                        .with("Access-Control-Request-Headers", "authorization,content-type,if-match,if-none-match")
                        .send("OPTIONS", USERS + "/me")
                        .header("Access-Control-Allow-Headers"))
                .contains("if-match", "if-none-match");
        assertThat(preflight.header("Access-Control-Allow-Headers")).containsIgnoringCase("idempotency-key");
        Answer actual = api.admin().with("Origin", origin).get(USERS + "/me");
        assertThat(actual.header("Access-Control-Allow-Origin")).isEqualTo(origin);
        assertThat(actual.header("Access-Control-Expose-Headers"))
                .contains(
                        "RateLimit",
                        "RateLimit-Policy",
                        "X-Request-Id",
                        "Location",
                        "Link",
                        "ETag",
                        "WWW-Authenticate",
                        "Allow",
                        "Accept-Patch",
                        "Idempotency-Replayed");
        assertThat(actual.header("Access-Control-Allow-Credentials")).isNull();

        Answer foreign = api.admin().with("Origin", "https://evil.example").get(USERS + "/me");
        assertProblem(foreign, 403, "origin_not_allowed");
        assertThat(foreign.header("Access-Control-Allow-Origin")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/jwks.json", "/actuator/health", "/actuator/health/liveness"})
    void publicKeysAndHealthAllowEveryOrigin(String path) {
        Client page = api.anonymous().with("Origin", "https://evil.example");

        assertThat(page.get(path).header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(page.get(path).header("Access-Control-Allow-Credentials")).isNull();
        Client preflight =
                page.with("Access-Control-Request-Method", "GET").with("Access-Control-Request-Headers", "traceparent");
        assertThat(preflight.send("OPTIONS", path).status()).isEqualTo(200);
        assertThat(page.with("Access-Control-Request-Method", "DELETE")
                        .send("OPTIONS", path)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void byteOrderMarkBeforeABodyIsIgnored() {
        assertThat(api.admin()
                        .send("PUT", USERS + "/me", "\uFEFF{\"settings\":{}}")
                        .status())
                .isEqualTo(200);
        assertProblem(api.admin().send("PUT", USERS + "/me", "\uFEFF\uFEFF{}"), 400, "invalid_request");
        assertProblem(api.admin().send("PUT", USERS + "/me", "\uFEFF"), 400, "invalid_request");
    }

    @Test
    void onlyPublicDocumentsAreCompressed() {
        List<String> documents = new ArrayList<>(List.of("/v3/api-docs", "/v3/api-docs.yaml"));
        Pattern.compile("src=\"/?(docs/[^\"]+)\"")
                .matcher(api.anonymous().get("/docs").text())
                .results()
                .map(script -> "/" + script.group(1))
                .filter(script -> raw(script, "").text().length() > 10_000)
                .forEach(documents::add);
        assertThat(documents).hasSizeGreaterThan(2);
        for (String path : documents) {
            Answer answer = raw(path, "Accept-Encoding: br, gzip\r\n");
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.header("Content-Encoding")).as(path).isEqualTo("gzip");
            assertThat(String.join(",", answer.headers().allValues("Vary"))).containsIgnoringCase("accept-encoding");
            for (String fields : List.of("", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\n")) {
                assertThat(raw(path, fields).header("Content-Encoding"))
                        .as(path)
                        .isNull();
            }
        }
        String token = "Authorization: Bearer " + api.admin().token() + "\r\n";
        for (String path : List.of(USERS + "?limit=100", "/api/v1/roles", "/.well-known/jwks.json", "/nope")) {
            for (String accept : List.of("*/*", "application/json;charset=UTF-8", "application/json; charset=utf-8")) {
                Answer answer = raw(path, token + "Accept-Encoding: gzip\r\nAccept: " + accept + "\r\n");
                assertThat(answer.header("Content-Encoding")).as(path).isNull();
                assertThat(answer.header("Content-Type")).as(path).doesNotContain("charset");
            }
        }
    }

    private Answer raw(String path, String fields) {
        return RawHttp.send(
                api.port(), "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "Connection: close\r\n\r\n");
    }

    @Test
    void everyResponseHasSecurityHeaderFields() {
        Client admin = api.admin();
        String tag = String.valueOf(admin.get(USERS + "/me").header("ETag"));
        String raw = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        Map<Integer, Answer> byStatus = new HashMap<>();
        for (Answer answer : List.of(
                admin.get(USERS + "/me"),
                admin.post(USERS, Map.of("email", Api.newEmail(), "name", "N")),
                admin.send("POST", USERS + "/" + api.create("member") + "/invitation"),
                api.newUser("member").send("POST", "/api/v1/auth/logout"),
                admin.with("If-None-Match", tag).get(USERS + "/me"),
                admin.get(USERS + "?x=1"),
                api.anonymous().get(USERS),
                api.newUser("member").get(USERS),
                admin.get("/nope"),
                admin.delete(USERS),
                admin.with("Accept", "text/html").get(USERS),
                admin.post("/api/v1/roles", Map.of("name", "admin")),
                admin.with("If-Match", "\"v\"").delete(USERS + "/" + api.create("member")),
                admin.send("POST", USERS, " ".repeat(70_000)),
                admin.with("Content-Type", "text/plain").send("POST", USERS, "{}"))) {
            assertThat(byStatus.put(answer.status(), answer)).as(answer.text()).isNull();
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        }
        assertThat(byStatus).hasSize(15);
        Map.of("/.well-known/jwks.json", "max-age=300", "/docs", "no-cache")
                .forEach((path, caching) -> assertThat(
                                api.anonymous().get(path).headers().allValues("Cache-Control"))
                        .as(path)
                        .containsExactly(caching));
        Stream.of("/docs", "/v3/api-docs", "/actuator/health")
                .map(api.anonymous()::get)
                .forEach(ProtocolIT::assertSecurityHeaderFields);
        byStatus.values().forEach(ProtocolIT::assertSecurityHeaderFields);
        assertSecurityHeaderFields(RawHttp.send(api.port(), "GET /docs/scalar.js" + raw));
        for (String method : List.of("GET", "HEAD")) {
            assertSecurityHeaderFields(admin.send(method, "/actuator/prometheus?includedNames=nothing"));
            assertSecurityHeaderFields(admin.send(method, "/actuator/prometheus"));
        }
        for (String refusedByTomcat : List.of("GET /%zz", "GET /a\u0001")) {
            assertNoServerDetails(RawHttp.send(api.port(), refusedByTomcat + raw));
        }
    }

    private static void assertSecurityHeaderFields(Answer answer) {
        assertNoServerDetails(answer);
        assertThat(answer.header("X-Frame-Options")).as(answer.toString()).isEqualTo("DENY");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
    }

    private static void assertNoServerDetails(Answer answer) {
        assertThat(answer.header("X-Content-Type-Options"))
                .as(answer.toString())
                .isEqualTo("nosniff");
        assertThat(answer.header("Cache-Control")).isNotNull();
        assertThat(answer.header("X-Request-Id")).isNotBlank();
        for (String field : List.of("Server", "X-Powered-By", "Set-Cookie", "Strict-Transport-Security")) {
            assertThat(answer.header(field)).as(field).isNull();
        }
    }

    @Test
    void hstsIsSentBehindATlsProxy() {
        assertThat(api.anonymous()
                        .with("X-Forwarded-Proto", "https")
                        .get("/docs")
                        .header("Strict-Transport-Security"))
                .isEqualTo("max-age=31536000 ; includeSubDomains");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyProblemTypeHasAnExplanation(ErrorCode code) {
        Answer answer = api.anonymous().get("/problems/" + code.code().replace('_', '-'));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.data().get("code").stringValue()).isEqualTo(code.code());
        assertThat(answer.data().get("explanation").stringValue()).isNotBlank();
        assertThat(answer.data().get("status").intValue())
                .isEqualTo(code.status().value());
    }
}
