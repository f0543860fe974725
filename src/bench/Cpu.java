import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** CPU time and memory of processes, read from {@code /proc}. */
final class Cpu {

    private static final double TICK = 10; // milliseconds: USER_HZ is 100

    private Cpu() {}

    /** User and system time of all threads, including those that have ended. */
    static double ofProcess(long pid) {
        return times(pid, 2);
    }

    /** The CPU time of PostgreSQL: the postmaster, its running children, and its ended children. */
    static double ofPostgres(long postmaster) {
        while (true) {
            Set<Long> children = children(postmaster);
            double live = children.stream()
                    .mapToDouble(child -> Math.max(0, times(child, 2)))
                    .sum();
            double parent = times(postmaster, 4);
            if (children.equals(
                    children(postmaster))) { // a child that ended meanwhile may be counted twice or not at all
                return live + parent;
            }
        }
    }

    static double residentMebibytes(long pid) {
        String status = read(Path.of("/proc/" + pid + "/status"));
        return Double.parseDouble(status.replaceAll("(?s).*VmRSS:\\s+(\\d+) kB.*", "$1")) / 1024;
    }

    private static Set<Long> children(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    /** Adds up the first of utime, stime, cutime and cstime (fields 14 to 17). The second field may contain blanks. */
    private static double times(long pid, int count) {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double ticks = 0;
        for (int i = 0; i < count; i++) {
            ticks += Long.parseLong(fields[11 + i]);
        }
        return ticks * TICK;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // the process has just ended
        }
    }
}
