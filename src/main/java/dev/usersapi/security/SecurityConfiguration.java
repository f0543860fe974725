package dev.usersapi.security;

import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.HEAD;
import static org.springframework.http.HttpMethod.OPTIONS;
import static org.springframework.http.HttpMethod.PATCH;
import static org.springframework.http.HttpMethod.POST;
import static org.springframework.http.HttpMethod.PUT;

import dev.usersapi.auth.BearerTokenAuthenticator;
import dev.usersapi.auth.CallerAuthentication;
import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import dev.usersapi.error.ProblemWriter;
import dev.usersapi.ratelimit.RateLimitFilter;
import dev.usersapi.ratelimit.RateLimits;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.HeaderWriterFilter;
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
    private static final String API_KEYS = "/api/v1/api-keys";
    private static final String ROLES = "/api/v1/roles";
    private static final String SIGNING_KEYS = "/api/v1/signing-keys";

    private static final AuthorizationResult GRANTED = new AuthorizationDecision(true);

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

    /** Nothing that a page could not get from its own server as well. */
    private static final List<String> OPEN_TO_EVERY_ORIGIN =
            List.of("/.well-known/jwks.json", "/actuator/health", "/actuator/health/*");

    /** RFC 9110 section 11.4 permits several blanks, and a scheme in upper or lower case; the token is RFC 6750's. */
    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)");

    private static final String PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    @Bean
    SecurityFilterChain filterChain(
            HttpSecurity http,
            ProblemSecurityHandler problems,
            List<BearerTokenAuthenticator> credentials,
            RateLimits limits,
            CorsProperties cors,
            ProblemWriter writer) {
        return http.addFilter(corsFilter(cors, writer))
                .csrf(AbstractHttpConfigurer::disable) // no cookie, so nothing that a browser would send by itself
                .cors(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.cacheControl(cache -> cache.disable())
                        .addHeaderWriter(new StaticHeadersWriter("Cache-Control", "no-store"))
                        .contentSecurityPolicy(policy -> policy.policyDirectives(PAGE_POLICY))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER))
                        .withObjectPostProcessor(headersFirst()))
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                .addFilterBefore(tokenFilter(credentials, problems), AnonymousAuthenticationFilter.class)
                .addFilterAfter(new RateLimitFilter(limits), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(rule -> {
                    rule.requestMatchers(OPTIONS, "/api/v1/**").permitAll();
                    rule.requestMatchers(PUBLIC).permitAll();
                    rule.requestMatchers("/api/v1/auth/logout").access(session());
                    rule.requestMatchers(POST, USERS).access(allowed(Permission.USERS_WRITE));
                    rule.requestMatchers(USERS).access(allowed(Permission.USERS_READ));
                    rule.requestMatchers(DELETE, USER).access(allowed(Permission.USERS_DELETE));
                    rule.requestMatchers(PUT, USER).access(ownSessionOr(Permission.USERS_WRITE));
                    rule.requestMatchers(PATCH, USER).access(ownSessionOr(Permission.USERS_WRITE));
                    rule.requestMatchers(USER).access(selfOr(Permission.USERS_READ));
                    rule.requestMatchers(USER + "/password", USER + "/email").access(ownSession());
                    rule.requestMatchers(USER + "/invitation", USER + "/password-reset")
                            .access(allowed(Permission.USERS_WRITE));
                    rule.requestMatchers(DELETE, USER + "/sessions", USER + "/sessions/{session_id}")
                            .access(ownSessionOr(Permission.SESSIONS_DELETE));
                    rule.requestMatchers(USER + "/sessions", USER + "/sessions/{session_id}")
                            .access(ownSessionOr(Permission.SESSIONS_READ));
                    rule.requestMatchers(DELETE, USER + "/failed-logins").access(allowed(Permission.USERS_WRITE));
                    rule.requestMatchers(USER + "/failed-logins").access(ownSessionOr(Permission.USERS_WRITE));
                    rule.requestMatchers(POST, USER + "/totp").access(ownSession());
                    rule.requestMatchers(USER + "/totp/confirm", USER + "/totp/disable")
                            .access(ownSession());
                    rule.requestMatchers(DELETE, USER + "/totp").access(allowed(Permission.USERS_WRITE));
                    rule.requestMatchers(USER + "/totp").access(ownSessionOr(Permission.USERS_READ));
                    rule.requestMatchers(API_KEYS, API_KEYS + "/{key_id}").access(session());
                    rule.requestMatchers(GET, ROLES, ROLES + "/{name}").access(allowed(Permission.USERS_READ));
                    rule.requestMatchers(HEAD, ROLES, ROLES + "/{name}").access(allowed(Permission.USERS_READ));
                    rule.requestMatchers(ROLES, ROLES + "/{name}").access(allowed(Permission.ROLES_WRITE));
                    rule.requestMatchers(SIGNING_KEYS, SIGNING_KEYS + "/{kid}")
                            .access(allowed(Permission.SIGNING_KEYS_WRITE));
                    rule.requestMatchers("/actuator/info", "/actuator/prometheus")
                            .access(allowed(Permission.METRICS_READ));
                    rule.anyRequest().access((caller, context) -> ProblemSecurityHandler.UNKNOWN_PATH);
                })
                .build();
    }

    /** Before the answer: when nothing is written as the body of one, Tomcat ends it unseen by Spring Security. */
    private static ObjectPostProcessor<HeaderWriterFilter> headersFirst() {
        return new ObjectPostProcessor<>() {
            @Override
            public <F extends HeaderWriterFilter> F postProcess(F filter) {
                filter.setShouldWriteHeadersEagerly(true);
                return filter;
            }
        };
    }

    /** By itself: the resource-server DSL would also publish metadata (RFC 9728) that says what is not so. */
    private static BearerTokenAuthenticationFilter tokenFilter(
            List<BearerTokenAuthenticator> credentials, ProblemSecurityHandler problems) {
        BearerTokenAuthenticationConverter token = new BearerTokenAuthenticationConverter();
        token.setBearerTokenResolver(tokenResolver());
        AuthenticationManager manager = sent -> authenticate(sent, credentials);
        BearerTokenAuthenticationFilter filter = new BearerTokenAuthenticationFilter(manager, token);
        filter.setAuthenticationEntryPoint(problems);
        return filter;
    }

    private static Authentication authenticate(Authentication sent, List<BearerTokenAuthenticator> credentials) {
        String token = ((BearerTokenAuthenticationToken) sent).getToken();
        for (BearerTokenAuthenticator credential : credentials) {
            Optional<Caller> holder = credential.authenticate(token);
            if (holder.isPresent()) {
                try {
                    return new CallerAuthentication(holder.get());
                } catch (ProblemException e) {
                    throw new InvalidBearerTokenException("The credential has ended", e);
                }
            }
        }
        throw new InvalidBearerTokenException("No kind of credential");
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
        RequestMatcher open = new OrRequestMatcher(List.of(PUBLIC).stream()
                .map(PathPatternRequestMatcher::pathPattern)
                .map(RequestMatcher.class::cast)
                .toList());
        return request -> {
            List<String> fields = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
            if (fields.size() > 1) {
                Fault fault = Fault.inHeader(HttpHeaders.AUTHORIZATION, "repeated_field", "must be sent once");
                throw new InvalidBearerTokenException("Several tokens", new InvalidRequestException(fault));
            }
            return fields.isEmpty() || open.matches(request) ? null : token(fields.get(0));
        };
    }

    private static @Nullable String token(String authorization) {
        if (!authorization.toLowerCase(Locale.ROOT).startsWith("bearer")) {
            return null; // another scheme
        }
        Matcher credentials = BEARER.matcher(authorization);
        if (!credentials.matches()) {
            throw new InvalidBearerTokenException("Malformed");
        }
        return credentials.group(1);
    }

    private static AuthorizationManager<RequestAuthorizationContext> allowed(Permission permission) {
        return AuthorityAuthorizationManager.hasAuthority(permission.toString());
    }

    private static AuthorizationManager<RequestAuthorizationContext> selfOr(Permission permission) {
        AuthorizationManager<RequestAuthorizationContext> others = allowed(permission);
        return (authentication, context) ->
                caller(authentication).filter(caller -> isSelf(caller, context)).isPresent()
                        ? GRANTED
                        : others.authorize(authentication, context);
    }

    /** A program needs the permission for its owner's account too. */
    private static AuthorizationManager<RequestAuthorizationContext> ownSessionOr(Permission permission) {
        AuthorizationManager<RequestAuthorizationContext> others = allowed(permission);
        return (authentication, context) -> caller(authentication)
                        .filter(caller ->
                                isSelf(caller, context) && caller.session().isPresent())
                        .isPresent()
                ? GRANTED
                : others.authorize(authentication, context);
    }

    /** What guards an account is nobody else's business, whatever they are permitted. */
    private static AuthorizationManager<RequestAuthorizationContext> ownSession() {
        AuthorizationManager<RequestAuthorizationContext> any = session();
        return (authentication, context) -> {
            boolean other = caller(authentication)
                    .filter(caller -> !isSelf(caller, context))
                    .isPresent();
            return other ? new AuthorizationDecision(false) : any.authorize(authentication, context);
        };
    }

    private static AuthorizationManager<RequestAuthorizationContext> session() {
        return (authentication, context) -> caller(authentication)
                .<AuthorizationResult>map(
                        caller -> caller.session().isPresent() ? GRANTED : ProblemSecurityHandler.SESSION_REQUIRED)
                .orElse(new AuthorizationDecision(false));
    }

    private static Optional<Caller> caller(Supplier<? extends @Nullable Authentication> authentication) {
        return authentication.get() instanceof CallerAuthentication known
                ? Optional.of(known.getPrincipal())
                : Optional.empty();
    }

    private static boolean isSelf(Caller caller, RequestAuthorizationContext context) {
        String id = context.getVariables().get("user_id");
        return "me".equals(id)
                || caller.user()
                        .map(UserId::toString)
                        .filter(own -> own.equals(id))
                        .isPresent();
    }

    private static CorsFilter corsFilter(CorsProperties properties, ProblemWriter writer) {
        CorsConfiguration open = new CorsConfiguration();
        open.addAllowedOrigin(CorsConfiguration.ALL);
        open.setAllowedMethods(List.of("GET", "HEAD"));
        open.addAllowedHeader(CorsConfiguration.ALL);
        open.setMaxAge(Duration.ofHours(1));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        for (String path : OPEN_TO_EVERY_ORIGIN) {
            source.registerCorsConfiguration(path, open);
        }
        if (!properties.allowedOrigins().isEmpty()) {
            source.registerCorsConfiguration("/**", allowedOrigins(properties));
        }
        CorsFilter filter = new CorsFilter(source);
        filter.setCorsProcessor(new ProblemCorsProcessor(writer));
        return filter;
    }

    private static CorsConfiguration allowedOrigins(CorsProperties properties) {
        CorsConfiguration configuration = new OriginPatternCorsConfiguration(properties.allowedOrigins());
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
        configuration.setAllowedHeaders(List.of(
                "Authorization",
                "Content-Type",
                "If-Match",
                "If-None-Match",
                "Idempotency-Key",
                "X-Request-Id",
                "X-Requested-With", // and what tracing and monitoring in a browser add
                "traceparent",
                "tracestate",
                "baggage",
                "sentry-trace"));
        configuration.setExposedHeaders(List.of(
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                "X-Request-Id",
                "WWW-Authenticate",
                "Allow",
                "Accept",
                "Accept-Patch",
                "Location",
                "Link",
                "ETag",
                "Idempotency-Replayed"));
        configuration.setMaxAge(Duration.ofHours(1));
        return configuration;
    }
}
