package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.database.DatabaseGauges;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Metrics of the Prometheus endpoint. */
@ApiTest
class MetricsIT {

    @Autowired
    private Api api;

    @Autowired
    private DatabaseGauges gauges;

    @Autowired
    private JdbcClient database;

    private String scrape() {
        return api.admin().get("/actuator/prometheus").text();
    }

    private double value(String series) {
        return scrape().lines()
                .filter(line -> line.startsWith(series + " "))
                .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No series " + series));
    }

    private double countRequests(String method, String status, String uri) {
        return scrape().lines()
                .filter(line -> line.startsWith("http_server_requests_seconds_count{")
                        && line.contains("method=\"" + method + "\"")
                        && line.contains("status=\"" + status + "\"")
                        && line.contains("uri=\"" + uri + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void refusedRequestsAreCountedWithTheirRoute() {
        Client member = api.newUser("member");
        String user = "/api/v1/users/{user_id}";
        double unauthorized = countRequests("GET", "401", user);
        double forbidden = countRequests("DELETE", "403", user);
        double notAllowed = countRequests("POST", "405", user);
        double unmapped = countRequests("GET", "404", "NOT_FOUND");
        double metrics = countRequests("GET", "401", "/actuator/prometheus");

        String unknown = UUID.randomUUID().toString();
        assertThat(api.anonymous().get("/api/v1/users/" + member.id()).status()).isEqualTo(401);
        assertThat(member.delete("/api/v1/users/" + member.id()).status()).isEqualTo(403);
        assertThat(api.admin().send("POST", "/api/v1/users/" + member.id()).status())
                .isEqualTo(405);
        assertThat(api.anonymous().get("/api/v1/" + unknown).status()).isEqualTo(404);
        assertThat(api.anonymous().get("/actuator/prometheus").status()).isEqualTo(401);

        assertThat(countRequests("GET", "401", user)).isEqualTo(unauthorized + 1);
        assertThat(countRequests("DELETE", "403", user)).isEqualTo(forbidden + 1);
        assertThat(countRequests("POST", "405", user)).isEqualTo(notAllowed + 1);
        assertThat(countRequests("GET", "404", "NOT_FOUND")).isEqualTo(unmapped + 1);
        assertThat(countRequests("GET", "401", "/actuator/prometheus")).isEqualTo(metrics + 1);
        assertThat(scrape()).doesNotContain(unknown).doesNotContain("uri=\"UNKNOWN\"");
    }

    @Test
    void latencyHistogramHasTwelveBuckets() {
        api.admin().get("/api/v1/users");

        assertThat(Pattern.compile("http_server_requests_seconds_bucket\\{.*le=\"([^\"]+)\".*}")
                        .matcher(scrape())
                        .results()
                        .map((MatchResult bucket) -> bucket.group(1))
                        .collect(Collectors.toSet()))
                .hasSize(12)
                .contains("0.005", "0.1", "1.0", "8.0", "+Inf");
    }

    @Test
    void gaugesShowCountsFromTheDatabase() {
        api.newUser("member");
        database.sql("""
                        insert into scheduled_tasks (task_name, task_instance, task_data, execution_time, picked, version)
                        values ('mail', 'waits', convert_to(json_build_object('queuedAt',
                            to_char((now() - interval '2 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                            )::text, 'UTF8'), now() + interval '1 hour', false, 1)""").update();
        try {
            gauges.read();

            Map<String, Long> users = database
                    .sql("select status, count(*) from users group by status")
                    .query((row, number) -> Map.entry(row.getString(1), row.getLong(2)))
                    .list()
                    .stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            for (String status : new String[] {"active", "inactive", "pending"}) {
                assertThat(value("users_accounts{status=\"" + status + "\"}"))
                        .isEqualTo(users.getOrDefault(status, 0L).doubleValue());
            }
            assertThat(value("users_mails_waiting")).isPositive();
            assertThat(value("users_mails_oldest_age_seconds")).isBetween(7200.0, 7260.0);
            assertThat(value("users_sessions_live"))
                    .isEqualTo(database.sql("select count(*) from sessions where expires_at > now()"
                                    + " and last_used_at > now() - interval '14 days'")
                            .query(Double.class)
                            .single());
            assertThat(value("users_signing_key_age_seconds"))
                    .isBetween(
                            0.0,
                            database.sql("select extract(epoch from now() - min(created_at)) + 1 from signing_keys")
                                    .query(Double.class)
                                    .single());
        } finally {
            database.sql("delete from scheduled_tasks where task_instance = 'waits'")
                    .update();
        }
    }

    @Test
    void metricsOfTheAlertRulesAndTheDashboardAreExported() throws IOException {
        api.admin().get("/api/v1/users");
        Set<String> exported = Pattern.compile("(?m)^([a-z_]+)[{ ]")
                .matcher(scrape())
                .results()
                .map(series -> series.group(1))
                .collect(Collectors.toSet());

        for (String file : List.of("prometheus/users-api.rules.yml", "grafana/users-api.json")) {
            Set<String> named = Pattern.compile("\\b((?:users|http|jvm|process|hikaricp)_[a-z_]+)\\{")
                    .matcher(Files.readString(Path.of("src/deploy", file)))
                    .results()
                    .map(series -> series.group(1))
                    .collect(Collectors.toSet());
            assertThat(named).hasSizeGreaterThan(12);
            // counters do not exist before their first event, nor gauges of parts that are not configured
            named.removeIf(name -> name.startsWith("users_") && isRegisteredInTheCode(name));
            named.remove("jvm_gc_pause_seconds_sum"); // does not exist before the first garbage collection
            assertThat(exported).containsAll(named);
        }
    }

    private static boolean isRegisteredInTheCode(String metric) {
        String meter = "\"" + metric.replaceFirst("_total$", "").replace('_', '.') + "\"";
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                if (Files.readString(source).contains(meter)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
