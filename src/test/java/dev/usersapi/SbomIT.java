package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/** The jar contains a list of its libraries in CycloneDX format. Maven does not create the list when it is offline. */
@DisabledIfSystemProperty(
        named = "maven.offline",
        matches = "true",
        disabledReason = "Maven creates the list only when it is online")
public class SbomIT {

    private static final Pattern LIBRARY = Pattern.compile("BOOT-INF/lib/(.+)\\.jar");

    @Test
    void listNamesExactlyTheLibrariesOfTheJar() throws IOException {
        try (JarFile jar = new JarFile(Path.of("target", "users-api.jar").toFile())) {
            Set<String> held = jar.stream()
                    .map(entry -> LIBRARY.matcher(entry.getName()))
                    .filter(Matcher::matches)
                    .map(library -> library.group(1))
                    .filter(library ->
                            !library.startsWith("spring-boot-jarmode-tools")) // added by Boot to unpack the jar
                    .collect(Collectors.toSet());
            JsonNode list;
            try (InputStream file = jar.getInputStream(jar.getEntry("META-INF/sbom/application.cdx.json"))) {
                list = Api.JSON.readTree(file);
            }

            assertThat(list.get("bomFormat").stringValue()).isEqualTo("CycloneDX");
            assertThat(list.at("/metadata/component/name").stringValue()).isEqualTo("users-api");
            assertThat(list.get("components")
                            .valueStream()
                            .filter(component ->
                                    component.get("scope").stringValue().equals("required"))
                            .map(SbomIT::library)
                            .filter(library ->
                                    !library.startsWith("spring-boot-starter"))) // contain nothing but dependencies
                    .containsExactlyInAnyOrderElementsOf(held);
        }
    }

    private static String library(JsonNode component) {
        return component.get("name").stringValue() + "-"
                + component.get("version").stringValue();
    }
}
