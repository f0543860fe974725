package dev.usersapi.auth;

import dev.usersapi.http.TypeId;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.User;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Reports a session that ends because its refresh token was replayed: to the operator by metric and log, to the user by
 * mail. A user gets at most one mail an hour, so that a faulty client cannot flood the mailbox.
 */
@Component
class RefreshTokenReplayReporter {

    private static final Logger log = LoggerFactory.getLogger(RefreshTokenReplayReporter.class);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final JdbcClient database;
    private final Outbox outbox;
    private final Counter replayed;

    RefreshTokenReplayReporter(JdbcClient database, Outbox outbox, MeterRegistry meters) {
        this.database = database;
        this.outbox = outbox;
        this.replayed = meters.counter("users.refresh.tokens.replayed");
    }

    /** Must be called in the transaction that ends the session. */
    void report(Session session, User user) {
        replayed.increment();
        log.warn(
                "A refresh token of session {} of user {} was presented after it had been replaced."
                        + " It may have been stolen; the session is ended.",
                TypeId.format(Session.ID_PREFIX, session.id()),
                user.id());
        if (mayMail(user)) {
            outbox.queue(new Mail(
                    "session-ended",
                    user.email(),
                    Map.of("name", user.name(), "began", TIME.format(session.createdAt()))));
        }
    }

    /** One SQL statement, so that concurrent replays send one mail. */
    private boolean mayMail(User user) {
        return database.sql("""
                                insert into refresh_token_replay_mails as m (user_id, sent_at) values (?, now())
                                on conflict (user_id) do update set sent_at = excluded.sent_at
                                where m.sent_at <= now() - interval '1 hour'""").param(user.id().value()).update() == 1;
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteOld() {
        database.sql("delete from refresh_token_replay_mails where sent_at <= now() - interval '1 hour'")
                .update();
    }
}
