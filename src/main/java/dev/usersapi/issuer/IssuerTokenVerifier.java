package dev.usersapi.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.issuer.IssuerProperties.TrustedIssuer;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Verifies the access tokens of one trusted issuer. */
final class IssuerTokenVerifier {

    private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

    private static final long MAX_SECONDS = Long.MAX_VALUE / 1000;

    // OpenID Connect Core section 2: at most 255 ASCII characters
    private static final Pattern SUBJECT = Pattern.compile("[ -~]{1,255}");

    /** A caller without an account in this service. */
    private record ExternalCaller(String name, Set<Permission> permissions) implements Caller {

        @Override
        public Optional<UserId> user() {
            return Optional.empty();
        }

        @Override
        public Optional<UUID> session() {
            return Optional.empty();
        }
    }

    private final TrustedIssuer issuer;
    private final JwtTimestampValidator timestampValidator = new JwtTimestampValidator(CLOCK_SKEW);
    private final NimbusJwtDecoder decoder;
    private final Cache<String, Jwt> verified = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    IssuerTokenVerifier(TrustedIssuer issuer, Clock clock) {
        this.issuer = issuer;
        this.timestampValidator.setClock(clock);
        this.timestampValidator.setAllowEmptyExpiryClaim(false);
        this.decoder = createDecoder(new IssuerKeySource(issuer.issuerUri()));
    }

    /**
     * Verifies the token and returns its caller.
     *
     * @throws JwtException when the token is invalid, or, with a {@link com.nimbusds.jose.KeySourceException} as its
     *     cause, when the keys of the issuer cannot be fetched
     */
    Caller verify(String text) {
        Jwt token = verified.getIfPresent(text);
        if (token == null) {
            token = decoder.decode(text);
            requireTimesInRange(text);
            verified.put(text, token);
        } else if (timestampValidator.validate(token).hasErrors()) {
            throw new BadJwtException("The token has expired");
        }
        // issuer URIs contain no bar, so callers of different issuers have different names
        return new ExternalCaller(issuer.issuerUri() + "|" + token.getSubject(), permissions(token));
    }

    /** The decoder counts milliseconds in a {@code long} and overflows without an error, so such times are refused here. */
    private static void requireTimesInRange(String text) {
        try {
            Map<String, Object> claims = SignedJWT.parse(text).getPayload().toJSONObject();
            for (String name : List.of("exp", "nbf", "iat")) {
                if (claims.get(name) instanceof Number seconds && Math.abs(seconds.doubleValue()) > MAX_SECONDS) {
                    throw new BadJwtException(name + " is out of range");
                }
            }
        } catch (ParseException e) {
            throw new BadJwtException("Not a signed token", e);
        }
    }

    private Set<Permission> permissions(Jwt token) {
        Set<String> values = values(claimValue(token.getClaims())).collect(Collectors.toSet());
        return issuer.permissions().stream()
                .filter(mapping -> values.contains(mapping.value()))
                .flatMap(mapping -> mapping.permissions().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private @Nullable Object claimValue(Map<String, Object> claims) {
        if (claims.containsKey(issuer.claim())) {
            return claims.get(issuer.claim()); // names of claims may contain dots themselves
        }
        Object value = claims;
        for (String name : issuer.claim().split("\\.", -1)) {
            value = value instanceof Map<?, ?> nested ? nested.get(name) : null;
        }
        return value;
    }

    private static Stream<String> values(@Nullable Object claim) {
        if (claim instanceof String text) {
            return Arrays.stream(text.split(" ", -1));
        }
        return claim instanceof Collection<?> items
                ? items.stream().filter(String.class::isInstance).map(String.class::cast)
                : Stream.empty();
    }

    private NimbusJwtDecoder createDecoder(IssuerKeySource keys) {
        NimbusJwtDecoder jwtDecoder = NimbusJwtDecoder.withJwkSource(keys)
                // no HMAC, because everybody who can verify a token with a shared key can also forge one
                .jwsAlgorithms(algorithms -> algorithms.addAll(Arrays.asList(SignatureAlgorithm.values())))
                .jwtProcessorCustomizer(processor -> processor.setJWSTypeVerifier(
                        new DefaultJOSEObjectTypeVerifier<>(null, JOSEObjectType.JWT, new JOSEObjectType("at+jwt"))))
                .build();
        jwtDecoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                timestampValidator,
                new JwtIssuerValidator(issuer.issuerUri()),
                new JwtClaimValidator<List<String>>(
                        "aud", audience -> audience != null && audience.contains(issuer.audience())),
                new JwtClaimValidator<String>(
                        "sub",
                        subject -> subject != null && SUBJECT.matcher(subject).matches())));
        return jwtDecoder;
    }
}
