package dev.usersapi.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.support.ApiTest;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** Two instances of the service that share a database. */
@ApiTest
class IdempotencyServiceIT {

    private record Body(String text) {}

    private final IdempotencyKey key = IdempotencyKey.parse(UUID.randomUUID().toString(), "POST", "/things", "usr_1")
            .orElseThrow();
    private final AtomicInteger changes = new AtomicInteger();

    @Autowired
    private IdempotencyService service;

    @Autowired
    private IdempotencyKeyRepository repository;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private JsonMapper mapper;

    @Autowired
    private JdbcClient database;

    private IdempotencyService other;

    @BeforeEach
    void createOtherInstance() {
        other = new IdempotencyService(repository, transactions, mapper);
    }

    private ResponseEntity<?> send(IdempotencyService instance) {
        return instance.once(key, new Body("same"), IdempotencyServiceIT::noPreparation, nothing -> change());
    }

    private ResponseEntity<?> change() {
        return ResponseEntity.status(HttpStatus.CREATED)
                .header("Location", "/things/" + changes.incrementAndGet())
                .header("ETag", "\"v1\"")
                .body(Map.of("data", Map.of("number", changes.get())));
    }

    private static void assertKeyInUse(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.IDEMPOTENCY_KEY_IN_USE));
    }

    private int rows() {
        return database.sql("select count(*) from idempotency_keys where id = ?")
                .param(key.id())
                .query(Integer.class)
                .single();
    }

    @Test
    void otherInstanceReplaysTheStoredResponse() {
        ResponseEntity<?> first = send(service);
        ResponseEntity<?> again = send(other);

        assertThat(changes).hasValue(1);
        assertThat(again.getStatusCode()).isEqualTo(first.getStatusCode());
        assertThat(mapper.writeValueAsString(again.getBody())).isEqualTo(mapper.writeValueAsString(first.getBody()));
        assertThat(again.getHeaders().toSingleValueMap())
                .containsAllEntriesOf(first.getHeaders().toSingleValueMap())
                .containsEntry("Idempotency-Replayed", "true");
        assertThat(first.getHeaders().toSingleValueMap()).doesNotContainKey("Idempotency-Replayed");
    }

    @Test
    void otherInstanceRefusesARetryWhileTheFirstRequestRuns() {
        service.once(key, new Body("same"), IdempotencyServiceIT::noPreparation, nothing -> {
            assertKeyInUse(() -> inAnotherThread(() -> send(other)));
            return change();
        });

        assertThat(changes).hasValue(1);
        send(other);
        assertThat(changes).hasValue(1);
    }

    @Test
    void sameInstanceRefusesARetryBeforeItsPreparation() {
        service.once(
                key,
                new Body("same"),
                () -> {
                    assertKeyInUse(() -> service.once(
                            key,
                            new Body("same"),
                            () -> {
                                throw new AssertionError("prepared");
                            },
                            nothing -> change()));
                    return "";
                },
                nothing -> change());

        assertThat(changes).hasValue(1);
    }

    /** Runs in a thread of its own, because a transaction belongs to a thread. */
    private static void inAnotherThread(Runnable work) throws InterruptedException {
        RuntimeException[] failure = new RuntimeException[1];
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                failure[0] = e;
            }
        });
        thread.start();
        thread.join();
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    @Test
    void failedCommitStoresNothing() {
        assertThatThrownBy(() -> service.once(key, new Body("same"), IdempotencyServiceIT::noPreparation, nothing -> {
                    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                        @Override
                        public void beforeCommit(boolean readOnly) {
                            assertThat(rows()).isEqualTo(1);
                            throw new IllegalStateException("at the last moment");
                        }
                    });
                    return change();
                }))
                .hasMessage("at the last moment");

        assertThat(rows()).isZero();
        send(service);
        assertThat(changes).hasValue(2);
    }

    @Test
    void responseIsStoredFor24Hours() {
        send(service);
        age("23 hours 59 minutes");
        service.deleteExpired();
        send(service);
        assertThat(changes).hasValue(1);

        age("24 hours");
        send(service);
        assertThat(changes).hasValue(2);
        send(service);
        assertThat(changes).hasValue(2);

        age("24 hours");
        service.deleteExpired();
        assertThat(rows()).isZero();
    }

    private void age(String interval) {
        database.sql("update idempotency_keys set created_at = now() - cast(? as interval) where id = ?")
                .params(interval, key.id())
                .update();
    }

    @Test
    void requestWithoutKeyStoresNothing() {
        service.once(null, new Body("same"), IdempotencyServiceIT::noPreparation, nothing -> {
            assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                    .isFalse();
            return change();
        });

        assertThat(changes).hasValue(1);
        assertThat(rows()).isZero();
    }

    private static String noPreparation() {
        return "";
    }
}
