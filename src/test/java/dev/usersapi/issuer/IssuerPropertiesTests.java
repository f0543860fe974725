package dev.usersapi.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.issuer.IssuerProperties.TrustedIssuer;
import dev.usersapi.role.Permission;
import dev.usersapi.token.AccessTokens;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class IssuerPropertiesTests {

    @EnableConfigurationProperties(IssuerProperties.class)
    static class Configuration {}

    private static final String FIRST = "USERS_TRUSTED_ISSUERS_0_";

    private static ApplicationContextRunner withEnvironment(Map<String, String> variables) {
        return new ApplicationContextRunner()
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .replace(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                new SystemEnvironmentPropertySource(
                                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                        new HashMap<>(variables))))
                .withConfiguration(AutoConfigurations.of(ValidationAutoConfiguration.class))
                .withUserConfiguration(Configuration.class);
    }

    private static Map<String, String> validSettings() {
        return new HashMap<>(Map.of(
                FIRST + "ISSUER_URI", "https://login.example.com/realms/staff",
                FIRST + "AUDIENCE", "users-api",
                FIRST + "PERMISSIONS", "Admins = users:read users:write,users:read=users:read"));
    }

    @Test
    void noIssuerIsTrustedByDefault() {
        withEnvironment(Map.of())
                .run(context -> assertThat(
                                context.getBean(IssuerProperties.class).trustedIssuers())
                        .isEmpty());
    }

    @Test
    void issuersAreReadFromTheEnvironment() {
        Map<String, String> variables = validSettings();
        variables.put("USERS_TRUSTED_ISSUERS_1_ISSUER_URI", "http://localhost:9000");
        variables.put("USERS_TRUSTED_ISSUERS_1_AUDIENCE", "users");
        variables.put("USERS_TRUSTED_ISSUERS_1_CLAIM", "realm_access.roles");
        variables.put("USERS_TRUSTED_ISSUERS_1_PERMISSIONS", "a=b=metrics:read");

        withEnvironment(variables)
                .run(context -> assertThat(
                                context.getBean(IssuerProperties.class).trustedIssuers())
                        .containsExactly(
                                new TrustedIssuer(
                                        "https://login.example.com/realms/staff",
                                        "users-api",
                                        "scope",
                                        List.of(
                                                new ClaimMapping(
                                                        "Admins",
                                                        Set.of(Permission.USERS_READ, Permission.USERS_WRITE)),
                                                new ClaimMapping("users:read", Set.of(Permission.USERS_READ)))),
                                new TrustedIssuer(
                                        "http://localhost:9000",
                                        "users",
                                        "realm_access.roles",
                                        List.of(new ClaimMapping("a=b", Set.of(Permission.METRICS_READ))))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            ISSUER_URI;                                            ; issuerUri
            ISSUER_URI;  http://login.example.com                  ; must be an https URI
            ISSUER_URI;  http://localhost.example.com              ; must be an https URI
            ISSUER_URI;  https://login.example.com?x               ; must be an https URI
            ISSUER_URI;  login.example.com                         ; must be an https URI
            AUDIENCE;                                              ; audience
            AUDIENCE;    ''                                        ; is required, so that only tokens made for this
            CLAIM;       ' '                                       ; claim
            PERMISSIONS;                                           ; is required, such as admin=
            PERMISSIONS; admin                                     ; must be a value of the claim, an equals sign
            PERMISSIONS; admin=                                    ; must be a value of the claim, an equals sign
            PERMISSIONS; =users:read                               ; must be a value of the claim, an equals sign
            PERMISSIONS; 'admin=users:read users:raed'             ; must be a value of the claim, an equals sign
            """)
    void startIsRefusedForAnInvalidSetting(String name, @Nullable String value, String reason) {
        Map<String, String> variables = validSettings();
        variables.remove(FIRST + name);
        if (value != null) {
            variables.put(FIRST + name, value);
        }

        withEnvironment(variables)
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining(reason));
    }

    @Test
    void startIsRefusedForADuplicateIssuerAndForTheServiceItself() {
        TrustedIssuer issuer = new TrustedIssuer("https://a.example.com", "a", "scope", List.of());
        AccessTokens own = mock();

        assertThatThrownBy(() -> new TrustedIssuerAuthenticator(
                        new IssuerProperties(List.of(issuer, issuer)), own, Clock.systemUTC()))
                .isInstanceOf(StartupRefusedException.class);
        when(own.issuer()).thenReturn("https://a.example.com");
        assertThatThrownBy(() ->
                        new TrustedIssuerAuthenticator(new IssuerProperties(List.of(issuer)), own, Clock.systemUTC()))
                .isInstanceOf(StartupRefusedException.class);
    }
}
