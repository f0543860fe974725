package dev.usersapi.http;

import dev.usersapi.support.Api;
import dev.usersapi.support.OpenApiDocument;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A random request.
 *
 * @param operation the operation of the OpenAPI document for which it was generated
 * @param wire the bytes of the request, each as one character
 */
record FuzzedRequest(String operation, String method, String target, String wire) {

    private static final List<String> METHODS =
            List.of("HEAD", "OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "X");

    // parts of a path or query that a client library would encode or refuse
    private static final List<String> RAW_PARTS = List.of(
            "%00",
            "%zz",
            "%",
            "%ff%fe",
            "%c0%af",
            "%ed%a0%80",
            "%0d%0aX:y",
            "%2e%2e%2f",
            "..",
            ";a=b",
            "%3b",
            "//",
            "\\",
            "%5c",
            "%252e",
            "{x}",
            "|",
            "^",
            "`",
            "a.json",
            "\u00e4",
            "?",
            "&&",
            "=",
            "[0]");

    private static final Map<String, List<String>> HEADERS = Map.ofEntries(
            Map.entry(
                    "Accept",
                    List.of(
                            "*/*",
                            "application/json",
                            "application/problem+json",
                            "text/html",
                            "text/html, */*;q=0.1",
                            "application/*;q=0",
                            "a",
                            "*/*;q=nan",
                            ",,",
                            "application/json;charset=\"",
                            "application/json;q=1.0001",
                            "x/".repeat(400))),
            Map.entry("Accept-Language", List.of("de-DE, en;q=0.5", "*", "x-".repeat(300), ";;")),
            Map.entry("Accept-Encoding", List.of("gzip, br", "identity;q=0", "*;q=0")),
            Map.entry("Accept-Charset", List.of("utf-16", "nope")),
            Map.entry("Content-Encoding", List.of("gzip", "identity", "", "a,b", "\u0085")),
            Map.entry(
                    "If-Match",
                    List.of(
                            "*",
                            "\"v0\"",
                            "W/\"v0\"",
                            "\"v0\", \"v1\"",
                            "v0",
                            "\"",
                            ",",
                            "\"v" + "9".repeat(40) + "\"")),
            Map.entry("If-None-Match", List.of("*", "\"v0.1\"", "W/\"v0.1\"", "\"a\",,\"b\"", "\"\u00e4\"", "w/\"x\"")),
            Map.entry("If-Modified-Since", List.of("Wed, 25 Nov 2076 00:00:00 GMT", "yesterday")),
            Map.entry("If-Unmodified-Since", List.of("Wed, 25 Nov 1976 00:00:00 GMT")),
            Map.entry(
                    "Range", List.of("bytes=0-1", "bytes=5-1", "bytes=999999999-", "a=b", "bytes=-1", "bytes=0-1,3-4")),
            Map.entry("If-Range", List.of("\"x\"")),
            Map.entry("Idempotency-Key", List.of("a", "\"a\"", "\"", "", "a,b", "\u00e4", "k".repeat(256), "\"a\\b\"")),
            Map.entry("X-Request-Id", List.of("a", "", "a b", "x".repeat(65), "${jndi:ldap://127.0.0.1/x}")),
            Map.entry("X-HTTP-Method-Override", List.of("DELETE")),
            Map.entry("X-Forwarded-For", List.of("203.0.113.9", "a, b", "::1", ",", "1".repeat(500), "<x>")),
            Map.entry("X-Forwarded-Proto", List.of("https", "gopher")),
            Map.entry("X-Forwarded-Port", List.of("0", "99999", "-1", "a")),
            Map.entry("X-Forwarded-Host", List.of("evil.example", "a b")),
            Map.entry("Forwarded", List.of("for=\"[::1]\";host=a")),
            Map.entry("Origin", List.of("https://app.example.com", "https://evil.example", "null", "", "a b")),
            Map.entry("Access-Control-Request-Method", List.of("PUT", "", "a b")),
            Map.entry("Access-Control-Request-Headers", List.of("authorization", "\u00e4,,")),
            Map.entry("Cookie", List.of("JSESSIONID=1", "a=\"b; $Version=1", ";;=")),
            Map.entry("User-Agent", List.of("", "\u0000x", "a".repeat(2000), "\u00e4\u0085")),
            Map.entry("Upgrade", List.of("websocket", "h2c")));

    private static final List<String> CONTENT_TYPES = List.of(
            "application/json",
            "application/json;charset=utf-8",
            "application/json;charset=utf-16",
            "application/json;charset=\"",
            "application/merge-patch+json",
            "application/problem+json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
            "*/*",
            "",
            "/",
            "application/json, text/html");

    /** Generates a request with the given value of {@code Authorization}. */
    static FuzzedRequest of(
            String operation, OpenApiDocument document, FuzzedValues values, @Nullable String authorization) {
        String[] words = operation.split(" ", 2);
        JsonNode path = document.json().get("paths").get(words[1]);
        JsonNode described = path.get(words[0].toLowerCase(Locale.ROOT));
        List<JsonNode> parameters = new ArrayList<>();
        for (JsonNode holder : List.of(path, described)) {
            holder.path("parameters").forEach(parameter -> parameters.add(document.resolve(parameter)));
        }
        String method = values.oneIn(20) ? values.oneOf(METHODS) : words[0];
        String target = target(words[1], parameters, values);
        Map<String, String> headers = headers(parameters, values);
        if (authorization != null) {
            headers.put("Authorization", authorization);
        }
        byte[] body = new byte[0];
        JsonNode content = described.path("requestBody").path("content");
        if (!content.isEmpty() || values.oneIn(30)) {
            body = content.isEmpty() ? "{}".getBytes(StandardCharsets.UTF_8) : body(content, values);
            String type = content.isEmpty()
                    ? "application/json"
                    : content.propertyNames().iterator().next();
            headers.put("Content-Type", values.oneIn(25) ? values.oneOf(CONTENT_TYPES) : type);
        }
        if (body.length > 0 || method.startsWith("P")) {
            headers.put("Content-Length", Integer.toString(body.length));
        }
        return new FuzzedRequest(operation, method, target, wire(method, target, headers, body));
    }

    private static String target(String template, List<JsonNode> parameters, FuzzedValues values) {
        String target = template;
        List<String> query = new ArrayList<>();
        for (JsonNode parameter : parameters) {
            String name = parameter.get("name").stringValue();
            JsonNode schema = parameter.get("schema");
            if (parameter.get("in").stringValue().equals("path")) {
                target = target.replace("{" + name + "}", encoded(name, schema, values));
            } else if (parameter.get("in").stringValue().equals("query") && values.oneIn(4)) {
                query.add(name + "=" + encoded(name, schema, values));
                if (values.oneIn(15)) {
                    query.add(name + "=" + encoded(name, schema, values));
                }
            }
        }
        if (values.oneIn(40)) {
            query.add(
                    values.oneIn(2)
                            ? values.oneOf(RAW_PARTS)
                            : URLEncoder.encode(values.unusualText(), StandardCharsets.UTF_8));
        }
        return query.isEmpty() ? target : target + "?" + String.join("&", query);
    }

    private static String encoded(String name, JsonNode schema, FuzzedValues values) {
        if (values.oneIn(25)) {
            return values.oneOf(RAW_PARTS);
        }
        JsonNode value = values.value(name, schema);
        String text = value.isArray()
                ? value.valueStream().map(FuzzedRequest::text).collect(Collectors.joining(","))
                : text(value);
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String text(JsonNode value) {
        return value.isString() ? value.stringValue() : value.toString();
    }

    private static Map<String, String> headers(List<JsonNode> parameters, FuzzedValues values) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(
                "Host",
                values.oneIn(100) ? values.oneOf(List.of("", "a b", "[::1", "evil.example:99999")) : "localhost");
        headers.put("Connection", "close");
        List<String> names = HEADERS.keySet().stream().sorted().toList();
        while (values.oneIn(3)) {
            String name = values.oneOf(names);
            headers.put(name, values.oneOf(HEADERS.getOrDefault(name, List.of())));
        }
        for (JsonNode parameter : parameters) {
            if (parameter.get("in").stringValue().equals("header") && values.oneIn(4)) {
                String name = parameter.get("name").stringValue();
                headers.put(
                        name,
                        text(values.value("ETag", parameter.get("schema"))).replaceAll("[\r\n]", ""));
            }
        }
        return headers;
    }

    private static byte[] body(JsonNode content, FuzzedValues values) {
        JsonNode schema = content.iterator().next().get("schema");
        String json = Api.JSON.writeValueAsString(values.value("", schema));
        if (!values.oneIn(12)) {
            return json.getBytes(StandardCharsets.UTF_8);
        }
        return switch (values.oneOf(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))) {
            case 0 -> new byte[0];
            case 1 -> json.substring(0, json.length() / 2).getBytes(StandardCharsets.UTF_8);
            case 2 -> (json + json).getBytes(StandardCharsets.UTF_8);
            case 3 -> json.replaceFirst("\\{", "{\"email\":1,\"email\":2,").getBytes(StandardCharsets.UTF_8);
            case 4 -> json.getBytes(StandardCharsets.UTF_16);
            case 5 -> json.replaceFirst("\"[a-z]", "\"\u00ff").getBytes(StandardCharsets.ISO_8859_1);
            case 6 -> ("[".repeat(5_000) + "]".repeat(5_000)).getBytes(StandardCharsets.UTF_8);
            case 7 ->
                json.replaceFirst("\\{", "{\"settings\":" + "9".repeat(2_000) + "e99999,")
                        .getBytes(StandardCharsets.UTF_8);
            case 8 -> (json + " ".repeat(70_000)).getBytes(StandardCharsets.UTF_8);
            default -> json.replace("\"", "\"\\ud800").getBytes(StandardCharsets.UTF_8);
        };
    }

    private static String wire(String method, String target, Map<String, String> headers, byte[] body) {
        StringBuilder wire = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> wire.append(name).append(": ").append(value).append("\r\n"));
        return wire.append("\r\n")
                .append(new String(body, StandardCharsets.ISO_8859_1))
                .toString();
    }

    @Override
    public String toString() {
        return wire.length() <= 3_000 ? wire : wire.substring(0, 3_000) + "…";
    }
}
