package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.ApiTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

@ApiTest
class BuildInfoIT {

    @Autowired
    private Api api;

    @Test
    void infoAndMetricContainVersionCommitAndJava() {
        JsonNode info = api.admin().get("/actuator/info").body();

        assertThat(info.propertyNames()).containsExactly("version", "commit", "java_version");
        assertThat(info.get("version").stringValue()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(info.get("commit").stringValue()).matches("[0-9a-f]{7,}|unknown");
        assertThat(info.get("java_version").stringValue())
                .isEqualTo(Runtime.version().toString());
        assertThat(api.admin().get("/actuator/prometheus").text())
                .contains("users_build_info{commit=\"%s\",java=\"%s\",version=\"%s\"} 1"
                        .formatted(
                                info.get("commit").stringValue(),
                                info.get("java_version").stringValue(),
                                info.get("version").stringValue()));
    }
}
