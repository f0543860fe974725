package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.usersapi.support.ApiTest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The background tasks of sessions: writing uses, deleting ended sessions and salts. */
@ApiTest
class SessionCleanupIT {

    private final UUID user = UUID.randomUUID();

    private final ExecutorService noWriter = mock(); // so that only the tests write

    @SuppressWarnings("NullAway.Init") // before each test
    private SessionUseRecorder recorder;

    @Autowired
    private SessionCleanup cleanup;

    @Autowired
    private JdbcClient database;

    @BeforeEach
    void createUser() {
        recorder = new SessionUseRecorder(new SessionUseRepository(database), Clock.systemUTC(), noWriter);
        database.sql("""
                        insert into users (id, email, name, role, status, settings, created_at, version)
                        values (:id, concat(:id, '@example.com'), 'U', 'member', 'active', '{}', now(), 0)""").param("id", user).update();
    }

    @AfterEach
    void deleteUser() {
        database.sql("delete from users where id = ?").param(user).update();
    }

    private UUID create(String lastUsed, String expires) {
        UUID id = UUID.randomUUID();
        database.sql(
                        "insert into sessions (id, user_id, created_at, expires_at, last_used_at) values (?, ?, now(), now() + '"
                                + expires + "', now() + '" + lastUsed + "')")
                .params(id, user)
                .update();
        return id;
    }

    private List<UUID> usedSessions(String when) {
        return database.sql("select id from sessions where user_id = ? and last_used_at " + when)
                .param(user)
                .query(UUID.class)
                .list();
    }

    @Test
    void writePendingNeverSetsAnEarlierTime() {
        UUID used = create("-1 hour", "1 hour");
        UUID other = create("-1 hour", "1 hour");
        UUID later = create("1 minute", "1 hour"); // refreshed in the meantime
        recorder.recordUse(used, Instant.now());
        recorder.recordUse(later, Instant.now());
        recorder.recordUse(UUID.randomUUID(), Instant.now()); // ended in the meantime

        recorder.writePending();

        assertThat(usedSessions("between now() - interval '30 seconds' and now()"))
                .containsExactly(used);
        assertThat(usedSessions("< now() - interval '59 minutes'")).containsExactly(other);
        assertThat(usedSessions("> now()")).containsExactly(later);
        assertThat(database.sql(
                                "select count(*) from sessions where id in (?, ?) and newest_token_issued_at is not null")
                        .params(used, later)
                        .query(Integer.class)
                        .single())
                .as("written even if the stored last use is later")
                .isEqualTo(2);
    }

    @Test
    void writePendingSkipsLockedSessions(@Autowired TransactionTemplate transaction) {
        UUID locked = create("-1 hour", "1 hour");
        UUID free = create("-1 hour", "1 hour");
        transaction.executeWithoutResult(status -> {
            database.sql("select id from sessions where id = ? for update")
                    .param(locked)
                    .query(UUID.class)
                    .single();
            CompletableFuture.runAsync(() -> {
                        recorder.recordUse(locked, Instant.now());
                        recorder.recordUse(free, Instant.now());
                        recorder.writePending();
                    })
                    .join();
        });
        assertThat(usedSessions("> now() - interval '1 minute'")).containsExactly(free);

        recorder.writePending();

        assertThat(usedSessions("> now() - interval '1 minute'")).containsExactlyInAnyOrder(locked, free);
    }

    @Test
    void deleteEndedDeletesAllEndedSessions() {
        UUID live = create("-13 days", "1 minute");
        create("-14 days", "1 day");
        for (int n = 0; n < 201; n++) {
            create("-1 minute", "-1 second");
        }

        cleanup.deleteEnded();

        assertThat(usedSessions("is not null")).containsExactly(live);
    }

    @Test
    void deleteSaltsDeletesSaltsAfterTheGracePeriod() {
        UUID session = create("-1 minute", "1 hour");
        for (int seconds : new int[] {11, 61, 3600}) {
            database.sql("insert into refresh_tokens (hash, session_id, used, used_at, successor_salt)"
                            + " values (cast(? as bytea), ?, true, now() - ? * interval '1 second', 'salt')")
                    .params(seconds + "-" + user, session, seconds)
                    .update();
        }

        cleanup.deleteSalts();

        assertThat(database.sql(
                                "select count(*) from refresh_tokens where session_id = ? and successor_salt is not null")
                        .param(session)
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        assertThat(database.sql(
                                "select count(*) from refresh_tokens where session_id = ? and used and used_at is not null")
                        .param(session)
                        .query(Integer.class)
                        .single())
                .isEqualTo(3);
    }
}
