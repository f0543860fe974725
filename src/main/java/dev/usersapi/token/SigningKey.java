package dev.usersapi.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.time.Instant;

/**
 * A key that signs access tokens, did so, or is going to. RSA: its signatures are the cheapest to verify, and every
 * request verifies one.
 *
 * @param jwk its public part alone where this instance is not to sign with it
 * @param createdAt when it was made, or first configured
 * @param signsFrom when it takes over
 * @param usedAt when some instance last signed with it, give or take minutes; not before {@code signsFrom}
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
            throw new IllegalStateException("The JVM cannot make an RSA key", e);
        }
    }

    SigningKey with(RSAKey part) {
        return new SigningKey(part, createdAt, signsFrom, usedAt);
    }

    String id() {
        return jwk.getKeyID();
    }

    boolean canSign() {
        return jwk.isPrivate();
    }

    /** Without the private part, which the key's own text form has. */
    @Override
    public String toString() {
        return "SigningKey[" + id() + ", signs from " + signsFrom + "]";
    }
}
