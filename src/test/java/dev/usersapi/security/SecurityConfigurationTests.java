package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import tools.jackson.databind.json.JsonMapper;

/** The real filter chain without a servlet: 200 means that a request passed it. */
class SecurityConfigurationTests {

    @EnableWebSecurity
    @EnableWebMvc
    static class Web {}

    private static final String SELF = "usr_01h455vb4pex5vsknk084sn02q";
    private static final String OTHER = "usr_01h455vb4pex5vsknk084sn02r";

    private final RateLimits limits = mock();
    private final BearerTokenAuthenticator authenticator = mock();
    private final Caller caller = mock();
    private GenericWebApplicationContext context = new GenericWebApplicationContext();

    @BeforeEach
    void start() {
        start(List.of());
        when(authenticator.authenticate("good")).thenReturn(Optional.of(caller));
        when(authenticator.authenticate("bad")).thenThrow(new InvalidBearerTokenException("bad"));
        when(caller.name()).thenReturn(SELF);
        when(caller.user()).thenReturn(UserId.parse(SELF));
        when(caller.session()).thenReturn(Optional.of(UUID.randomUUID()));
    }

    private void start(List<String> origins) {
        context.close();
        context = new GenericWebApplicationContext();
        context.setServletContext(new MockServletContext());
        context.registerBean(RateLimits.class, () -> limits);
        context.registerBean(BearerTokenAuthenticator.class, () -> authenticator);
        context.registerBean(CorsProperties.class, () -> new CorsProperties(origins));
        context.registerBean(JsonMapper.class, JsonMapper::shared);
        new AnnotatedBeanDefinitionReader(context)
                .register(Web.class, ProblemWriter.class, ProblemSecurityHandler.class, SecurityConfiguration.class);
        context.refresh();
    }

    @AfterEach
    void stop() {
        context.close();
    }

    private MockHttpServletResponse send(MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        context.getBean("springSecurityFilterChain", jakarta.servlet.Filter.class)
                .doFilter(request, response, new MockFilterChain());
        return response;
    }

    private MockHttpServletResponse send(String method, String path, String token) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.setServletPath(path);
        if (!token.isEmpty()) {
            request.addHeader("Authorization", "Bearer " + token);
        }
        return send(request);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/users, users:read",
        "HEAD, /api/v1/users, users:read",
        "PATCH, /api/v1/users, users:read",
        "POST, /api/v1/users, users:write",
        "GET, /api/v1/users/" + OTHER + ", users:read",
        "HEAD, /api/v1/users/" + OTHER + ", users:read",
        "PUT, /api/v1/users/" + OTHER + ", users:write",
        "PATCH, /api/v1/users/" + OTHER + ", users:write",
        "DELETE, /api/v1/users/" + OTHER + ", users:delete",
        "DELETE, /api/v1/users/" + SELF + ", users:delete",
        "DELETE, /api/v1/users/me, users:delete",
        "POST, /api/v1/users/" + OTHER + "/invitation, users:write",
        "POST, /api/v1/users/me/invitation, users:write",
        "POST, /api/v1/users/" + OTHER + "/password-reset, users:write",
        "GET, /api/v1/users/" + OTHER + "/sessions, sessions:read",
        "DELETE, /api/v1/users/" + OTHER + "/sessions, sessions:delete",
        "DELETE, /api/v1/users/" + OTHER + "/sessions/x, sessions:delete",
        "GET, /api/v1/users/" + OTHER + "/failed-logins, users:write",
        "DELETE, /api/v1/users/" + OTHER + "/failed-logins, users:write",
        "DELETE, /api/v1/users/me/failed-logins, users:write",
        "GET, /api/v1/users/" + OTHER + "/totp, users:read",
        "DELETE, /api/v1/users/" + OTHER + "/totp, users:write",
        "DELETE, /api/v1/users/me/totp, users:write",
        "GET, /api/v1/roles, users:read",
        "HEAD, /api/v1/roles/x, users:read",
        "POST, /api/v1/roles, roles:write",
        "PUT, /api/v1/roles/x, roles:write",
        "DELETE, /api/v1/roles/x, roles:write",
        "GET, /api/v1/signing-keys, signing_keys:write",
        "POST, /api/v1/signing-keys, signing_keys:write",
        "DELETE, /api/v1/signing-keys/x, signing_keys:write",
        "GET, /actuator/prometheus, metrics:read",
    })
    void requestNeedsItsPermission(String method, String path, String permission) throws Exception {
        assertThat(send(method, path, "").getStatus()).isEqualTo(401);
        for (Permission held : Permission.values()) {
            when(caller.permissions()).thenReturn(Set.of(held));
            assertThat(send(method, path, "good").getStatus())
                    .as(held.toString())
                    .isEqualTo(held.toString().equals(permission) ? 200 : 403);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/users/me",
        "PUT, /api/v1/users/me",
        "PATCH, /api/v1/users/me",
        "GET, /api/v1/users/" + SELF,
        "PUT, /api/v1/users/" + SELF,
        "PUT, /api/v1/users/me/password",
        "POST, /api/v1/users/" + SELF + "/email",
        "GET, /api/v1/users/me/sessions",
        "DELETE, /api/v1/users/" + SELF + "/sessions",
        "DELETE, /api/v1/users/me/sessions/x",
        "GET, /api/v1/users/me/failed-logins",
        "GET, /api/v1/users/me/totp",
        "POST, /api/v1/users/me/totp",
        "POST, /api/v1/users/me/totp/confirm",
        "POST, /api/v1/users/me/totp/disable",
        "GET, /api/v1/api-keys",
        "POST, /api/v1/api-keys",
        "DELETE, /api/v1/api-keys/x",
        "POST, /api/v1/auth/logout"
    })
    void ownAccountNeedsNoPermission(String method, String path) throws Exception {
        assertThat(send(method, path, "good").getStatus()).isEqualTo(200);
        assertThat(send(method, path, "").getStatus()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /api/v1/users/" + OTHER + "/password",
        "POST, /api/v1/users/" + OTHER + "/email",
        "POST, /api/v1/users/" + OTHER + "/totp",
        "POST, /api/v1/users/" + OTHER + "/totp/confirm",
        "POST, /api/v1/users/" + OTHER + "/totp/disable"
    })
    void credentialsOfOtherAccountsAreRefusedWithEveryPermission(String method, String path) throws Exception {
        when(caller.permissions()).thenReturn(Set.of(Permission.values()));

        assertThat(send(method, path, "good").getContentAsString()).contains("\"code\":\"insufficient_permissions\"");
        assertThat(send(method, path, "").getStatus()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /api/v1/users/me/password, session_required",
        "POST, /api/v1/users/me/email, session_required",
        "POST, /api/v1/users/me/totp, session_required",
        "GET, /api/v1/api-keys, session_required",
        "POST, /api/v1/api-keys, session_required",
        "POST, /api/v1/auth/logout, session_required",
        "PUT, /api/v1/users/me, insufficient_permissions",
        "PATCH, /api/v1/users/me, insufficient_permissions",
        "GET, /api/v1/users/me/sessions, insufficient_permissions",
        "DELETE, /api/v1/users/me/sessions, insufficient_permissions",
        "GET, /api/v1/users/me/totp, insufficient_permissions"
    })
    void apiKeysCanOnlyReadTheAccountOfTheirOwner(String method, String path, String code) throws Exception {
        when(caller.session()).thenReturn(Optional.empty());

        assertThat(send(method, path, "good").getContentAsString()).contains("\"code\":\"" + code + "\"");
        assertThat(send("GET", "/api/v1/users/me", "good").getStatus()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/auth/login",
        "POST, /api/v1/auth/activate",
        "POST, /api/v1/auth/password/forgot",
        "POST, /api/v1/auth/password/reset",
        "POST, /api/v1/auth/email/confirm",
        "POST, /api/v1/auth/refresh",
        "GET, /.well-known/jwks.json",
        "GET, /problems/not-found",
        "GET, /v3/api-docs",
        "GET, /docs",
        "GET, /docs/scalar.js",
        "GET, /actuator/health",
        "GET, /actuator/health/liveness",
        "GET, /actuator/health/readiness",
        "OPTIONS, /api/v1/users"
    })
    void publicPathNeedsNoTokenAndIgnoresInvalidOnes(String method, String path) throws Exception {
        assertThat(send(method, path, "").getStatus()).isEqualTo(200);
        if (!method.equals("OPTIONS")) {
            assertThat(send(method, path, "bad").getStatus()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /",
        "GET, /api/v1/users/a/b",
        "GET, /actuator/env",
        "OPTIONS, /actuator/env",
        "GET, /api/v1//users",
        "GET, /api/v1/users;x",
        "GET, /docs/a/b"
    })
    void pathWithoutARuleAnswers404(String method, String path) throws Exception {
        for (String token : List.of("", "good")) {
            MockHttpServletResponse response = send(method, path, token);
            assertThat(response.getStatus()).isEqualTo(404);
            assertThat(response.getContentAsString()).contains("\"code\":\"not_found\"");
            assertThat(response.getHeader("WWW-Authenticate")).isNull();
        }
    }

    @Test
    void refusalsHaveErrorCodesAndChallenges() throws Exception {
        MockHttpServletResponse none = send("GET", "/api/v1/users", "");
        assertThat(none.getHeader("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(none.getContentAsString()).contains("\"code\":\"unauthenticated\"");

        MockHttpServletResponse bad = send("GET", "/api/v1/users", "bad");
        assertThat(bad.getStatus()).isEqualTo(401);
        assertThat(bad.getHeader("WWW-Authenticate")).startsWith("Bearer error=\"invalid_token\"");
        assertThat(bad.getContentAsString()).contains("\"code\":\"invalid_token\"");

        assertThat(send("GET", "/api/v1/users", "good").getContentAsString())
                .contains("\"code\":\"insufficient_permissions\"");
    }

    @Test
    void rateLimitsAreAcquiredOnceAndCheckedFirst() throws Exception {
        send("GET", "/api/v1/users", "bad");
        verify(limits).acquireForAddress(any(), any());
        send("GET", "/api/v1/users/me", "good");
        verify(limits).acquireForUser(org.mockito.ArgumentMatchers.eq(SELF), any());

        doThrow(new ProblemException(ErrorCode.RATE_LIMITED)).when(limits).acquireForAddress(any(), any());
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> send("GET", "/api/v1/users", ""))
                .isInstanceOf(ProblemException.class);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> send("GET", "/api/v1/users", "bad"))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void headerThatTheFirewallRefusesIsRejected() throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/api/v1/users");
        request.setServletPath("/api/v1/users");
        request.addHeader("Authorization", "Bearer good\u0000");

        assertThatThrownBy(() -> send(request))
                .isInstanceOf(RequestRejectedException.class); // ProblemFilter writes the response
        verify(authenticator, never()).authenticate(any());
    }

    private MockHttpServletResponse fromOrigin(String origin) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("OPTIONS", "/api/v1/users");
        request.setServletPath("/api/v1/users");
        request.addHeader("Origin", origin);
        request.addHeader("Access-Control-Request-Method", "PUT");
        return send(request);
    }

    @Test
    void corsAllowsOnlyConfiguredOrigins() throws Exception {
        assertThat(fromOrigin("https://app.example.com").getHeader("Access-Control-Allow-Origin"))
                .isNull();

        start(List.of("https://app.example.com"));
        MockHttpServletResponse allowed = fromOrigin("https://app.example.com");
        assertThat(allowed.getHeader("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
        assertThat(allowed.getHeader("Access-Control-Allow-Methods")).contains("PUT", "PATCH", "DELETE");
        assertThat(allowed.getHeader("Access-Control-Max-Age")).isEqualTo("3600");
        MockHttpServletResponse foreign = fromOrigin("https://evil.example");
        assertThat(foreign.getStatus()).isEqualTo(403);
        assertThat(foreign.getContentAsString()).contains("\"code\":\"origin_not_allowed\"");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.preview.example.com, true",
        "https://a-1.b.preview.example.com, true",
        "https://app.example.com, true",
        "https://preview.example.com, false",
        "https://.preview.example.com, false",
        "https://a..preview.example.com, false",
        "https://-a.preview.example.com, false",
        "http://a.preview.example.com, false",
        "https://a.preview.example.com:8443, false",
        "https://evil.example:443.preview.example.com, false",
        "https://evil.example/.preview.example.com, false",
        "https://user@a.preview.example.com, false",
        "https://apreview.example.com, false",
        "https://a.preview.example.com.evil.example, false",
        "https://a.previewXexample.com, false",
        "null, false"
    })
    void originPatternsMatchOnlyLabels(String origin, boolean allowed) throws Exception {
        start(List.of("https://app.example.com", "https://*.preview.example.com"));

        assertThat(fromOrigin(origin).getHeader("Access-Control-Allow-Origin")).isEqualTo(allowed ? origin : null);
    }

    @Test
    void longOriginsAreRefused() throws Exception {
        start(List.of("https://*.preview.example.com"));

        String origin = "https://" + "a.".repeat(4_000) + "preview.example.com";
        assertThat(fromOrigin(origin).getStatus()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "https://app.example.com, true",
        "http://localhost:3000, true",
        "https://*.preview.example.com, true",
        "https://*.example.com:8443, true",
        "*, false",
        "https://*, false",
        "https://*.com, false",
        "https://a*.example.com, false",
        "https://*.*.example.com, false",
        "https://app.*.com, false",
        "https://*.example.com/, false",
        "https://*.example.com:*, false",
        "*://a.example.com, false"
    })
    void invalidOriginPatternsAreRefused(String origin, boolean good) {
        try (ValidatorFactory factory = Validation.buildDefaultValidatorFactory()) {
            assertThat(factory.getValidator().validate(new CorsProperties(List.of(origin))))
                    .hasSize(good ? 0 : 1)
                    .allSatisfy(violation ->
                            assertThat(violation.getMessage()).startsWith("must be an origin such as https://app"));
        }
    }

    @Test
    void corsAllowsTracingHeaders() throws Exception {
        start(List.of("https://app.example.com"));
        MockHttpServletRequest request = new MockHttpServletRequest("OPTIONS", "/api/v1/users");
        request.setServletPath("/api/v1/users");
        request.addHeader("Origin", "https://app.example.com");
        request.addHeader("Access-Control-Request-Method", "GET");
        request.addHeader(
                "Access-Control-Request-Headers", "traceparent, tracestate, baggage, sentry-trace, x-requested-with");

        assertThat(String.valueOf(send(request).getHeader("Access-Control-Allow-Headers"))
                        .split(", "))
                .containsExactly("traceparent", "tracestate", "baggage", "sentry-trace", "x-requested-with");
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void refusedOriginsAreLoggedOnceAMinute(CapturedOutput output) throws Exception {
        start(List.of("https://app.example.com"));
        for (String origin : List.of("https://evil.example\u00e9[2J", "https://other.example")) {
            assertThat(fromOrigin(origin).getStatus()).isEqualTo(403);
        }

        assertThat(output.getAll().lines().filter(line -> line.contains("users.cors.allowed-origins")))
                .singleElement()
                .asString()
                .contains("WARN", "https://evil.example?[2J");
    }

    @Test
    void responsesHaveSecurityHeaders() throws Exception {
        MockHttpServletResponse response = send("GET", "/docs", "");

        assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.getHeader("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.getHeader("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(response.getCookies()).isEmpty();
    }
}
