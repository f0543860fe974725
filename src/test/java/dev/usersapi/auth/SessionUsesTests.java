package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

class SessionUsesTests {

    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456Z");

    private static final Instant ISSUED = Instant.parse("2026-11-23T12:30:00Z");

    private final JdbcClient database = mock();
    private final JdbcClient.StatementSpec statement = mock();
    private final Clock clock = mock();
    private final SessionUses uses = new SessionUses(database, clock);

    @BeforeEach
    void answers() {
        when(database.sql(anyString())).thenReturn(statement);
        when(statement.param(anyString(), any())).thenReturn(statement);
        when(clock.instant()).thenReturn(NOW);
    }

    private String[] written(String parameter) {
        ArgumentCaptor<String[]> values = ArgumentCaptor.captor();
        verify(statement, atLeastOnce()).param(eq(parameter), values.capture());
        return values.getValue();
    }

    @Test
    void latestUseOfEachSessionIsWrittenOnce() {
        UUID session = new UUID(1, 2);
        uses.note(session, ISSUED);
        when(clock.instant()).thenReturn(NOW.plusSeconds(5));
        uses.note(session, ISSUED);

        uses.write();
        uses.write();

        verify(statement, times(1)).update();
        assertThat(written("ids")).containsExactly(session.toString());
        assertThat(written("times")).containsExactly("2026-11-23T12:35:01.123456Z");
    }

    @Test
    void useWithAnOlderTokenDoesNotHideThatANewerOneWasUsed() {
        Session session = new Session(new UUID(1, 2), mock(), NOW, NOW, new Device("192.0.2.1", "Test/1.0"));
        assertThat(uses.wasUsedWithTokenSince(session, ISSUED)).isFalse();

        uses.note(session.id(), ISSUED);
        uses.note(session.id(), ISSUED.minusSeconds(60));

        assertThat(uses.wasUsedWithTokenSince(session, ISSUED.plusMillis(900)))
                .as("the time in an access token has whole seconds")
                .isTrue();
        assertThat(uses.wasUsedWithTokenSince(session, ISSUED.plusSeconds(1))).isFalse();
        uses.write();
        assertThat(written("issued")).containsExactly("2026-11-23T12:30:00Z");
    }

    @Test
    void nothingIsAskedOfTheDatabaseWithoutAUse() {
        uses.write();

        verify(database, never()).sql(anyString());
    }

    @Test
    void usesOutliveAnOutage() {
        uses.note(new UUID(1, 2), ISSUED);
        when(statement.update())
                .thenThrow(new DataAccessResourceFailureException("gone"))
                .thenReturn(1);

        assertThatCode(uses::write).doesNotThrowAnyException();
        uses.write();
        uses.write();

        verify(statement, times(2)).update();
    }

    @Test
    void memoryIsBounded() {
        UUID first = new UUID(0, 0);
        for (int n = 0; n < SessionUses.MOST_NOTED + 100; n++) {
            uses.note(new UUID(0, n), ISSUED);
        }
        when(clock.instant()).thenReturn(NOW.plusSeconds(5));
        uses.note(first, ISSUED);

        uses.write();

        assertThat(written("ids")).hasSize(SessionUses.MOST_NOTED).contains(first.toString());
        assertThat(written("times")).containsOnlyOnce("2026-11-23T12:35:01.123456Z");
    }
}
