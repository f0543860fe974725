package dev.usersapi.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.time.Instant;

/**
 * A key that signs access tokens now, signed them before, or will sign them. The algorithm is RSA, because its
 * signatures are the cheapest to verify and tokens are verified far more often than signed.
 *
 * @param jwk the key pair, or the public key alone when this instance must not sign with it
 * @param createdAt when the key was generated or first configured
 * @param signsFrom when the key replaces the one before
 * @param usedAt when it was last known to be the key that signs, precise to minutes; not before {@code signsFrom}
 */
record SigningKey(RSAKey jwk, Instant createdAt, Instant signsFrom, Instant usedAt) {

    static RSAKey generate() {
        try {
            return new RSAKeyGenerator(2048)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .keyIDFromThumbprint(true)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("The JVM cannot generate an RSA key", e);
        }
    }

    SigningKey with(RSAKey otherJwk) {
        return new SigningKey(otherJwk, createdAt, signsFrom, usedAt);
    }

    String id() {
        return jwk.getKeyID();
    }

    boolean canSign() {
        return jwk.isPrivate();
    }

    /** Omits the key, whose text form contains the private part. */
    @Override
    public String toString() {
        return "SigningKey[" + id() + ", signs from " + signsFrom + "]";
    }
}
