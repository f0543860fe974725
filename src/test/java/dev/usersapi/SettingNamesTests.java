package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

class SettingNamesTests {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z0-9_]+)` \\|");

    // docker-compose.yml and the image decide where the service listens and stores its files inside the container
    private static final Set<String> SET_BY_THE_IMAGE = Set.of("SERVER_PORT", "SERVER_ADDRESS", "USERS_DATA_DIR");

    static SettingNames settings() {
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        return SettingNames.of(scanner.findCandidateComponents("dev.usersapi").stream()
                .<Class<?>>map(found -> ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null))
                .toList());
    }

    @Test
    void everySettingHasOneRowInTheConfigurationPage() throws IOException {
        assertThat(rowsOfTheConfigurationPage())
                .doesNotHaveDuplicates()
                .filteredOn(variable -> variable.startsWith("USERS_"))
                .containsExactlyInAnyOrderElementsOf(settings().names().stream()
                        .filter(name -> !name.matches(".*\\.0")) // one element of a list that may be given as one text
                        .map(SettingNames::variable)
                        .toList());
    }

    @Test
    void dockerComposePassesOnEveryDocumentedVariable() throws IOException {
        Set<String> documented = new TreeSet<>(rowsOfTheConfigurationPage());
        documented.removeAll(SET_BY_THE_IMAGE);

        assertThat(documented).contains("USERS_TOKEN_ACCESS_TTL", "JAVA_OPTS");
        assertThat(environmentInDockerCompose()).containsAll(documented);
    }

    private static List<String> rowsOfTheConfigurationPage() throws IOException {
        return ROW.matcher(Files.readString(Path.of("src/docs/configuration.md")))
                .results()
                .map(row -> row.group(1))
                .toList();
    }

    private static List<String> environmentInDockerCompose() throws IOException {
        Object compose = new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        return List.copyOf(Api.JSON
                .<JsonNode>valueToTree(compose)
                .at("/services/service/environment")
                .propertyNames());
    }

    @Test
    void hasVariableKnowsTheSpellingsOfSpringBoot() {
        SettingNames settings = settings();

        assertThat(List.of(
                        "USERS_DATA_DIR",
                        "USERS_DATADIR",
                        "USERS_TOKEN_ACCESS_TTL",
                        "USERS_RATELIMIT_REDISURL",
                        "USERS_TRUSTED_ISSUERS_12_ISSUER_URI",
                        "USERS_TRUSTEDISSUERS_1_ISSUERURI",
                        "USERS_TRUSTED_ISSUERS_0_PERMISSIONS_1",
                        "USERS_CORS_ALLOWED_ORIGINS",
                        "USERS_CORS_ALLOWED_ORIGINS_3"))
                .allMatch(settings::hasVariable);
        assertThat(List.of("USERS_TOKEN_TTL", "USERS_TOKEN", "USERS_DATA_DIR_0", "USERS_TRUSTED_ISSUERS_ISSUER_URI"))
                .noneMatch(settings::hasVariable);
        assertThat(settings.hasProperty("users.trustedIssuers[1].issuer-uri")).isTrue();
        assertThat(settings.hasProperty("users.token.ttl")).isFalse();
    }

    @Test
    void nearestVariableReturnsASimilarNameIfThereIsOne() {
        assertThat(settings().nearestVariable("USERS_TOKEN_ACESS_TTL")).contains("USERS_TOKEN_ACCESS_TTL");
        assertThat(settings().nearestVariable("USERS_RATELIMIT_LOGINS")).contains("USERS_RATE_LIMIT_LOGIN");
        assertThat(settings().nearestVariable("USERS_SOMETHING_ELSE_ALTOGETHER"))
                .isEmpty();
    }
}
