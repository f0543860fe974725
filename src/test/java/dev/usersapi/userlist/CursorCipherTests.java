package dev.usersapi.userlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.mockito.Answers.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.userlist.CursorCipher.Position;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class CursorCipherTests {

    private static final Position POSITION =
            new Position("zoë \uD83D\uDE00", UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"));

    private final Random random = new Random(1);
    private final CursorCipher cursors = cipherWithKey(1);

    private CursorCipher cipherWithKey(int firstByte) {
        byte[] key = new byte[32];
        key[0] = (byte) firstByte;
        JdbcClient database = mock(RETURNS_DEEP_STUBS);
        when(database.sql("select key from cursor_keys").query(byte[].class).single())
                .thenReturn(key);
        return new CursorCipher(database, random);
    }

    @Test
    void decryptReturnsThePositionOnEveryInstanceWithTheKey() {
        String cursor = cursors.encrypt(POSITION, "sort=name");

        assertThat(cipherWithKey(1).decrypt(cursor, "sort=name")).isEqualTo(POSITION);
        assertThat(cursors.decrypt(cursors.encrypt(new Position("", POSITION.id()), ""), "")
                        .key())
                .isEmpty();
    }

    @Test
    void encryptUsesANewNonceForEachCursor() {
        assertThat(cursors.encrypt(POSITION, "").substring(0, 16))
                .isNotEqualTo(cursors.encrypt(POSITION, "").substring(0, 16));
    }

    @Test
    void decryptRefusesACursorOfAnotherKeyOrSelection() {
        String cursor = cursors.encrypt(POSITION, "sort=name");

        assertRefused(cursors, cursor, "sort=-name");
        assertRefused(cursors, cursor, "");
        assertRefused(cipherWithKey(2), cursor, "sort=name");
    }

    @Test
    void decryptRefusesAnyChangedCharacter() {
        // three lengths, which base64 pads differently
        for (String key : new String[] {"a", "ab", "abc"}) {
            String cursor = cursors.encrypt(new Position(key, POSITION.id()), "");
            for (int i = 0; i < cursor.length(); i++) {
                for (char c : "AQgwBCEI_-=".toCharArray()) {
                    if (c != cursor.charAt(i)) {
                        assertRefused(cursors, cursor.substring(0, i) + c + cursor.substring(i + 1), "");
                    }
                }
                assertRefused(cursors, cursor.substring(0, i), "");
            }
            assertRefused(cursors, cursor + "=", "");
            assertRefused(cursors, cursor + "A", "");
        }
    }

    private static void assertRefused(CursorCipher cursors, String cursor, String selection) {
        assertThatThrownBy(() -> cursors.decrypt(cursor, selection))
                .as(cursor)
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        refusal -> assertThat(refusal.faults())
                                .extracting(
                                        Fault::parameter,
                                        fault -> fault.reason().code())
                                .containsExactly(tuple("cursor", "invalid_cursor")));
    }
}
