package dev.usersapi.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneTimeTokenRequestsTests {

    @ParameterizedTest
    @ValueSource(strings = {"lt_x", " lt_x ", "\u00a0lt_x\u00a0", "\r\nlt_x\r\n", "\ufefflt_x\u2028"})
    void tokenIsTrimmed(String pasted) {
        assertThat(new ActivateRequest(pasted, null).token()).isEqualTo("lt_x");
        assertThat(new ResetPasswordRequest(pasted, " pass word ").token()).isEqualTo("lt_x");
        assertThat(new ConfirmEmailRequest(pasted).token()).isEqualTo("lt_x");
    }

    @ParameterizedTest
    @ValueSource(strings = {" pass word ", "\u00a0pass"})
    void passwordIsNotTrimmed(String password) {
        assertThat(new ActivateRequest("lt_x", password).password()).isEqualTo(password);
        assertThat(new ResetPasswordRequest("lt_x", password).password()).isEqualTo(password);
    }
}
