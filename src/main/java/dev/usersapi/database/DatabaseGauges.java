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
 * Gauges whose values come from the database. They are read every 30 seconds, so that a scrape neither waits for the
 * database nor fails without it. A value that could not be read is NaN.
 */
@Component
public class DatabaseGauges {

    private static final Logger log = LoggerFactory.getLogger(DatabaseGauges.class);
    private static final Duration MAX_QUERY_TIME = Duration.ofSeconds(30);

    private final List<ValueSource> sources = new CopyOnWriteArrayList<>();
    private final JdbcClient database;
    private final MeterRegistry meters;

    DatabaseGauges(DataSource connections, MeterRegistry meters) {
        this.database = JdbcClient.create(new LongQueryJdbcTemplate(connections, MAX_QUERY_TIME));
        this.meters = meters;
    }

    /**
     * Registers a gauge.
     *
     * @param sql a query that returns one number
     */
    public void add(String name, String description, Tags tags, String sql, Map<String, ?> parameters) {
        ValueSource source = new ValueSource(sql, parameters);
        sources.add(source);
        Gauge.builder(name, source, read -> read.value)
                .description(description)
                .tags(tags)
                .register(meters);
    }

    @Scheduled(fixedDelayString = "PT30S")
    public void read() {
        try {
            for (ValueSource source : sources) {
                source.value = database.sql(source.sql)
                        .params(source.parameters)
                        .query(Double.class)
                        .single();
            }
        } catch (DataAccessException e) {
            sources.forEach(source -> source.value = Double.NaN);
            log.debug("The gauges of the database could not be read", e); // the readiness probe reports outages
        }
    }

    private static final class ValueSource {

        private final String sql;
        private final Map<String, ?> parameters;
        private volatile double value = Double.NaN;

        ValueSource(String sql, Map<String, ?> parameters) {
            this.sql = sql;
            this.parameters = parameters;
        }
    }
}
