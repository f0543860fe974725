package dev.usersapi.database;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Gauges whose numbers come from the database. They are read twice a minute, so that no scrape waits for the database or
 * fails without it; a number that could not be read is NaN.
 */
@Component
public class DatabaseGauges {

    private static final Logger log = LoggerFactory.getLogger(DatabaseGauges.class);
    private static final Duration MAX_TIME = Duration.ofSeconds(30);

    private final List<NumberSource> numbers = new CopyOnWriteArrayList<>();
    private final JdbcClient database;
    private final MeterRegistry meters;

    DatabaseGauges(DataSource connections, MeterRegistry meters) {
        this.database = JdbcClient.create(new PatientJdbcTemplate(connections, MAX_TIME));
        this.meters = meters;
    }

    /**
     * Registers a gauge.
     *
     * @param sql selects one number
     */
    public void add(String name, String description, Tags tags, String sql, Map<String, ?> parameters) {
        NumberSource number = new NumberSource(sql, parameters);
        numbers.add(number);
        Gauge.builder(name, number, read -> read.value)
                .description(description)
                .tags(tags)
                .register(meters);
    }

    @Scheduled(fixedDelayString = "PT30S")
    public void read() {
        try {
            for (NumberSource number : numbers) {
                number.value = database.sql(number.sql)
                        .params(number.parameters)
                        .query(Double.class)
                        .single();
            }
        } catch (DataAccessException e) {
            numbers.forEach(number -> number.value = Double.NaN);
            log.debug("Gauges are read later", e); // readiness tells of a database that is gone
        }
    }

    private static final class NumberSource {

        private final String sql;
        private final Map<String, ?> parameters;
        private volatile double value = Double.NaN;

        NumberSource(String sql, Map<String, ?> parameters) {
            this.sql = sql;
            this.parameters = parameters;
        }
    }
}
