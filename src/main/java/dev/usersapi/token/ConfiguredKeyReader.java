package dev.usersapi.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.usersapi.error.StartupRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.util.ResourceUtils;

/** Reads the signing key from the configuration: a private RSA key in PEM (PKCS#8), or the name of a file with one. */
final class ConfiguredKeyReader {

    private static final String NAME = "users.token.signing-key (USERS_TOKEN_SIGNING_KEY)";
    private static final int MIN_BITS = 2048;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*)-----END PRIVATE KEY-----", Pattern.DOTALL);

    private ConfiguredKeyReader() {}

    /**
     * Returns the key, whose id is its thumbprint (RFC 7638).
     *
     * @throws StartupRefusedException when the key cannot be used; the message contains nothing of the secret setting
     */
    static RSAKey read(String setting) {
        Matcher pem = PEM.matcher(setting.contains("-----") ? setting : readFile(setting));
        if (!pem.find()) {
            throw refusal("is not a private key in PEM (PKCS#8, unencrypted).");
        }
        // keys in one line often contain \n as two characters
        RSAPrivateCrtKey key = parse(pem.group(1).replaceAll("\\\\n|\\s", ""));
        if (key.getModulus().bitLength() < MIN_BITS) {
            throw refusal("has fewer than " + MIN_BITS + " bits.");
        }
        try {
            RSAPublicKey publicKey = (RSAPublicKey) KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
            return new RSAKey.Builder(publicKey)
                    .privateKey(key)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .keyIDFromThumbprint()
                    .build();
        } catch (GeneralSecurityException | JOSEException e) {
            throw refusal("is not a valid RSA key.");
        }
    }

    private static RSAPrivateCrtKey parse(String base64) {
        try {
            byte[] encoded = Base64.getDecoder().decode(base64);
            if (KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded))
                    instanceof RSAPrivateCrtKey key) {
                return key;
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            // refused below
        }
        throw refusal("is not an RSA key.");
    }

    private static String readFile(String location) {
        try {
            return Files.readString(ResourceUtils.getFile(location.strip()).toPath());
        } catch (IOException | RuntimeException e) {
            throw refusal("names a file that cannot be read.");
        }
    }

    private static StartupRefusedException refusal(String reason) {
        return new StartupRefusedException(
                NAME + " " + reason,
                "Create a key with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:" + MIN_BITS
                        + " -out signing-key.pem`, and set its content, or file:signing-key.pem.");
    }
}
