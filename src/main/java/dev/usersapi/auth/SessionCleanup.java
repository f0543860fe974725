package dev.usersapi.auth;

import dev.usersapi.database.DatabaseGauges;
import dev.usersapi.database.LongQueryJdbcTemplate;
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
 * Deletes ended sessions, and salts that are no longer needed. Every instance does this. The statements skip locked
 * rows, so they neither wait for other transactions nor deadlock with them.
 */
@Component
class SessionCleanup {

    private static final Logger log = LoggerFactory.getLogger(SessionCleanup.class);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    /** Small, because the refresh tokens of a session are deleted with it, and there can be thousands. */
    private static final int BATCH_SIZE = 100;

    private final JdbcClient database;
    private final SessionProperties properties;

    SessionCleanup(DataSource connections, SessionProperties properties, DatabaseGauges gauges) {
        this.database = JdbcClient.create(new LongQueryJdbcTemplate(connections, STATEMENT_TIMEOUT));
        this.properties = properties;
        gauges.add(
                "users.sessions.live",
                "Sessions that have not ended",
                Tags.empty(),
                "select count(*) from sessions s where " + SessionRepository.NOT_EXPIRED,
                Map.of("idle", properties.idleSeconds()));
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteEnded() {
        deleteAll("expires_at <= now() order by expires_at");
        deleteAll("last_used_at <= now() - make_interval(secs => :idle) order by last_used_at");
    }

    /** The order makes PostgreSQL use an index, even if it expects many rows. */
    private void deleteAll(String conditionAndOrder) {
        int deleted;
        do {
            deleted = database.sql("delete from sessions where id in (select id from sessions where "
                            + conditionAndOrder + " limit " + BATCH_SIZE + " for update skip locked)")
                    .param("idle", properties.idleSeconds())
                    .update();
        } while (deleted == BATCH_SIZE);
    }

    /** Without the salt nobody can compute the successor, even with the token and access to the database. */
    @Scheduled(fixedDelayString = "PT1M")
    void deleteSalts() {
        try {
            // longer than the grace period, because the clocks of instances and database can differ
            database.sql("""
                            update refresh_tokens set successor_salt = null where hash in (
                                select hash from refresh_tokens
                                where successor_salt is not null and used_at < now() - interval '1 minute'
                                for update skip locked)""").update();
        } catch (DataAccessException e) {
            log.debug("Salts are deleted later", e); // readiness reports a failed database
        }
    }
}
