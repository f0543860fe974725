package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import dev.usersapi.support.RawHttp;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code Allow} lists exactly the methods of a path. */
@ApiTest
class AllowIT {

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO");

    @Autowired
    private Api api;

    static Stream<String> paths() {
        return Stream.concat(DOCUMENT.json().get("paths").propertyNames().stream(), Stream.of("/docs/index.html"));
    }

    /** The requests have an unknown parameter, so that they change nothing. 405 is checked before it. */
    @ParameterizedTest
    @MethodSource("paths")
    void allowListsTheServedMethods(String template) {
        Set<String> documented = new TreeSet<>(Set.of("OPTIONS"));
        DOCUMENT.operations().stream()
                .filter(operation -> operation.endsWith(" " + template))
                .forEach(operation -> documented.add(operation.split(" ", 2)[0]));
        if (template.equals("/docs/index.html")) {
            documented.add("GET");
        }
        if (documented.contains("GET")) {
            documented.add("HEAD");
        }
        String path = template.replace("{user_id}", "me").replaceAll("\\{[^}]+}", "unknown");

        assertThat(allowedMethods(send("OPTIONS", path))).isEqualTo(documented);
        for (String method : METHODS) {
            Answer answer = send(method, path + "?x=1");
            if (documented.contains(method)) {
                assertThat(answer.status()).as(method).isNotIn(405, 501);
            } else {
                assertThat(answer.status()).as(method + answer.text()).isEqualTo(405);
                assertThat(answer.text()).contains(method.equals("HEAD") ? "" : "\"method_not_allowed\"");
                assertThat(allowedMethods(answer)).as(method).isEqualTo(documented);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nope", "/api/v1/nope", "/docs/nope.js", "/actuator/env", "/"})
    void unknownPathHasNoAllow(String path) {
        for (String method : METHODS) {
            Answer answer = send(method, path);
            assertThat(answer.status()).as(method + answer.text()).isEqualTo(404);
            assertThat(answer.header("Allow")).as(method).isNull();
        }
    }

    @Test
    void faultyOptionsRequestHasNoAllow() {
        Answer answer = send("OPTIONS", "/api/v1/users?x=1");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Allow")).isNull();
    }

    private Answer send(String method, String target) {
        return RawHttp.send(
                api.port(),
                method + " " + target
                        + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 0\r\nAuthorization: Bearer "
                        + api.admin().token() + "\r\n\r\n");
    }

    private static Set<String> allowedMethods(Answer answer) {
        assertThat(answer.headers().allValues("Allow")).as(answer.toString()).hasSize(1);
        return new TreeSet<>(List.of(String.valueOf(answer.header("Allow")).split(", ?", -1)));
    }
}
