package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Health checks, metrics and log lines. */
@ApiTest
@ExtendWith(OutputCaptureExtension.class)
public class OperationIT {

    @Autowired
    private Api api;

    @Test
    void healthIsPublicAndContainsNoDetails() {
        for (String path : new String[] {"", "/liveness", "/readiness"}) {
            Answer answer = api.anonymous().get("/actuator/health" + path);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().get("status").stringValue()).isEqualTo("UP");
            assertThat(answer.text()).doesNotContain("components", "details", "PostgreSQL");
        }
    }

    @Test
    void metricsContainRoutesConnectionsRefusalsAndLogins() {
        api.anonymous().post("/api/v1/auth/login", Map.of("email", Api.newEmail(), "password", "wrong"));
        api.admin().get("/api/v1/users/me");
        String refused = Api.newEmail();
        var client = api.anonymous();
        for (int n = 0; n < 11; n++) {
            client.post("/api/v1/auth/login", Map.of("email", refused, "password", "wrong"));
        }

        String metrics = api.admin().get("/actuator/prometheus").text();

        assertThat(metrics)
                .contains("uri=\"/api/v1/users/{user_id}\"")
                .contains("hikaricp_connections_active")
                .containsPattern("users_logins_total\\{.*outcome=\"refused\".*} [1-9]")
                .containsPattern("users_logins_total\\{.*outcome=\"success\".*} [1-9]")
                .containsPattern("users_rate_limit_refused_total\\{.*policy=\"login\".*} [1-9]")
                .doesNotContain(api.admin().id(), refused);
    }

    @Test
    void logContainsNoSecretAndNoEmail(CapturedOutput output) {
        String token = "rt_secret-token-value";
        api.anonymous()
                .with("X-Request-Id", "trace-me-please")
                .with("Authorization", "Bearer " + token)
                .post("/api/v1/auth/login", Map.of("email", Api.newEmail(), "password", "my-own-secret"));

        String email = Api.newEmail();
        api.create("member", email);
        assertThat(api.admin()
                        .post("/api/v1/users", Map.of("email", email, "name", "N", "password", Api.PASSWORD))
                        .status())
                .isEqualTo(409);

        assertThat(output.getAll()).doesNotContain("my-own-secret", token, Api.PASSWORD, "$argon2id$", email);
    }
}
