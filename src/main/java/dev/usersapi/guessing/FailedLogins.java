package dev.usersapi.guessing;

import dev.usersapi.user.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * The counts of failures: one for an account and an address, one for an account as a whole. Both are in the database, so
 * that all instances count together. Whoever locks both rows locks the whole account's last: nobody waits in a circle.
 */
@Repository
class FailedLogins {

    private static final int FREE_OF_ADDRESS = 5;
    private static final int FREE_OF_ACCOUNT = 30;
    private static final int LONGEST_OF_ADDRESS = 60; // seconds
    private static final int LONGEST_OF_ACCOUNT = 15;
    private static final int BATCH = 10_000;

    // while nothing is delayed, blocked_until is null and not now(): to a statement that began a little earlier and had
    // to wait for the row, that would be in the future
    private static final String COUNT_ANOTHER = """
            on conflict (account, address) do update set (failures, last_failed_at, blocked_until) = (
                select n, now(), case when n > :free_of_%1$s then
                    now() + make_interval(secs => least(:longest_of_%1$s, power(2, least(n - :free_of_%1$s, 10) - 1))) end
                from (select case when f.last_failed_at > now() - interval '1 hour' then f.failures + 1 else 1 end as n)
                    as counted)
            where f.blocked_until is null or f.blocked_until <= now()
            returning account""";

    private final JdbcClient database;

    FailedLogins(JdbcClient database) {
        this.database = database;
    }

    /**
     * An attempt that was counted as failed, before anybody knows, where no count refuses it.
     *
     * @param byAddress whether the count of account and address has it
     * @param byAccount whether that of the whole account has it, which is asked only when the other one has
     * @param addressWait how long the count refuses attempts, where it does
     * @param known whether there was a success from the address lately
     * @param addressBefore when the last failure before this one was; null for never
     */
    record Reservation(
            boolean byAddress,
            boolean byAccount,
            Duration addressWait,
            Duration accountWait,
            boolean known,
            OffsetDateTime at,
            @Nullable OffsetDateTime addressBefore,
            @Nullable OffsetDateTime accountBefore) {

        static Reservation of(ResultSet row) throws SQLException {
            return new Reservation(
                    row.getBoolean("by_address"),
                    row.getBoolean("by_account"),
                    Duration.ofMillis(row.getLong("address_wait")),
                    Duration.ofMillis(row.getLong("account_wait")),
                    row.getBoolean("known"),
                    row.getObject("at", OffsetDateTime.class),
                    row.getObject("address_before", OffsetDateTime.class),
                    row.getObject("account_before", OffsetDateTime.class));
        }
    }

    /** Checks and counts in one statement: of many attempts at once, none slips through between the two. */
    Reservation reserve(byte[] account, String address) {
        return database.sql("""
                        with by_address as (
                            insert into failed_logins as f (account, address, failures, last_failed_at)
                            values (:account, :address, 1, now()) %s
                        ), by_account as (
                            insert into failed_logins as f (account, address, failures, last_failed_at)
                            select account, '', 1, now() from by_address %s
                        )
                        select now() as at,
                            exists (table by_address) as by_address,
                            exists (table by_account) as by_account,
                            1000 * extract(epoch from a.blocked_until - now()) as address_wait,
                            1000 * extract(epoch from w.blocked_until - now()) as account_wait,
                            coalesce(a.succeeded_at > now() - interval '30 days', false) as known,
                            a.last_failed_at as address_before,
                            w.last_failed_at as account_before
                        from (values (1)) as one
                            left join failed_logins a on a.account = :account and a.address = :address
                            left join failed_logins w on w.account = :account and w.address = ''
                        """.formatted(COUNT_ANOTHER.formatted("address"), COUNT_ANOTHER.formatted("account")))
                .param("account", account)
                .param("address", address)
                .param("free_of_address", FREE_OF_ADDRESS)
                .param("free_of_account", FREE_OF_ACCOUNT)
                .param("longest_of_address", LONGEST_OF_ADDRESS)
                .param("longest_of_account", LONGEST_OF_ACCOUNT)
                .query((row, number) -> Reservation.of(row))
                .single();
    }

    /** Takes back what was counted; a success also forgets what failed before from this address. */
    void settle(byte[] account, String address, Reservation reservation, boolean succeeded) {
        database.sql("""
                        with by_address as (
                            update failed_logins
                            set failures = case when :succeeded then 0 else greatest(failures - 1, 0) end,
                                succeeded_at = case when :succeeded then now() else succeeded_at end,
                                last_failed_at = case when last_failed_at = :at
                                    then coalesce(cast(:address_before as timestamptz), :at) else last_failed_at end,
                                blocked_until = null
                            where account = :account and address = :address
                            returning account
                        )
                        update failed_logins
                        set failures = greatest(failures - 1, 0),
                            last_failed_at = case when last_failed_at = :at
                                then coalesce(cast(:account_before as timestamptz), :at) else last_failed_at end,
                            blocked_until = null
                        where account = (table by_address) and address = '' and :counted""")
                .param("account", account)
                .param("address", address)
                .param("succeeded", succeeded)
                .param("counted", reservation.byAccount())
                .param("at", reservation.at())
                .param("address_before", reservation.addressBefore())
                .param("account_before", reservation.accountBefore())
                .update();
    }

    /** The latest of an account, that of all addresses first. Empty when there is no such user. */
    Optional<List<FailedLoginsResponse.Count>> find(UserId user, int most) {
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
                .params(most, user.value())
                .query((row, number) -> count(row))
                .list();
        return rows.isEmpty()
                ? Optional.empty()
                : Optional.of(rows.stream().flatMap(Optional::stream).toList());
    }

    /** Empty where the user has none. */
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

    void clear(byte[] account) {
        database.sql("""
                        with locked as (
                            select account, address from failed_logins where account = ? order by address desc for update)
                        update failed_logins f set failures = 0, blocked_until = null
                        from locked l where f.account = l.account and f.address = l.address""").param(account).update();
    }

    @Scheduled(fixedDelayString = "PT1H")
    void deleteIdle() {
        int deleted;
        do {
            deleted = database.sql("""
                            delete from failed_logins where (account, address) in (
                                select account, address from failed_logins
                                where last_failed_at < now() - interval '1 hour'
                                    and (succeeded_at is null or succeeded_at < now() - interval '30 days')
                                limit ? for update skip locked)""").param(BATCH).update();
        } while (deleted == BATCH);
    }
}
