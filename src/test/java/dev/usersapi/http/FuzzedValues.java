package dev.usersapi.http;

import dev.usersapi.support.Api;
import dev.usersapi.support.OpenApiDocument;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random values for the schemas of the OpenAPI document. Most are valid, some are at or beyond a limit, some are absurd. */
final class FuzzedValues {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MAX_REMEMBERED = 30; // of each kind

    private static final List<String> UNUSUAL_TEXTS = List.of(
            "",
            " ",
            "\t\r\n",
            "\u0000",
            "a\u0000b",
            "\ud800",
            "\udc00\ud800",
            "\ufeff",
            "\ufffe",
            "\u202egnp.exe",
            "\u200b",
            "\u0085",
            "\u2028",
            "e\u0301\u0301\u0301",
            "\u0130\u0131\u00df\ufb00",
            "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
            "\u0663\u0664",
            "\uff11",
            "' or 1=1; drop table users; --",
            "${jndi:ldap://127.0.0.1/x}",
            "#{7*7}",
            "../../../etc/passwd",
            "<script>alert(1)</script>",
            "null",
            "true",
            "NaN",
            "Infinity",
            "-1",
            "0",
            "+1",
            "1e400",
            "1.0",
            "0x10",
            "00001",
            "2147483648",
            "9223372036854775808",
            "9".repeat(400),
            "\\",
            "\"",
            "%",
            "%%",
            "_",
            "*",
            "[]",
            "{}",
            ",",
            ",,a,",
            "a,b",
            "a".repeat(300),
            "\u00e9".repeat(300),
            "me",
            "ME",
            "admin",
            "usr_",
            "usr_7zzzzzzzzzzzzzzzzzzzzzzzzz",
            "USR_01H455VB4PEX5VSKNK084SN02Q",
            "key_01h455vb4pex5vsknk084sn02q",
            "uak_",
            "rt_",
            "lt_",
            "a@b",
            "a@b.c",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "\u00fc@example.com",
            "2024-02-30T00:00:00Z",
            "2024-06-30T23:59:60Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00+18:01",
            "2024-01-01T00:00:00-18:00",
            "2024-01-01t00:00:00z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-18:00",
            "+999999999-12-31T23:59:59Z",
            "-999999999-01-01T00:00:00Z",
            "2024-01-01T00:00:00.123456789123456789Z",
            "294276-12-31T23:59:59Z",
            "-4713-11-24T00:00:00Z");

    private final OpenApiDocument document;
    private final Random random;
    private final Map<String, List<String>> remembered = new HashMap<>();

    FuzzedValues(OpenApiDocument document, Random random) {
        this.document = document;
        this.random = random;
    }

    /** True with the probability 1/n. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    String unusualText() {
        return oneOf(UNUSUAL_TEXTS);
    }

    void remember(String kind, String value) {
        List<String> values = remembered.computeIfAbsent(kind, any -> new ArrayList<>());
        if (values.size() < MAX_REMEMBERED) {
            values.add(value);
        } else {
            values.set(random.nextInt(MAX_REMEMBERED), value);
        }
    }

    void forget() {
        remembered.clear();
    }

    /** A value for the member or parameter with this name. */
    JsonNode value(String name, JsonNode given) {
        if (oneIn(14)) {
            return unusual(0);
        }
        JsonNode schema = document.resolve(given);
        if (schema.has("oneOf")) {
            JsonNode nullable = schema.get("oneOf"); // a schema, or null
            return oneIn(8) ? JSON.nullNode() : value(name, nullable.get(0));
        }
        if (schema.has("enum")) {
            return oneOf(schema.get("enum").valueStream().toList());
        }
        return switch (type(schema)) {
            case "object" -> object(schema);
            case "array" -> array(name, schema);
            case "boolean" -> JSON.booleanNode(random.nextBoolean());
            case "integer" -> integer(schema);
            case "string" -> JSON.stringNode(text(name, schema));
            default -> unusual(0);
        };
    }

    private String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray() ? oneOf(type.valueStream().toList()).stringValue() : type.stringValue("");
    }

    private ObjectNode object(JsonNode schema) {
        ObjectNode object = JSON.objectNode();
        List<String> required =
                schema.path("required").valueStream().map(JsonNode::stringValue).toList();
        schema.path("properties").forEachEntry((name, member) -> {
            boolean ignored = member.path("$ref").stringValue("").endsWith("/Ignored");
            if (required.contains(name) ? !oneIn(20) : oneIn(ignored ? 8 : 2)) {
                object.set(name, value(name, member));
            }
        });
        if (oneIn(schema.path("additionalProperties").booleanValue(true) ? 2 : 25)) {
            object.set(oneIn(2) ? unusualText() : "is_admin", unusual(0));
        }
        return object;
    }

    private ArrayNode array(String name, JsonNode schema) {
        ArrayNode array = JSON.arrayNode();
        int size = oneIn(30) ? schema.path("maxItems").intValue(100) + 1 : random.nextInt(4);
        for (int i = 0; i < size; i++) {
            array.add(value(name, schema.get("items")));
        }
        return array;
    }

    private JsonNode integer(JsonNode schema) {
        int minimum = schema.path("minimum").intValue(0);
        int maximum = schema.path("maximum").intValue(Integer.MAX_VALUE);
        return oneOf(List.of(
                JSON.numberNode(minimum),
                JSON.numberNode(maximum),
                JSON.numberNode(minimum + random.nextInt(20)),
                JSON.numberNode(minimum + random.nextInt(20)),
                JSON.numberNode(minimum - 1L),
                JSON.numberNode(maximum + 1L)));
    }

    private String text(String name, JsonNode schema) {
        if (oneIn(12)) {
            return unusualText();
        }
        if (oneIn(12) && schema.has("maxLength")) {
            int bound = schema.path(oneIn(2) ? "maxLength" : "minLength").intValue(1);
            return oneOf(List.of("a", "\u00e9", "\ud83d\ude00")).repeat(Math.max(0, bound + random.nextInt(3) - 1));
        }
        List<String> known = remembered.getOrDefault(name, List.of());
        if (!known.isEmpty() && !oneIn(5)) {
            return oneOf(known);
        }
        String format = schema.path("format").stringValue("");
        String pattern = schema.path("pattern").stringValue("");
        return switch (format) {
            case "email" -> "fuzz-" + word() + "@example.com";
            case "password" -> Api.PASSWORD;
            case "date-time" -> Instant.ofEpochSecond(random.nextInt()).toString();
            default -> pattern.contains("usr_") ? "me" : pattern.equals("^[a-z-]+$") ? "not-found" : word();
        };
    }

    String word() {
        return "w" + Long.toString(random.nextLong() & Long.MAX_VALUE, 36);
    }

    /** Any JSON value. */
    private JsonNode unusual(int depth) {
        return switch (random.nextInt(depth < 3 ? 10 : 8)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.booleanNode(random.nextBoolean());
            case 2 -> JSON.numberNode(random.nextLong());
            case 3 -> JSON.numberNode(random.nextDouble() * 1e300);
            case 4, 5, 6 -> JSON.stringNode(unusualText());
            case 7 -> oneIn(2) ? JSON.arrayNode() : JSON.objectNode();
            case 8 -> JSON.arrayNode().add(unusual(depth + 1)).add(unusual(depth + 1));
            default -> JSON.objectNode().set(unusualText(), unusual(depth + 1));
        };
    }
}
