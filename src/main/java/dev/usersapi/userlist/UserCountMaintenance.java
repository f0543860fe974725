package dev.usersapi.userlist;

import dev.usersapi.database.DatabaseGauges;
import dev.usersapi.database.LongQueryJdbcTemplate;
import dev.usersapi.user.UserStatus;
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
 * Keeps the counts of users small and fast to read. Writers only append to {@code user_count_deltas}; this task applies the
 * deltas to {@code user_counts} and splits blocks that have grown. Totals are exact without it, but reading them would
 * take longer and longer. Every instance runs it; a lock in the database lets one at a time do the work.
 */
@Component
class UserCountMaintenance {

    private static final Logger log = LoggerFactory.getLogger(UserCountMaintenance.class);
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);
    private static final long MAX_DELTAS_PER_RUN = 100_000; // the limit in apply_user_count_deltas()
    private static final long DELTAS_PER_VACUUM = 5_000;

    private final JdbcClient database;
    private long appliedSinceVacuum;

    UserCountMaintenance(DataSource connections, DatabaseGauges gauges) {
        this.database = JdbcClient.create(new LongQueryJdbcTemplate(connections, MAX_WAIT));
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
            long applied;
            do {
                applied = applyDeltas();
                appliedSinceVacuum += applied;
            } while (applied == MAX_DELTAS_PER_RUN);
            while (splitBlock()) {
                log.debug("Split a block of users");
            }
            if (appliedSinceVacuum > DELTAS_PER_VACUUM) {
                // autovacuum runs once a minute, and until then every total scans the dead rows of the applied deltas
                database.sql("vacuum user_count_deltas").update();
                appliedSinceVacuum = 0;
            }
        } catch (DataAccessException e) {
            log.debug("The counts of users will be maintained later", e); // readiness reports a lost database
        }
    }

    private long applyDeltas() {
        return database.sql("select apply_user_count_deltas()")
                .query(Long.class)
                .single();
    }

    private boolean splitBlock() {
        return database.sql("select split_user_block()").query(Boolean.class).single();
    }
}
