import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the start of the service, from the packaged jar and prepared for production. */
final class Start {

    static final String PACKAGED = "java -jar";
    static final String EXTRACTED = "extracted jar";
    static final String PREPARED = "prepared";

    private final Map<String, String> settings;

    /** Uses a PostgreSQL that is already running, so that its start is not counted. */
    Start(Map<String, String> settings) {
        this.settings = settings;
    }

    /** The median CPU time, in milliseconds, until the service logs that it is ready. */
    Map<String, Double> measure(int times) {
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put(PACKAGED, "java -jar target/bench/packaged.jar");
        commands.put(EXTRACTED, "java -jar target/bench/app/users-api.jar");
        commands.put(PREPARED, Bench.SERVICE);
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
