package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.usersapi.auth.CallerAuthentication;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.user.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import tools.jackson.databind.json.JsonMapper;

/** The real filter chain in front of nothing: 200 means that a request got through. */
class SecurityConfigurationTests {

    @EnableWebSecurity
    @EnableWebMvc
    static class Web {}

    private static final String SELF = "usr_01h455vb4pex5vsknk084sn02q";
    private static final String OTHER = "usr_01h455vb4pex5vsknk084sn02r";

    private final RateLimits limits = mock();
    private final JwtDecoder decoder = mock();
    private final CallerAuthentication.FromToken callers = mock();
    private final CallerAuthentication caller = mock();
    private GenericWebApplicationContext context = new GenericWebApplicationContext();

    @BeforeEach
    void start() {
        start(List.of());
        Jwt token = new Jwt("t", Instant.now(), Instant.now().plusSeconds(60), Map.of("alg", "x"), Map.of("sub", "x"));
        when(decoder.decode("good")).thenReturn(token);
        when(decoder.decode("bad")).thenThrow(new BadJwtException("bad"));
        when(callers.convert(token)).thenReturn(caller);
        when(caller.isAuthenticated()).thenReturn(true);
        when(caller.getName()).thenReturn(SELF);
        when(caller.getPrincipal()).thenReturn(mock(Caller.class));
    }

    private void start(List<String> origins) {
        context.close();
        context = new GenericWebApplicationContext();
        context.setServletContext(new MockServletContext());
        context.registerBean(RateLimits.class, () -> limits);
        context.registerBean(JwtDecoder.class, () -> decoder);
        context.registerBean(CallerAuthentication.FromToken.class, () -> callers);
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
        "DELETE, /api/v1/users/" + OTHER + ", users:delete",
        "DELETE, /api/v1/users/" + SELF + ", users:delete",
        "DELETE, /api/v1/users/me, users:delete",
        "GET, /actuator/prometheus, metrics:read",
    })
    void callNeedsItsPermission(String method, String path, String permission) throws Exception {
        assertThat(send(method, path, "").getStatus()).isEqualTo(401);
        for (String held : List.of("users:read", "users:write", "users:delete", "metrics:read")) {
            when(caller.getAuthorities()).thenReturn(AuthorityUtils.createAuthorityList(held));
            assertThat(send(method, path, "good").getStatus()).as(held).isEqualTo(held.equals(permission) ? 200 : 403);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/users/me",
        "PUT, /api/v1/users/me",
        "GET, /api/v1/users/" + SELF,
        "PUT, /api/v1/users/" + SELF,
        "POST, /api/v1/auth/logout"
    })
    void ownAccountNeedsNone(String method, String path) throws Exception {
        assertThat(send(method, path, "good").getStatus()).isEqualTo(200);
        assertThat(send(method, path, "").getStatus()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/auth/login",
        "POST, /api/v1/auth/refresh",
        "GET, /.well-known/jwks.json",
        "GET, /problems/not-found",
        "GET, /v3/api-docs",
        "GET, /docs",
        "GET, /docs/swagger-ui.css",
        "GET, /actuator/health",
        "GET, /actuator/health/liveness",
        "GET, /actuator/health/readiness",
        "OPTIONS, /api/v1/users"
    })
    void publicPathNeedsNoTokenAndMindsNoBadOne(String method, String path) throws Exception {
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
    void pathWithoutARuleIsNotThere(String method, String path) throws Exception {
        for (String token : List.of("", "good")) {
            MockHttpServletResponse response = send(method, path, token);
            assertThat(response.getStatus()).isEqualTo(404);
            assertThat(response.getContentAsString()).contains("\"code\":\"not_found\"");
            assertThat(response.getHeader("WWW-Authenticate")).isNull();
        }
    }

    @Test
    void refusalsSayWhy() throws Exception {
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
    void limitsAreChargedOnceAndRefuseBeforeAnythingElse() throws Exception {
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
    void headerThatTheFirewallRefusesIs400() throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/api/v1/users");
        request.setServletPath("/api/v1/users");
        request.addHeader("Authorization", "Bearer good\u0000");

        assertThat(send(request).getStatus()).isEqualTo(400);
        verify(decoder, never()).decode(any());
    }

    private MockHttpServletResponse fromOrigin(String origin) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest("OPTIONS", "/api/v1/users");
        request.setServletPath("/api/v1/users");
        request.addHeader("Origin", origin);
        request.addHeader("Access-Control-Request-Method", "PUT");
        return send(request);
    }

    @Test
    void corsIsOpenToTheAllowedOriginsOnly() throws Exception {
        assertThat(fromOrigin("https://app.example.com").getHeader("Access-Control-Allow-Origin"))
                .isNull();

        start(List.of("https://app.example.com"));
        MockHttpServletResponse allowed = fromOrigin("https://app.example.com");
        assertThat(allowed.getHeader("Access-Control-Allow-Origin")).isEqualTo("https://app.example.com");
        assertThat(allowed.getHeader("Access-Control-Allow-Methods")).contains("PUT", "DELETE");
        assertThat(allowed.getHeader("Access-Control-Max-Age")).isEqualTo("3600");
        MockHttpServletResponse foreign = fromOrigin("https://evil.example");
        assertThat(foreign.getStatus()).isEqualTo(403);
        assertThat(foreign.getContentAsString()).contains("\"code\":\"origin_not_allowed\"");
    }

    @Test
    void securityFieldsAreSet() throws Exception {
        MockHttpServletResponse response = send("GET", "/docs", "");

        assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.getHeader("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.getHeader("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(response.getCookies()).isEmpty();
    }
}
