package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.usersapi.support.Api;
import dev.usersapi.support.OpenApiDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** README, the pages in src/docs and the example files in src/deploy. */
class DocumentsTests {

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern TYPE =
            Pattern.compile("(?<=`)[A-Z][a-z]{2,}[A-Z]\\w*(?=`)|(?<![\\w-])[A-Z]\\w+(IT|Tests)\\b");
    private static final Pattern VARIABLE = Pattern.compile("\\bUSERS_[A-Z0-9_]+\\b");
    private static final Pattern OPERATION =
            Pattern.compile("\\b(GET|POST|PUT|PATCH|DELETE) /api/v1(/[\\w-]+|/\\{\\w+})+");
    private static final String ONLY_FOR_DOCKER_COMPOSE = "USERS_PUBLISH";

    private static List<Path> documents() {
        return Stream.concat(
                        Stream.of("README.md", "src/bench/README.md", "src/clients/README.md")
                                .map(Path::of),
                        files("src/docs"))
                .toList();
    }

    private static Stream<Path> files(String directory) {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> occurrences(Pattern pattern, Path file) {
        return pattern.matcher(read(file)).results().map(MatchResult::group);
    }

    @Test
    void readmeHasAtMost120Lines() {
        assertThat(read(Path.of("README.md")).lines()).hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void relativeLinksAndTheirAnchorsExist() {
        for (Path document : documents()) {
            LINK.matcher(read(document))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !link.matches("[a-z]+:.*"))
                    .forEach(link -> assertThat(exists(document, link))
                            .as("%s links to %s", document, link)
                            .isTrue());
        }
    }

    private static boolean exists(Path document, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
        return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
    }

    /** As GitHub derives them from headings. */
    private static Set<String> anchors(Path document) {
        return HEADING.matcher(read(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void typesThatAreNamedExist() {
        Set<String> types = files("src")
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".java"))
                .map(name -> name.replace(".java", ""))
                .collect(Collectors.toSet());

        for (Path document : documents()) {
            assertThat(occurrences(TYPE, document)).as("%s", document).allMatch(types::contains);
        }
    }

    /** Also those in the texts of the service, such as the details of faults. */
    @Test
    void operationsThatAreNamedExist() {
        Set<String> operations = OpenApiDocument.load().operations().stream()
                .map(operation -> operation.replaceAll("\\{\\w+}", "{}"))
                .collect(Collectors.toSet());

        Stream.of(documents().stream(), files("src/main/java"), Stream.of(Path.of("src/main/resources/openapi.yaml")))
                .flatMap(files -> files)
                .forEach(file -> assertThat(occurrences(OPERATION, file)
                                .map(operation -> operation
                                        .replace("/users/me", "/users/{}")
                                        .replaceAll("\\{\\w+}", "{}")))
                        .as("%s", file)
                        .allMatch(operations::contains));
    }

    @Test
    void everyPackageIsOnTheDevelopmentPage() {
        String page = read(Path.of("src/docs/development.md"));

        assertThat(files("src/main/java/dev/usersapi")
                        .map(file -> file.getName(file.getNameCount() - 2).toString())
                        .filter(name -> !name.equals("usersapi"))
                        .distinct())
                .allMatch(name -> page.contains("`" + name + "`"));
    }

    @Test
    void variablesThatAreNamedAnywhereAreOnTheConfigurationPage() {
        String configuration = read(Path.of("src/docs/configuration.md"));

        Stream.of(
                        documents().stream(),
                        files("src/deploy"),
                        files("src/main/docker"),
                        Stream.of(Path.of("docker-compose.yml")))
                .flatMap(files -> files)
                .forEach(file -> assertThat(occurrences(VARIABLE, file))
                        .as("%s", file)
                        .allMatch(name ->
                                name.equals(ONLY_FOR_DOCKER_COMPOSE) || configuration.contains("| `" + name + "` |")));
    }

    @Test
    void exampleFilesInYamlAndJsonCanBeParsed() {
        files("src/deploy").forEach(file -> {
            if (file.toString().endsWith(".yml") || file.toString().endsWith(".yaml")) {
                assertThatCode(() -> new Yaml().loadAll(read(file)).forEach(document -> {}))
                        .as("%s", file)
                        .doesNotThrowAnyException();
            } else if (file.toString().endsWith(".json")) {
                assertThatCode(() -> Api.JSON.readTree(read(file)))
                        .as("%s", file)
                        .doesNotThrowAnyException();
            }
        });
    }
}
