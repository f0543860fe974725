package dev.usersapi.failedlogin;

import dev.usersapi.failedlogin.LoginAttempt.Outcome;
import dev.usersapi.failedlogin.Reservation.Refusal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Counts login attempts and their failures in the database, so that all instances share the counts. Each operation is
 * one SQL statement, because it must be atomic and is part of every login. The statements lock the rows in the order of
 * {@link Scope}, so that two of them cannot deadlock.
 */
@Repository
class FailedLoginCounter {

    private static final String RESERVE = """
            with by_address as (%1$s), by_account as (%2$s), by_network as (%3$s)
            select now() as now,
                exists (table by_address) as by_address,
                exists (table by_account) as by_account,
                exists (table by_network) as by_network,
                address.blocked_until as address_until,
                account.blocked_until as account_until,
                case when network.failures - %4$s
                        - case when network.undecided_until > now() then network.undecided else 0 end >= %5$d
                    then network.last_failed_at + (%4$s + 1) * interval '1 minute' end as network_until,
                coalesce(address.succeeded_at > now() - interval '30 days', false) as logged_in_recently
            from (values (1)) as one_row
                left join failed_logins address on address.account = :account and address.address = :address
                left join failed_logins account on account.account = :account and account.address = ''
                left join failed_logins network on network.account = ''::bytea and network.address = :address
            """.formatted(
                    count(":account, :address", "", incrementWithinAnHour(), isAdmitted(Scope.ADDRESS)),
                    count("account, ''", "from by_address", incrementWithinAnHour(), isAdmitted(Scope.ACCOUNT)),
                    // reads from by_account only to keep the order of locks
                    count(
                            "''::bytea, :address",
                            "from by_address, (select count(*) from by_account) as afterwards",
                            incrementAndForgetOnePerMinute(),
                            isAdmittedToNetwork()),
                    minutesSinceFailure("network"),
                    Scope.NETWORK.freeFailures());

    // the third update reads from by_account only to keep the order of locks
    private static final String SETTLE = """
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
                and (select count(*) from by_account) >= 0
            """.formatted(delayNext(Scope.ADDRESS), delayNext(Scope.ACCOUNT));

    private final JdbcClient database;

    FailedLoginCounter(JdbcClient database) {
        this.database = database;
    }

    /** Inserts the row of a scope. If it exists, counts the attempt there, but only if the attempt is admitted. */
    private static String count(String accountAndAddress, String from, String increment, String isAdmitted) {
        return """
                insert into failed_logins as f
                    (account, address, failures, last_failed_at, undecided, undecided_until)
                select %s, 1, now(), 1, now() + interval '30 seconds' %s
                on conflict (account, address) do update set
                    %s,
                    undecided = case when f.undecided_until > now() then f.undecided else 0 end + 1,
                    undecided_until = now() + interval '30 seconds'
                where %s
                returning account""".formatted(accountAndAddress, from, increment, isAdmitted);
    }

    private static String incrementWithinAnHour() {
        return """
                failures = case when f.last_failed_at > now() - interval '1 hour' then f.failures + 1 else 1 end,
                last_failed_at =
                    case when f.last_failed_at > now() - interval '1 hour' then f.last_failed_at else now() end""";
    }

    private static String incrementAndForgetOnePerMinute() {
        return """
                failures = greatest(0, f.failures - %1$s) + 1,
                last_failed_at = f.last_failed_at + %1$s * interval '1 minute'""".formatted(minutesSinceFailure("f"));
    }

    private static String minutesSinceFailure(String row) {
        return "greatest(0, floor(extract(epoch from now() - %s.last_failed_at) / 60))::int".formatted(row);
    }

    /**
     * After the free failures, only one attempt at a time is admitted, because its failure would delay the next one. If
     * an instance dies during an attempt, the attempt stays counted as a failure, and others wait for its outcome for at
     * most 30 seconds.
     */
    private static String isAdmitted(Scope scope) {
        return """
                (f.blocked_until is null or f.blocked_until <= now())
                    and (f.failures <= %d or f.last_failed_at <= now() - interval '1 hour'
                        or f.undecided = 0 or f.undecided_until <= now())""".formatted(scope.freeFailures());
    }

    private static String isAdmittedToNetwork() {
        return "f.failures - %s < %d".formatted(minutesSinceFailure("f"), Scope.NETWORK.freeFailures());
    }

    /** The delay begins when the outcome is known, so that attempts that waited for the outcome are delayed too. */
    private static String delayNext(Scope scope) {
        return """
                last_failed_at = case when :failed then now() else last_failed_at end,
                blocked_until = case when :failed and failures - undecided >= %1$d
                    then now() + make_interval(secs => least(%2$d, power(2, least(failures - undecided - %1$d, 9))))
                    else blocked_until end""".formatted(scope.freeFailures(), scope.maxDelaySeconds());
    }

    /** Checks and counts in one statement, so that concurrent attempts cannot pass between the check and the count. */
    Reservation reserve(byte[] account, String address) {
        return database.sql(RESERVE)
                .param("account", account)
                .param("address", address)
                .query((row, number) -> reservation(row))
                .single();
    }

    private static Reservation reservation(ResultSet row) throws SQLException {
        boolean byAddress = row.getBoolean("by_address");
        boolean byAccount = row.getBoolean("by_account");
        boolean byNetwork = row.getBoolean("by_network");
        boolean loggedInRecently = row.getBoolean("logged_in_recently"); // from this address
        Refusal refusal = null;
        if (!byAddress) {
            refusal = refusal(Scope.ADDRESS, row);
        } else if (!byAccount && !loggedInRecently) {
            refusal = refusal(Scope.ACCOUNT, row);
        } else if (!byNetwork && !loggedInRecently) {
            refusal = refusal(Scope.NETWORK, row);
        }
        return new Reservation(byAddress, byAccount, byNetwork, refusal);
    }

    private static Refusal refusal(Scope scope, ResultSet row) throws SQLException {
        return Refusal.of(
                scope,
                row.getObject(scope.tag() + "_until", OffsetDateTime.class),
                row.getObject("now", OffsetDateTime.class));
    }

    /**
     * Records the outcome. A success also forgets the earlier failures of the account from this address, but not other
     * attempts whose outcome is not known yet.
     */
    void settle(byte[] account, String address, Reservation reservation, Outcome outcome) {
        database.sql(SETTLE)
                .param("account", account)
                .param("address", address)
                .param("by_account", reservation.byAccount())
                .param("by_network", reservation.byNetwork())
                .param("succeeded", outcome == Outcome.SUCCEEDED)
                .param("failed", outcome == Outcome.FAILED)
                .update();
    }
}
