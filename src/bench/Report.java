import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The report: one HTML page that loads nothing from other hosts. */
final class Report {

    private static final int WIDTH = 300;
    private static final int HEIGHT = 190;
    private static final int LEFT = 52;
    private static final int RIGHT = 14;
    private static final int TOP = 12;
    private static final int BOTTOM = 40;

    private Report() {}

    static String of(Bench.Run run) {
        return """
                <!doctype html>
                <html lang="en">
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width">
                <title>users-api: what requests cost</title>
                <style>
                  body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; background: #fff; max-width: 1320px;
                         margin: 2rem auto; padding: 0 1.5rem; }
                  h1 { font-size: 1.7rem; margin: 0 0 .3rem; }
                  h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid #d8dee6; }
                  h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
                  p { max-width: 52rem; }
                  table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .88rem; }
                  th, td { padding: .22rem .7rem; text-align: right; border-bottom: 1px solid #e9edf2; }
                  th { font-weight: 600; color: #4a5868; vertical-align: bottom; }
                  th:first-child, td:first-child, td.text, th.text { text-align: left; }
                  tr.group td { font-weight: 600; background: #f4f6f9; }
                  td.met { color: #16703c; font-weight: 600; }
                  td.missed { color: #b3261e; font-weight: 600; }
                  td.none, .note { color: #76828f; }
                  .plots { display: flex; flex-wrap: wrap; gap: .6rem 1rem; }
                  figure { margin: 0; }
                  figcaption { font-size: .86rem; font-weight: 600; padding-left: 52px; }
                  svg text { font: 11px system-ui, sans-serif; fill: #5b6977; }
                  .scroll { overflow-x: auto; }
                  .key { display: inline-block; width: 1.6em; height: 0; border-top: 3px solid; vertical-align: middle; }
                </style>
                <h1>users-api: what requests cost</h1>
                <p>Cost is CPU time of one request, service and PostgreSQL together, in milliseconds, at %s connections
                after warm-up. It holds on a shared machine too; requests per second and latency are those of this
                machine on this day. U is what a bare Spring MVC endpoint with the same token check costs.</p>
                <h2>Targets</h2>
                <div class="scroll"><table>
                <tr><th>target<th>limit<th>measured<th class="text"><th class="text">where</tr>
                %s</table></div>
                <h2>Cost by table size</h2>
                <p><span class="key" style="color:#1f5fbf"></span> service and PostgreSQL
                &nbsp; <span class="key" style="color:#d9822b"></span> PostgreSQL alone
                &nbsp; <span class="key" style="color:#9aa5b1;border-top-style:dashed"></span> U</p>
                %s
                <h2>Start</h2>
                <p>%s</p>
                <h2>Figures</h2>
                %s
                <h2>Setting</h2>
                <table>%s</table>
                </html>
                """.formatted(
                        Load.CONNECTIONS,
                        run.targets().stream().map(Report::target).collect(Collectors.joining("\n")),
                        plots(run.sizes()),
                        start(run.start()),
                        run.sizes().stream().map(Report::table).collect(Collectors.joining("\n")),
                        run.setting().entrySet().stream()
                                .map(entry -> "<tr><td>%s<td class=text>%s</tr>"
                                        .formatted(escaped(entry.getKey()), escaped(entry.getValue())))
                                .collect(Collectors.joining("\n")));
    }

    private static String target(Target target) {
        boolean known = !Double.isNaN(target.measured());
        return "<tr><td>%s<td>%s %s %s<td>%s<td class='text %s'>%s<td class='text note'>%s</tr>"
                .formatted(
                        target.name(),
                        target.atLeast() ? "≥" : "≤",
                        Target.number(target.limit()),
                        target.unit(),
                        known ? figure(target.measured()) : "–",
                        known ? target.met() ? "met" : "missed" : "none",
                        target.verdict(),
                        escaped(target.where()));
    }

    private static String start(Map<String, Double> start) {
        return start.isEmpty()
                ? "Not measured."
                : start.entrySet().stream()
                        .map(entry -> "%s: %.0f ms of CPU".formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining("; ", "Until the service says that it is ready: ", "."));
    }

    private static String table(Bench.Size size) {
        StringBuilder rows = new StringBuilder();
        String group = "";
        for (Bench.Result result : size.results()) {
            if (!result.group().equals(group)) {
                group = result.group();
                rows.append("<tr class=group><td colspan=10>").append(group).append("</tr>\n");
            }
            rows.append("<tr><td>").append(escaped(result.name()));
            if (result.measured()) {
                Load.Window median = result.median();
                for (String cell : List.of(
                        "%,.0f".formatted(median.perSecond()),
                        figure(median.p50()),
                        figure(median.p90()),
                        figure(median.p99()),
                        figure(median.service()),
                        figure(median.database()),
                        "<b>" + figure(median.cpu()) + "</b>",
                        figure(result.units()))) {
                    rows.append("<td>").append(cell);
                }
            } else {
                rows.append("<td class='text none' colspan=8>").append(escaped(result.problem()));
            }
            rows.append("<td class='text note'>")
                    .append(result.measured() ? escaped(result.note()) : "")
                    .append("</tr>\n");
        }
        return """
                <h3>%,d users</h3>
                <p>Table with indexes %,.0f MiB; resident memory of the service afterwards %,.0f MiB; creators with
                triggers at %.0f %% of the throughput without.</p>
                <div class="scroll"><table>
                <tr><th>operation<th>requests/s<th>p50 ms<th>p90 ms<th>p99 ms<th>CPU ms<br>service<th>CPU ms<br>database
                <th>CPU ms<br>both<th>U<th class="text">note</tr>
                %s</table></div>
                """.formatted(
                        size.users(), size.tableMebibytes(), size.residentMebibytes(), 100 * size.creators(), rows);
    }

    private static String plots(List<Bench.Size> sizes) {
        List<Bench.Result> operations = sizes.get(sizes.size() - 1).results();
        return operations.stream()
                .map(Bench.Result::group)
                .distinct()
                .map(group -> operations.stream()
                        .filter(operation -> operation.group().equals(group))
                        .map(operation -> plot(operation.name(), sizes))
                        .filter(plot -> !plot.isEmpty())
                        .collect(Collectors.joining("\n", "<h3>" + group + "</h3>\n<div class=plots>\n", "</div>")))
                .filter(group -> group.contains("<figure>"))
                .collect(Collectors.joining("\n"));
    }

    /** A plot of the cost of one operation against the size of the table, on a logarithmic axis. */
    private static String plot(String operation, List<Bench.Size> sizes) {
        List<Bench.Size> measured = sizes.stream()
                .filter(size -> !Double.isNaN(size.cpu(operation)))
                .toList();
        if (measured.isEmpty()) {
            return "";
        }
        double[] x =
                sizes.stream().mapToDouble(size -> Math.log10(size.users())).toArray();
        double low = x[0] - 0.3;
        double high = x[x.length - 1] + 0.3;
        double highest = measured.stream()
                .mapToDouble(size -> Math.max(size.cpu(operation), size.cpu(Operations.UNIT)))
                .max()
                .orElseThrow();
        double step = step(highest);
        double top = Math.ceil(highest * 1.02 / step) * step;
        StringBuilder svg = new StringBuilder();
        for (int i = 0; i * step <= top + step / 2; i++) {
            double y = y(i * step, top);
            svg.append("<line x1=%d x2=%d y1=%.1f y2=%.1f stroke='#e3e8ee'/>".formatted(LEFT, WIDTH - RIGHT, y, y));
            svg.append("<text x=%d y=%.1f text-anchor=end>%s</text>".formatted(LEFT - 6, y + 4, axis(i * step, step)));
        }
        for (int i = 0; i < x.length; i++) {
            svg.append("<text x=%.1f y=%d text-anchor=middle>%s</text>"
                    .formatted(
                            x(x[i], low, high),
                            HEIGHT - BOTTOM + 16,
                            count(sizes.get(i).users())));
        }
        svg.append("<text x=%d y=%d text-anchor=middle>users in the table</text>"
                .formatted((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8));
        svg.append("<text transform='translate(11 %d) rotate(-90)' text-anchor=middle>CPU ms per request</text>"
                .formatted((TOP + HEIGHT - BOTTOM) / 2));
        double[] at = measured.stream()
                .mapToDouble(size -> x(Math.log10(size.users()), low, high))
                .toArray();
        svg.append(line(
                at, measured.stream().mapToDouble(s -> s.cpu(Operations.UNIT)).toArray(), top, "#9aa5b1", true));
        svg.append(line(
                at,
                measured.stream()
                        .mapToDouble(s -> s.figure(operation, r -> r.median().database()))
                        .toArray(),
                top,
                "#d9822b",
                false));
        svg.append(line(at, measured.stream().mapToDouble(s -> s.cpu(operation)).toArray(), top, "#1f5fbf", false));
        return "<figure><figcaption>%s</figcaption><svg width=%d height=%d role=img aria-label='%s'>%s</svg></figure>"
                .formatted(escaped(operation), WIDTH, HEIGHT, escaped(operation), svg);
    }

    private static String line(double[] at, double[] values, double top, String colour, boolean dashed) {
        String points = IntStream.range(0, at.length)
                .mapToObj(i -> "%.1f,%.1f".formatted(at[i], y(values[i], top)))
                .collect(Collectors.joining(" "));
        String dots = IntStream.range(0, at.length)
                .mapToObj(i -> "<circle cx=%.1f cy=%.1f r=%s fill='%s'><title>%.3f ms</title></circle>"
                        .formatted(at[i], y(values[i], top), dashed ? "2" : "3.5", colour, values[i]))
                .collect(Collectors.joining());
        return "<polyline points='%s' fill=none stroke='%s' stroke-width='%s'%s/>%s"
                .formatted(points, colour, dashed ? "1.5" : "2", dashed ? " stroke-dasharray='4 3'" : "", dots);
    }

    private static double x(double value, double low, double high) {
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    }

    /** The distance of grid lines: 1, 2 or 5 times a power of ten, so that there are three to six lines. */
    private static double step(double highest) {
        double power = Math.pow(10, Math.floor(Math.log10(highest)));
        double leading = highest / power;
        return leading < 2 ? power / 2 : leading < 5 ? power : 2 * power;
    }

    private static String axis(double value, double step) {
        int digits = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        return ("%,." + digits + "f").formatted(value);
    }

    private static String count(long users) {
        return users % 1_000_000 == 0 ? users / 1_000_000 + " M" : users % 1000 == 0 ? users / 1000 + " k" : "" + users;
    }

    private static String figure(double value) {
        return Double.isNaN(value) ? "–" : value >= 100 ? "%,.0f".formatted(value) : "%.2f".formatted(value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
