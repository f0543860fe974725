package dev.usersapi.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserIdTests {

    /** The examples are from the TypeID specification. */
    @ParameterizedTest
    @CsvSource({
        "00000000000000000000000000, 00000000-0000-0000-0000-000000000000",
        "00000000000000000000000001, 00000000-0000-0000-0000-000000000001",
        "0000000000000000000000000a, 00000000-0000-0000-0000-00000000000a",
        "0000000000000000000000000g, 00000000-0000-0000-0000-000000000010",
        "00000000000000000000000010, 00000000-0000-0000-0000-000000000020",
        "7zzzzzzzzzzzzzzzzzzzzzzzzz, ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0123456789abcdefghjkmnpqrs, 0110c853-1d09-52d8-d73e-1194e95b5f19",
        "01h455vb4pex5vsknk084sn02q, 01890a5d-ac96-774b-bcce-b302099a8057",
    })
    void textIsATypeId(String suffix, UUID value) {
        assertThat(new UserId(value)).hasToString("usr_" + suffix);
        assertThat(UserId.parse("usr_" + suffix)).contains(new UserId(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "usr_",
                "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz",
                "usr_01h455vb4pex5vsknk084sn02",
                "usr_01h455vb4pex5vsknk084sn02qq",
                "usr_01h455vb4pex5vsknk084sn02i",
                "USR_01h455vb4pex5vsknk084sn02q",
                "usr_01H455VB4PEX5VSKNK084SN02Q",
                "org_01h455vb4pex5vsknk084sn02q",
                "usr_01h455vb4pex5vsknk084sn02q\n"
            })
    void parseReturnsEmptyForOtherText(String text) {
        assertThat(UserId.parse(text)).isEmpty();
    }

    @Test
    void nextReturnsAVersion7UuidWithTheGivenTime() {
        Instant now = Instant.parse("2026-11-23T12:34:56.789Z");
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            UUID value = UserId.next(now, random).value();
            assertThat(value.version()).isEqualTo(7);
            assertThat(value.variant()).isEqualTo(2);
            assertThat(value.getMostSignificantBits() >>> 16).isEqualTo(now.toEpochMilli());
        }
    }
}
