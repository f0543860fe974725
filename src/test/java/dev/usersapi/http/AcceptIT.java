package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Content negotiation, above all with the {@code Accept} values of clients that are generated from the OpenAPI document. */
@ApiTest
class AcceptIT {

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();
    private static final String PROBLEM = "application/problem+json";

    @Autowired
    private Api api;

    static Stream<String> operations() {
        return DOCUMENT.operations().stream();
    }

    /** The requests have an unknown parameter, so that they change nothing. 406 is checked before it. */
    @ParameterizedTest
    @MethodSource("operations")
    void operationAnswers406OnlyForUndocumentedMediaTypes(String operation) {
        String[] words = operation.split(" ", 2);
        JsonNode responses = DOCUMENT.json()
                .get("paths")
                .get(words[1])
                .get(words[0].toLowerCase(Locale.ROOT))
                .get("responses");
        Set<String> all = new TreeSet<>();
        Set<String> ofSuccess = new TreeSet<>();
        responses.properties().forEach(response -> {
            Set<String> types = Set.copyOf(
                    DOCUMENT.resolve(response.getValue()).path("content").propertyNames());
            all.addAll(types);
            if (response.getKey().startsWith("2")) {
                ofSuccess.addAll(types);
            }
        });

        for (String accept : new String[] {String.join(", ", all), PROBLEM}) {
            assertThat(call(operation, accept).status()).as(accept).isNotEqualTo(406);
        }
        Answer other = call(operation, "image/png");
        assertThat(responses.has("406")).as("documents 406").isEqualTo(!ofSuccess.isEmpty());
        assertThat(other.status() == 406).as(other.toString()).isEqualTo(!ofSuccess.isEmpty());
    }

    private Answer call(String operation, String accept) {
        String[] words = operation.split(" ", 2);
        String path = words[1].replace("{user_id}", "me").replaceAll("\\{[^}]+}", "unknown") + "?x=1";
        Client client = api.admin().with("Accept", accept);
        return Set.of("GET", "DELETE").contains(words[0])
                ? client.send(words[0], path)
                : client.with(
                                "Content-Type",
                                words[0].equals("PATCH") ? "application/merge-patch+json" : "application/json")
                        .send(words[0], path, "{}");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/users/me,     200, application/json",
        "/api/v1/users/usr_1,  404, application/problem+json",
        "/nope,                404, application/problem+json",
        "/.well-known/jwks.json, 200, application/json",
        "/v3/api-docs,         200, application/json",
        "/docs,                200, text/html",
        "/actuator/health,     200, application/vnd.spring-boot.actuator.v3+json",
        "/actuator/prometheus, 200, text/plain"
    })
    void acceptOfProblemJsonAloneIsServed(String path, int status, String type) {
        Answer answer = api.admin().with("Accept", PROBLEM).get(path);

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith(type);
    }

    @ParameterizedTest
    @CsvSource({
        "'text/plain;version=0.0.4, application/problem+json', text/plain",
        "'application/problem+json, application/openmetrics-text', application/openmetrics-text",
        "'application/openmetrics-text, text/plain, application/problem+json', application/openmetrics-text"
    })
    void metricsAreServedInAnAcceptedFormat(String accept, String type) {
        Answer answer = api.admin().with("Accept", accept).get("/actuator/prometheus");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith(type);
    }

    @Test
    void excludedProblemJsonIsNotAccepted() {
        assertThat(api.admin()
                        .with("Accept", PROBLEM + ";q=0, text/html")
                        .get("/api/v1/users/me")
                        .status())
                .isEqualTo(406);
    }

    @Test
    void logoutIgnoresAccept() {
        for (String accept : new String[] {PROBLEM, "text/html", "application/json;q=0", "foo"}) {
            Client user = api.newUser("member");

            assertThat(user.with("Accept", accept)
                            .send("POST", "/api/v1/auth/logout")
                            .status())
                    .as(accept)
                    .isEqualTo(204);
            assertThat(user.get("/api/v1/users/me").status()).isEqualTo(401);
        }
        assertThat(api.anonymous()
                        .with("Accept", PROBLEM)
                        .post("/api/v1/auth/password/forgot", Map.of("email", Api.newEmail()))
                        .status())
                .isEqualTo(202);
    }
}
