package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.docs.DocsIT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Authenticator;
import dev.usersapi.support.Forwarder;
import dev.usersapi.support.OpenIdProvider;
import dev.usersapi.support.RawHttp;
import dev.usersapi.support.ServiceProcess;
import dev.usersapi.support.UnfinishedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** Starts, stops and kills the packaged service with its embedded PostgreSQL, and starts it with wrong settings. */
@EnabledOnOs({OS.LINUX, OS.MAC}) // signals
class StartIT {

    private static final Map<String, String> ADMIN = Map.of("USERS_ADMIN_PASSWORD", Api.PASSWORD);
    private static final String OATHTOOL = "oathtool() { '%s' -cp '%s' %s \"$3\"; }\n"
            .formatted(
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    Path.of("target", "test-classes").toAbsolutePath(),
                    Authenticator.class.getName());
    private static final Pattern SHOWN_PASSWORD = Pattern.compile("password (\\S+) \\(shown only once");

    @TempDir
    private static Path shared;

    @TempDir
    private Path directory;

    /** Serves the tests that need any running service or its PostgreSQL. */
    @SuppressWarnings("NullAway.Init") // before any test
    private static ServiceProcess running;

    @BeforeAll
    static void start() {
        running = ServiceProcess.startPackaged(
                shared.resolve("running"),
                Map.of(
                        "USERS_ADMIN_PASSWORD",
                        Api.PASSWORD,
                        "USERS_RATE_LIMIT_LOGIN",
                        "100")); // all tests log in from one address
    }

    @AfterAll
    static void stop() {
        if (running != null) { // null if the start failed
            running.close();
        }
    }

    @Test
    void firstStartShowsThePasswordOnceAndLaterStartsKeepTheUsers() throws IOException {
        Path data = directory.resolve("data");
        // the next start can use the directory that a refused first start leaves
        assertRefused(
                ServiceProcess.refusal(data, Map.of("USERS_ADMIN_PASSWORD", "password")),
                "The first admin cannot be created: password is one of the most common passwords.");

        String email = Api.newEmail();
        String password;
        try (ServiceProcess first = ServiceProcess.start(data, Map.of())) {
            String origin = "http://localhost:" + first.port();
            password = first.logged(SHOWN_PASSWORD);
            assertThat(first.log())
                    .contains("API      " + origin + "/api/v1/users")
                    .contains("Docs     " + origin + "/docs")
                    .contains("Data     " + data)
                    .contains("Mail     written to " + data.resolve("mail") + "; set SPRING_MAIL_HOST to send it")
                    .containsOnlyOnce(password)
                    .contains("Admin    admin@example.com, password " + password)
                    .containsPattern("Version  \\S+, commit \\S+, Java "
                            + Pattern.quote(Runtime.version().toString()))
                    .contains("curl -s " + origin + "/api/v1/auth/login -H 'Content-Type: application/json'"
                            + " -d '{\"email\":\"admin@example.com\",\"password\":\"<password>\"}'");
            assertThat(create(first.api().login("admin@example.com", password), email))
                    .isEqualTo(201);
            ProcessHandle postgres = first.postgres();
            first.stop();
            await("PostgreSQL's end").until(() -> !postgres.isAlive());
        }
        Map<String, String> changed = Map.of("USERS_ADMIN_EMAIL", "other@example.com", "USERS_TOKEN_ACCES_TTL", "5m");
        try (ServiceProcess second = ServiceProcess.start(data, changed)) {
            assertThat(second.log())
                    .doesNotContain(password, "other@example.com")
                    .contains("Admin    admin@example.com\n")
                    .contains("USERS_TOKEN_ACCES_TTL has no effect", "Did you mean USERS_TOKEN_ACCESS_TTL?");
            Api.Client admin = second.api().login("admin@example.com", password);
            assertThat(emails(admin)).containsExactlyInAnyOrder("admin@example.com", email);
            assertThat(answersToRequestsInFlightAtTheStop(second, admin.token()))
                    .hasSize(8)
                    .allMatch(answer -> answer.startsWith("HTTP/1.1 201"));
        }
    }

    @Test
    void firstStartLogsThreeLinesAndTheReport() {
        assertThat(running.log().split("\\R {2}API", 2)[0].lines())
                .as("PostgreSQL starts, the schema is migrated, the service is ready")
                .hasSize(3)
                .noneMatch(line -> line.contains("flyway"));
    }

    @Test
    void preparedServiceLoadsItsClassesFromTheArchive() throws IOException {
        Path classes = directory.resolve("classes");
        String options = "-XX:TieredStopAtLevel=1 -Xlog:class+load:file=" + classes;

        try (ServiceProcess service =
                ServiceProcess.start(directory.resolve("data"), external(Map.of("JAVA_OPTS", options)))) {
            assertThat(service.api().admin().get("/api/v1/users").status()).isEqualTo(200);
            assertThat(service.log()).as("warnings of Java about the archive").doesNotContain("[warning]");
            service.terminate();
            assertThat(service.exitCode()).isEqualTo(143); // 128 + SIGTERM: no shell runs between
        }

        List<String> own = Files.readAllLines(classes).stream()
                .filter(line -> line.matches(
                        ".* dev\\.usersapi\\.[\\w.]+ source: .*")) // without classes that are generated at run time
                .toList();
        assertThat(own).anyMatch(line -> line.contains("dev.usersapi.userlist.ListUsersRequest"));
        assertThat(own).allMatch(line -> line.contains("source: shared objects file"));
    }

    @Test
    void acknowledgedWritesSurviveKills() throws IOException {
        Path data = directory.resolve("data");
        List<String> acknowledged;
        ProcessHandle orphan;
        try (ServiceProcess service = ServiceProcess.start(data, ADMIN)) {
            acknowledged = new ArrayList<>(writeUntil(service, service::kill));
            orphan = service.postgres();
            assertThat(orphan.isAlive()).as("PostgreSQL after kill -9").isTrue();

            try (ServiceProcess next = ServiceProcess.start(data, ADMIN)) {
                assertThat(orphan.isAlive()).as("the orphan").isFalse();
                assertThat(next.log()).contains("left PostgreSQL (process " + orphan.pid() + ") running");
                assertThat(emails(next.api().admin())).containsAll(acknowledged).doesNotHaveDuplicates();

                ProcessHandle postgres = next.postgres();
                acknowledged.addAll(writeUntil(next, () -> {
                    next.kill();
                    ServiceProcess.end(postgres);
                }));
                // after a restart of the machine the process id may belong to another process, here to this test
                String own = Files.readString(next.postmasterFile())
                        .replaceFirst(
                                "\\d+", Long.toString(ProcessHandle.current().pid()));
                Files.writeString(next.postmasterFile(), own);
            }
        }
        try (ServiceProcess last = ServiceProcess.start(data, ADMIN)) {
            assertThat(emails(last.api().admin())).containsAll(acknowledged).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash --norc --noprofile -i", "zsh -f -i"})
    void commandsOfTheReadmePrintTheNamedStatusesWhenPastedTwice(String shell)
            throws IOException, InterruptedException {
        String section = section("README.md", "## Try it", "## Compared");
        List<String> statuses = statusesNamedIn(section);

        assertThat(statuses).hasSize(5);
        assertThat(statusesOf(shell, commandsOf(section) + commandsOf(section)))
                .containsExactlyElementsOf(
                        Stream.of(statuses, statuses).flatMap(List::stream).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash --norc --noprofile -i", "zsh -f -i"})
    void commandsOfTheTourPrintTheNamedStatuses(String shell) throws IOException, InterruptedException {
        String sections = section("src/docs/tour.md", "## Log in", "## Generate a client");

        assertThat(statusesNamedIn(sections)).hasSizeGreaterThan(35);
        assertThat(statusesOf(shell, commandsOf(sections))).containsExactlyElementsOf(statusesNamedIn(sections));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash --norc --noprofile -i", "zsh -f -i"})
    void commandsOfTheOpenApiDocumentPrintTheExpectedStatuses(String shell) throws IOException, InterruptedException {
        String section = section("src/main/resources/openapi.yaml", "### The life of an account", "- name: Roles");
        String lines = commandsOf(section.indent(-6));

        assertThat(statusesOf(shell, lines)) // the second shell finds the users, roles and mails of the first
                .containsExactly(
                        "204", "202", "204", "204", "202", "204", "200", "401", "200", "204", "200", "200", "204",
                        "204", "200", "200");
    }

    private static String section(String document, String from, String to) throws IOException {
        String text = Files.readString(Path.of(document));
        return text.substring(text.indexOf(from), text.indexOf(to));
    }

    /** The blocks of shell commands, without the one that waits for the password. */
    private static String commandsOf(String section) {
        return Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(section)
                .results()
                .map(block -> block.group(1))
                .filter(block -> !block.contains("read -r"))
                .collect(Collectors.joining());
    }

    private static List<String> statusesNamedIn(String section) {
        return section.lines()
                .filter(line -> line.startsWith("Statuses: "))
                .flatMap(line -> Stream.of(line.substring(10).split("\\D+", -1)))
                .filter(status -> !status.isEmpty())
                .toList();
    }

    /** Runs the lines in an interactive shell, as if they were pasted, and returns the statuses that they print. */
    private List<String> statusesOf(String shell, String lines) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(shell.split(" ", -1)));
        assumeTrue(DocsIT.isOnPath(command.get(0)), command.get(0) + " is not on the PATH");
        Path input = Files.writeString(
                directory.resolve("input"),
                "PASSWORD='%s'\n".formatted(Api.PASSWORD)
                        + OATHTOOL
                        + lines.replace(":8080", ":" + running.port())
                                .replace("MAILS=data/", "MAILS=" + shared.resolve("running") + "/"));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS))
                .as(Files.readString(output))
                .isTrue();
        assertThat(Files.readString(output))
                .doesNotContain("command not found", "no matches", "syntax error", "parse error");
        return Files.readAllLines(output).stream()
                .filter(line -> line.matches("[0-9]{3}"))
                .toList();
    }

    @Test
    void malformedRequestsAreNotLogged() {
        for (String request : List.of(
                "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer unread-secret\u0001\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nAuthorization unread-secret\r\n\r\n",
                "GET /?unread-secret=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "GET /{unread-secret HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nCookie: $Version=1; a=\"unread-secret\r\nConnection: close\r\n\r\n")) {
            assertThat(RawHttp.send(running.port(), request).status()).isBetween(400, 499);
        }

        assertThat(running.log()).doesNotContain("unread-secret");
    }

    @Test
    void startFailsWhenAnotherServiceUsesTheDataDirectory() {
        Path data = shared.resolve("running");

        assertRefused(
                ServiceProcess.refusal(data, Map.of()),
                "Another users-api is already running on the data directory " + data + ".");

        assertThat(running.api().admin().get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void startFailsWhenTheDataDirectoryIsAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertRefused(ServiceProcess.refusal(file, Map.of()), file + " is not a directory.");
    }

    @Test
    void startFailsWhenTheDataDirectoryCannotBeCreated() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path data = directory.resolve("data");

        String log = ServiceProcess.refusal(
                data, Map.of("USERS_DATA_DIR", file.resolve("below").toString()));

        assertRefused(log, "The embedded PostgreSQL cannot start in " + file.resolve("below") + ": " + file);
    }

    @Test
    void startFailsWhenThePortIsInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());

            assertRefused(
                    ServiceProcess.refusal(directory.resolve("data"), external(Map.of("SERVER_PORT", port))),
                    "Port " + port + " was already in use.");
        }
    }

    @Test
    void startFailsWithAWrongDatabasePassword() {
        assertRefused(
                ServiceProcess.refusal(
                        directory.resolve("data"), external(Map.of("SPRING_DATASOURCE_PASSWORD", "wrong"))),
                "The database at " + running.databaseUrl() + " refuses the user postgres or the password.");
    }

    @Test
    void startFailsWhenTheDatabaseDoesNotExist() {
        String url = databaseUrl(running.databasePort(), "nothing");

        assertRefused(
                ServiceProcess.refusal(directory.resolve("data"), external(Map.of("SPRING_DATASOURCE_URL", url))),
                "The database at " + url + " does not exist.");
    }

    @Test
    void startFailsWhenTheDatabaseUserMayNotCreateTables() {
        JdbcClient database = JdbcClient.create(
                new DriverManagerDataSource(running.databaseUrl(), "postgres", running.databasePassword()));
        database.sql("create role guest login password 'guest'").update();
        database.sql("create database others").update();

        assertRefused(
                ServiceProcess.refusal(
                        directory.resolve("data"),
                        Map.of(
                                "SPRING_DATASOURCE_URL", databaseUrl(running.databasePort(), "others"),
                                "SPRING_DATASOURCE_USERNAME", "guest",
                                "SPRING_DATASOURCE_PASSWORD", "guest")),
                "The user guest is not allowed to create tables in " + databaseUrl(running.databasePort(), "others")
                        + ".");
    }

    @Test
    void startFailsWithAUrlThatIsNoJdbcUrl() {
        assertRefused(
                ServiceProcess.refusal(
                        directory.resolve("data"),
                        Map.of("SPRING_DATASOURCE_URL", "postgresql://user:secret@localhost/db")),
                "SPRING_DATASOURCE_URL is not a JDBC URL of PostgreSQL.");
    }

    @Test
    void startFailsWhenTheDatabaseDoesNotAnswerBeforeTheTimeout() throws IOException {
        String url = databaseUrl(unusedPort(), "postgres");

        assertRefused(
                ServiceProcess.refusal(
                        directory.resolve("data"),
                        Map.of("SPRING_DATASOURCE_URL", url, "USERS_DATABASE_STARTUP_TIMEOUT", "3s")),
                "The database at " + url + " did not answer within 3 seconds.");
    }

    @Test
    void startWaitsForTheDatabaseAndRequestsAnswer503DuringItsOutage() throws IOException {
        Path data = directory.resolve("data");
        int port = unusedPort();
        String url = databaseUrl(port, "postgres");
        Map<String, String> settings =
                external(Map.of("SPRING_DATASOURCE_URL", url, "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs"));

        try (ServiceProcess service = ServiceProcess.launch(data, settings);
                Forwarder forwarder = new Forwarder()) {
            service.awaitLog("Waiting for the database at " + url);
            forwarder.open(port, running.databasePort());
            service.awaitLog("users-api is ready");
            assertThat(data).as("the embedded database's directory").doesNotExist();
            Api.Client admin = service.api().admin().with("X-Request-Id", "during-the-outage");
            assertThat(admin.get("/api/v1/users").status()).isEqualTo(200);

            forwarder.cut();
            Api.Answer refused = admin.get("/api/v1/users");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("database_unavailable");
            assertThat(refused.header("Retry-After")).isEqualTo("2");
            assertThat(admin.get("/actuator/health/liveness").status()).isEqualTo(200);
            assertThat(admin.get("/actuator/health/readiness").status()).isEqualTo(503);
            JsonNode line = Api.JSON.readTree(service.logged(Pattern.compile("(?m)^(\\{.*Database unavailable.*})$")));
            assertThat(line.get("request_id").stringValue()).isEqualTo("during-the-outage");

            forwarder.open(port, running.databasePort());
            await().until(() -> admin.get("/api/v1/users").status() == 200);
            service.stop();
        }
    }

    @Test
    void environmentSetsTheSigningKeyAndTrustedIssuers() throws Exception {
        RSAKey key = OpenIdProvider.newKey();
        Path file = Files.writeString(
                directory.resolve("signing-key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(key.toRSAPrivateKey().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        try (OpenIdProvider issuer = new OpenIdProvider();
                ServiceProcess service = ServiceProcess.start(
                        directory.resolve("data"),
                        external(Map.of(
                                "USERS_TOKEN_SIGNING_KEY",
                                "file:" + file,
                                "USERS_TRUSTED_ISSUERS_0_ISSUER_URI",
                                issuer.issuer(),
                                "USERS_TRUSTED_ISSUERS_0_AUDIENCE",
                                OpenIdProvider.AUDIENCE,
                                "USERS_TRUSTED_ISSUERS_0_PERMISSIONS",
                                "users.read=users:read")))) {
            Api.Client admin = service.api().admin();
            assertThat(SignedJWT.parse(admin.token()).getHeader().getKeyID()).isEqualTo(key.getKeyID());
            assertThat(running.api()
                            .anonymous()
                            .with("Authorization", "Bearer " + admin.token())
                            .get("/api/v1/users/me")
                            .status())
                    .as("on an instance without the setting")
                    .isEqualTo(200);
            assertThat(service.api()
                            .anonymous()
                            .with(
                                    "Authorization",
                                    "Bearer " + running.api().admin().token())
                            .get("/api/v1/users/me")
                            .status())
                    .as("from an instance without the setting")
                    .isEqualTo(200);
            assertThat(admin.send("POST", "/api/v1/signing-keys").code()).isEqualTo("signing_key_configured");
            assertThat(admin.get("/api/v1/signing-keys").data().findValuesAsString("state"))
                    .contains("current");

            issuer.start(); // the service started without the issuer
            assertThat(service.api()
                            .anonymous()
                            .with("Authorization", "Bearer " + issuer.token("users.read"))
                            .get("/api/v1/users")
                            .status())
                    .isEqualTo(200);
            service.stop();
        }
    }

    @Test
    void everyPathStartsWithTheContextPath() {
        Map<String, String> settings = external(
                Map.of("SERVER_SERVLET_CONTEXT_PATH", "/accounts", "SERVER_FORWARD_HEADERS_STRATEGY", "framework"));

        try (ServiceProcess service = ServiceProcess.start(directory.resolve("data"), settings)) {
            String base = "http://localhost:" + service.port() + "/accounts";
            assertThat(service.log())
                    .contains("API      " + base + "/api/v1/users")
                    .contains("Docs     " + base + "/docs")
                    .contains("curl -s " + base + "/api/v1/auth/login");
            Api.Client admin = service.api().admin();
            Map<String, String> user = Map.of("email", Api.newEmail(), "name", "Ann Example");
            assertThat(admin.post("/api/v1/users", user).header("Location")).startsWith("/accounts/api/v1/users/usr_");
            assertThat(admin.get("/api/v1/users").header("Link")).startsWith("</accounts/api/v1/users?");
            assertThat(admin.get("/v3/api-docs").body().at("/servers/0/url").stringValue())
                    .isEqualTo("/accounts");
            assertThat(admin.with("X-Forwarded-Prefix", "/behind/a/proxy")
                            .get("/v3/api-docs")
                            .body()
                            .at("/servers/0/url")
                            .stringValue())
                    .isEqualTo("/behind/a/proxy");
            assertThat(service.api()
                            .anonymous()
                            .get("/actuator/health/readiness")
                            .headers()
                            .map())
                    .as("health checks are exempt from rate limits")
                    .doesNotContainKey("ratelimit");
        }
    }

    @Test
    void startFailsWhenTheSigningKeyIsMalformed() {
        String log = ServiceProcess.refusal(
                directory.resolve("data"),
                external(Map.of("USERS_TOKEN_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----secret")));

        assertRefused(log, "(USERS_TOKEN_SIGNING_KEY) is not a private key in PEM (PKCS#8, unencrypted).");
        assertThat(log).contains("openssl genpkey").doesNotContain("-----secret");
    }

    private static void assertRefused(String log, String sentence) {
        assertThat(log).contains("APPLICATION FAILED TO START").contains(sentence);
        assertThat(log.lines().toList()).noneMatch(line -> line.startsWith("\tat "));
    }

    /** Creates users without a pause until the service ends, and returns those that it acknowledged. */
    private static Queue<String> writeUntil(ServiceProcess service, Runnable kill) {
        Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        Api.Client admin = service.api().admin();
        List<CompletableFuture<Void>> writers = IntStream.range(0, 4)
                .mapToObj(writer -> CompletableFuture.runAsync(() -> write(admin, acknowledged)))
                .toList();
        await().until(() -> acknowledged.size() >= 20);
        kill.run();
        writers.forEach(CompletableFuture::join);
        return acknowledged;
    }

    private static void write(Api.Client admin, Queue<String> acknowledged) {
        try {
            while (true) {
                String email = Api.newEmail();
                assertThat(create(admin, email)).isEqualTo(201);
                acknowledged.add(email);
            }
        } catch (UncheckedIOException e) {
            assertThat(acknowledged).as("before the service ended").isNotEmpty();
        }
    }

    /** Stops the service while it reads requests, and returns the first lines of its answers to them. */
    private static List<String> answersToRequestsInFlightAtTheStop(ServiceProcess service, String token)
            throws IOException {
        List<UnfinishedRequest> held = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                held.add(new UnfinishedRequest(service.port(), token, Api.newEmail()));
            }
            service.terminate();
            await().until(() -> refusesConnections(service.port()));
            List<String> answers = new ArrayList<>();
            for (UnfinishedRequest request : held) {
                answers.add(request.finish());
            }
            assertThat(service.exitCode()).isEqualTo(143); // 128 + SIGTERM
            return answers;
        } finally {
            for (UnfinishedRequest request : held) {
                request.close();
            }
        }
    }

    private static boolean refusesConnections(int port) throws IOException {
        try (Socket socket = new Socket("localhost", port)) {
            return !socket.isConnected();
        } catch (ConnectException e) {
            return true;
        }
    }

    private static int create(Api.Client admin, String email) {
        return admin.post("/api/v1/users", Map.of("email", email, "name", "Ann Example", "password", Api.PASSWORD))
                .status();
    }

    private static List<String> emails(Api.Client admin) {
        List<String> emails = new ArrayList<>();
        JsonNode body;
        int page = 1;
        do {
            body = admin.get("/api/v1/users?limit=100&page=" + page++).body();
            body.get("data").forEach(user -> emails.add(user.get("email").stringValue()));
        } while (!body.get("data").isEmpty());
        return emails;
    }

    /** Settings for the PostgreSQL of the running service as an external database, with changes. */
    private static Map<String, String> external(Map<String, String> changes) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "SPRING_DATASOURCE_URL", running.databaseUrl(),
                "SPRING_DATASOURCE_USERNAME", "postgres",
                "SPRING_DATASOURCE_PASSWORD", running.databasePassword()));
        settings.putAll(changes);
        return settings;
    }

    private static String databaseUrl(int port, String name) {
        return "jdbc:postgresql://localhost:" + port + "/" + name;
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
