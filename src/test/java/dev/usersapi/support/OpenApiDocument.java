package dev.usersapi.support;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Checks answers of the service against the OpenAPI document.
 *
 * <p>The schemas of responses in the document allow unknown members and values, so that later versions can add some without
 * breaking generated clients. This class forbids them, so that a test fails when an answer is not documented.
 */
public final class OpenApiDocument {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch", "options", "trace");
    private static final String SECONDS_IN_UTC = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$";
    // rules by schema name that the document leaves out because client generators do not support them
    private static final JsonNode ADDITIONAL_RULES = JSON.readTree("""
            {
              "ListMeta": {"oneOf": [{"required": ["page", "pages"]}, {"required": ["next_cursor"]}]},
              "Fault": {
                "oneOf": [
                  {"required": ["pointer"]}, {"required": ["parameter"]}, {"required": ["header"]},
                  {"properties": {"code": {"const": "malformed_message"}}}
                ]
              }
            }
            """);
    // statuses that filters answer before the path or the method is known
    private static final Set<Integer> WITHOUT_PATH = Set.of(400, 401, 404, 429);
    private static final Set<Integer> WITHOUT_METHOD = Set.of(400, 401, 403, 404, 405, 429);

    private final JsonNode document;
    private final List<String> templates;
    private final SchemaRegistry schemas = SchemaRegistry.withDialect(Dialect.builder(Dialects.getDraft202012())
            .keyword(new NonValidationKeyword("components"))
            .build());
    private final Map<JsonNode, Schema> compiled = new ConcurrentHashMap<>();

    private OpenApiDocument(JsonNode document) {
        this.document = document;
        // most specific first: the fewest variables
        this.templates = document.get("paths").propertyNames().stream()
                .sorted(Comparator.comparingInt(OpenApiDocument::variables).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    public static OpenApiDocument load() {
        JsonNode document = asWritten();
        JsonNode schemas = document.at("/components/schemas");
        close(schemas);
        ADDITIONAL_RULES.forEachEntry((name, rules) -> ((ObjectNode) schemas.get(name)).setAll((ObjectNode) rules));
        return new OpenApiDocument(document);
    }

    /** Loads the document without the restrictions of {@link #load}. */
    public static JsonNode asWritten() {
        try (InputStream yaml = new ClassPathResource("openapi.yaml").getInputStream()) {
            Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
            return JSON.valueToTree(loaded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Allows only the documented members, the documented values, and times in UTC with seconds precision. */
    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.path("properties").isObject() && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
            if (object.path("examples").isArray()) {
                object.set("enum", object.get("examples"));
            }
            if (object.path("format").stringValue("").equals("date-time")) {
                object.put("pattern", SECONDS_IN_UTC);
            }
        }
        schema.forEach(OpenApiDocument::close);
    }

    public JsonNode json() {
        return document;
    }

    /** The documented operations, such as {@code GET /api/v1/users}. */
    public Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().propertyNames().stream()
                        .filter(METHODS::contains)
                        .forEach(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return operations;
    }

    /**
     * Checks an answer against the document.
     *
     * @throws AssertionError if the answer is not documented
     */
    public void check(String method, String pathAndQuery, int status, @Nullable String contentType, String body) {
        String call = method + " " + pathAndQuery + " -> " + status;
        String path = pathAndQuery.replaceFirst("[?#].*", "");
        boolean head = method.equals("HEAD");
        if (head && !body.isEmpty()) {
            throw new AssertionError(call + ": the answer to HEAD has a body: " + body);
        }
        JsonNode pathItem = templates.stream()
                .filter(template -> matches(template, path))
                .findFirst()
                .map(document.get("paths")::get)
                .orElse(null);
        JsonNode operation = pathItem == null ? null : pathItem.get(head ? "get" : method.toLowerCase(Locale.ROOT));
        if (pathItem == null) {
            checkUndocumented(call, "path", WITHOUT_PATH, status, head, contentType, body);
        } else if (operation != null) {
            JsonNode response = operation.get("responses").get(Integer.toString(status));
            if (response == null) {
                throw new AssertionError(call + ": the status is not documented, only "
                        + operation.get("responses").propertyNames() + ": " + body);
            }
            JsonNode content = resolve(response).get("content");
            checkContent(call, content, status, head, contentType, body);
            if (status >= 400 && !head && MediaType.APPLICATION_PROBLEM_JSON_VALUE.equals(contentType)) {
                checkCode(call, content.get(contentType).get("examples"), body);
            }
        } else if (!method.equals("OPTIONS") || status != 200 || !body.isEmpty()) {
            checkUndocumented(call, "method", WITHOUT_METHOD, status, head, contentType, body);
        }
    }

    /** Validates a value against a schema of the document and returns the errors. */
    public List<String> faults(JsonNode schema, JsonNode value) {
        return compiled.computeIfAbsent(schema, this::compile).validate(value).stream()
                .map(Error::toString)
                .toList();
    }

    /** Returns the target of a {@code $ref} within the document, or the node itself. */
    public JsonNode resolve(JsonNode node) {
        JsonNode ref = node.get("$ref");
        return ref == null ? node : resolve(document.at(ref.stringValue().substring(1)));
    }

    /** The names of a response's examples are the error codes that the operation can answer. */
    private static void checkCode(String call, JsonNode examples, String body) {
        String code = parse(call, body).get("code").stringValue();
        if (!examples.has(code) && !code.equals("not_found")) { // the answer to a malformed path of any operation
            throw new AssertionError(
                    call + ": the error code is not documented, only " + examples.propertyNames() + ": " + body);
        }
    }

    private void checkUndocumented(
            String call,
            String what,
            Set<Integer> allowed,
            int status,
            boolean head,
            @Nullable String contentType,
            String body) {
        boolean foreignOrigin = status == 403 && (head || body.contains("\"origin_not_allowed\""));
        if (!allowed.contains(status) && !foreignOrigin) {
            throw new AssertionError(call + ": the " + what + " is not documented: " + body);
        }
        String response = status == 400 ? "BadRequest" : "MethodNotAllowed";
        JsonNode anyProblem = document.at("/components/responses/" + response + "/content");
        checkContent(call, anyProblem, status, head, contentType, body);
    }

    private void checkContent(
            String call,
            @Nullable JsonNode content,
            int status,
            boolean head,
            @Nullable String contentType,
            String body) {
        if (content == null) {
            if (!body.isEmpty()) {
                throw new AssertionError(call + ": no body is documented: " + body);
            }
            return;
        }
        if (contentType == null) {
            throw new AssertionError(call + ": Content-Type is missing: " + body);
        }
        MediaType type = MediaType.parseMediaType(contentType);
        String name = type.getType() + "/" + type.getSubtype();
        JsonNode media = content.get(name);
        if (media == null) {
            throw new AssertionError(
                    call + ": " + name + " is not documented, only " + content.propertyNames() + ": " + body);
        }
        if (head) {
            return;
        }
        boolean json = name.endsWith("/json") || name.endsWith("+json");
        JsonNode value = json ? parse(call, body) : StringNode.valueOf(body);
        List<String> faults = faults(media.get("schema"), value);
        if (!faults.isEmpty()) {
            throw new AssertionError(call + ": " + String.join("; ", faults) + ": " + body);
        }
        if (name.equals(MediaType.APPLICATION_PROBLEM_JSON_VALUE)
                && value.get("status").intValue() != status) {
            throw new AssertionError(call + ": the body names another status: " + body);
        }
    }

    private Schema compile(JsonNode schema) {
        ObjectNode root = (ObjectNode) schema.deepCopy();
        root.set("components", document.get("components")); // the target of its references
        return schemas.getSchema(root);
    }

    private static JsonNode parse(String call, String body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw new AssertionError(call + ": the body is not JSON: " + body, e);
        }
    }

    private static int variables(String template) {
        return template.length() - template.replace("{", "").length();
    }

    private static boolean matches(String template, String path) {
        String[] expected = template.split("/", -1);
        String[] actual = path.split("/", -1);
        if (expected.length != actual.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            boolean variable = expected[i].startsWith("{") && !actual[i].isEmpty();
            if (!variable && !expected[i].equals(actual[i])) {
                return false;
            }
        }
        return true;
    }
}
