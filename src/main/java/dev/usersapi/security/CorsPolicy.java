package dev.usersapi.security;

import dev.usersapi.error.ProblemWriter;
import java.time.Duration;
import java.util.List;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Which pages may call the API from a browser, and which headers they may send and read. */
final class CorsPolicy {

    private static final Duration MAX_AGE = Duration.ofHours(1);

    private static final List<String> PATHS_FOR_EVERY_ORIGIN =
            List.of("/.well-known/jwks.json", "/actuator/health", "/actuator/health/*");

    private static final List<String> REQUEST_HEADERS = List.of(
            "Authorization",
            "Content-Type",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
            "X-Request-Id",
            "X-Requested-With", // this and the following are added by tracing and monitoring scripts
            "traceparent",
            "tracestate",
            "baggage",
            "sentry-trace");

    private static final List<String> RESPONSE_HEADERS = List.of(
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
            "Idempotency-Replayed");

    private CorsPolicy() {}

    static CorsFilter filter(CorsProperties properties, ProblemWriter writer) {
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        for (String path : PATHS_FOR_EVERY_ORIGIN) {
            source.registerCorsConfiguration(path, everyOrigin());
        }
        if (!properties.allowedOrigins().isEmpty()) {
            source.registerCorsConfiguration("/**", allowedOrigins(properties.allowedOrigins()));
        }
        CorsFilter filter = new CorsFilter(source);
        filter.setCorsProcessor(new ProblemCorsProcessor(writer));
        return filter;
    }

    private static CorsConfiguration everyOrigin() {
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.addAllowedOrigin(CorsConfiguration.ALL);
        configuration.setAllowedMethods(List.of("GET", "HEAD"));
        configuration.addAllowedHeader(CorsConfiguration.ALL);
        configuration.setMaxAge(MAX_AGE);
        return configuration;
    }

    private static CorsConfiguration allowedOrigins(List<String> origins) {
        CorsConfiguration configuration = new OriginPatternCorsConfiguration(origins);
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
        configuration.setAllowedHeaders(REQUEST_HEADERS);
        configuration.setExposedHeaders(RESPONSE_HEADERS);
        configuration.setMaxAge(MAX_AGE);
        return configuration;
    }
}
