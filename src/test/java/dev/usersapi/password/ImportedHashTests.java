package dev.usersapi.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.util.unit.DataSize;

/** The hashes were created by other software: the Python packages bcrypt and argon2-cffi, passlib and Django. */
class ImportedHashTests {

    private static final String PASSWORD = "Zo\u00eb's password";
    private static final int MEBIBYTE = 1024 * 1024;

    static final String[] VECTORS = {
        "$2b$05$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2a$05$fLcxDMLXNEcnNsvX7nS4v.Gn8vOLX9/YOFlbmkg9oS.5w0tP.1SNS",
        "$2y$05$W3AozkExyM0h2pa2T321ku9Aex5HEaFN4X4UxCdTUtz0WmW3cSyPm",
        "$argon2id$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2i$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$BYvsotaOa2WUzhk/QZgsGSgYSdeyKdYgjrUKn+VrbI0",
        "$argon2d$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$iPErNWktGZWmq72Xnmqou1pRiLwpPbympOkLVDydlyE",
        "$argon2i$v=16$m=512,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$lsUG0Cs4c7sGtqlp8+qj2If05ZoUol9S",
        "$argon2i$m=512,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$lsUG0Cs4c7sGtqlp8+qj2If05ZoUol9S",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$KuMEbV2f6Ab7T2GfYxwOTD4EuN0eBfXSf2wCvdl4i50",
        "$scrypt$ln=10,r=8,p=2$ixGCEML4X0vp3dtbS8l5Lw$cQ3DATK75VxzuDa9PL0iyi/rZEv/L6fiQdzTm9yfiWU",
        "$pbkdf2$1200$.d8bA4BQilEKQeh9D.Ecgw$KkAwT3Njm6REF7HRruSEplxlG.k",
        "$pbkdf2-sha256$1200$fe.913pv7f1/DyFEaI2xVg$orRS5.r/LZR.jBfZTEzhuFDxkwU9FTcPF1Xlg5czU5Q",
        "$pbkdf2-sha512$1200$oDTG.D/nXIuRklLq3dub0w$zNgt8MHfr.M2FHpx20HdkLxwdP.t8toHxzGOApCm//4gfU6T4PmaRecwO8d0XQL"
                + "IZ8aSD27ujAbLv96RMErkkg",
        "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$ZLK68b9ssvuTlsAaCo9LPD6mp9ksgOro9jh9VQtCaVQ",
        "pbkdf2_sha256$1500$seasalt2seasalt2seasal$GLBXdN39+2JyvV/P76pTy3Yfe2fqMiQ8gohUin2sKew=",
        "pbkdf2_sha1$1500$seasalt2$LWTC3YEKkN5DeG6pVVuZMYE3+40=",
        "$pbkdf2-sha256$27500$MDEyMzQ1Njc4OWFiY2RlZg$hdUda5+mm+UoffbG4lYD4GABMQvGnTU6RBP+XcgQ/MHlDO9M3w4Wwfci3B1hkIt79Up"
                + "+QSuNb4NK9cPo308JPA", // longer than the digest, as Keycloak before version 24 created them
        "$pbkdf2$20000$MDEyMzQ1Njc4OWFiY2RlZg$GOJOcJEKLmifENQrtRJ+ZrQMV02BYxCbZbXpj1TIAR1r4q51SNPNNRM/MgXCvV599cKE9yWVPB"
                + "UqvoneeEj4PQ",
        "$pbkdf2-sha256$1200$MDEyMzQ1Njc4OWFiY2RlZg$i4yV38CUZ5xg7YitHdgihGVbyWk7C7MHmsTKG8Q51chB",
        "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$txTDijyd0u27bsJn/knDHtzi+7uCEfX/fNhCOlwISms/DgiZJTXSemEk8834PNCCStABl"
                + "hzlsdE7uf8AcxeOKnnQ/Ospoq+GiogOhoeDjdw3zNCvudtTSwD41naho+ta"
    };

    /** With the default parameters of passlib 1.7 and Django 5.2. */
    static final String[] EXPENSIVE = {
        "$scrypt$ln=16,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "pbkdf2_sha256$1000000$seasalt2seasalt2seasal$az8aLV/XbmK5QIhU+bdhXdmi1D6vdPi6ttNAtfXWpqs="
    };

    static final String[] TOO_MUCH_WORK = {
        "$2b$15$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2b$31$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2b$99$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$argon2id$v=19$m=1024,t=11,p=1$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=9999999999,t=9999999999,p=9$c29tZXNhbHQ$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=1024,t=3,p=9$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$scrypt$ln=10,r=8,p=9$ixGCEML4X0vp3dtbS8l5Lw$cQ3DATK75VxzuDa9PL0iyi/rZEv/L6fiQdzTm9yfiWU",
        "$pbkdf2-sha256$2000001$fe.913pv7f1/DyFEaI2xVg$orRS5.r/LZR.jBfZTEzhuFDxkwU9FTcPF1Xlg5czU5Q",
        "$pbkdf2-sha256$9999999999$fe.913pv7f1/DyFEaI2xVg$orRS5.r/LZR.jBfZTEzhuFDxkwU9FTcPF1Xlg5czU5Q",
        "pbkdf2_sha256$2000001$seasalt2$GLBXdN39+2JyvV/P76pTy3Yfe2fqMiQ8gohUin2sKew=",
        "$pbkdf2-sha256$1000001$TuB8vIZjO+p8bPDGPEJ+Rw$WibJi61iu6Kg2g3TNKp2z01zVEWYDQDpNoXXPzRkQKJqeYcCeg"
                + "aO2XgqQdTlF0mADe7gMxFJwvFTx3rxT/EYMg"
    };

    static final String[] TOO_MUCH_MEMORY = {
        "$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=4294967296,t=1,p=1$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$scrypt$ln=17,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=99,r=999999,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=1,r=99999,p=999999$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo"
    };

    static final String[] UNSUPPORTED = {
        "",
        "password",
        "{bcrypt}$2b$05$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2$05$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2x$05$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2b$03$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$2b$-5$ymlXLNHbmZ2ZpW6ZLrDcoO7DD6dYC9mI4N7/0fwsq79gR1o9gDnWS",
        "$argon2id$v=19$m=-1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=1024,t=0,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=1024,t=3,p=0$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=15,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=18$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=1024,t=3,p=2$$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$argon2id$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$",
        "$argon2id$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3OA$04Wv4",
        "$argon2id$v=19$m=1024,t=3,p=2$c29tZXNhbHQxMjM0NTY3O$04Wv4wuTLwQ1t/Gy4WoUX87KJuaPE1VlKYcgbDNJmYY",
        "$scrypt$ln=0,r=8,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=16,r=1,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=16,r=0,p=1$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=16,r=8,p=0$HyNEiDEGwPgfg5CythaiNA$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$scrypt$ln=16,r=8,p=1$$iEBTnhd93SE11Oct5YyXS1V+CfmbCWQ79AIzCX9gIuo",
        "$pbkdf2-sha256$0$fe.913pv7f1/DyFEaI2xVg$orRS5.r/LZR.jBfZTEzhuFDxkwU9FTcPF1Xlg5czU5Q",
        "$pbkdf2-md5$1200$fe.913pv7f1/DyFEaI2xVg$orRS5.r/LZR.jBfZTEzhuFDxkwU9FTcPF1Xlg5czU5Q",
        "pbkdf2_sha256$1500$$GLBXdN39+2JyvV/P76pTy3Yfe2fqMiQ8gohUin2sKew=",
        "pbkdf2_sha256$1500$seasalt2$GLBX"
    };

    static PasswordProperties properties(int minLength, int concurrentHashes) {
        return new PasswordProperties(minLength, concurrentHashes, DataSize.ofMegabytes(64), 1);
    }

    private static ImportedHash parse(String text) {
        return ImportedHash.parse(text).orElseThrow(() -> new AssertionError(text));
    }

    @ParameterizedTest
    @FieldSource({"VECTORS", "EXPENSIVE"})
    void matchesOnlyTheRightPassword(String text) {
        ImportedHash hash = parse(text);

        assertThat(hash.work()).isLessThanOrEqualTo(1);
        assertThat(hash.memory()).isLessThanOrEqualTo(66 * MEBIBYTE);
        assertThat(hash.matches(PASSWORD)).isTrue();
        assertThat(hash.matches("Zoe\u0308's password")).isFalse();
        assertThat(hash.matches("")).isFalse();
    }

    @Test
    void bcryptComparesOnlyTheFirst72Bytes() {
        ImportedHash hash = parse("$2b$04$VZ5vboT/leYsHEA/cerAo.U4QIMos0L.CymmhUKmjTgkXleBkMfYi");

        assertThat(hash.matches("p".repeat(72) + "whatever")).isTrue();
        assertThat(hash.matches("p".repeat(71))).isFalse();
        assertThat(parse("$2b$04$cZ9hJkWPiU3TJVFVuOYRE.OZWhUE/FSNAhGXB6dnA2kZNV1ewPlJS")
                        .matches(""))
                .isTrue();
    }

    @ParameterizedTest
    @FieldSource("TOO_MUCH_WORK")
    void workIsAboveTheLimitForExpensiveParameters(String text) {
        assertThat(parse(text).work()).isGreaterThan(1);
    }

    @ParameterizedTest
    @FieldSource("TOO_MUCH_MEMORY")
    void memoryIsAboveTheLimitForLargeParameters(String text) {
        assertThat(parse(text).memory()).isGreaterThan(66 * MEBIBYTE);
    }

    @ParameterizedTest
    @FieldSource("UNSUPPORTED")
    void parseReturnsEmptyForUnsupportedFormats(String text) {
        assertThat(ImportedHash.parse(text)).isEmpty();
    }

    @Test
    void parseReturnsEmptyForAVeryLongText() {
        assertThat(ImportedHash.parse("pbkdf2_sha256$1500$" + "s".repeat(10_000_000)))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("VECTORS")
    void noDamagedHashThrowsAnException(String text) {
        Random random = new Random(text.hashCode());
        String characters = "$=,./+0123456789azAZ-_\u00eb\ud800 \0";
        for (int n = 0; n < 200; n++) {
            String damaged = damage(text, characters, random);
            assertThatCode(() -> ImportedHash.parse(damaged)
                            .filter(hash -> hash.work() <= 1 && hash.memory() < 4 * MEBIBYTE)
                            .ifPresent(hash -> hash.matches(PASSWORD)))
                    .as(damaged)
                    .doesNotThrowAnyException();
        }
    }

    private static String damage(String text, String characters, Random random) {
        StringBuilder damaged = new StringBuilder(text);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(damaged.length());
            char other = characters.charAt(random.nextInt(characters.length()));
            switch (random.nextInt(3)) {
                case 0 -> damaged.setCharAt(at, other);
                case 1 -> damaged.insert(at, other);
                default -> damaged.deleteCharAt(at);
            }
        }
        return damaged.toString();
    }
}
