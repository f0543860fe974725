package dev.usersapi.security;

import static dev.usersapi.role.Permission.METRICS_READ;
import static dev.usersapi.role.Permission.ROLES_WRITE;
import static dev.usersapi.role.Permission.SESSIONS_DELETE;
import static dev.usersapi.role.Permission.SESSIONS_READ;
import static dev.usersapi.role.Permission.SIGNING_KEYS_WRITE;
import static dev.usersapi.role.Permission.USERS_DELETE;
import static dev.usersapi.role.Permission.USERS_READ;
import static dev.usersapi.role.Permission.USERS_WRITE;
import static dev.usersapi.security.AccessRules.ownAccountOr;
import static dev.usersapi.security.AccessRules.ownSession;
import static dev.usersapi.security.AccessRules.ownSessionOr;
import static dev.usersapi.security.AccessRules.permission;
import static dev.usersapi.security.AccessRules.session;
import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.HEAD;
import static org.springframework.http.HttpMethod.OPTIONS;
import static org.springframework.http.HttpMethod.PATCH;
import static org.springframework.http.HttpMethod.POST;
import static org.springframework.http.HttpMethod.PUT;

import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimitFilter;
import dev.usersapi.ratelimit.RateLimits;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.StaticHeadersWriter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** The filter chain and the access rules: one rule a line, the first match decides, all other paths answer 404. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    private static final String USERS = "/api/v1/users";
    private static final String USER = "/api/v1/users/{user_id}";
    private static final String SESSIONS = USER + "/sessions";
    private static final String SESSION = USER + "/sessions/{session_id}";
    private static final String TOTP = USER + "/totp";
    private static final String API_KEYS = "/api/v1/api-keys";
    private static final String ROLES = "/api/v1/roles";
    private static final String ROLE = "/api/v1/roles/{name}";
    private static final String SIGNING_KEYS = "/api/v1/signing-keys";

    private static final String[] PUBLIC = {
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/activate",
        "/api/v1/auth/password/forgot",
        "/api/v1/auth/password/reset",
        "/api/v1/auth/email/confirm",
        "/.well-known/jwks.json",
        "/problems/{slug}",
        "/v3/api-docs",
        "/v3/api-docs.yaml",
        "/docs",
        "/docs/*",
        "/actuator/health",
        "/actuator/health/liveness",
        "/actuator/health/readiness"
    };

    /** For the API's own pages, below {@code /docs}. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self';"
            + " style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none';"
            + " base-uri 'none'; form-action 'none'";

    @Bean
    SecurityFilterChain filterChain(
            HttpSecurity http,
            ProblemSecurityHandler problems,
            List<BearerTokenAuthenticator> authenticators,
            RateLimits limits,
            CorsProperties cors,
            ProblemWriter writer) {
        return http.addFilter(CorsPolicy.filter(cors, writer))
                // no CSRF protection: there are no cookies, so a browser sends no credentials by itself
                .csrf(AbstractHttpConfigurer::disable)
                .cors(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(SecurityConfiguration::securityHeaders)
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .addFilterBefore(bearerTokenFilter(authenticators, problems), AnonymousAuthenticationFilter.class)
                .addFilterAfter(new RateLimitFilter(limits), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(SecurityConfiguration::accessRules)
                .build();
    }

    private static void accessRules(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry rule) {
        rule.requestMatchers(OPTIONS, "/api/v1/**").permitAll();
        rule.requestMatchers(PUBLIC).permitAll();
        rule.requestMatchers("/api/v1/auth/logout").access(session());
        rule.requestMatchers(POST, USERS).access(permission(USERS_WRITE));
        rule.requestMatchers(USERS).access(permission(USERS_READ));
        rule.requestMatchers(DELETE, USER).access(permission(USERS_DELETE));
        rule.requestMatchers(PUT, USER).access(ownSessionOr(USERS_WRITE));
        rule.requestMatchers(PATCH, USER).access(ownSessionOr(USERS_WRITE));
        rule.requestMatchers(USER).access(ownAccountOr(USERS_READ));
        rule.requestMatchers(USER + "/password", USER + "/email").access(ownSession());
        rule.requestMatchers(USER + "/invitation", USER + "/password-reset").access(permission(USERS_WRITE));
        rule.requestMatchers(DELETE, SESSIONS, SESSION).access(ownSessionOr(SESSIONS_DELETE));
        rule.requestMatchers(SESSIONS, SESSION).access(ownSessionOr(SESSIONS_READ));
        rule.requestMatchers(DELETE, USER + "/failed-logins").access(permission(USERS_WRITE));
        rule.requestMatchers(USER + "/failed-logins").access(ownSessionOr(USERS_WRITE));
        rule.requestMatchers(POST, TOTP).access(ownSession());
        rule.requestMatchers(TOTP + "/confirm", TOTP + "/disable").access(ownSession());
        rule.requestMatchers(DELETE, TOTP).access(permission(USERS_WRITE));
        rule.requestMatchers(TOTP).access(ownSessionOr(USERS_READ));
        rule.requestMatchers(API_KEYS, API_KEYS + "/{key_id}").access(session());
        rule.requestMatchers(GET, ROLES, ROLE).access(permission(USERS_READ));
        rule.requestMatchers(HEAD, ROLES, ROLE).access(permission(USERS_READ));
        rule.requestMatchers(ROLES, ROLE).access(permission(ROLES_WRITE));
        rule.requestMatchers(SIGNING_KEYS, SIGNING_KEYS + "/{kid}").access(permission(SIGNING_KEYS_WRITE));
        rule.requestMatchers("/actuator/info", "/actuator/prometheus").access(permission(METRICS_READ));
        rule.anyRequest().denyAll(); // ProblemSecurityHandler answers 404
    }

    private static void securityHeaders(HeadersConfigurer<HttpSecurity> headers) {
        headers.cacheControl(cache -> cache.disable())
                .addHeaderWriter(new StaticHeadersWriter("Cache-Control", "no-store"))
                .contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT_SECURITY_POLICY))
                .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER))
                .withObjectPostProcessor(writeHeadersEagerly());
    }

    /** Writes the headers before the body: responses with an empty body would go without them otherwise. */
    private static ObjectPostProcessor<HeaderWriterFilter> writeHeadersEagerly() {
        return new ObjectPostProcessor<>() {
            @Override
            public <F extends HeaderWriterFilter> F postProcess(F filter) {
                filter.setShouldWriteHeadersEagerly(true);
                return filter;
            }
        };
    }

    /**
     * Replaces {@code oauth2ResourceServer()}, which would also publish metadata (RFC 9728) that is wrong for this
     * service.
     */
    private static BearerTokenAuthenticationFilter bearerTokenFilter(
            List<BearerTokenAuthenticator> authenticators, ProblemSecurityHandler problems) {
        RequestMatcher publicPaths = new OrRequestMatcher(Stream.of(PUBLIC)
                .<RequestMatcher>map(PathPatternRequestMatcher::pathPattern)
                .toList());
        BearerTokenAuthenticationConverter converter = new BearerTokenAuthenticationConverter();
        converter.setBearerTokenResolver(new StrictBearerTokenResolver(publicPaths));
        BearerTokenAuthenticationFilter filter =
                new BearerTokenAuthenticationFilter(new CallerAuthenticationManager(authenticators), converter);
        filter.setAuthenticationEntryPoint(problems);
        return filter;
    }

    /** Each request is measured once, as a whole. A timer for every filter would cost more time than most filters. */
    @Bean
    SecurityObservationSettings observations() {
        return SecurityObservationSettings.noObservations();
    }

    /** Accepts all methods and parameter names, because later code refuses unknown ones with a more precise error. */
    @Bean
    StrictHttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowedParameterNames(name -> true);
        return firewall;
    }
}
