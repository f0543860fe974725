package dev.usersapi.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.util.Collections;
import org.apache.catalina.connector.Request;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TomcatRefusalTests {

    @ParameterizedTest
    @ValueSource(ints = {410, 416, 426})
    void statusWithoutAnErrorCodeIsNotReportedAsAMalformedMessage(int status) {
        Request request = mock();
        when(request.getHeaders(any())).thenAnswer(call -> Collections.emptyEnumeration());

        assertThat(TomcatRefusal.code(request, status, null)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(TomcatRefusal.faults(request, status, null))
                .singleElement()
                .satisfies(fault -> assertThat(fault.toString()).doesNotContain("malformed", "target"));
    }
}
