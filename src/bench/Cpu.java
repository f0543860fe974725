import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** CPU time and memory of processes, as {@code /proc} tells them. */
final class Cpu {

    private static final double TICK = 10; // milliseconds: USER_HZ is 100

    private Cpu() {}

    /** User and system time of all threads, ended ones too. */
    static double ofProcess(long pid) {
        return times(pid, 2);
    }

    /** Of the postmaster, its live children and those it has waited for. */
    static double ofPostgres(long postmaster) {
        while (true) {
            Set<Long> children = children(postmaster);
            double live = children.stream()
                    .mapToDouble(child -> Math.max(0, times(child, 2)))
                    .sum();
            double parent = times(postmaster, 4);
            if (children.equals(children(postmaster))) { // else one may be counted twice, or not at all
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

    /** The first of utime, stime, cutime and cstime, added up; they are fields 14 to 17, the second one has blanks. */
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
            return ""; // it has just ended
        }
    }
}
