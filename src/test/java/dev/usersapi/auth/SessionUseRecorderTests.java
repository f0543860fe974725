package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyMap;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.dao.DataAccessResourceFailureException;

class SessionUseRecorderTests {

    private static final Instant NOW = Instant.parse("2026-11-23T12:34:56.123456Z");
    private static final Instant ISSUED = Instant.parse("2026-11-23T12:30:00Z");
    private static final UUID SESSION = new UUID(1, 2);
    private static final UUID OTHER_SESSION = new UUID(3, 4);

    private final SessionUseRepository repository = mock();
    private final Clock clock = mock();
    private final ExecutorService writer = mock();
    private final SessionUseRecorder recorder = new SessionUseRecorder(repository, clock, writer);

    @BeforeEach
    void setUp() {
        when(repository.write(anyMap())).thenReturn(Set.of());
        when(clock.instant()).thenReturn(NOW);
    }

    /** Runs the task that the recorder submitted to its writer thread. */
    private void runWriter() {
        ArgumentCaptor<Runnable> task = ArgumentCaptor.captor();
        verify(writer, atLeastOnce()).execute(task.capture());
        clearInvocations(writer);
        task.getValue().run();
    }

    /** What the recorder wrote last. */
    private Map<UUID, SessionUse> written() {
        ArgumentCaptor<Map<UUID, SessionUse>> uses = ArgumentCaptor.captor();
        verify(repository, atLeastOnce()).write(uses.capture());
        return uses.getValue();
    }

    @Test
    void writePendingWritesTheLatestUseOfASessionOnce() {
        recorder.recordUse(SESSION, ISSUED);
        when(clock.instant()).thenReturn(NOW.plusSeconds(5));
        recorder.recordUse(SESSION, ISSUED);

        recorder.writePending();
        recorder.writePending();

        verify(repository, times(1)).write(anyMap());
        assertThat(written()).isEqualTo(Map.of(SESSION, new SessionUse(NOW.plusSeconds(5), ISSUED)));
    }

    @Test
    void useOfAnOlderTokenDoesNotHideTheUseOfANewerOne() {
        Session session = new Session(SESSION, mock(), NOW, NOW, new Device("192.0.2.1", "Test/1.0"));
        assertThat(recorder.wasUsedWithTokenIssuedSince(session, ISSUED)).isFalse();

        recorder.recordUse(SESSION, ISSUED);
        recorder.recordUse(SESSION, ISSUED.minusSeconds(60));

        assertThat(recorder.wasUsedWithTokenIssuedSince(session, ISSUED.plusMillis(900)))
                .as("times in access tokens have whole seconds")
                .isTrue();
        assertThat(recorder.wasUsedWithTokenIssuedSince(session, ISSUED.plusSeconds(1)))
                .isFalse();
        recorder.writePending();
        assertThat(written()).isEqualTo(Map.of(SESSION, new SessionUse(NOW, ISSUED)));
    }

    @Test
    void firstUseOfANewerTokenIsWrittenAtOnce() {
        recorder.recordUse(SESSION, ISSUED);
        runWriter();
        assertThat(written()).isEqualTo(Map.of(SESSION, new SessionUse(NOW, ISSUED)));

        recorder.recordUse(SESSION, ISSUED);
        recorder.recordUse(SESSION, ISSUED.minusSeconds(60));
        verify(writer, never()).execute(any());

        recorder.recordUse(OTHER_SESSION, ISSUED);
        recorder.recordUse(SESSION, ISSUED.plusSeconds(60));
        runWriter();
        assertThat(written())
                .isEqualTo(Map.of(
                        OTHER_SESSION,
                        new SessionUse(NOW, ISSUED),
                        SESSION,
                        new SessionUse(NOW, ISSUED.plusSeconds(60))));
    }

    @Test
    void writerDoesNotWriteUsesThatCanWait() {
        recorder.recordUse(SESSION, ISSUED);
        runWriter();

        recorder.recordUse(SESSION, ISSUED);
        recorder.recordUse(OTHER_SESSION, ISSUED);
        runWriter();

        assertThat(written()).containsOnlyKeys(OTHER_SESSION);
    }

    @Test
    void firstUseIsWrittenAfterTheNextUseWhenItsRowWasLocked() {
        when(repository.write(anyMap())).thenReturn(Set.of(SESSION));
        recorder.recordUse(SESSION, ISSUED);
        runWriter();

        recorder.recordUse(SESSION, ISSUED);

        verify(writer).execute(any());
    }

    @Test
    void writePendingDoesNotUseTheDatabaseWhenNothingIsPending() {
        recorder.writePending();

        verify(repository, never()).write(anyMap());
    }

    @Test
    void usesAreWrittenLaterWhenTheDatabaseFails() {
        recorder.recordUse(SESSION, ISSUED);
        when(repository.write(anyMap()))
                .thenThrow(new DataAccessResourceFailureException("gone"))
                .thenReturn(Set.of());

        assertThatCode(recorder::writePending).doesNotThrowAnyException();
        recorder.writePending();
        recorder.writePending();

        verify(repository, times(2)).write(anyMap());
    }

    @Test
    void pendingSessionsAreLimited() {
        UUID first = new UUID(0, 0);
        for (int n = 0; n < SessionUseRecorder.MAX_PENDING_SESSIONS + 100; n++) {
            recorder.recordUse(new UUID(0, n), ISSUED);
        }
        when(clock.instant()).thenReturn(NOW.plusSeconds(5));
        recorder.recordUse(first, ISSUED);

        recorder.writePending();

        assertThat(written())
                .hasSize(SessionUseRecorder.MAX_PENDING_SESSIONS)
                .containsEntry(first, new SessionUse(NOW.plusSeconds(5), ISSUED));
    }
}
