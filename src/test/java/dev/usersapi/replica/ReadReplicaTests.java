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

class ReadReplicaTests {

    private final ReplicaLease lease = new ReplicaLease(System::nanoTime);
    private final ReplicaMonitor monitor = mock();
    private final ReplicaConnections connections = mock();
    private final Connection connection = mock();
    private final Counter reads = mock();
    private final ReadReplica replica = new ReadReplica(lease, monitor, reads);

    @BeforeEach
    void setUp() {
        when(monitor.connections()).thenReturn(connections);
        when(connections.borrow()).thenReturn(connection);
        lease.renew(lease.now());
    }

    private String read() {
        return replica.read(() -> "replica", () -> "primary");
    }

    @Test
    void readBindsAConnectionOfTheReplicaAndReturnsIt() {
        String answer = replica.read(
                () -> {
                    Connection used = DataSourceUtils.getConnection(replica.dataSource());
                    DataSourceUtils.releaseConnection(used, replica.dataSource());
                    return used == connection ? "replica" : "";
                },
                () -> "primary");

        assertThat(answer).isEqualTo("replica");
        verify(connections).giveBack(connection);
        verify(reads).increment();
        assertThatThrownBy(() -> replica.dataSource().getConnection()).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> replica.dataSource().getConnection("user", "password"))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void readUsesThePrimaryWithoutALeaseConnectionsOrAFreeConnection() {
        when(connections.borrow()).thenReturn(null);
        assertThat(read()).isEqualTo("primary");
        when(connections.borrow()).thenReturn(connection);
        when(monitor.connections()).thenReturn(null);
        assertThat(read()).isEqualTo("primary");
        when(monitor.connections()).thenReturn(connections);
        lease.end();
        assertThat(read()).isEqualTo("primary");
        assertThat(replica.isInUse()).isFalse();
        lease.renew(lease.now());
        assertThat(read()).isEqualTo("replica");
        assertThat(replica.isInUse()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40001", "57P01", "25006", "42P01"})
    void readUsesThePrimaryWhenTheReplicaFails(String state) {
        String answer = replica.read(
                () -> {
                    throw new UncategorizedSQLException("read", null, new SQLException("failed", state));
                },
                () -> "primary");

        assertThat(answer).isEqualTo("primary");
        verify(connections).giveBack(connection);
        verifyNoInteractions(reads);
    }

    @Test
    void readDoesNotRepeatACanceledQueryOnThePrimary() {
        QueryTimeoutException timeOut = new QueryTimeoutException("read", new SQLException("canceled", "57014"));

        assertThatThrownBy(() -> replica.read(
                        () -> {
                            throw timeOut;
                        },
                        () -> "primary"))
                .isSameAs(timeOut);

        verify(connections).giveBack(connection);
    }
}
