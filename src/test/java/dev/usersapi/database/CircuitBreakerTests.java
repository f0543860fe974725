package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

class CircuitBreakerTests {

    private final HikariDataSource pool = mock(HikariDataSource.class);
    private final Connection connection = mock(Connection.class);
    private final CountDownLatch databaseIsBack = new CountDownLatch(1);
    private final CircuitBreaker breaker = new CircuitBreaker(pool);

    @Test
    void connectionsAreRefusedAtOnceFromAPoolTimeoutUntilTheDatabaseAnswers() throws SQLException {
        SQLException timeout = new SQLTransientConnectionException("waited");
        when(connection.isValid(anyInt())).thenReturn(true);
        when(pool.getConnection()).thenThrow(timeout).then(call -> awaitDatabase());

        assertThatExceptionOfType(SQLTransientConnectionException.class)
                .isThrownBy(breaker::getConnection)
                .isSameAs(timeout);
        assertThatExceptionOfType(SQLTransientConnectionException.class)
                .isThrownBy(breaker::getConnection)
                .isNotSameAs(timeout);

        databaseIsBack.countDown();
        await().ignoreExceptions().until(() -> breaker.getConnection() == connection);
    }

    @Test
    void connectionsAreNotRefusedWhenThePoolIsExhausted() throws SQLException {
        HikariPoolMXBean state = mock(HikariPoolMXBean.class);
        when(state.getActiveConnections()).thenReturn(10);
        when(pool.getMaximumPoolSize()).thenReturn(10);
        when(pool.getHikariPoolMXBean()).thenReturn(state);
        when(pool.getConnection())
                .thenThrow(new SQLTransientConnectionException("waited"))
                .thenReturn(connection);

        assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(breaker::getConnection);
        assertThat(breaker.getConnection()).isSameAs(connection);
    }

    @Test
    void connectionsAreRefusedUntilTheProbeFindsAValidConnection() throws SQLException {
        when(connection.isValid(anyInt())).thenReturn(false, false, true);
        when(pool.getConnection())
                .thenThrow(new SQLTransientConnectionException("waited"))
                .thenReturn(connection);

        assertThatExceptionOfType(SQLException.class).isThrownBy(breaker::getConnection);

        await().ignoreExceptions().until(() -> breaker.getConnection() == connection);
        verify(connection, times(3)).isValid(anyInt());
    }

    @Test
    void connectionsAreRefusedAfterASocketTimeoutButNotAfterAnotherFailure() throws SQLException {
        ArgumentCaptor<SQLExceptionOverride> installed = ArgumentCaptor.forClass(SQLExceptionOverride.class);
        verify(pool).setExceptionOverride(installed.capture());
        when(pool.getConnection()).then(call -> connection);

        installed.getValue().adjudicate(new SQLException("broken", "08006", new ConnectException()));
        assertThat(breaker.getConnection()).isSameAs(connection);

        when(pool.getConnection()).then(call -> awaitDatabase());
        installed.getValue().adjudicate(new SQLException("broken", "08006", new SocketTimeoutException()));
        assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(breaker::getConnection);
        when(pool.isClosed()).thenReturn(true); // which ends the probe
        databaseIsBack.countDown();
    }

    private Connection awaitDatabase() throws InterruptedException {
        databaseIsBack.await();
        return connection;
    }
}
