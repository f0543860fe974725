package dev.usersapi.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.support.Api;
import dev.usersapi.support.OpenApiDocument;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document is consistent, and {@link OpenApiDocument} accepts documented answers only. */
class OpenApiDocumentTests {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final String USER_PATH = "/api/v1/users/usr_01h455vb4pex5vsknk084sn02q";
    private static final String USER = """
            {"id":"usr_01h455vb4pex5vsknk084sn02q","email":"user@example.com","name":"John Doe","role":"admin",\
            "status":"active","created_at":"2023-01-15T08:30:00Z","last_login":"2023-06-20T14:22:10Z"}""";
    private static final String META = """
            {"total":42,"page":1,"limit":20,"pages":3}""";
    private static final String NOT_FOUND = """
            {"type":"/problems/not-found","title":"Not Found","status":404,"detail":"Resource does not exist",\
            "instance":"/x","code":"not_found","explanation":"Gone.","request_id":"r-1"}""";
    private static final String METHOD_NOT_ALLOWED = """
            {"type":"/problems/method-not-allowed","title":"Method Not Allowed","status":405,\
            "detail":"Method is not supported here","instance":"/x","code":"method_not_allowed",\
            "explanation":"Not so.","request_id":"r-1"}""";

    private final OpenApiDocument document = OpenApiDocument.load();

    @Test
    void acceptsTheContractsList() {
        assertThatCode(() -> document.check("GET", "/api/v1/users?page=1", 200, JSON, list(USER, META)))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsTheContractsUser() {
        String user = USER.replace("}", ",\"settings\":{\"theme\":\"light\",\"notifications\":true}}");

        assertThatCode(() -> document.check("GET", USER_PATH, 200, JSON, data(user)))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsTheContractsNewUser() {
        assertThatCode(() -> document.check("POST", "/api/v1/users", 201, JSON, """
                        {"data":{"id":"usr_01h3eksms2fq7vcnqbybsa9mkv","email":"newuser@example.com",
                        "name":"Jane Smith","role":"editor","status":"pending","created_at":"2023-06-21T09:15:30Z"}}"""))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsTheContractsChangedUser() {
        assertThatCode(() -> document.check("PUT", USER_PATH, 200, JSON, """
                        {"data":{"id":"usr_01h3eksms2fq7vcnqbybsa9mkv","email":"newuser@example.com",
                        "name":"Jane Smith-Johnson","role":"admin","status":"active",
                        "created_at":"2023-06-21T09:15:30Z","updated_at":"2023-06-21T10:22:15Z"}}""")).doesNotThrowAnyException();
    }

    @Test
    void acceptsTheContractsDeletion() {
        assertThatCode(() -> document.check("DELETE", USER_PATH, 200, JSON, """
                        {"success":true,"message":"User deleted successfully"}"""))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAnUndocumentedStatus() {
        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 201, JSON, list(USER, META)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("GET /api/v1/users -> 201")
                .hasMessageContaining("not documented");
    }

    @Test
    void refusesAnUndocumentedMediaType() {
        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 200, "text/html", list(USER, META)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("text/html");
        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 200, null, list(USER, META)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Content-Type");
    }

    @Test
    void refusesAnExtraMember() {
        String user = USER.replace("}", ",\"password\":\"securePassword123\"}");

        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 200, JSON, list(user, META)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("password");
    }

    @Test
    void refusesAMissingMember() {
        String user = USER.replace("\"role\":\"admin\",", "");

        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 200, JSON, list(user, META)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("role");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"total\":42', '\"total\":\"42\"'",
        "'\"total\":42', '\"total\":null'",
        "'\"total\":42', '\"total\":42.5'",
        "'\"name\":\"John Doe\"', '\"name\":null'",
        "'usr_01h4', 'usr_81h4'",
        "'\"status\":\"active\"', '\"status\":\"ACTIVE\"'",
        "'08:30:00Z', '08:30:00.000Z'",
        "'08:30:00Z', '08:30:00+00:00'"
    })
    void refusesAnotherType(String documented, String other) {
        String body = list(USER, META);

        assertThat(body).contains(documented);
        assertThatThrownBy(() -> document.check("GET", "/api/v1/users", 200, JSON, body.replace(documented, other)))
                .isInstanceOf(AssertionError.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"success\":true} x", "{\"success\":true,\"success\":true,\"message\":\"\"}"})
    void refusesWhatIsNotJson(String body) {
        assertThatThrownBy(() -> document.check("DELETE", USER_PATH, 200, JSON, body))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void refusesABodyWhereNoneIsDocumented() {
        document.check("POST", "/api/v1/auth/logout", 204, null, "");

        assertThatThrownBy(() -> document.check("POST", "/api/v1/auth/logout", 204, JSON, "{}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("HEAD", "/api/v1/users", 200, JSON, list(USER, META)))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void acceptsAnEmptyBodyForHeadAndOptions() {
        assertThatCode(() -> {
                    document.check("HEAD", "/api/v1/users", 200, JSON, "");
                    document.check("HEAD", "/api/v1/users", 401, PROBLEM, "");
                    document.check("OPTIONS", "/api/v1/users", 200, null, "");
                })
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsOnlyAProblemFromAnUndocumentedPath() {
        document.check("GET", "/nope?x=1", 404, PROBLEM, NOT_FOUND);
        document.check("GET", "/api/v1/users/", 404, PROBLEM, NOT_FOUND);
        document.check("GET", "/nope", 403, PROBLEM, forbidden("origin_not_allowed"));

        assertThatThrownBy(() -> document.check("GET", "/nope", 200, JSON, "{}"))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("GET", "/nope", 403, PROBLEM, forbidden("insufficient_permissions")))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("GET", "/nope", 404, JSON, NOT_FOUND))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("GET", "/nope", 404, PROBLEM, "{}"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void acceptsOnlyAProblemFromAnUndocumentedMethod() {
        document.check("PATCH", "/api/v1/users", 405, PROBLEM, METHOD_NOT_ALLOWED);

        assertThatThrownBy(() -> document.check("PATCH", "/api/v1/users", 200, JSON, list(USER, META)))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("PATCH", "/api/v1/users", 405, JSON, METHOD_NOT_ALLOWED))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void refusesAProblemWithAnotherStatus() {
        assertThatThrownBy(() -> document.check("GET", USER_PATH, 403, PROBLEM, NOT_FOUND))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("another status");
    }

    @Test
    void requiresErrorsInABadRequestAndNowhereElse() {
        String badRequest = NOT_FOUND
                .replace("404", "400")
                .replace("not_found", "invalid_request")
                .replace("}", ",\"errors\":[{\"code\":\"malformed_message\",\"detail\":\"d\"}]}");
        document.check("GET", "/api/v1/users", 400, PROBLEM, badRequest);

        assertThatThrownBy(() -> document.check(
                        "GET", "/api/v1/users", 400, PROBLEM, badRequest.replaceFirst(",\"errors\":\\[.*]", "")))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() ->
                        document.check("GET", "/api/v1/users", 400, PROBLEM, badRequest.replaceFirst("\\[.*]", "[]")))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> document.check("GET", USER_PATH, 404, PROBLEM, badRequest.replace("400", "404")))
                .isInstanceOf(AssertionError.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"pointer\":\"#/name\",\"code\":\"required\",\"detail\":\"d\"}', true",
        "'{\"parameter\":\"page\",\"code\":\"invalid_value\",\"detail\":\"d\"}', true",
        "'{\"header\":\"If-Match\",\"code\":\"malformed_field\",\"detail\":\"d\"}', true",
        "'{\"header\":\"Idempotency-Key\",\"code\":\"invalid_value\",\"detail\":\"d\"}', true",
        "'{\"code\":\"malformed_message\",\"detail\":\"d\"}', true",
        "'{\"code\":\"required\",\"detail\":\"d\"}', false",
        "'{\"pointer\":\"#/a\",\"code\":\"invalid_length\",\"detail\":\"d\",\"min\":1,\"max\":2}', true",
        "'{\"pointer\":\"#/a\",\"code\":\"invalid_value\",\"detail\":\"d\",\"allowed\":[]}', false",
        "'{\"pointer\":\"/name\",\"code\":\"required\",\"detail\":\"d\"}', false"
    })
    void requiresThePlaceOfAFault(String fault, boolean fits) {
        JsonNode schema = document.json().at("/components/schemas/Fault");

        assertThat(document.faults(schema, Api.JSON.readTree(fault)).isEmpty()).isEqualTo(fits);
    }

    @Test
    void everyExampleFitsItsSchema() {
        Map<String, JsonNode> examples = new TreeMap<>();
        collectExamples("", document.json(), examples);

        assertThat(examples).hasSizeGreaterThan(20);
        examples.forEach((place, holder) -> {
            JsonNode schema = document.resolve(holder.get("schema"));
            List<JsonNode> values = new ArrayList<>();
            holder.path("examples")
                    .forEach(named -> values.add(document.resolve(named).get("value")));
            if (holder.has("example")) {
                values.add(holder.get("example"));
            }
            assertThat(values)
                    .allSatisfy(value ->
                            assertThat(document.faults(schema, value)).as(place).isEmpty());
        });
    }

    /** Pages that execute operations send example values, also of optional parameters, which would change the result. */
    @Test
    void onlyRequiredParametersHaveExamples() {
        assertThat(document.json().findParents("in"))
                .filteredOn(parameter -> parameter.has("name"))
                .isNotEmpty()
                .filteredOn(parameter -> !parameter.path("required").booleanValue(false))
                .allSatisfy(parameter -> {
                    JsonNode schema = document.resolve(parameter.get("schema"));
                    assertThat(parameter.has("example") || parameter.has("examples") || schema.has("example"))
                            .as(parameter.get("name").stringValue())
                            .isFalse();
                });
    }

    /** Client generators repeat it in every file that they write. */
    @Test
    void descriptionOfTheWholeApiIsShort() {
        assertThat(document.json().at("/info/description").stringValue().lines())
                .hasSizeBetween(1, 10);
    }

    @Test
    void everyReferenceHasATarget() {
        assertThat(document.json().findValues("$ref"))
                .isNotEmpty()
                .allSatisfy(ref -> assertThat(document.json()
                                .at(ref.stringValue().substring(1))
                                .isMissingNode())
                        .as(ref.stringValue())
                        .isFalse());
    }

    @Test
    void everyErrorCodeHasAnExampleAndIsNamedByOperations() {
        Map<String, JsonNode> responses = new TreeMap<>();
        document.operations().forEach(operation -> {
            String[] words = operation.split(" ", 2);
            JsonNode described = document.json().get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT));
            described.get("responses").forEachEntry((status, response) -> {
                JsonNode examples = document.resolve(response).at("/content/application~1problem+json/examples");
                examples.forEachEntry((code, example) -> {
                    assertThat(example.get("$ref").stringValue()).isEqualTo("#/components/examples/" + code);
                    JsonNode value = document.resolve(example).get("value");
                    assertThat(value.get("code").stringValue()).isEqualTo(code);
                    assertThat(value.get("status").toString()).as(code).isEqualTo(status);
                    responses.put(code, value);
                });
            });
        });

        List<String> codes =
                Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList();
        assertThat(document.json().at("/components/examples").propertyNames()).containsExactlyElementsOf(codes);
        assertThat(codes)
                .filteredOn(code -> !responses.containsKey(code))
                .containsExactlyInAnyOrder( // answered by any path
                        "method_not_allowed",
                        "uri_too_long",
                        "header_fields_too_large",
                        "not_implemented",
                        "http_version_not_supported");
    }

    @Test
    void refusesAnErrorCodeThatTheOperationDoesNotName() {
        String notFound = NOT_FOUND.replace("not_found", "role_not_found");

        assertThatThrownBy(() -> document.check("GET", USER_PATH, 404, PROBLEM, notFound))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("user_not_found");
    }

    @Test
    void everyErrorCodeIsInTheProblemSchema() {
        JsonNode code = document.resolve(document.json().at("/components/schemas/Problem/properties/code"));

        assertThat(code.get("examples").valueStream().map(JsonNode::stringValue))
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::code).toList());
    }

    @Test
    void operationsNamesMethodAndPath() {
        assertThat(document.operations())
                .contains("GET /api/v1/users", "DELETE /api/v1/users/{user_id}", "GET /.well-known/jwks.json")
                .hasSize(49);
    }

    @Test
    void everyCreationCanBeRetriedSafely() {
        assertThat(document.operations().stream()
                        .filter(operation -> operation.startsWith("POST "))
                        .map(operation -> document.json()
                                .get("paths")
                                .get(operation.substring("POST ".length()))
                                .get("post"))
                        .filter(operation -> operation.get("responses").has("201")))
                .isNotEmpty()
                .allSatisfy(operation -> {
                    assertThat(operation.path("parameters").findValuesAsString("$ref"))
                            .as(operation.get("operationId").stringValue())
                            .contains("#/components/parameters/IdempotencyKey");
                    assertThat(operation.get("responses").has("422")).isTrue();
                });
    }

    private static void collectExamples(String place, JsonNode node, Map<String, JsonNode> into) {
        if (node.has("schema") && (node.has("example") || node.has("examples"))) {
            into.put(place, node);
        }
        node.properties().forEach(member -> collectExamples(place + "/" + member.getKey(), member.getValue(), into));
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collectExamples(place + "/" + i, node.get(i), into);
            }
        }
    }

    private static String forbidden(String code) {
        return NOT_FOUND.replace("404", "403").replace("not_found", code);
    }

    private static String list(String user, String meta) {
        return "{\"data\":[" + user + "],\"meta\":" + meta + "}";
    }

    private static String data(String user) {
        return "{\"data\":" + user + "}";
    }
}
