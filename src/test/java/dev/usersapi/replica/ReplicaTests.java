package dev.usersapi.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import io.micrometer.core.instrument.Counter;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.datasource.DataSourceUtils;

class ReplicaTests {

    private final Lease lease = new Lease(System::nanoTime);
    private final ReplicaWatch watch = mock();
    private final ReplicaSession session = mock();
    private final Connection connection = mock();
    private final Counter answered = mock();
    private final Replica replica = new Replica(lease, watch, answered);

    @BeforeEach
    void serve() {
        when(watch.session()).thenReturn(session);
        when(session.take()).thenReturn(connection);
        lease.renew(lease.now());
    }

    private String read() {
        return replica.read(() -> "replica", () -> "primary");
    }

    @Test
    void aReadHasAConnectionOfTheReplicaToItselfAndGivesItBack() {
        String answer = replica.read(
                () -> {
                    Connection used = DataSourceUtils.getConnection(replica.connections());
                    DataSourceUtils.releaseConnection(used, replica.connections());
                    return used == connection ? "replica" : "";
                },
                () -> "primary");

        assertThat(answer).isEqualTo("replica");
        verify(session).giveBack(connection);
        verify(answered).increment();
        assertThatThrownBy(() -> replica.connections().getConnection()).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> replica.connections().getConnection("user", "password"))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void thePrimaryAnswersWithoutALeaseASessionOrAConnection() {
        when(session.take()).thenReturn(null);
        assertThat(read()).isEqualTo("primary");
        when(session.take()).thenReturn(connection);
        when(watch.session()).thenReturn(null);
        assertThat(read()).isEqualTo("primary");
        when(watch.session()).thenReturn(session);
        lease.end();
        assertThat(read()).isEqualTo("primary");
        assertThat(replica.isServing()).isFalse();
        lease.renew(lease.now());
        assertThat(read()).isEqualTo("replica");
        assertThat(replica.isServing()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40001", "57P01", "25006", "42P01"})
    void thePrimaryAnswersWhenTheReplicaFails(String state) {
        String answer = replica.read(
                () -> {
                    throw new UncategorizedSQLException("read", null, new SQLException("failed", state));
                },
                () -> "primary");

        assertThat(answer).isEqualTo("primary");
        verify(session).giveBack(connection);
        verifyNoInteractions(answered);
    }

    @Test
    void whatTookTooLongOnTheReplicaIsNotRepeatedOnThePrimary() {
        QueryTimeoutException timeOut = new QueryTimeoutException("read", new SQLException("cancelled", "57014"));

        assertThatThrownBy(() -> replica.read(
                        () -> {
                            throw timeOut;
                        },
                        () -> "primary"))
                .isSameAs(timeOut);

        verify(session).giveBack(connection);
    }
}
