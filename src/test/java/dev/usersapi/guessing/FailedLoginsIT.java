package dev.usersapi.guessing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.ApiTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A flood of e-mails that nobody has is forgotten. */
@ApiTest
class FailedLoginsIT {

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
    void whatIsIdleForAnHourIsDeletedHoweverMuchItIs() {
        byte[] old = LoginAttempts.account(UUID.randomUUID().toString());
        byte[] recent = LoginAttempts.account(UUID.randomUUID().toString());
        insert(old, 20_001, "61 minutes");
        insert(recent, 2, "59 minutes");

        failures.deleteIdle();

        assertThat(rows(old)).isZero();
        assertThat(rows(recent)).isEqualTo(2);
        failures.clear(recent);
    }

    @Test
    void attemptsOfAnAccountAreSettledAlone() {
        byte[] account = LoginAttempts.account(UUID.randomUUID().toString());
        byte[] other = LoginAttempts.account(UUID.randomUUID().toString());
        failures.reserve(other, "192.0.2.1");

        failures.settle(account, "192.0.2.1", failures.reserve(account, "192.0.2.1"), true);

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
}
