package dev.usersapi.failedlogin;

import dev.usersapi.user.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/** Lists, clears and deletes the counts of failed logins. {@link FailedLoginCounter} changes them with each attempt. */
@Repository
class FailedLogins {

    private static final int BATCH_SIZE = 10_000;

    private final JdbcClient database;

    FailedLogins(JdbcClient database) {
        this.database = database;
    }

    /**
     * The counts of the last hour, first that of all addresses, then the latest. Empty if there is no such user. One SQL
     * statement finds the user and, by the hash of the e-mail, the counts.
     */
    Optional<List<FailedLoginsResponse.Count>> find(UserId user, int limit) {
        List<Optional<FailedLoginsResponse.Count>> rows = database.sql("""
                        select f.* from users u left join lateral (
                            select address, failures, last_failed_at,
                                case when blocked_until > now() then blocked_until end as blocked_until
                            from failed_logins
                            where account = sha256(convert_to(lower(u.email collate "C"), 'UTF8')) and failures > 0
                                and last_failed_at > now() - interval '1 hour'
                            order by address <> '', last_failed_at desc
                            limit ?
                        ) f on true
                        where u.id = ?""")
                .params(limit, user.value())
                .query((row, number) -> count(row))
                .list();
        return rows.isEmpty()
                ? Optional.empty()
                : Optional.of(rows.stream().flatMap(Optional::stream).toList());
    }

    /** Empty in the only row of a user without failures. */
    private static Optional<FailedLoginsResponse.Count> count(ResultSet row) throws SQLException {
        String address = row.getString("address");
        return address == null
                ? Optional.empty()
                : Optional.of(FailedLoginsResponse.Count.of(
                        address,
                        row.getInt("failures"),
                        row.getObject("last_failed_at", OffsetDateTime.class),
                        row.getObject("blocked_until", OffsetDateTime.class)));
    }

    /** Ends the delays and sets the counts to zero. Locks the rows in the order of {@link Scope}. */
    void clear(byte[] account) {
        database.sql("""
                        with locked as (
                            select account, address from failed_logins where account = ? order by address desc for update)
                        update failed_logins f set failures = 0, blocked_until = null
                        from locked l where f.account = l.account and f.address = l.address""").param(account).update();
    }

    /** The count of {@link Scope#NETWORK} takes up to 100 minutes to reach zero, so its row stays for two hours. */
    @Scheduled(fixedDelayString = "PT1H")
    void deleteIdle() {
        int deleted;
        do {
            deleted = database.sql("""
                            delete from failed_logins where (account, address) in (
                                select account, address from failed_logins
                                where last_failed_at < now() - interval '1 hour'
                                    and (account <> ''::bytea or last_failed_at < now() - interval '2 hours')
                                    and (succeeded_at is null or succeeded_at < now() - interval '30 days')
                                limit ? for update skip locked)""").param(BATCH_SIZE).update();
        } while (deleted == BATCH_SIZE);
    }
}
