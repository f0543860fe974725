import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What starting the service costs, from the packaged jar and as it can be prepared for production. */
final class Start {

    static final String PACKAGED = "java -jar";
    static final String EXTRACTED = "extracted jar";
    static final String PREPARED = "prepared";

    private final Map<String, String> settings;
    private final int times;

    /** Starts on a PostgreSQL that runs already, so that its start does not count. */
    Start(Map<String, String> settings, Bench.Options options) {
        this.settings = new HashMap<>(settings);
        this.times = options.starts;
    }

    /** CPU milliseconds until it says that it is ready: the median of starts taken in turn. */
    Map<String, Double> measure() throws IOException {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        commands.put(
                PACKAGED,
                List.of(
                        Machine.java(),
                        "-jar",
                        Bench.WORK.resolve("packaged.jar").toString()));
        commands.put(
                EXTRACTED,
                List.of(
                        Machine.java(),
                        "-jar",
                        Bench.WORK.resolve("app/users-api.jar").toString()));
        if (Files.isExecutable(Path.of("src/main/docker/prepare"))) {
            commands.put(PREPARED, List.of("bash", "-c", "exec " + prepare()));
        }
        Map<String, List<Double>> costs = new LinkedHashMap<>();
        for (int i = 0; i < times; i++) {
            commands.forEach((form, command) -> {
                try (Server started = Server.launch("start", command, settings)) {
                    costs.computeIfAbsent(form, key -> new ArrayList<>()).add(started.cpuUntil("users-api is ready"));
                }
            });
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        costs.forEach((form, list) -> medians.put(form, Bench.median(list)));
        Bench.say("CPU of a start, ms: " + medians);
        return medians;
    }

    /** The command that the script tells in its last line. */
    private String prepare() throws IOException {
        ProcessBuilder script = new ProcessBuilder(
                "src/main/docker/prepare",
                Bench.WORK.resolve("packaged.jar").toString(),
                Bench.WORK.resolve("prepared").toString());
        script.environment().putAll(settings);
        List<String> lines =
                Bench.run(script).lines().filter(line -> line.contains("java ")).toList();
        return lines.get(lines.size() - 1).replaceFirst("^.*?(\\S*java )", "$1");
    }
}
