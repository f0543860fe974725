package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

class SessionUseRecorderTests {

    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456Z");

    private static final Instant ISSUED = Instant.parse("2026-11-23T12:30:00Z");

    private final JdbcClient database = mock();
    private final JdbcClient.StatementSpec statement = mock();
    private final Clock clock = mock();
    private final JdbcClient.MappedQuerySpec<UUID> locked = mock();
    private final ExecutorService writer = mock();
    private final SessionUseRecorder uses = new SessionUseRecorder(database, clock, writer);

    @BeforeEach
    void answers() {
        when(database.sql(anyString())).thenReturn(statement);
        when(statement.param(anyString(), any())).thenReturn(statement);
        when(statement.query(UUID.class)).thenReturn(locked);
        when(locked.set()).thenReturn(Set.of());
        when(clock.instant()).thenReturn(NOW);
    }

    /** Does what waits for the thread that writes. */
    private void writeFirstUses() {
        ArgumentCaptor<Runnable> waiting = ArgumentCaptor.captor();
        verify(writer, atLeastOnce()).execute(waiting.capture());
        clearInvocations(writer);
        waiting.getValue().run();
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

        verify(locked, times(1)).set();
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
    void firstUseOfTheNewestTokenIsWrittenAtOnce() {
        UUID session = new UUID(1, 2);
        uses.note(session, ISSUED);
        writeFirstUses();
        assertThat(written("issued")).containsExactly("2026-11-23T12:30:00Z");

        uses.note(session, ISSUED);
        uses.note(session, ISSUED.minusSeconds(60));
        verify(writer, never()).execute(any());

        uses.note(new UUID(3, 4), ISSUED);
        uses.note(session, ISSUED.plusSeconds(60));
        writeFirstUses();
        assertThat(written("issued")).containsExactlyInAnyOrder("2026-11-23T12:30:00Z", "2026-11-23T12:31:00Z");
    }

    @Test
    void firstUseDoesNotWriteWhatCanWait() {
        UUID known = new UUID(1, 2);
        uses.note(known, ISSUED);
        writeFirstUses();

        uses.note(known, ISSUED);
        uses.note(new UUID(3, 4), ISSUED);
        writeFirstUses();

        assertThat(written("ids")).containsExactly("00000000-0000-0003-0000-000000000004");
    }

    @Test
    void firstUseThatCouldNotBeWrittenIsTriedAgainWithTheNextUse() {
        UUID session = new UUID(1, 2);
        when(locked.set()).thenReturn(Set.of(session));
        uses.note(session, ISSUED);
        writeFirstUses();

        uses.note(session, ISSUED);

        verify(writer).execute(any());
    }

    @Test
    void nothingIsAskedOfTheDatabaseWithoutAUse() {
        uses.write();

        verify(database, never()).sql(anyString());
    }

    @Test
    void usesOutliveAnOutage() {
        uses.note(new UUID(1, 2), ISSUED);
        when(locked.set())
                .thenThrow(new DataAccessResourceFailureException("gone"))
                .thenReturn(Set.of());

        assertThatCode(uses::write).doesNotThrowAnyException();
        uses.write();
        uses.write();

        verify(locked, times(2)).set();
    }

    @Test
    void memoryIsBounded() {
        UUID first = new UUID(0, 0);
        for (int n = 0; n < SessionUseRecorder.MOST_NOTED + 100; n++) {
            uses.note(new UUID(0, n), ISSUED);
        }
        when(clock.instant()).thenReturn(NOW.plusSeconds(5));
        uses.note(first, ISSUED);

        uses.write();

        assertThat(written("ids")).hasSize(SessionUseRecorder.MOST_NOTED).contains(first.toString());
        assertThat(written("times")).containsOnlyOnce("2026-11-23T12:35:01.123456Z");
    }
}
