package dev.usersapi.failedlogin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.LoginAttempt.Outcome;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Race;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Instances share the counts, and unneeded counts are deleted. */
@ApiTest
class FailedLoginsIT {

    @Autowired
    private FailedLoginCounter counter;

    @Autowired
    private FailedLogins failures;

    @Autowired
    private JdbcClient database;

    private void insert(byte[] account, int rows, String age) {
        database.sql("insert into failed_logins select ?, 'address ' || n, 1, now() - cast(? as interval), null"
                        + " from generate_series(1, ?) n")
                .params(account, age, rows)
                .update();
    }

    private int rows(byte[] account) {
        return database.sql("select count(*) from failed_logins where account = ?")
                .param(account)
                .query(Integer.class)
                .single();
    }

    @Test
    void deleteIdleDeletesAllRowsWithoutAFailureForAnHour() {
        byte[] old = LoginAttempts.accountHash(UUID.randomUUID().toString());
        byte[] recent = LoginAttempts.accountHash(UUID.randomUUID().toString());
        insert(old, 20_001, "61 minutes");
        insert(recent, 2, "59 minutes");

        failures.deleteIdle();

        assertThat(rows(old)).isZero();
        assertThat(rows(recent)).isEqualTo(2);
        failures.clear(recent);
    }

    @Test
    void deleteIdleKeepsTheCountOfANetworkForTwoHours() {
        byte[] allAccounts = {};
        insert(allAccounts, 3, "119 minutes");
        failures.deleteIdle();
        assertThat(rows(allAccounts)).isGreaterThanOrEqualTo(3);

        database.sql(
                        "update failed_logins set last_failed_at = last_failed_at - interval '2 minutes' where account = ?")
                .param(allAccounts)
                .update();
        failures.deleteIdle();

        assertThat(database.sql("select count(*) from failed_logins where account = ? and address like 'address %'")
                        .param(allAccounts)
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void settleDoesNotChangeAttemptsOfOtherAccounts() {
        byte[] account = LoginAttempts.accountHash(UUID.randomUUID().toString());
        byte[] other = LoginAttempts.accountHash(UUID.randomUUID().toString());
        counter.reserve(other, "192.0.2.1");

        counter.settle(account, "192.0.2.1", counter.reserve(account, "192.0.2.1"), Outcome.SUCCEEDED);

        assertThat(database.sql("select sum(failures) from failed_logins where account = ?")
                        .param(account)
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(database.sql("select sum(failures) from failed_logins where account = ?")
                        .param(other)
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void countsStopAtTheMaximumOfTheTable() {
        byte[] account = LoginAttempts.accountHash(UUID.randomUUID().toString());
        counter.reserve(account, "192.0.2.1");
        database.sql("update failed_logins set failures = 1000000000, undecided = 1000000000,"
                        + " undecided_until = case address when '' then now() else now() + interval '1 minute' end"
                        + " where account = ?")
                .param(account)
                .update();

        counter.reserve(account, "192.0.2.1");
        database.sql("update failed_logins set undecided_until = now() where account = ?")
                .param(account)
                .update();
        counter.reserve(account, "192.0.2.1");

        assertThat(database.sql("select failures from failed_logins where account = ? group by 1")
                        .param(account)
                        .query(Integer.class)
                        .single())
                .isEqualTo(1_000_000_000);
        failures.clear(account);
    }

    @Test
    void concurrentAttemptsOnTwoInstancesShareTheCounts() throws Exception {
        String email = UUID.randomUUID() + "@example.com";
        List<LoginAttempts> instances = List.of(
                new LoginAttempts(counter, failures, new SimpleMeterRegistry()),
                new LoginAttempts(counter, failures, new SimpleMeterRegistry()));
        Queue<LoginAttempt> admitted = new ConcurrentLinkedQueue<>();

        List<Boolean> answers = Race.together(100, n -> {
            try (LoginAttempt attempt = instances.get(n % 2).begin(email, "192.0.2.1")) {
                admitted.add(attempt);
                await().until(() -> admitted.size() >= 6); // all six are undecided at the same time
                attempt.failed();
                return true;
            } catch (ProblemException refusal) {
                return false;
            }
        });

        assertThat(answers).filteredOn(admission -> admission).hasSize(6);
    }
}
