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

/** The tokens of one trusted issuer. */
final class IssuerTokens {

    private static final Duration CLOCK_SKEW = Duration.ofSeconds(10);

    private static final long MOST_SECONDS = Long.MAX_VALUE / 1000;

    // printable ASCII, as OpenID Connect Core section 2 has it
    private static final Pattern SUBJECT = Pattern.compile("[ -~]{1,255}");

    /** Somebody without an account here, who may do what the claims of the token are configured to permit. */
    private record Holder(String name, Set<Permission> permissions) implements Caller {

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
    private final JwtTimestampValidator time = new JwtTimestampValidator(CLOCK_SKEW);
    private final NimbusJwtDecoder decoder;
    private final Cache<String, Jwt> verified = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    IssuerTokens(TrustedIssuer issuer, Clock clock) {
        this.issuer = issuer;
        this.time.setClock(clock);
        this.time.setAllowEmptyExpiryClaim(false);
        this.decoder = decoder(new IssuerKeys(issuer.issuerUri()));
    }

    /**
     * Who holds the token.
     *
     * @throws JwtException where it is not a valid one, or, caused by a {@link com.nimbusds.jose.KeySourceException},
     *     where that cannot be told now
     */
    Caller holder(String text) {
        Jwt token = verified.getIfPresent(text);
        if (token == null) {
            token = decoder.decode(text);
            requireTimes(text);
            verified.put(text, token);
        } else if (time.validate(token).hasErrors()) {
            throw new BadJwtException("The token is not valid any more");
        }
        // the bar is in no URI, so no two issuers share a name
        return new Holder(issuer.issuerUri() + "|" + token.getSubject(), permissions(token));
    }

    /** The decoder counts milliseconds in a {@code long}, where a time that is too far away comes out as another one. */
    private static void requireTimes(String text) {
        try {
            Map<String, Object> claims = SignedJWT.parse(text).getPayload().toJSONObject();
            for (String name : List.of("exp", "nbf", "iat")) {
                if (claims.get(name) instanceof Number seconds && Math.abs(seconds.doubleValue()) > MOST_SECONDS) {
                    throw new BadJwtException(name + " is a time that no clock shows");
                }
            }
        } catch (ParseException e) {
            throw new BadJwtException("Not a signed token", e);
        }
    }

    private Set<Permission> permissions(Jwt token) {
        Set<String> values = values(claim(token.getClaims())).collect(Collectors.toSet());
        return issuer.permissions().stream()
                .filter(grant -> values.contains(grant.value()))
                .flatMap(grant -> grant.permissions().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    private @Nullable Object claim(Map<String, Object> claims) {
        if (claims.containsKey(issuer.claim())) {
            return claims.get(issuer.claim()); // some have dots in their names
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
        return claim instanceof Collection<?> several
                ? several.stream().filter(String.class::isInstance).map(String.class::cast)
                : Stream.empty();
    }

    private NimbusJwtDecoder decoder(IssuerKeys keys) {
        NimbusJwtDecoder made = NimbusJwtDecoder.withJwkSource(keys)
                // signatures with a public key: with a shared one, whoever can verify can forge
                .jwsAlgorithms(algorithms -> algorithms.addAll(Arrays.asList(SignatureAlgorithm.values())))
                .jwtProcessorCustomizer(processor -> processor.setJWSTypeVerifier(
                        new DefaultJOSEObjectTypeVerifier<>(null, JOSEObjectType.JWT, new JOSEObjectType("at+jwt"))))
                .build();
        made.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                time,
                new JwtIssuerValidator(issuer.issuerUri()),
                new JwtClaimValidator<List<String>>(
                        "aud", audience -> audience != null && audience.contains(issuer.audience())),
                new JwtClaimValidator<String>(
                        "sub",
                        subject -> subject != null && SUBJECT.matcher(subject).matches())));
        return made;
    }
}
