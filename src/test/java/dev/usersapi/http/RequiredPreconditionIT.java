package dev.usersapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The service with {@code users.require-if-match}. */
@ApiTest
@TestPropertySource(properties = "users.require-if-match=true")
class RequiredPreconditionIT {

    private static final Map<String, String> RENAMED = Map.of("name", "Renamed");

    @Autowired
    private Api api;

    @Test
    void changesWithoutIfMatchAnswer428() {
        String path = "/api/v1/users/" + api.create("member");
        String tag = String.valueOf(api.admin().get(path).header("ETag"));
        for (Answer answer : new Answer[] {
            api.admin().put(path, RENAMED),
            api.admin().patch(path, RENAMED),
            api.admin().delete(path),
            api.admin().with("If-None-Match", "\"x\"").delete(path)
        }) {
            assertThat(answer.status()).as(answer.text()).isEqualTo(428);
            assertThat(answer.code()).isEqualTo("precondition_required");
        }
        assertThat(api.admin().get(path).header("ETag")).isEqualTo(tag);

        assertThat(api.admin().with("If-Match", tag).patch(path, RENAMED).status())
                .isEqualTo(200);
        assertThat(api.admin().with("If-Match", tag).delete(path).status()).isEqualTo(412);
        assertThat(api.admin().with("If-Match", "*").delete(path).status()).isEqualTo(200);
    }

    @Test
    void ifMatchIsRequiredAfterAllOtherChecks() {
        String path = "/api/v1/users/" + api.create("member");

        assertThat(api.anonymous().put(path, RENAMED).status()).isEqualTo(401);
        assertThat(api.admin().delete("/api/v1/users/me").status()).isEqualTo(403);
        assertThat(api.admin().put("/api/v1/users/me", Map.of("role", "member")).status())
                .isEqualTo(403);
        assertThat(api.admin().delete("/api/v1/users/usr_1").status()).isEqualTo(404);
        assertThat(api.admin().put(path, Map.of("name", "")).status()).isEqualTo(400);
    }
}
