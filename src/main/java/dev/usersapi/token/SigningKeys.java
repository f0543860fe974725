package dev.usersapi.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.text.ParseException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The key that signs access tokens, made on the first start and kept in the database, so that all instances share it.
 * RSA: its signatures are the cheapest to verify, and every request verifies one.
 */
@Component
class SigningKeys {

    private final RSAKey key;

    SigningKeys(JdbcClient database, PlatformTransactionManager transactions, Clock clock) {
        this.key = Objects.requireNonNull(new TransactionTemplate(transactions).execute(status -> {
            database.sql("select pg_advisory_xact_lock(hashtext('users.signing_keys'))")
                    .query()
                    .singleRow();
            return database.sql("select jwk from signing_keys order by created_at desc limit 1")
                    .query(String.class)
                    .optional()
                    .map(SigningKeys::parse)
                    .orElseGet(() -> create(database, clock));
        }));
    }

    RSAKey signingKey() {
        return key;
    }

    /** Without private parts. */
    JWKSet published() {
        return new JWKSet(key.toPublicJWK());
    }

    private static RSAKey create(JdbcClient database, Clock clock) {
        try {
            RSAKey created = new RSAKeyGenerator(2048)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .keyIDFromThumbprint(true)
                    .generate();
            database.sql("insert into signing_keys (id, jwk, created_at) values (?, ?, ?)")
                    .params(
                            created.getKeyID(),
                            created.toJSONString(),
                            OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .update();
            return created;
        } catch (JOSEException e) {
            throw new IllegalStateException("The JVM cannot make an RSA key", e);
        }
    }

    private static RSAKey parse(String jwk) {
        try {
            return RSAKey.parse(jwk);
        } catch (ParseException e) {
            throw new IllegalStateException("signing_keys holds what is not a JSON Web Key", e);
        }
    }
}
