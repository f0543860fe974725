package dev.usersapi.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.http.OpaqueToken;
import dev.usersapi.mail.Mail;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;

class OneTimeTokenMailTests {

    private static final UUID ID = UUID.randomUUID();

    private final OneTimeTokenRepository tokens = mock();
    private final OneTimeTokenMail writer = new OneTimeTokenMail(tokens, new Random(1));

    @Test
    void writeCreatesANewTokenForEachAttemptAndStoresItsHash() {
        when(tokens.addToken(eq(ID), any()))
                .thenReturn(Optional.of(new OneTimeTokenRepository.Delivery(
                        AccountAction.PASSWORD_RESET, "ann@example.com", "Ann", Duration.ofSeconds(3599))));

        Mail first = writer.write(ID.toString()).orElseThrow();
        Mail second = writer.write(ID.toString()).orElseThrow();

        assertThat(first.template()).isEqualTo("password-reset");
        assertThat(first.recipient()).isEqualTo("ann@example.com");
        assertThat(first.values())
                .containsEntry("name", "Ann")
                .containsEntry("valid_for", "1 hour")
                .containsOnlyKeys("name", "token", "valid_for");
        List<String> sent = List.of(first.values().get("token"), second.values().get("token"));
        assertThat(sent).doesNotHaveDuplicates().allMatch(token -> token.matches("lt_[A-Za-z0-9_-]{43}"));
        ArgumentCaptor<byte[]> hashes = ArgumentCaptor.captor();
        verify(tokens, times(2)).addToken(eq(ID), hashes.capture());
        assertThat(hashes.getAllValues()).containsExactly(OpaqueToken.hash(sent.get(0)), OpaqueToken.hash(sent.get(1)));
    }

    @Test
    void writeReturnsNothingWhenTheActionNoLongerExists() {
        when(tokens.addToken(eq(ID), any())).thenReturn(Optional.empty());

        assertThat(writer.write(ID.toString())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PT72H, 72 hours",
        "PT71H59M58S, 72 hours",
        "PT59M59S, 1 hour",
        "PT1H29M59S, 90 minutes",
        "PT2H30M, 2 hours",
        "PT59S, 1 minute"
    })
    void describeGivesMinutesOrWholeHours(Duration time, String words) {
        assertThat(OneTimeTokenMail.describe(time)).isEqualTo(words);
    }
}
