package dev.usersapi.security;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Finds the bearer token in the {@code Authorization} header. Spring's resolver would accept several such headers and
 * refuse several spaces after the scheme, which RFC 9110 section 11.4 permits.
 */
final class StrictBearerTokenResolver implements BearerTokenResolver {

    /** The scheme is case-insensitive (RFC 9110 section 11.1); RFC 6750 section 2.1 defines the token. */
    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)");

    private final RequestMatcher publicPaths;

    /** @param publicPaths where tokens are ignored, so that a client may log in although it sends an expired one */
    StrictBearerTokenResolver(RequestMatcher publicPaths) {
        this.publicPaths = publicPaths;
    }

    @Override
    public @Nullable String resolve(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
        if (headers.size() > 1) {
            Fault fault = Fault.inHeader(HttpHeaders.AUTHORIZATION, "repeated_field", "must be sent once");
            throw new InvalidBearerTokenException("Several Authorization headers", new InvalidRequestException(fault));
        }
        return headers.isEmpty() || publicPaths.matches(request) ? null : token(headers.get(0));
    }

    private static @Nullable String token(String authorization) {
        if (!authorization.toLowerCase(Locale.ROOT).startsWith("bearer")) {
            return null; // another scheme
        }
        Matcher credentials = BEARER.matcher(authorization);
        if (!credentials.matches()) {
            throw new InvalidBearerTokenException("Malformed bearer token");
        }
        return credentials.group(1);
    }
}
