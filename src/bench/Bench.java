import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Starts the servers, measures them at each size of the table, and writes the results. */
public final class Bench {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    static final Path WORK = Path.of("target", "bench");

    /** The program that starts the service prepared for production. */
    static final String SERVICE = "target/bench/app/run";

    /** The windows of an operation and their medians, also in U; or the problem that prevented the measurement. */
    record Result(
            String name,
            String group,
            String note,
            String problem,
            double units,
            Load.Window median,
            List<Load.Window> windows) {

        boolean measured() {
            return median != null;
        }
    }

    /** The results at one size of the table. */
    record Size(long users, double residentMebibytes, double tableMebibytes, double creators, List<Result> results) {

        double cpu(String operation) {
            return figure(operation, result -> result.median().cpu());
        }

        double units(String operation) {
            return figure(operation, Result::units);
        }

        /** Returns NaN if the operation was not measured. */
        double figure(String operation, ToDoubleFunction<Result> figure) {
            return results.stream()
                    .filter(result -> result.name().equals(operation) && result.measured())
                    .mapToDouble(figure)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    /** The whole run; {@code start} has the CPU milliseconds of a start by the form of the application. */
    record Run(Map<String, String> setting, List<Size> sizes, Map<String, Double> start, List<Target> targets) {}

    private final Options options = new Options();
    private final Map<String, String> setting = new LinkedHashMap<>();
    private final List<Size> sizes = new ArrayList<>();
    private final Map<Server, Double> answered = new HashMap<>(); // number of requests during warm-up
    private boolean failed;

    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Bench bench = new Bench();
        bench.options.read(arguments);
        bench.run();
        if (bench.failed) {
            say("FAILED: some operations did not answer as they must; see above");
            System.exit(1);
        }
    }

    private void run() throws IOException, SQLException {
        Path directory = WORK.resolve("data");
        if (!options.keepData) {
            delete(directory);
        } else if (Files.exists(WORK.resolve("results.json"))) {
            Run before = JSON.readValue(Files.readString(WORK.resolve("results.json")), Run.class);
            before.sizes().stream()
                    .filter(size -> size.users() < options.users.get(0))
                    .forEach(sizes::add);
        }
        Map<String, String> settings = new HashMap<>(Map.of(
                "JAVA_OPTS", options.javaOptions,
                "USERS_DATA_DIR", directory.toString(),
                "USERS_TOKEN_ACCESS_TTL", "24h",
                "USERS_RATE_LIMIT_USER", "100000000",
                "USERS_RATE_LIMIT_ADDRESS", "100000000",
                "USERS_RATE_LIMIT_LOGIN", "100000000"));
        configurePostgres(directory, settings);
        Run run;
        try (Server service = startService("service", settings);
                Dataset data = new Dataset(directory)) {
            setting.putAll(Machine.describe(options, data));
            settings.put("SPRING_DATASOURCE_URL", data.url());
            settings.put("SPRING_DATASOURCE_USERNAME", "postgres");
            settings.put("SPRING_DATASOURCE_PASSWORD", data.password());
            settings.put("USERS_RATE_LIMIT_USER", "1");
            data.insertCallers();
            try (Server bare = startBare(service);
                    Server limited = startService("limited", settings)) {
                Operations operations = new Operations(data, service, bare, limited);
                Load load = new Load(data, options.seconds);
                for (long users : options.users) {
                    sizes.add(measure(users, data, operations, load, service));
                    write(Map.of()); // keeps these results if a larger size fails
                }
            }
            run = write(new Start(settings).measure(options.starts));
        }
        run.targets().forEach(target -> say(target.toString()));
        say("Report: " + WORK.resolve("report.html").toAbsolutePath());
        if (!options.keepData) {
            delete(directory);
        }
    }

    private Run write(Map<String, Double> start) throws IOException {
        setting.put("load average at the end", Machine.loadAverage());
        Run run = new Run(setting, sizes, start, Target.all(sizes, start));
        Files.writeString(WORK.resolve("results.json"), JSON.writeValueAsString(run));
        Files.writeString(WORK.resolve("report.html"), Report.of(run));
        return run;
    }

    /** Gives PostgreSQL as much memory as an operator would on this machine; other settings are those of the service. */
    private void configurePostgres(Path directory, Map<String, String> settings) throws IOException, SQLException {
        say("Starting the service for the first time");
        try (Server first = startService("first", settings);
                Dataset data = new Dataset(directory)) {
            data.execute("alter system set shared_buffers = '" + options.sharedBuffers + "'");
            data.execute("alter system set max_wal_size = '8GB'"); // avoids frequent checkpoints while users are loaded
        }
    }

    private Server startService(String name, Map<String, String> settings) {
        return Server.launch(name, SERVICE, settings).await("/actuator/health/readiness", 200);
    }

    private Server startBare(Server service) throws IOException {
        // the libraries of a web application with tokens, without those that make Boot configure more
        try (Stream<Path> libraries = Files.list(WORK.resolve("app/lib"))) {
            String path = libraries
                    .map(Path::toString)
                    .filter(
                            library -> !library.matches(
                                    ".*/(spring-boot-(actuator|data|flyway|health|hibernate|jdbc|jpa"
                                            + "|micrometer|persistence|sql|transaction|validation)|micrometer-(core|registry|jakarta9)"
                                            + "|prometheus|flyway|hibernate-core|spring-(data|orm|modulith)|HikariCP|scalar).*"))
                    .sorted()
                    .collect(Collectors.joining(":"));
            String command = options.java("-cp target/bench/classes:" + path
                    + " Bare --spring.main.banner-mode=off --bare.jwks=" + service.origin() + "/.well-known/jwks.json");
            return Server.launch("bare", command, Map.of()).await("/me", 401);
        }
    }

    private Size measure(long users, Dataset data, Operations operations, Load load, Server service)
            throws IOException, SQLException {
        say("Loading %,d users".formatted(users));
        data.grow(users);
        Map<Operation, List<Load.Window>> windows = new LinkedHashMap<>();
        Map<Operation, String> problems = new HashMap<>();
        for (Operation operation : operations.all()) {
            windows.put(operation, new ArrayList<>());
            warmUp(operation, load, data, problems);
        }
        List<Dataset.Sample> sample = data.sample();
        List<Load.Window> selects = new ArrayList<>();
        List<Load.Window> counted = new ArrayList<>();
        List<Load.Window> uncounted = new ArrayList<>();
        for (int round = 1; round <= options.windows; round++) {
            say("%,d users, round %d of %d, load average %s"
                    .formatted(users, round, options.windows, Machine.loadAverage()));
            windows.forEach((operation, list) -> {
                if (!problems.containsKey(operation)) {
                    tryWindow(operation, load, data, problems).ifPresent(list::add);
                }
            });
            selects.add(load.selectByKey(sample));
            counted.add(createDirectly(load, data, "enable"));
            uncounted.add(createDirectly(load, data, "disable"));
        }
        double unit = windows.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(Operations.UNIT))
                .mapToDouble(entry -> median(entry.getValue(), Load.Window::cpu))
                .sum();
        List<Result> results = new ArrayList<>();
        windows.forEach((operation, list) -> results.add(
                result(operation.name(), operation.group(), operation.note(), problems.get(operation), list, unit)));
        results.add(1, result("select by key, PostgreSQL alone", "reference", "pgbench", null, selects, unit));
        results.add(result("insert, triggers on", "creators", "pgbench", null, counted, unit));
        results.add(result("insert, triggers off", "creators", "pgbench", null, uncounted, unit));
        results.forEach(Bench::say);
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < counted.size(); i++) {
            ratios.add(counted.get(i).perSecond() / uncounted.get(i).perSecond());
        }
        return new Size(
                users,
                Cpu.residentMebibytes(service.pid()),
                Double.parseDouble(data.one("select pg_total_relation_size('users') / 1048576.0")),
                median(ratios),
                results);
    }

    /** Runs until two consecutive windows agree within 5 %; a server with few requests so far gets more windows. */
    private void warmUp(Operation operation, Load load, Dataset data, Map<Operation, String> problems) {
        double before = 0;
        for (int i = 0; i < options.warmUp * (isCold(operation.server()) ? 4 : 1); i++) {
            Load.Window window = tryWindow(operation, load, data, problems).orElse(null);
            if (window == null) {
                return;
            }
            answered.merge(operation.server(), window.requests(), Double::sum);
            if (Math.abs(window.cpu() - before) <= 0.05 * window.cpu() && !isCold(operation.server())) {
                return;
            }
            before = window.cpu();
        }
    }

    /** Whether the JIT compiler has finished; the minimal endpoint gets far fewer requests than the service. */
    private boolean isCold(Server server) {
        return answered.getOrDefault(server, 0.0) < 50_000;
    }

    private Optional<Load.Window> tryWindow(
            Operation operation, Load load, Dataset data, Map<Operation, String> problems) {
        try {
            Load.Window window = load.http(operation);
            if (operation.name().equals(Operations.CREATE)) {
                data.deleteCreated();
            }
            return Optional.of(window);
        } catch (Load.Unexpected e) {
            failed = true;
            problems.put(operation, "failed: " + e.getMessage());
            say("FAILED: " + operation.name() + ": " + e.getMessage());
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Inserts users without password hashes, with the triggers of the table enabled or disabled. */
    private static Load.Window createDirectly(Load load, Dataset data, String triggers)
            throws IOException, SQLException {
        data.execute("alter table users " + triggers + " trigger user");
        try {
            Load.Window window = load.pgbench(data.insertScript(), 1);
            data.deleteCreated(); // with the same triggers as the inserts, so that the counts stay correct
            return window;
        } finally {
            data.execute("alter table users enable trigger user");
        }
    }

    private static Result result(
            String name, String group, String note, String problem, List<Load.Window> windows, double unit) {
        if (problem != null || windows.isEmpty()) {
            return new Result(name, group, note, problem, Double.NaN, null, windows);
        }
        Load.Window median = new Load.Window(
                median(windows, Load.Window::requests),
                median(windows, Load.Window::perSecond),
                median(windows, Load.Window::p50),
                median(windows, Load.Window::p90),
                median(windows, Load.Window::p99),
                median(windows, Load.Window::service),
                median(windows, Load.Window::database));
        return new Result(name, group, note, null, median.cpu() / unit, median, windows);
    }

    private static double median(List<Load.Window> windows, ToDoubleFunction<Load.Window> figure) {
        return median(windows.stream().map(figure::applyAsDouble).toList());
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static void say(Result result) {
        Load.Window median = result.median();
        String figures = median == null
                ? result.problem()
                : "%9.0f/s  p99 %8.2f ms  CPU %8.3f ms (service %.3f, database %.3f) = %6.2f U  %s"
                        .formatted(
                                median.perSecond(),
                                median.p99(),
                                median.cpu(),
                                median.service(),
                                median.database(),
                                result.units(),
                                result.note());
        say("  %-36s %s".formatted(result.name(), figures));
    }

    static void say(String line) {
        System.out.println(line);
    }

    static String run(String command) throws IOException {
        return run(command, Map.of());
    }

    /** Runs a command, which must succeed, and returns its output. The words of the command must not contain blanks. */
    static String run(String command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.split(" ")).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed: " + output);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw new IllegalStateException(e);
        }
        return output;
    }

    static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The options from the command line and the environment. */
    static final class Options {

        List<Long> users = List.of(1_000L, 100_000L);
        int windows = 3;
        int seconds = 5;
        int warmUp = 8;
        int starts = 3;
        boolean keepData;
        String sharedBuffers = environment("BENCH_SHARED_BUFFERS", Machine.quarterOfMemory());
        String javaOptions = environment("BENCH_JAVA_OPTS", "");

        void read(String[] arguments) {
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--users" ->
                        users = Arrays.stream(arguments[++i].split(","))
                                .map(Long::valueOf)
                                .sorted()
                                .toList();
                    case "--windows" -> windows = Integer.parseInt(arguments[++i]);
                    case "--seconds" -> seconds = Integer.parseInt(arguments[++i]);
                    case "--warm-up" -> warmUp = Integer.parseInt(arguments[++i]);
                    case "--starts" -> starts = Integer.parseInt(arguments[++i]);
                    case "--keep-data" -> keepData = true;
                    default ->
                        throw new IllegalArgumentException("Unknown option " + arguments[i] + "; --help lists them");
                }
            }
        }

        /** A java command with the JVM flags of the service. */
        String java(String arguments) {
            return ("java @target/bench/app/java.args " + javaOptions + " " + arguments).replaceAll(" +", " ");
        }

        private static String environment(String name, String otherwise) {
            String value = System.getenv(name);
            return value == null || value.isBlank() ? otherwise : value;
        }
    }
}
