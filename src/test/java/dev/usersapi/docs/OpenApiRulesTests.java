package dev.usersapi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.OpenApiDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * Rules for the OpenAPI document. If one is broken, generated clients do not compile, cannot read a response, or change
 * members that the caller did not set.
 */
class OpenApiRulesTests {

    private static final List<String> KEYWORDS_THAT_CLOSE =
            List.of("enum", "const", "maxProperties", "uniqueItems", "oneOf", "anyOf", "allOf", "not");

    private final JsonNode written = OpenApiDocument.asWritten();
    private final OpenApiDocument document = OpenApiDocument.load();

    /** All nodes of the document by their JSON Pointer. */
    private final Map<String, JsonNode> nodes = new TreeMap<>();

    /** The operations by method and path, such as {@code GET /api/v1/users}. */
    private final Map<String, JsonNode> operations = new TreeMap<>();

    OpenApiRulesTests() {
        collect("", written);
        document.operations().forEach(operation -> {
            String[] words = operation.split(" ", 2);
            operations.put(operation, written.get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT)));
        });
    }

    private void collect(String pointer, JsonNode node) {
        nodes.put(pointer, node);
        node.properties()
                .forEach(member -> collect(
                        pointer + "/" + member.getKey().replace("~", "~0").replace("/", "~1"), member.getValue()));
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(pointer + "/" + i, node.get(i));
            }
        }
    }

    @Test
    void responsesCanGrowMembersAndValues() {
        List<String> closed = new ArrayList<>();
        operations.forEach((operation, described) -> described.get("responses").forEach(response -> {
            JsonNode resolved = resolve(response);
            resolved.path("content").forEach(media -> findClosed(media.get("schema"), new HashSet<>(), closed));
            resolved.path("headers")
                    .forEach(header -> findClosed(resolve(header).get("schema"), new HashSet<>(), closed));
        }));

        assertThat(closed).isEmpty();
    }

    private void findClosed(JsonNode schema, Set<JsonNode> seen, List<String> closed) {
        JsonNode resolved = resolve(schema);
        if (!seen.add(resolved)) {
            return;
        }
        if (!resolved.path("additionalProperties").booleanValue(true)
                || KEYWORDS_THAT_CLOSE.stream().anyMatch(resolved::has)) {
            closed.add(resolved.toString());
        }
        resolved.path("properties").forEach(member -> findClosed(member, seen, closed));
        if (resolved.has("items")) {
            findClosed(resolved.get("items"), seen, closed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"const", "uniqueItems", "readOnly", "writeOnly"})
    void noSchemaUses(String keyword) {
        assertThat(nodes.keySet()).noneMatch(pointer -> pointer.endsWith("/" + keyword));
    }

    @Test
    void noDefaultStandsBesideAReference() {
        assertThat(nodes)
                .allSatisfy((pointer, node) -> assertThat(node.has("$ref") && node.has("default"))
                        .as(pointer)
                        .isFalse());
    }

    @Test
    void noPatternStandsBesideATime() {
        assertThat(nodes)
                .allSatisfy((pointer, node) -> assertThat(node.has("pattern")
                                && node.path("format").stringValue("").equals("date-time"))
                        .as(pointer)
                        .isFalse());
    }

    @Test
    void noComponentIsOnlyAReference() {
        written.get("components")
                .forEach(kind -> kind.forEachEntry((name, component) ->
                        assertThat(component.has("$ref")).as(name).isFalse()));
    }

    /** Otherwise generated clients cannot tell a member that is not set from null, and some send null for a member that is not set. */
    @Test
    void optionalMembersOfRequestsMayBeNullAndOthersNot() {
        Map<String, JsonNode> members = new TreeMap<>();
        operations.forEach((operation, described) -> described
                .at("/requestBody/content")
                .forEach(media -> {
                    JsonNode schema = resolve(media.get("schema"));
                    schema.get("properties").forEachEntry((name, member) -> {
                        boolean required = schema.path("required")
                                .valueStream()
                                .anyMatch(other -> other.stringValue().equals(name));
                        boolean ignored = member.path("$ref").stringValue("").endsWith("/Ignored");
                        boolean mayBeNull =
                                document.faults(member, NullNode.getInstance()).isEmpty();
                        members.put(operation + " " + name, member);
                        assertThat(mayBeNull).as(operation + " " + name).isEqualTo(!required || ignored);
                    });
                }));
        assertThat(members).hasSizeGreaterThan(40);
    }

    @Test
    void everyEnumIsAComponentWithGoodNames() {
        nodes.forEach((pointer, node) -> {
            if (node.path("enum").isArray()) {
                assertThat(pointer).matches("/components/schemas/\\w+");
                List<String> names = node.path(node.has("x-enum-varnames") ? "x-enum-varnames" : "enum")
                        .valueStream()
                        .map(JsonNode::stringValue)
                        .toList();
                assertThat(names)
                        .hasSameSizeAs(node.get("enum"))
                        .doesNotHaveDuplicates()
                        .allMatch(name -> name.matches("\\w+"))
                        .doesNotContain("name");
            }
        });
    }

    /** Otherwise generators name the class after its place in the document, and the name changes with the place. */
    @Test
    void everyObjectIsAComponent() {
        nodes.forEach((pointer, node) -> {
            if (node.path("properties").isObject()) {
                assertThat(pointer).matches("/components/schemas/\\w+");
            }
        });
    }

    /** In languages with positional arguments, two optional headers are easily confused. */
    @Test
    void noOperationHasTwoOptionalHeaders() {
        operations.forEach((operation, described) -> {
            List<String> headers = described
                    .path("parameters")
                    .valueStream()
                    .map(this::resolve)
                    .filter(parameter -> parameter.get("in").stringValue().equals("header"))
                    .map(parameter -> parameter.get("name").stringValue())
                    .toList();
            assertThat(headers).as(operation).hasSizeLessThan(2);
            assertThat(headers)
                    .as(operation)
                    .doesNotContain(operation.startsWith("GET ") ? "If-Match" : "If-None-Match");
        });
    }

    /** A member of this name hides the package {@code java} in generated classes, which then do not compile. */
    @Test
    void noMemberIsNamedJava() {
        nodes.forEach((pointer, node) ->
                assertThat(node.path("properties").has("java")).as(pointer).isFalse());
    }

    @Test
    void noParameterIsNamedAsASchema() {
        assertThat(written.at("/components/parameters").propertyNames())
                .doesNotContainAnyElementsOf(written.at("/components/schemas").propertyNames());
    }

    @Test
    void operationIdsAreUniqueAndBeginWithAVerb() {
        assertThat(operations.values().stream()
                        .map(operation -> operation.get("operationId").stringValue())
                        .filter(id -> !Set.of("login", "logout").contains(id)))
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("[a-z]+([A-Z][a-z]+)+"));
    }

    /** Clients that are generated from JSON and problem details cannot read other responses. */
    @Test
    void operationsWithoutJsonAreLeftOutOfClients() {
        operations.forEach((operation, described) -> {
            boolean readable = described
                    .get("responses")
                    .valueStream()
                    .map(this::resolve)
                    .map(response -> response.path("content").propertyNames())
                    .allMatch(types -> types.isEmpty() || types.stream().anyMatch(type -> type.endsWith("json")));
            assertThat(described.path("x-internal").booleanValue(false))
                    .as(operation)
                    .isEqualTo(!readable);
        });
    }

    @Test
    void firstServerIsTheOneThatServesTheDocument() {
        assertThat(written.get("servers")
                        .valueStream()
                        .map(server -> server.get("url").stringValue()))
                .containsExactly("/", "http://localhost:8080");
    }

    @Test
    void versionIsThatOfTheRelease() throws IOException {
        Matcher version = Pattern.compile("<artifactId>users-api</artifactId>\\s*<version>([^<]*)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));

        assertThat(version.find()).isTrue();
        assertThat(written.at("/info/version").stringValue())
                .isEqualTo(version.group(1).replace("-SNAPSHOT", ""));
    }

    private JsonNode resolve(JsonNode node) {
        JsonNode ref = node.get("$ref");
        return ref == null ? node : resolve(written.at(ref.stringValue().substring(1)));
    }
}
