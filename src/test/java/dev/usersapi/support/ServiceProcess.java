package dev.usersapi.support;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.mock.env.MockEnvironment;

/** A process of the packaged service, started like an operator starts it. {@link #close} ends its PostgreSQL too. */
public final class ServiceProcess implements AutoCloseable {

    private static final Path JAR = Path.of("target", "users-api.jar");
    private static final Pattern PORT = Pattern.compile("\\bAPI +http://[^ ]*?:(\\d+)/");
    private static final Pattern CONTEXT_PATH = Pattern.compile("\\bAPI +http://[^ ]*?:\\d+(.*)/api/v1/users");
    // the processes run for seconds: without the optimizing compiler they start in half the time
    private static final String SHORT_LIFE = "-XX:TieredStopAtLevel=1";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Path data;
    private final Path output;
    private boolean killed;

    private ServiceProcess(Process process, Path data, Path output) {
        this.process = process;
        this.data = data;
        this.output = output;
    }

    /** Starts the prepared service on a free port. The settings are environment variables. */
    public static ServiceProcess launch(Path data, Map<String, String> settings) {
        return launch(List.of(prepared().toString()), data, settings);
    }

    private static ServiceProcess launch(List<String> command, Path data, Map<String, String> settings) {
        Path output = data.resolveSibling(data.getFileName() + "-" + System.nanoTime() + ".log");
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = environment(builder);
        environment.put("JAVA_OPTS", SHORT_LIFE);
        environment.put("SERVER_PORT", "0");
        environment.put("USERS_DATA_DIR", data.toString());
        environment.put("USERS_SHUTDOWN_DRAIN", "0s");
        environment.putAll(settings);
        try {
            boolean isNew = !Files.exists(data) || (Files.isDirectory(data) && !Files.exists(data.resolve("binaries")));
            if (!settings.containsKey("SPRING_DATASOURCE_URL") && isNew) {
                shareBinaries(data);
            }
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new ServiceProcess(process, data, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes settings for another service from the environment, and selects the Java of this test. */
    private static Map<String, String> environment(ProcessBuilder builder) {
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.matches("(SPRING|USERS|SERVER|LOGGING|MANAGEMENT|JAVA)_.*"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        return environment;
    }

    /** The start command that {@code prepare} makes. It runs once for each build and Java, because it takes half a minute. */
    private static synchronized Path prepared() {
        // the class archive works only with the Java that made it
        Path directory = Path.of("target", "prepared-" + Runtime.version()).toAbsolutePath();
        Path run = directory.resolve("run");
        Path script = Path.of("src", "main", "docker", "prepare");
        Path output = Path.of("target", "prepare.log");
        try (FileChannel lock = FileChannel.open(Path.of("target", "prepare.lock"), CREATE, WRITE)) {
            lock.lock(); // another process that runs tests may prepare at the same time; closing the channel unlocks
            if (isOlder(run, JAR) || isOlder(run, script)) {
                ProcessBuilder builder = new ProcessBuilder(script.toString(), JAR.toString(), directory.toString());
                environment(builder).put("JAVA_TOOL_OPTIONS", SHORT_LIFE);
                Process preparation = builder.redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                assertThat(preparation.waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(preparation.exitValue()).as(read(output)).isZero();
            }
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean isOlder(Path made, Path source) throws IOException {
        return !Files.exists(made) || Files.getLastModifiedTime(made).compareTo(Files.getLastModifiedTime(source)) < 0;
    }

    /** Links to one folder with the programs of PostgreSQL, because each service needs seconds to unpack its own. */
    private static void shareBinaries(Path data) throws IOException {
        Path shared =
                Files.createDirectories(Path.of("target", "postgres-binaries").toAbsolutePath());
        Files.createSymbolicLink(Files.createDirectories(data).resolve("binaries"), shared);
    }

    /** Starts the prepared service and waits until it is ready. */
    public static ServiceProcess start(Path data, Map<String, String> settings) {
        return awaitReady(launch(data, settings));
    }

    /** Starts the jar without preparation and waits until it is ready. */
    public static ServiceProcess startPackaged(Path data, Map<String, String> settings) {
        return startPackaged(JAR, data, settings);
    }

    /** Starts the given jar, of this or another version, and waits until it is ready. */
    public static ServiceProcess startPackaged(Path jar, Path data, Map<String, String> settings) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return awaitReady(
                launch(List.of(java, SHORT_LIFE, "-XX:+UseSerialGC", "-jar", jar.toString()), data, settings));
    }

    private static ServiceProcess awaitReady(ServiceProcess service) {
        try {
            service.awaitReady();
            return service;
        } catch (RuntimeException | Error e) {
            service.close();
            throw e;
        }
    }

    /** Starts the service with settings with which it must refuse to start, and returns its log. */
    public static String refusal(Path data, Map<String, String> settings) {
        try (ServiceProcess service = launch(data, settings)) {
            assertThat(service.exitCode()).as(service.log()).isNotZero();
            return service.log();
        }
    }

    public void awaitReady() {
        awaitLog("users-api is ready");
    }

    public void awaitLog(String text) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> log().contains(text) || !process.isAlive());
        assertThat(log()).contains(text);
    }

    public int exitCode() {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(log())
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public String log() {
        return read(output);
    }

    /** Returns the first group of a pattern that the log must contain. */
    public String logged(Pattern pattern) {
        String log = log();
        Matcher matcher = pattern.matcher(log);
        assertThat(matcher.find()).as(log).isTrue();
        return matcher.group(1);
    }

    public int port() {
        return Integer.parseInt(logged(PORT));
    }

    public Api api() {
        return new Api(new MockEnvironment()
                .withProperty("local.server.port", Integer.toString(port()))
                .withProperty("server.servlet.context-path", logged(CONTEXT_PATH)));
    }

    /** Sends SIGTERM, like Ctrl-C and service managers. */
    public void terminate() {
        process.destroy();
    }

    public void stop() {
        terminate();
        exitCode();
    }

    /** Sends SIGKILL. No shutdown hook runs, so the embedded PostgreSQL keeps running. */
    public void kill() {
        killed = true;
        process.destroyForcibly();
        exitCode();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public ProcessHandle postgres() {
        return ProcessHandle.of(Long.parseLong(postmaster().get(0).strip())).orElseThrow();
    }

    public String databasePassword() {
        return read(data.resolve("password")).strip();
    }

    public String databaseUrl() {
        return "jdbc:postgresql://localhost:" + databasePort() + "/postgres";
    }

    public int databasePort() {
        return Integer.parseInt(postmaster().get(3).strip());
    }

    public Path postmasterFile() {
        return data.resolve("postgres").resolve("postmaster.pid");
    }

    private List<String> postmaster() {
        return read(postmasterFile()).lines().toList();
    }

    /** Ends PostgreSQL too if the service was killed. */
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
        if (killed && Files.exists(postmasterFile())) {
            ProcessHandle.of(Long.parseLong(postmaster().get(0).strip()))
                    .filter(left -> left.info().command().orElse("").endsWith("postgres"))
                    .ifPresent(ServiceProcess::end);
        }
    }

    public static void end(ProcessHandle process) {
        process.destroyForcibly();
        await().atMost(PATIENCE).until(() -> !process.isAlive());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
