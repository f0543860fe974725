package dev.usersapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class StartupWarningsTests {

    @Test
    void unknownSettingsAreReportedWithTheNearestName() {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                Map.of(
                                        "USERS_TOKEN_ACCESS_TTL", "5m",
                                        "USERS_TOKEN_ACCES_TTL", "5m",
                                        "USERS_SERVICE_HOST", "10.0.0.1", // set by Kubernetes for a Service "users"
                                        "USERS_PORT_8080_TCP_ADDR", "10.0.0.1",
                                        "USERS_PORT", "tcp://10.0.0.1:8080",
                                        "USERSPACE", "1")));
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("arguments", Map.of("users.datadir", "/data", "users.dta-dir", "/x")));

        assertThat(StartupWarnings.unknownSettingWarnings(environment, SettingNamesTests.settings()))
                .containsExactlyInAnyOrder(
                        "The environment variable USERS_TOKEN_ACCES_TTL has no effect: there is no such setting."
                                + " Did you mean USERS_TOKEN_ACCESS_TTL?",
                        "The property users.dta-dir has no effect: there is no such setting."
                                + " Did you mean USERS_DATA_DIR, as a property?");
    }

    @Test
    void anEmbeddedDatabaseThatOtherMachinesCanReachIsReported() throws UnknownHostException {
        assertThat(StartupWarnings.exposedDatabaseWarnings(InetAddress.getLoopbackAddress()))
                .isEmpty();
        assertThat(StartupWarnings.exposedDatabaseWarnings(InetAddress.getByAddress(new byte[4]))) // 0.0.0.0
                .singleElement()
                .asString()
                .startsWith("SERVER_ADDRESS allows other machines to call this service");
        assertThat(StartupWarnings.exposedDatabaseWarnings(null)).hasSize(1); // all addresses of the machine
    }
}
