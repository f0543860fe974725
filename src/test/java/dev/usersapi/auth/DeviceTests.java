package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class DeviceTests {

    private static Device from(String address, String userAgent) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr(address);
        request.addHeader("User-Agent", userAgent);
        return Device.of(request);
    }

    @Test
    void ofReturnsShortPrintableTexts() {
        assertThat(from("203.0.113.9", " App/1.0\t(\0x\u001b[31m\u0085) "))
                .isEqualTo(new Device("203.0.113.9", "App/1.0(x[31m)"));
        assertThat(from("\0" + "x".repeat(100), "\n" + "y".repeat(1000)))
                .isEqualTo(new Device("x".repeat(63), "y".repeat(512)));
    }

    @Test
    void ofReturnsNullForMissingValues() {
        assertThat(from("203.0.113.9", " \t\u0001").userAgent()).isNull();
        assertThat(from("", "App").ip()).isNull();
    }
}
