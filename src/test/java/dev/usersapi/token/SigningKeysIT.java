package dev.usersapi.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.MovableClock;
import dev.usersapi.support.OwnDatabase;
import dev.usersapi.user.UserId;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.security.oauth2.jwt.JwtException;

/** Several instances on one database, through all changes of their signing keys. */
@ApiTest
class SigningKeysIT {

    private static final Duration TTL = Duration.ofMinutes(15);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Autowired
    private JdbcConnectionDetails server;

    private final MovableClock clock = new MovableClock();

    @SuppressWarnings("NullAway.Init") // set before each test
    private OwnDatabase database;

    @BeforeEach
    void create() {
        database = OwnDatabase.create(server);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private final class Instance {

        final SigningKeyRepository repository;
        final SigningKeys keys;
        final SigningKeyRotation rotation;
        final AccessTokens tokens;

        Instance(Duration keyRotation, String configured) {
            DataSource session = database.connect();
            TokenProperties properties = new TokenProperties("users-api", "users-api", TTL, keyRotation, configured);
            repository = spy(new SigningKeyRepository(JdbcClient.create(session)));
            keys = new SigningKeys(repository, properties, clock);
            rotation = new SigningKeyRotation(keys, repository, new JdbcTransactionManager(session), properties);
            tokens = new AccessTokens(keys, properties, clock);
        }

        SigningKey rotate() {
            SigningKey next = rotation.prepare();
            rotation.add(next);
            keys.reload();
            return next;
        }

        String issue() {
            return tokens.issue(new UserId(UUID.randomUUID()), UUID.randomUUID());
        }

        void accepts(String token) {
            assertThatCode(() -> tokens.verify(token)).as(kid(token)).doesNotThrowAnyException();
        }

        void refuses(String token) {
            assertThatThrownBy(() -> tokens.verify(token)).isInstanceOf(JwtException.class);
        }

        List<String> published() {
            return ids(keys.published());
        }
    }

    private Instance start() {
        return start("");
    }

    private Instance start(String configured) {
        Instance instance = new Instance(Duration.ZERO, configured);
        clock.advance(Duration.ofSeconds(2)); // an instance takes at least this long to start
        return instance;
    }

    private static String kid(String token) {
        try {
            return SignedJWT.parse(token).getHeader().getKeyID();
        } catch (ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> ids(JWKSet keys) {
        return keys.getKeys().stream().map(JWK::getKeyID).toList();
    }

    private static void isRefused(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    /** Moves the clock minute by minute, and asserts that every instance accepts every valid token all the time. */
    private void passMinutes(int minutes, Instance... instances) {
        for (Instance instance : instances) {
            instance.rotation.maintain();
        }
        Deque<String> valid = new ArrayDeque<>();
        List<String> copy = List.of();
        for (int minute = 0; minute < minutes; minute++) {
            if (minute % 5 == 0) {
                copy = instances[minute % instances.length].published(); // cached by other services
            }
            for (Instance instance : instances) {
                String token = instance.issue();
                assertThat(copy).as("minute %s", minute).contains(kid(token));
                valid.addLast(token);
                for (Instance other : instances) {
                    valid.forEach(other::accepts);
                    assertThat(other.published())
                            .containsAll(valid.stream().map(SigningKeysIT::kid).toList());
                }
            }
            clock.advance(MINUTE);
            while (valid.size() > instances.length * (TTL.toMinutes() - 1)) {
                valid.removeFirst();
            }
            for (Instance instance : instances) {
                instance.rotation.maintain();
            }
        }
    }

    @Test
    void rotationKeepsValidTokensAcceptedOnEveryInstance() {
        Instance one = start();
        Instance other = start();
        String former = kid(one.issue());
        assertThat(other.published()).containsExactly(former);
        passMinutes(3, one, other);

        String next = one.rotate().id();
        assertThat(one.published()).containsExactly(former, next);
        clock.advance(MINUTE);
        other.rotation.maintain();
        assertThat(other.published()).containsExactly(former, next);
        passMinutes(8, one, other);
        assertThat(kid(other.issue())).as("the next key does not sign yet").isEqualTo(former);
        clock.advance(MINUTE);
        assertThat(kid(one.issue())).isEqualTo(next);
        assertThat(kid(other.issue())).isEqualTo(next);
        Instance late = start();
        passMinutes(75, one, other, late);

        clock.advance(MINUTE);
        one.rotation.maintain();
        late.rotation.maintain();
        assertThat(one.published()).containsExactly(next);
        assertThat(late.published()).containsExactly(next);
        assertThat(database.client()
                        .sql("select count(*) from signing_keys")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void scheduledRotationCreatesOneKeyForAllInstances() {
        List<Instance> instances = inParallel(() -> new Instance(Duration.ofHours(1), ""));
        assertThat(instances)
                .extracting(instance -> kid(instance.issue()))
                .as("the first key of all")
                .containsOnly(kid(instances.get(0).issue()));
        clock.advance(Duration.ofHours(1).plusSeconds(1));

        instances.stream()
                .map(instance -> CompletableFuture.runAsync(instance.rotation::maintain))
                .toList()
                .forEach(CompletableFuture::join);

        instances.forEach(instance -> {
            instance.rotation.maintain();
            assertThat(instance.published())
                    .hasSize(2)
                    .containsExactlyElementsOf(instances.get(0).published());
        });
        for (int hour = 0; hour < 20; hour++) {
            passMinutes(10, instances.get(0), instances.get(1));
            clock.advance(Duration.ofMinutes(50));
            instances.forEach(instance -> instance.rotation.maintain());
            assertThat(instances.get(0).published()).hasSizeBetween(2, 3);
        }
    }

    private <T> List<T> inParallel(Supplier<T> work) {
        return IntStream.range(0, 4).mapToObj(n -> CompletableFuture.supplyAsync(work)).toList().stream()
                .map(CompletableFuture::join)
                .toList();
    }

    @Test
    void rotationIsOffWhenTheIntervalIsZero() {
        Instance instance = start();
        clock.advance(Duration.ofDays(4000));

        instance.rotation.maintain();

        assertThat(instance.published()).hasSize(1);
    }

    @Test
    void addRefusesASecondNextKey() {
        Instance one = start();
        Instance other = start();
        one.rotate();

        isRefused(other::rotate, ErrorCode.NEXT_SIGNING_KEY_EXISTS);

        clock.advance(SigningKeyRotation.LEAD_TIME);
        other.rotate();
        assertThat(other.published()).hasSize(3);
    }

    @Test
    void onlyOneOfConcurrentRotationsSucceeds() {
        start();
        List<Instance> instances = inParallel(this::start);

        long refused = instances.stream()
                .map(instance ->
                        CompletableFuture.runAsync(instance::rotate).handle((nothing, failure) -> failure != null))
                .toList()
                .stream()
                .filter(CompletableFuture::join)
                .count();

        assertThat(refused).isEqualTo(instances.size() - 1);
    }

    @Test
    void deleteReplacesTheCurrentKeyAtOnce() {
        Instance one = start();
        Instance other = start();
        String leaked = one.issue();
        one.accepts(leaked);
        other.accepts(leaked);
        isRefused(() -> one.rotation.delete(kid(leaked)), ErrorCode.SIGNING_KEY_IN_USE);
        isRefused(() -> one.rotation.delete("unknown"), ErrorCode.SIGNING_KEY_NOT_FOUND);
        String next = one.rotate().id();
        clock.advance(Duration.ofSeconds(5));

        one.rotation.delete(kid(leaked));

        one.refuses(leaked);
        String token = one.issue();
        assertThat(kid(token)).isEqualTo(next);
        other.accepts(token); // although it has not read the key yet
        other.refuses(leaked);
        assertThat(kid(other.issue())).isEqualTo(next);
        passMinutes(100, one, other);
    }

    @Test
    void deletedNextKeyNeverSigns() {
        Instance one = start();
        String current = kid(one.issue());
        one.rotation.delete(one.rotate().id());

        assertThat(one.published()).containsExactly(current);
        passMinutes(100, one);
        assertThat(kid(one.issue())).isEqualTo(current);
    }

    @Test
    void unknownKeyIdsCauseAtMostOneQueryASecond() {
        Instance instance = start();
        OwnDatabase mine = database;
        database = OwnDatabase.create(server);
        List<String> forged = IntStream.range(0, 5)
                .mapToObj(n -> {
                    database.client().sql("delete from signing_keys").update();
                    return start().issue();
                })
                .toList();
        database.close();
        database = mine;
        clearInvocations(instance.repository);

        forged.forEach(instance::refuses);
        clock.advance(Duration.ofSeconds(3));
        forged.forEach(instance::refuses);
        forged.forEach(instance::refuses);

        verify(instance.repository, times(2)).findAll();
    }

    @Test
    void verifyAcceptsKnownKeysAndReportsAnOutageForUnknownKeysWithoutTheDatabase() {
        Instance one = start();
        Instance other = start();
        String known = one.issue();
        one.rotate();
        clock.advance(Duration.ofSeconds(5));
        one.rotation.delete(kid(known));
        String unknown = one.issue();
        doThrow(new DataAccessResourceFailureException("away"))
                .when(other.repository)
                .findAll();

        isRefused(() -> other.tokens.verify(unknown), ErrorCode.DATABASE_UNAVAILABLE);
        isRefused(() -> other.tokens.verify(unknown), ErrorCode.DATABASE_UNAVAILABLE);
        verify(other.repository, times(2)).findAll(); // including the one at the start
        other.accepts(known);
        other.rotation.maintain();

        clock.advance(Duration.ofSeconds(5));
        doReturn(one.repository.findAll()).when(other.repository).findAll();
        other.accepts(unknown);
    }

    @Test
    void configuredKeyCanBeAddedChangedAndRemovedByARollingRestart() {
        Instance one = start();
        String generated = kid(one.issue());
        String pem = ConfiguredKeyReaderTests.pem(2048);
        String another = ConfiguredKeyReaderTests.pem(2048);

        Instance configured = start(pem);
        assertThat(kid(configured.issue())).isNotEqualTo(generated);
        one.accepts(configured.issue());
        configured.accepts(one.issue());
        assertThat(one.published()).containsExactlyInAnyOrderElementsOf(configured.published());
        isRefused(configured::rotate, ErrorCode.SIGNING_KEY_CONFIGURED);
        isRefused(() -> configured.rotation.delete(kid(configured.issue())), ErrorCode.SIGNING_KEY_CONFIGURED);
        passMinutes(200, one, configured);
        passMinutes(100, configured);
        assertThat(configured.published()).as("the generated key was deleted").containsExactly(kid(configured.issue()));
        assertThat(database.client()
                        .sql(
                                "select string_agg(jwk, '') from configured_signing_keys where not exists (table signing_keys)")
                        .query(String.class)
                        .single())
                .as("no private key is left in the database")
                .contains("\"n\":")
                .doesNotContain("\"d\":");

        Instance changed = start(another);
        passMinutes(200, configured, changed);
        passMinutes(20, changed);
        Instance restarted = start(pem);
        passMinutes(100, changed, restarted);

        Instance back = start();
        passMinutes(200, restarted, back);
        passMinutes(100, back);
        assertThat(back.published()).containsExactly(kid(back.issue()));
    }

    @Test
    void formerKeyCanBeDeletedByAnInstanceWithAConfiguredKey() {
        Instance one = start();
        String leaked = one.issue();
        Instance configured = start(ConfiguredKeyReaderTests.pem(2048));
        configured.accepts(leaked);

        configured.rotation.delete(kid(leaked));

        configured.refuses(leaked);
    }

    @Test
    void deleteUnlessUsedAgainKeepsAKeyThatIsInUseAgain() {
        Instance one = start(ConfiguredKeyReaderTests.pem(2048));
        String pem = ConfiguredKeyReaderTests.pem(2048);
        String kid = kid(start(pem).issue());
        clock.advance(Duration.ofHours(3));
        SigningKey retired = one.keys.reload().find(kid).orElseThrow();

        Instance again = start(pem);
        one.repository.deleteUnlessUsedAgain(retired);

        assertThat(one.keys.reload().find(kid)).isPresent();
        one.accepts(again.issue());
    }

    @Test
    void textFormsContainNoKeys() {
        Instance configured = start(ConfiguredKeyReaderTests.pem(2048));

        assertThat(configured.keys.reload().keys()).asString().doesNotContain("\"d\"", "\"n\"");
        assertThat(new TokenProperties("i", "a", TTL, TTL, "secret")).asString().doesNotContain("secret");
    }
}
