package dev.usersapi.failedlogin;

import dev.usersapi.user.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * Counts failed log-ins in the database, so that all instances share the counts. Each attempt has three of them:
 *
 * <ul>
 *   <li>{@code address}: the failures for one account from one address;
 *   <li>{@code account}: the failures for one account from all addresses, in the row with an empty address;
 *   <li>{@code network}: the failures from one address for all accounts, in the row with an empty account.
 * </ul>
 *
 * Every statement locks the rows in this order, so that two statements cannot deadlock.
 *
 * <p>The third count slows down an attacker who tries one password on many accounts. It must leave room for an office
 * behind one address. Therefore its delay does not grow, and one failure is forgotten each minute: an address can fail
 * 100 times at once and 1,540 times a day. (Auth0 suspects an address after 100 failures a day; NIST SP 800-63B allows
 * 100 consecutive failures for one account.)
 */
@Repository
class FailedLogins {

    private static final int FREE_FAILURES_PER_ADDRESS = 5;
    private static final int FREE_FAILURES_PER_ACCOUNT = 30;
    private static final int FREE_FAILURES_PER_NETWORK = 100;
    private static final int MAX_DELAY_PER_ADDRESS = 60; // seconds
    private static final int MAX_DELAY_PER_ACCOUNT = 15;
    private static final int BATCH = 10_000;

    // After the free failures only one attempt at a time is admitted, because its failure would delay the next one.
    // If an instance dies during an attempt, the attempt stays counted as a failure. Other attempts wait for its
    // outcome
    // for at most 30 seconds.
    private static final String COUNT_IF_ADMITTED = """
            on conflict (account, address) do update set
                failures = case when f.last_failed_at > now() - interval '1 hour' then f.failures + 1 else 1 end,
                last_failed_at = case when f.last_failed_at > now() - interval '1 hour'
                    then f.last_failed_at else now() end,
                undecided = case when f.undecided_until > now() then f.undecided else 0 end + 1,
                undecided_until = now() + interval '30 seconds'
            where (f.blocked_until is null or f.blocked_until <= now())
                and (f.failures <= :free_per_%1$s or f.last_failed_at <= now() - interval '1 hour'
                    or f.undecided = 0 or f.undecided_until <= now())
            returning account""";

    private static final String MINUTES_SINCE_FAILURE =
            "greatest(0, floor(extract(epoch from now() - %1$s.last_failed_at) / 60))::int";

    private static final String COUNT_IF_ADMITTED_TO_NETWORK = """
            on conflict (account, address) do update set
                failures = greatest(0, f.failures - %1$s) + 1,
                last_failed_at = f.last_failed_at + %1$s * interval '1 minute',
                undecided = case when f.undecided_until > now() then f.undecided else 0 end + 1,
                undecided_until = now() + interval '30 seconds'
            where f.failures - %1$s < :free_per_network
            returning account""".formatted(MINUTES_SINCE_FAILURE.formatted("f"));

    // The delay begins when the outcome is known, so that attempts that waited for this outcome are delayed as well.
    private static final String DELAY_NEXT_ATTEMPT = """
            last_failed_at = case when :failed then now() else last_failed_at end,
            blocked_until = case when :failed and failures - undecided >= :free_per_%1$s then now() + make_interval(
                    secs => least(:max_delay_per_%1$s, power(2, least(failures - undecided - :free_per_%1$s, 9))))
                else blocked_until end""";

    private static final Map<String, Integer> LIMITS = Map.of(
            "free_per_address", FREE_FAILURES_PER_ADDRESS,
            "free_per_account", FREE_FAILURES_PER_ACCOUNT,
            "free_per_network", FREE_FAILURES_PER_NETWORK,
            "max_delay_per_address", MAX_DELAY_PER_ADDRESS,
            "max_delay_per_account", MAX_DELAY_PER_ACCOUNT);

    private final JdbcClient database;

    FailedLogins(JdbcClient database) {
        this.database = database;
    }

    enum Outcome {
        SUCCEEDED,
        FAILED,
        /** The attempt ended without a result, so it does not count. */
        NOT_COUNTED
    }

    /**
     * Why an attempt is not admitted.
     *
     * @param scope the count that refuses it: {@code address}, {@code account} or {@code network}
     * @param delay until the next attempt is admitted; zero if that depends on attempts whose outcome is not known yet
     */
    record Refusal(String scope, Duration delay) {

        boolean dependsOnUndecidedAttempts() {
            return delay.isZero();
        }

        static Refusal of(String scope, @Nullable OffsetDateTime blockedUntil, OffsetDateTime now) {
            Duration delay = blockedUntil == null ? Duration.ZERO : Duration.between(now, blockedUntil);
            return new Refusal(scope, delay.isNegative() ? Duration.ZERO : delay);
        }
    }

    /**
     * An attempt, counted as failed until its outcome is known.
     *
     * @param byAddress whether the count {@code address} includes it
     * @param byAccount whether the count {@code account} includes it; only tried if the first count does
     * @param byNetwork whether the count {@code network} includes it; only tried if the first count does
     * @param refusal null if the attempt is admitted
     */
    record Reservation(
            boolean byAddress,
            boolean byAccount,
            boolean byNetwork,
            @Nullable Refusal refusal) {

        static Reservation of(ResultSet row) throws SQLException {
            boolean byAddress = row.getBoolean("by_address");
            boolean byAccount = row.getBoolean("by_account");
            boolean byNetwork = row.getBoolean("by_network");
            boolean known = row.getBoolean("known"); // the user logged in from this address in the last 30 days
            OffsetDateTime now = row.getObject("now", OffsetDateTime.class);
            Refusal refusal = null;
            if (!byAddress) {
                refusal = Refusal.of("address", row.getObject("address_until", OffsetDateTime.class), now);
            } else if (!byAccount && !known) {
                refusal = Refusal.of("account", row.getObject("account_until", OffsetDateTime.class), now);
            } else if (!byNetwork && !known) {
                refusal = Refusal.of("network", row.getObject("network_until", OffsetDateTime.class), now);
            }
            return new Reservation(byAddress, byAccount, byNetwork, refusal);
        }
    }

    /**
     * Checks and counts in one statement, so that of many attempts at once none slips through between the two.
     *
     * <p>{@code by_network} reads from {@code by_account} only so that the rows are locked in their order.
     */
    Reservation reserve(byte[] account, String address) {
        return database.sql("""
                        with by_address as (
                            insert into failed_logins as f
                                (account, address, failures, last_failed_at, undecided, undecided_until)
                            values (:account, :address, 1, now(), 1, now() + interval '30 seconds') %s
                        ), by_account as (
                            insert into failed_logins as f
                                (account, address, failures, last_failed_at, undecided, undecided_until)
                            select account, '', 1, now(), 1, now() + interval '30 seconds' from by_address %s
                        ), by_network as (
                            insert into failed_logins as f
                                (account, address, failures, last_failed_at, undecided, undecided_until)
                            select ''::bytea, :address, 1, now(), 1, now() + interval '30 seconds'
                            from by_address, (select count(*) from by_account) as afterwards %s
                        )
                        select now() as now,
                            exists (table by_address) as by_address,
                            exists (table by_account) as by_account,
                            exists (table by_network) as by_network,
                            a.blocked_until as address_until,
                            w.blocked_until as account_until,
                            case when n.failures - %s - case when n.undecided_until > now() then n.undecided else 0 end
                                    >= :free_per_network
                                then n.last_failed_at + (%s + 1) * interval '1 minute' end as network_until,
                            coalesce(a.succeeded_at > now() - interval '30 days', false) as known
                        from (values (1)) as one
                            left join failed_logins a on a.account = :account and a.address = :address
                            left join failed_logins w on w.account = :account and w.address = ''
                            left join failed_logins n on n.account = ''::bytea and n.address = :address
                        """.formatted(
                                COUNT_IF_ADMITTED.formatted("address"),
                                COUNT_IF_ADMITTED.formatted("account"),
                                COUNT_IF_ADMITTED_TO_NETWORK,
                                MINUTES_SINCE_FAILURE.formatted("n"),
                                MINUTES_SINCE_FAILURE.formatted("n")))
                .param("account", account)
                .param("address", address)
                .params(LIMITS)
                .query((row, number) -> Reservation.of(row))
                .single();
    }

    /**
     * Records the outcome. A success also forgets the earlier failures of the account from this address, but not other
     * attempts whose outcome is not known yet.
     *
     * <p>The statement reads from {@code by_account} before it updates the third row only to keep the order of locks.
     */
    void settle(byte[] account, String address, Reservation reservation, Outcome outcome) {
        database.sql("""
                        with by_address as (
                            update failed_logins
                            set undecided = greatest(undecided - 1, 0),
                                failures = case when :failed then failures
                                    when :succeeded then greatest(undecided - 1, 0) else greatest(failures - 1, 0) end,
                                succeeded_at = case when :succeeded then now() else succeeded_at end,
                                %s
                            where account = :account and address = :address
                            returning account
                        ), by_account as (
                            update failed_logins
                            set undecided = greatest(undecided - 1, 0),
                                failures = case when :failed then failures else greatest(failures - 1, 0) end,
                                %s
                            where account = (table by_address) and address = '' and :by_account
                            returning account
                        )
                        update failed_logins
                        set undecided = greatest(undecided - 1, 0),
                            failures = case when :failed then failures else greatest(failures - 1, 0) end
                        where account = ''::bytea and address = :address and :by_network
                            and (select count(*) from by_account) >= 0""".formatted(DELAY_NEXT_ATTEMPT.formatted("address"), DELAY_NEXT_ATTEMPT.formatted("account")))
                .param("account", account)
                .param("address", address)
                .param("by_account", reservation.byAccount())
                .param("by_network", reservation.byNetwork())
                .param("succeeded", outcome == Outcome.SUCCEEDED)
                .param("failed", outcome == Outcome.FAILED)
                .params(LIMITS)
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

    // the count of an address for all accounts takes up to 100 minutes to reach zero, so its row stays for two hours
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
                                limit ? for update skip locked)""").param(BATCH).update();
        } while (deleted == BATCH);
    }
}
