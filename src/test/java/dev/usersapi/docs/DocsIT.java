package dev.usersapi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenApiDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.io.ClassPathResource;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The OpenAPI document describes exactly the operations that the service has, and is served in both formats. */
@ApiTest
public class DocsIT {

    @Autowired
    private Api api;

    @Autowired
    private RequestMappingHandlerMapping requestMappingHandlerMapping;

    @Test
    void documentAndControllersHaveTheSameOperations() {
        Set<String> served = new TreeSet<>();
        for (RequestMappingInfo mapping :
                requestMappingHandlerMapping.getHandlerMethods().keySet()) {
            for (String path : mapping.getPatternValues()) {
                for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                    served.add(method + " " + path);
                }
            }
        }

        assertThat(OpenApiDocument.load().operations().stream().filter(operation -> !operation.contains("/actuator/")))
                .containsExactlyInAnyOrderElementsOf(served);
    }

    @Test
    void documentIsServedAsJson() {
        var document = api.anonymous().get("/v3/api-docs").body();

        assertThat(document.get("openapi").stringValue()).startsWith("3.1");
        assertThat(document.at("/paths/~1api~1v1~1users/get/summary").stringValue())
                .isNotBlank();
    }

    @Test
    void examplesOfErrorsEqualTheTextsOfTheService() {
        var examples = OpenApiDocument.load().json().at("/components/examples");

        assertThat(examples).isNotEmpty();
        examples.forEachEntry((code, example) -> {
            var type =
                    api.anonymous().get(example.at("/value/type").stringValue()).data();
            for (String member : List.of("code", "status", "title", "detail", "explanation")) {
                assertThat(example.get("value").get(member)).as(code).isEqualTo(type.get(member));
            }
        });
    }

    @Test
    void documentIsServedAsYaml() throws IOException {
        String written = new ClassPathResource("openapi.yaml").getContentAsString(StandardCharsets.UTF_8);

        assertThat(api.anonymous().get("/v3/api-docs.yaml").text()).isEqualTo(written);
        Client client = api.anonymous();
        assertThat(client.with("Accept", "application/yaml").get("/v3/api-docs").text())
                .isEqualTo(written);
        for (String accept : List.of("*/*", "application/*", "application/json, application/yaml")) {
            assertThat(client.with("Accept", accept).get("/v3/api-docs").header("Content-Type"))
                    .as(accept)
                    .isEqualTo("application/json;charset=UTF-8");
        }
    }

    @Test
    void pageIsServedAsAWholeWhenARangeIsRequested() {
        for (String range : List.of("bytes=0-1", "bytes=999999-")) {
            assertThat(api.anonymous().with("Range", range).get("/docs").text()).contains("<html", "</html>");
        }
    }

    /** Relative addresses make the page work below a context path and behind a proxy that adds a prefix. */
    @Test
    void pageUsesRelativeAddresses() throws IOException {
        assertThat(api.anonymous().get("/docs").text())
                .contains("docs/scalar.js", "docs/start.js", "v3/api-docs")
                .doesNotContainPattern("(src|href)=\"(/|http)");
        assertThat(new ClassPathResource("static/docs/start.js").getContentAsString(StandardCharsets.UTF_8))
                .contains("url: \"v3/api-docs\"", "new URL(\".\", location.href)");
    }

    static boolean hasChromium() {
        return isOnPath("chromium");
    }

    public static boolean isOnPath(String program) {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(java.io.File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
