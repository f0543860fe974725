package dev.usersapi.security;

import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.OPTIONS;
import static org.springframework.http.HttpMethod.POST;
import static org.springframework.http.HttpMethod.PUT;

import dev.usersapi.auth.CallerAuthentication;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimitFilter;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.role.Permission;
import java.time.Duration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.StaticHeadersWriter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Who may call what, one rule a line; a path without a rule is not there. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    private static final String USERS = "/api/v1/users";
    private static final String USER = "/api/v1/users/{user_id}";

    private static final String[] PUBLIC = {
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/.well-known/jwks.json",
        "/problems/{slug}",
        "/v3/api-docs",
        "/docs",
        "/docs/*",
        "/actuator/health",
        "/actuator/health/liveness",
        "/actuator/health/readiness"
    };

    private static final String PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    @Bean
    SecurityFilterChain filterChain(
            HttpSecurity http,
            ProblemSecurityHandler problems,
            JwtDecoder decoder,
            CallerAuthentication.FromToken callers,
            RateLimits limits,
            CorsProperties cors,
            ProblemWriter writer) {
        if (!cors.allowedOrigins().isEmpty()) {
            http.addFilter(corsFilter(cors, writer));
        }
        return http.csrf(AbstractHttpConfigurer::disable) // no cookie, so nothing that a browser would send by itself
                .cors(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.cacheControl(cache -> cache.disable())
                        .addHeaderWriter(new StaticHeadersWriter("Cache-Control", "no-store"))
                        .contentSecurityPolicy(policy -> policy.policyDirectives(PAGE_POLICY))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)))
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .addFilterBefore(tokenFilter(decoder, callers, problems), AnonymousAuthenticationFilter.class)
                .addFilterAfter(new RateLimitFilter(limits), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(rule -> {
                    rule.requestMatchers(OPTIONS, "/api/v1/**").permitAll();
                    rule.requestMatchers(PUBLIC).permitAll();
                    rule.requestMatchers("/api/v1/auth/logout").authenticated();
                    rule.requestMatchers(POST, USERS).access(allowed(Permission.USERS_WRITE));
                    rule.requestMatchers(USERS).access(allowed(Permission.USERS_READ));
                    rule.requestMatchers(DELETE, USER).access(allowed(Permission.USERS_DELETE));
                    rule.requestMatchers(PUT, USER).access(selfOr(Permission.USERS_WRITE));
                    rule.requestMatchers(USER).access(selfOr(Permission.USERS_READ));
                    rule.requestMatchers("/actuator/prometheus").access(allowed(Permission.METRICS_READ));
                    rule.anyRequest().access((caller, context) -> ProblemSecurityHandler.UNKNOWN_PATH);
                })
                .build();
    }

    /** By itself: the resource-server DSL would also publish metadata (RFC 9728) that says what is not so. */
    private static BearerTokenAuthenticationFilter tokenFilter(
            JwtDecoder decoder, CallerAuthentication.FromToken callers, ProblemSecurityHandler problems) {
        JwtAuthenticationProvider provider = new JwtAuthenticationProvider(decoder);
        provider.setJwtAuthenticationConverter(callers);
        BearerTokenAuthenticationConverter token = new BearerTokenAuthenticationConverter();
        token.setBearerTokenResolver(tokenResolver());
        BearerTokenAuthenticationFilter filter =
                new BearerTokenAuthenticationFilter(new ProviderManager(provider), token);
        filter.setAuthenticationEntryPoint(problems);
        return filter;
    }

    /** Requests are measured once, as a whole; a timer for each filter would cost more than most filters do. */
    @Bean
    SecurityObservationSettings observations() {
        return SecurityObservationSettings.noObservations();
    }

    /** Lets every method and parameter through to where each is answered as it should be. */
    @Bean
    StrictHttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowedParameterNames(name -> true); // unknown ones are refused by name, with 400
        return firewall;
    }

    /** A client that sends its expired token along with its log-in or refresh still gets in. */
    private static BearerTokenResolver tokenResolver() {
        BearerTokenResolver header = new DefaultBearerTokenResolver();
        RequestMatcher open = new OrRequestMatcher(List.of(PUBLIC).stream()
                .map(PathPatternRequestMatcher::pathPattern)
                .map(RequestMatcher.class::cast)
                .toList());
        return request -> open.matches(request) ? null : header.resolve(request);
    }

    private static AuthorizationManager<RequestAuthorizationContext> allowed(Permission permission) {
        return AuthorityAuthorizationManager.hasAuthority(permission.toString());
    }

    private static AuthorizationManager<RequestAuthorizationContext> selfOr(Permission permission) {
        AuthorizationManager<RequestAuthorizationContext> others = allowed(permission);
        return (caller, context) -> {
            String id = context.getVariables().get("user_id");
            Authentication authentication = caller.get();
            boolean self = authentication instanceof CallerAuthentication
                    && ("me".equals(id) || authentication.getName().equals(id));
            return self ? new AuthorizationDecision(true) : others.authorize(caller, context);
        };
    }

    private static CorsFilter corsFilter(CorsProperties properties, ProblemWriter writer) {
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.setAllowedOrigins(properties.allowedOrigins());
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        configuration.setAllowedHeaders(List.of(
                "Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id"));
        configuration.setExposedHeaders(
                List.of("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Location", "Link", "ETag"));
        configuration.setMaxAge(Duration.ofHours(1));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/**", configuration);
        CorsFilter filter = new CorsFilter(source);
        filter.setCorsProcessor(new ProblemCorsProcessor(writer));
        return filter;
    }
}
