package dev.usersapi.auth;

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

/** Takes away what does not count any more. Every instance does it; none waits for, or deadlocks with, anyone. */
@Component
class SessionCleanup {

    private static final Logger log = LoggerFactory.getLogger(SessionCleanup.class);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int BATCH = 100; // each with thousands of refresh tokens, perhaps

    private final JdbcClient database;
    private final SessionProperties properties;

    SessionCleanup(DataSource connections, SessionProperties properties, DatabaseGauges gauges) {
        this.database = JdbcClient.create(new PatientJdbcTemplate(connections, LONGEST));
        this.properties = properties;
        gauges.add(
                "users.sessions.live",
                "Sessions that have not ended",
                Tags.empty(),
                "select count(*) from sessions s where " + SessionRepository.LIVE,
                Map.of("idle", properties.idleSeconds()));
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteEnded() {
        deleteAll("expires_at <= now() order by expires_at");
        deleteAll("last_used_at <= now() - make_interval(secs => :idle) order by last_used_at");
    }

    /** The order makes PostgreSQL take the index, whatever it thinks of how many there are. */
    private void deleteAll(String ended) {
        int deleted;
        do {
            deleted = database.sql("delete from sessions where id in (select id from sessions where " + ended
                            + " limit " + BATCH + " for update skip locked)")
                    .param("idle", properties.idleSeconds())
                    .update();
        } while (deleted == BATCH);
    }

    /** Then no successor can be computed any more, not even by who holds the token and reads the database. */
    @Scheduled(fixedDelayString = "PT1M")
    void forgetSalts() {
        try {
            // longer than the grace, because the clocks of instances and database differ a little
            database.sql("""
                            update refresh_tokens set successor_salt = null where hash in (
                                select hash from refresh_tokens
                                where successor_salt is not null and used_at < now() - interval '1 minute'
                                for update skip locked)""").update();
        } catch (DataAccessException e) {
            log.debug("Salts are forgotten later", e); // readiness tells of a database that is gone
        }
    }
}
