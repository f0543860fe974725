package dev.usersapi.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import dev.usersapi.error.StartupRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredKeyReaderTests {

    @TempDir
    private Path directory;

    static String pem(int bits) {
        return pem("RSA", bits);
    }

    private static String pem(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                            .encodeToString(
                                    generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void isRefused(String setting, String reason) {
        assertThatThrownBy(() -> ConfiguredKeyReader.read(setting))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessage("users.token.signing-key (USERS_TOKEN_SIGNING_KEY) " + reason);
    }

    @Test
    void readAcceptsTextAndFilesInAllUsualForms() throws Exception {
        String pem = pem(2048);
        Path file = Files.writeString(directory.resolve("signing-key.pem"), pem);

        RSAKey key = ConfiguredKeyReader.read(pem);

        assertThat(key.isPrivate()).isTrue();
        assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
        assertThat(key.toPublicJWK().toJSONObject()).containsOnlyKeys("kty", "use", "alg", "kid", "n", "e");
        for (String setting : new String[] {
            "file:" + file,
            file.toString(),
            " " + pem + " ",
            pem.replace("\n", "\r\n"),
            pem.replace("\n", "\\n"),
            pem.replace("\n", " ")
        }) {
            assertThat(ConfiguredKeyReader.read(setting)).isEqualTo(key);
        }
    }

    @Test
    void readRefusesUnusableKeysWithoutShowingThem() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));

        isRefused("file:" + directory.resolve("nothing"), "names a file that cannot be read.");
        isRefused("secret", "names a file that cannot be read.");
        isRefused("file:" + directory, "names a file that cannot be read.");
        isRefused("file:" + empty, "is not a private key in PEM (PKCS#8, unencrypted).");
        isRefused(
                pem(2048).replace("PRIVATE KEY", "RSA PRIVATE KEY"),
                "is not a private key in PEM (PKCS#8, unencrypted).");
        isRefused(
                pem(2048).replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
                "is not a private key in PEM (PKCS#8, unencrypted).");
        isRefused(pem(2048).replace("M", "!"), "is not an RSA key.");
        isRefused(pem(2048).replaceFirst("\n.{64}\n", "\n"), "is not an RSA key.");
        isRefused(pem("EC", 256), "is not an RSA key.");
        isRefused(pem(1024), "has fewer than 2048 bits.");
    }
}
