import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Describes the machine and the software of a run. */
final class Machine {

    private Machine() {}

    static Map<String, String> describe(Bench.Options options, Dataset data) throws IOException, SQLException {
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        String changed = Bench.run("git status --porcelain --untracked-files=no");
        setting.put(
                "commit",
                Bench.run("git rev-parse --short HEAD").strip() + (changed.isBlank() ? "" : " with local changes"));
        setting.put(
                "processor", Runtime.getRuntime().availableProcessors() + " × " + found("/proc/cpuinfo", "model name"));
        setting.put("memory", mebibytes() + " MiB");
        setting.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        setting.put("JDK", System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"));
        setting.put("JVM flags", ("java.args " + options.javaOptions).strip());
        setting.put("heap", heap(options));
        setting.put("PostgreSQL", data.one("select version()").replaceAll(" on .*", ""));
        setting.put(
                "PostgreSQL settings",
                "shared_buffers " + data.one("show shared_buffers") + ", max_wal_size " + data.one("show max_wal_size")
                        + ", synchronous_commit " + data.one("show synchronous_commit"));
        setting.put("connections", Integer.toString(Load.CONNECTIONS));
        setting.put(
                "windows",
                options.windows + " of " + options.seconds + " s, after at most " + options.warmUp + " to warm up");
        setting.put("load average at the start", loadAverage());
        return setting;
    }

    /** A quarter of the memory, as the PostgreSQL manual recommends for shared_buffers, but at most 4 GB. */
    static String quarterOfMemory() {
        return Math.min(4096, mebibytes() / 4) + "MB";
    }

    static String loadAverage() {
        return read("/proc/loadavg").split(" ")[0];
    }

    private static long mebibytes() {
        return Long.parseLong(found("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024;
    }

    /** The settings that the JVM derives from the flags. */
    private static String heap(Bench.Options options) throws IOException {
        return Bench.run(options.java("-XX:+PrintFlagsFinal -version"))
                .lines()
                .filter(line -> line.matches("\\s*(size_t MaxHeapSize|bool Use(Serial|Parallel|G1|Z)GC) .*"))
                .filter(line -> !line.contains("= false"))
                .map(line -> line.strip().split("\\s+"))
                .map(field -> field[1].startsWith("Use")
                        ? field[1].substring(3)
                        : "at most " + Long.parseLong(field[3]) / 1048576 + " MiB")
                .collect(Collectors.joining(", "));
    }

    private static String found(String file, String key) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(key))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
