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

    private static final int MAX_DELAY_PER_ADDRESS_SECONDS = 60;
    private static final int MAX_DELAY_PER_ACCOUNT_SECONDS = 15;

    // The outer select reads the rows as they were before the inserts: all parts of a statement see one snapshot.
    // network_blocked_until is null if only undecided attempts fill the limit: then the caller waits for them.
    private static final String RESERVE = """
            with counted_for_address as (%1$s), counted_for_account as (%2$s), counted_for_network as (%3$s)
            select now() as now,
                exists (table counted_for_address) as counted_for_address,
                exists (table counted_for_account) as counted_for_account,
                exists (table counted_for_network) as counted_for_network,
                address_row.blocked_until as address_blocked_until,
                account_row.blocked_until as account_blocked_until,
                case when network_row.failures - %4$s
                        - case when network_row.undecided_until > now() then network_row.undecided else 0 end >= %5$d
                    then network_row.last_failed_at + (%4$s + 1) * interval '1 minute' end as network_blocked_until,
                coalesce(address_row.succeeded_at > now() - interval '30 days', false) as logged_in_recently
            from (values (1)) as one_row
                left join failed_logins address_row
                    on address_row.account = :account and address_row.address = :client_address
                left join failed_logins account_row
                    on account_row.account = :account and account_row.address = ''
                left join failed_logins network_row
                    on network_row.account = ''::bytea and network_row.address = :client_address
            """.formatted(
            count(":account, :client_address", "", incrementOrStartAgainAfterAnHour(), isAdmitted(Scope.ADDRESS)),
            // not counted for the account or the network if the address refuses the attempt
            count(
                    "account, ''",
                    "from counted_for_address",
                    incrementOrStartAgainAfterAnHour(),
                    isAdmitted(Scope.ACCOUNT)),
            // reads from counted_for_account only to keep the order of locks
            count(
                    "''::bytea, :client_address",
                    "from counted_for_address, (select count(*) from counted_for_account) as afterwards",
                    incrementAndForgetOnePerMinute(),
                    isAdmittedToNetwork()),
            minutesToForget("network_row"),
            Scope.NETWORK.freeFailures());

    // the third update reads from settled_for_account only to keep the order of locks
    private static final String SETTLE = """
            with settled_for_address as (
                update failed_logins
                set undecided = greatest(undecided - 1, 0),
                    failures = case when :failed then failures
                        when :succeeded then greatest(undecided - 1, 0) else greatest(failures - 1, 0) end,
                    succeeded_at = case when :succeeded then now() else succeeded_at end,
                    %s
                where account = :account and address = :client_address
                returning account
            ), settled_for_account as (
                update failed_logins
                set undecided = greatest(undecided - 1, 0),
                    failures = case when :failed then failures else greatest(failures - 1, 0) end,
                    %s
                where account = (table settled_for_address) and address = '' and :was_counted_for_account
                returning account
            )
            update failed_logins
            set undecided = greatest(undecided - 1, 0),
                failures = case when :failed then failures else greatest(failures - 1, 0) end
            where account = ''::bytea and address = :client_address and :was_counted_for_network
                and (select count(*) from settled_for_account) >= 0
            """.formatted(
                    delayNext(Scope.ADDRESS, MAX_DELAY_PER_ADDRESS_SECONDS),
                    delayNext(Scope.ACCOUNT, MAX_DELAY_PER_ACCOUNT_SECONDS));

    private final JdbcClient database;

    FailedLoginCounter(JdbcClient database) {
        this.database = database;
    }

    /** Inserts the row of a scope. If it exists, counts the attempt there, but only if the attempt is admitted. */
    private static String count(String accountAndAddress, String fromClause, String increment, String isAdmitted) {
        return """
                insert into failed_logins as f
                    (account, address, failures, last_failed_at, undecided, undecided_until)
                select %s, 1, now(), 1, now() + interval '30 seconds' %s
                on conflict (account, address) do update set
                    %s,
                    undecided = case when f.undecided_until > now() then least(f.undecided, 999999999) else 0 end + 1,
                    undecided_until = now() + interval '30 seconds'
                where %s
                returning account""".formatted(accountAndAddress, fromClause, increment, isAdmitted);
    }

    /**
     * The first attempt of an hour sets {@code last_failed_at} before its outcome is known. The count stops at the maximum
     * of the check constraint.
     */
    private static String incrementOrStartAgainAfterAnHour() {
        return """
                failures = case when f.last_failed_at > now() - interval '1 hour' then least(f.failures, 999999999) + 1 else 1 end,
                last_failed_at =
                    case when f.last_failed_at > now() - interval '1 hour' then f.last_failed_at else now() end""";
    }

    /**
     * In the row of a network, {@code last_failed_at} is not the time of a failure. It says until when failures are
     * already forgotten, one for each minute, and moves in whole minutes.
     */
    private static String incrementAndForgetOnePerMinute() {
        return """
                failures = greatest(0, f.failures - %1$s) + 1,
                last_failed_at = f.last_failed_at + %1$s * interval '1 minute'""".formatted(minutesToForget("f"));
    }

    private static String minutesToForget(String row) {
        return "greatest(0, floor(extract(epoch from now() - %s.last_failed_at) / 60))::int".formatted(row);
    }

    /**
     * {@code failures} includes undecided attempts, but not the new one. Beyond the free failures, only one attempt at a
     * time is admitted, because its failure would delay the next one. If an instance dies during an attempt, the attempt
     * stays counted as a failure, and others wait for its outcome for at most 30 seconds.
     */
    private static String isAdmitted(Scope scope) {
        return """
                (f.blocked_until is null or f.blocked_until <= now())
                    and (f.failures <= %d or f.last_failed_at <= now() - interval '1 hour'
                        or f.undecided = 0 or f.undecided_until <= now())""".formatted(scope.freeFailures());
    }

    /** Includes undecided attempts: a network has no attempts beyond the free failures until one is forgotten. */
    private static String isAdmittedToNetwork() {
        return "f.failures - %s < %d".formatted(minutesToForget("f"), Scope.NETWORK.freeFailures());
    }

    /**
     * The delay begins when the outcome is known, so that attempts that waited for the outcome are delayed too. It
     * depends on {@code failures - undecided}, the decided failures before this one, which is still undecided here.
     */
    private static String delayNext(Scope scope, int maxDelaySeconds) {
        return """
                last_failed_at = case when :failed then now() else last_failed_at end,
                blocked_until = case when :failed and failures - undecided >= %1$d
                    then now() + make_interval(secs => least(%2$d, power(2, least(failures - undecided - %1$d, 9))))
                    else blocked_until end""".formatted(scope.freeFailures(), maxDelaySeconds);
    }

    /** Checks and counts in one statement, so that concurrent attempts cannot pass between the check and the count. */
    Reservation reserve(byte[] account, String clientAddress) {
        return database.sql(RESERVE)
                .param("account", account)
                .param("client_address", clientAddress)
                .query((row, number) -> reservation(row))
                .single();
    }

    private static Reservation reservation(ResultSet row) throws SQLException {
        boolean countedForAddress = row.getBoolean("counted_for_address");
        boolean countedForAccount = row.getBoolean("counted_for_account");
        boolean countedForNetwork = row.getBoolean("counted_for_network");
        boolean loggedInRecently = row.getBoolean("logged_in_recently"); // from this address
        Refusal refusal = null;
        if (!countedForAddress) {
            refusal = refusal(Scope.ADDRESS, row);
        } else if (!countedForAccount && !loggedInRecently) {
            refusal = refusal(Scope.ACCOUNT, row);
        } else if (!countedForNetwork && !loggedInRecently) {
            refusal = refusal(Scope.NETWORK, row);
        }
        return new Reservation(countedForAddress, countedForAccount, countedForNetwork, refusal);
    }

    private static Refusal refusal(Scope scope, ResultSet row) throws SQLException {
        return Refusal.of(
                scope,
                row.getObject(scope.tag() + "_blocked_until", OffsetDateTime.class),
                row.getObject("now", OffsetDateTime.class));
    }

    /**
     * Records the outcome. A success also forgets the earlier failures of the account from this address, but not other
     * attempts whose outcome is not known yet.
     */
    void settle(byte[] account, String clientAddress, Reservation reservation, Outcome outcome) {
        database.sql(SETTLE)
                .param("account", account)
                .param("client_address", clientAddress)
                .param("was_counted_for_account", reservation.countedForAccount())
                .param("was_counted_for_network", reservation.countedForNetwork())
                .param("succeeded", outcome == Outcome.SUCCEEDED)
                .param("failed", outcome == Outcome.FAILED)
                .update();
    }
}
