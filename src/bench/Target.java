import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A performance target of the service and the measured figure.
 *
 * @param atLeast whether the limit is a minimum
 * @param measured NaN if it could not be measured
 * @param where the size and the operation of the figure
 */
record Target(String name, double limit, String unit, boolean atLeast, double measured, String where) {

    private static final int MEMORY_AT = 100_000;
    private static final int SEARCH_AT = 1_000_000;

    boolean met() {
        return atLeast ? measured >= limit : measured <= limit;
    }

    String verdict() {
        if (Double.isNaN(measured)) {
            return "not measured";
        }
        double distance = Math.min(Math.abs(measured / limit - 1), met() && !atLeast ? 1 : 1e9) * 100;
        return "%s by %.0f %%".formatted(met() ? "met" : "missed", distance);
    }

    @Override
    public String toString() {
        return "  %-62s %s %-8s measured %8.2f  %-16s %s"
                .formatted(name, atLeast ? "≥" : "≤", number(limit) + " " + unit, measured, verdict(), where);
    }

    static String number(double limit) {
        return limit == Math.rint(limit) ? "%.0f".formatted(limit) : Double.toString(limit);
    }

    /** A figure of one operation at one size of the table. */
    private record Figure(double value, String where) {}

    static List<Target> all(List<Bench.Size> sizes, Map<String, Double> start) {
        Bench.Size smallest = sizes.get(0);
        Bench.Size largest = sizes.get(sizes.size() - 1);
        List<String> pages = names(largest, "pages", "filtered pages");
        List<String> steps = names(largest, "cursor steps");
        List<Target> targets = new ArrayList<>();
        targets.add(inUnits("get by id", 2.5, sizes, List.of(Operations.GET)));
        targets.add(inUnits("refused request", 1.3, sizes, Operations.REFUSED));
        targets.add(inUnits("first page with exact total, any table size", 4, sizes, List.of(Operations.FIRST)));
        ToDoubleFunction<String> toFirst = name -> largest.units(name) / smallest.units(Operations.FIRST);
        String first = "× first page at %,d".formatted(smallest.users());
        targets.add(of("any page, any filter, largest table", 3, first, worst(largest, pages, toFirst)));
        targets.add(of("cursor step, any sort, largest table", 1.5, first, worst(largest, steps, toFirst)));
        targets.add(of(
                "lookup by email, largest table",
                1.2,
                "× get by id",
                worst(largest, List.of(Operations.EMAIL), name -> largest.cpu(name) / largest.cpu(Operations.GET))));
        Bench.Size searched = nearest(sizes, SEARCH_AT);
        targets.add(of(
                "search with under 1,000 hits at 1,000,000",
                10,
                "× first page",
                worst(
                        searched,
                        List.of(Operations.SEARCH),
                        name -> searched.cpu(name) / searched.cpu(Operations.FIRST))));
        targets.add(inUnits("update", 8, sizes, List.of(Operations.UPDATE)));
        targets.add(of(
                "create, beyond the password hash",
                3,
                "ms",
                sizes.stream()
                        .map(size -> new Figure(size.cpu(Operations.CREATE) - size.cpu(Operations.HASH), at(size)))
                        .max(Comparator.comparingDouble(Figure::value))
                        .orElseThrow()));
        targets.add(new Target(
                "16 creators without hashing: throughput with counters",
                85,
                "%",
                true,
                sizes.stream().mapToDouble(size -> 100 * size.creators()).min().orElseThrow(),
                "the least of all sizes"));
        targets.add(of(
                "start, prepared, against java -jar",
                45,
                "%",
                new Figure(
                        100
                                * start.getOrDefault(Start.PREPARED, Double.NaN)
                                / start.getOrDefault(Start.PACKAGED, Double.NaN),
                        "CPU until ready")));
        Bench.Size remembered = nearest(sizes, MEMORY_AT);
        targets.add(of(
                "resident memory of the service after 100,000 users",
                300,
                "MiB",
                new Figure(remembered.residentMebibytes(), at(remembered))));
        return targets;
    }

    private static Target of(String name, double limit, String unit, Figure figure) {
        return new Target(name, limit, unit, false, figure.value(), figure.where());
    }

    private static Target inUnits(String name, double limit, List<Bench.Size> sizes, List<String> operations) {
        return of(
                name,
                limit,
                "U",
                sizes.stream()
                        .map(size -> worst(size, operations, operation -> size.units(operation)))
                        .max(Comparator.comparingDouble(Figure::value))
                        .orElseThrow());
    }

    private static Figure worst(Bench.Size size, List<String> operations, ToDoubleFunction<String> figure) {
        return operations.stream()
                .map(name -> new Figure(figure.applyAsDouble(name), name + " at " + at(size)))
                .max(Comparator.comparingDouble(
                        Figure::value)) // NaN counts as the largest value, so a missing measurement fails the target
                .orElseThrow();
    }

    private static String at(Bench.Size size) {
        return "%,d".formatted(size.users());
    }

    private static List<String> names(Bench.Size size, String... groups) {
        return size.results().stream()
                .filter(result -> List.of(groups).contains(result.group()))
                .map(Bench.Result::name)
                .toList();
    }

    private static Bench.Size nearest(List<Bench.Size> sizes, long users) {
        return sizes.stream()
                .min(Comparator.comparingDouble(size -> Math.abs(Math.log((double) size.users() / users))))
                .orElseThrow();
    }
}
