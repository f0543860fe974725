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

    /** Starts on a PostgreSQL that runs already, so that its start does not count. */
    Start(Map<String, String> settings) {
        this.settings = settings;
    }

    /** CPU milliseconds until it says that it is ready: the median of starts taken in turn. */
    Map<String, Double> measure(int times) throws IOException {
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put(PACKAGED, "java -jar target/bench/packaged.jar");
        commands.put(EXTRACTED, "java -jar target/bench/app/users-api.jar");
        if (times > 0 && Files.isExecutable(Path.of("src/main/docker/prepare"))) {
            String output =
                    Bench.run("src/main/docker/prepare target/bench/packaged.jar target/bench/prepared", settings);
            commands.put(PREPARED, output.substring(output.lastIndexOf("java ")).strip()); // the last thing it tells
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        Map<String, List<Double>> costs = new HashMap<>();
        for (int i = 0; i < times; i++) {
            commands.forEach((form, command) -> {
                try (Server started = Server.launch("start", command, settings)) {
                    List<Double> list = costs.computeIfAbsent(form, key -> new ArrayList<>());
                    list.add(started.cpuUntil("users-api is ready"));
                    medians.put(form, Bench.median(list));
                }
            });
        }
        Bench.say("CPU of a start, ms: " + medians);
        return medians;
    }
}
