package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import tools.jackson.databind.JsonNode;

/** The service has no undocumented path, accepts no undocumented member, and follows no URL of a client. */
@ApiTest
class AttackSurfaceIT {

    private static final OpenApiDocument DOCUMENT = OpenApiDocument.load();

    @Autowired
    private Api api;

    @Autowired
    private List<HandlerMapping> mappings;

    static Stream<String> operationsWithABody() {
        return DOCUMENT.operations().stream()
                .filter(operation -> described(operation).has("requestBody"));
    }

    private static JsonNode described(String operation) {
        String[] words = operation.split(" ", 2);
        return DOCUMENT.json().get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT));
    }

    @Test
    void everyMappingIsInTheOpenApiDocument() {
        Set<String> mapped = new TreeSet<>();
        for (HandlerMapping mapping : mappings) {
            if (mapping instanceof RequestMappingInfoHandlerMapping methods) {
                methods.getHandlerMethods().keySet().forEach(info -> mapped.addAll(info.getPatternValues()));
            } else if (mapping instanceof AbstractUrlHandlerMapping urls) {
                mapped.addAll(urls.getHandlerMap().keySet());
            }
        }
        Set<String> documented = new TreeSet<>(DOCUMENT.json().get("paths").propertyNames());
        documented.removeIf(path -> path.startsWith("/actuator/health/"));
        documented.add("/actuator/health/**"); // the health groups; the access rules permit only the documented ones
        documented.add("/docs/*"); // scripts and styles of the page

        assertThat(mapped).isEqualTo(documented);
    }

    /** Mass assignment: internal members in a request body must not be accepted. */
    @ParameterizedTest
    @MethodSource("operationsWithABody")
    void everyOperationRefusesMembersOutsideItsSchema(String operation) {
        Client admin = api.admin();
        Map<String, Object> body = new LinkedHashMap<>();
        List<String> refused = new ArrayList<>();
        for (String member :
                List.of("password_hash", "version", "is_admin", "user_id", "owner", "hash", "Email", "ROLE")) {
            body.put(member, "1");
            refused.add("#/" + member + " unknown_member");
        }
        String[] words = operation.split(" ", 2);
        String path = words[1].replace("{user_id}", "me").replace("{name}", api.newRole());

        Answer answer = words[0].equals("PATCH")
                ? admin.patch(path, body)
                : admin.send(words[0], path, Api.JSON.writeValueAsString(body));

        assertThat(Api.faults(answer)).containsAll(refused);
    }

    /** Server-side request forgery (SSRF) needs a URL that a client chooses. */
    @Test
    void noRequestContainsAUrl() {
        List<String> names = new ArrayList<>();
        operationsWithABody()
                .flatMap(operation ->
                        described(operation).get("requestBody").get("content").valueStream())
                .map(media -> DOCUMENT.resolve(media.get("schema")))
                .flatMap(schema -> schema.get("properties").properties().stream())
                .forEach(member -> {
                    names.add(member.getKey());
                    assertThat(DOCUMENT.resolve(member.getValue())
                                    .path("format")
                                    .stringValue(""))
                            .as(member.getKey())
                            .doesNotContain("uri");
                });
        DOCUMENT.json().findParents("in").forEach(parameter -> {
            names.add(parameter.path("name").stringValue(""));
            assertThat(parameter.at("/schema/format").stringValue("")).doesNotContain("uri");
        });

        assertThat(names)
                .hasSizeGreaterThan(20)
                .noneMatch(name -> name.matches("(?i).*(url|uri|host|callback|webhook|redirect|image|avatar).*"));
    }
}
