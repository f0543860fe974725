package dev.usersapi.user;

import dev.usersapi.database.DatabaseGauges;
import dev.usersapi.database.PatientJdbcTemplate;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Keeps what the list counts by in shape (see migration 5): folds what writers appended, and splits blocks that grew.
 * Totals are exact without it, too, but would take ever longer. Every instance tries, one at a time does it.
 */
@Component
class UserCounts {

    private static final Logger log = LoggerFactory.getLogger(UserCounts.class);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final long MOST_FOLDED_AT_ONCE = 100_000;
    private static final long DEAD_ROWS_WORTH_A_VACUUM = 5_000;

    private final JdbcClient database;
    private long folded;

    UserCounts(DataSource connections, DatabaseGauges gauges) {
        this.database = JdbcClient.create(new PatientJdbcTemplate(connections, LONGEST));
        for (UserStatus status : UserStatus.values()) {
            gauges.add(
                    "users.accounts",
                    "Users by status",
                    Tags.of("status", status.text()),
                    "select user_total(array[:status], null)",
                    Map.of("status", status.text()));
        }
    }

    @Scheduled(fixedDelayString = "PT0.25S")
    void maintain() {
        try {
            long n;
            do {
                n = fold();
                folded += n;
            } while (n == MOST_FOLDED_AT_ONCE);
            while (split()) {
                log.debug("Split a block of users");
            }
            if (folded > DEAD_ROWS_WORTH_A_VACUUM) {
                // autovacuum comes by once a minute: until then every total would be read past all folded rows
                database.sql("vacuum user_count_deltas").update();
                folded = 0;
            }
        } catch (DataAccessException e) {
            log.debug("Users are counted later", e); // readiness tells of a database that is gone
        }
    }

    private long fold() {
        return database.sql("select apply_user_count_deltas()")
                .query(Long.class)
                .single();
    }

    private boolean split() {
        return database.sql("select split_user_block()").query(Boolean.class).single();
    }
}
