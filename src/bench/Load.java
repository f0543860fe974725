import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends load with wrk and pgbench, and reads the CPU time of the servers before and after it. */
final class Load {

    static final int CONNECTIONS = 16;
    private static final Pattern WRK = Pattern.compile("BENCH" + " (-?\\d+)".repeat(8));
    private static final Pattern TRANSACTIONS = Pattern.compile("actually processed: (\\d+)");
    private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+)");

    /** The figures of one window of load. Times are in milliseconds, CPU times per request. */
    record Window(
            double requests, double perSecond, double p50, double p90, double p99, double service, double database) {

        double cpu() {
            return service + database;
        }
    }

    private final Dataset data;
    private final int seconds;
    private int windows;

    Load(Dataset data, int seconds) {
        this.data = data;
        this.seconds = seconds;
    }

    /**
     * Sends the requests of an operation for one window. The window is longer if no request is answered in it.
     *
     * @throws Unexpected if an answer differs from the one that the operation expects
     */
    Window http(Operation operation) throws IOException, Unexpected {
        Path requests = Bench.WORK.resolve("requests.tsv");
        Files.write(requests, operation.requests());
        for (int length : new int[] {seconds, Math.max(20, 4 * seconds)}) {
            double service = Cpu.ofProcess(operation.server().pid());
            double database = data.cpu();
            String output = Bench.run("wrk -t2 -c%d -d%ds --timeout 20s -s src/bench/request.lua %s -- %s %d %d"
                    .formatted(
                            CONNECTIONS,
                            length,
                            operation.server().origin(),
                            requests,
                            operation.expected(),
                            ++windows));
            for (int i = 0; i < 3000 && operation.server().isAnsweringTheGone(); i++) {
                Bench.pause(20);
            }
            awaitQuiet(() -> Cpu.ofProcess(operation.server().pid()) + data.cpu());
            service = Cpu.ofProcess(operation.server().pid()) - service;
            database = operation.usesDatabase() ? data.cpu() - database : 0;
            Matcher result = WRK.matcher(output);
            if (!result.find()) {
                throw new IllegalStateException("wrk said: " + output);
            }
            long[] numbers = new long[9];
            for (int i = 1; i < numbers.length; i++) {
                numbers[i] = Long.parseLong(result.group(i));
            }
            long answered = numbers[2];
            // requests that are open at the end are answered too and use CPU time: wait for them and count them
            double sent = numbers[3];
            if (numbers[4] > operation.tolerated() || numbers[5] > 0) {
                throw new Unexpected("of " + answered + " answers " + numbers[4] + " had not status "
                        + operation.expected() + "; " + numbers[5] + " had no answer");
            }
            if (answered > 0) {
                return new Window(
                        answered,
                        answered * 1e6 / numbers[1],
                        numbers[6] / 1e3,
                        numbers[7] / 1e3,
                        numbers[8] / 1e3,
                        service / sent,
                        database / sent);
            }
        }
        throw new Unexpected("no answer in " + Math.max(20, 4 * seconds) + " s");
    }

    /** Runs a pgbench script for one window. The figures are per statement; the script has the given number of them. */
    Window pgbench(String script, int statements) throws IOException, SQLException {
        Path file = Bench.WORK.resolve("pgbench.sql");
        Files.writeString(file, script);
        double before = data.cpu();
        String output = Bench.run(
                "pgbench -n -M prepared -c %d -j 2 -T %d -h localhost -p %s -U postgres -f %s postgres"
                        .formatted(CONNECTIONS, seconds, data.port(), file),
                Map.of("PGPASSWORD", data.password()));
        awaitQuiet(data::cpu);
        double cpu = data.cpu() - before;
        double count = number(TRANSACTIONS, output) * statements;
        double perSecond = number(TPS, output) * statements;
        return new Window(count, perSecond, CONNECTIONS * 1e3 / perSecond, Double.NaN, Double.NaN, 0, cpu / count);
    }

    /** A select by primary key with pgbench. The script contains several, for different rows. */
    Window selectByKey(List<Dataset.Sample> sample) throws IOException, SQLException {
        List<String> selects = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            selects.add("select id, email, name, role, status, settings, created_at, last_login from users where id = '"
                    + sample.get(i * sample.size() / 64).uuid() + "';\n");
        }
        return pgbench(String.join("", selects), selects.size());
    }

    /** Waits until the servers are idle: PostgreSQL may still execute a statement of a request that was given up. */
    private static void awaitQuiet(DoubleSupplier cpu) {
        double before = cpu.getAsDouble();
        for (int i = 0; i < 300; i++) {
            Bench.pause(100);
            double now = cpu.getAsDouble();
            if (now - before <= 10) {
                return;
            }
            before = now;
        }
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("pgbench said: " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** An unexpected answer, which makes the figures of the operation meaningless. */
    static final class Unexpected extends Exception {

        private static final long serialVersionUID = 1L;

        Unexpected(String message) {
            super(message);
        }
    }
}
