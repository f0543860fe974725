package dev.usersapi.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import dev.usersapi.error.ProblemException;
import dev.usersapi.user.UserId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.stereotype.Component;

/** Issues and verifies access tokens: JWTs of the profile of RFC 9068, signed with RS256, without personal data. */
@Component
public class AccessTokens {

    private static final String TYPE = "at+jwt";
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(2);

    private final SigningKeys keys;
    private final TokenProperties properties;
    private final Clock clock;
    private final NimbusJwtEncoder encoder;
    private final JwtTimestampValidator timestampValidator = new JwtTimestampValidator(CLOCK_SKEW);
    private final NimbusJwtDecoder decoder;

    // clients send a token many times, and the verification of its signature is the dearest part of most requests
    private final Cache<String, Jwt> verified = Caffeine.newBuilder()
            .maximumSize(2_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    AccessTokens(SigningKeys keys, TokenProperties properties, Clock clock) {
        this.keys = keys;
        this.properties = properties;
        this.clock = clock;
        this.timestampValidator.setClock(clock);
        this.encoder = new NimbusJwtEncoder((selector, context) -> selector.select(new JWKSet(keys.signingKey())));
        this.decoder = createDecoder();
    }

    public String issue(UserId user, UUID session) {
        Instant now = clock.instant();
        JwtClaimsSet claims = JwtClaimsSet.builder()
                .issuer(properties.issuer())
                .audience(List.of(properties.audience()))
                .subject(user.toString())
                .claim("sid", session.toString())
                .id(UUID.randomUUID().toString())
                .issuedAt(now)
                .expiresAt(now.plus(properties.accessTtl()))
                .build();
        JwsHeader header = JwsHeader.with(SignatureAlgorithm.RS256).type(TYPE).build();
        return encoder.encode(JwtEncoderParameters.from(header, claims)).getTokenValue();
    }

    /** The {@code iss} claim of the tokens. */
    public String issuer() {
        return properties.issuer();
    }

    /** How long an access token is valid. */
    public Duration lifetime() {
        return properties.accessTtl();
    }

    /**
     * Verifies a token. Tokens of a deleted key are refused at once by the instance that deleted the key, and by others
     * when they have read the keys again.
     *
     * @throws JwtException when the token was not issued by this service or has expired
     * @throws ProblemException {@link dev.usersapi.error.ErrorCode#DATABASE_UNAVAILABLE} when its key is unknown and
     *     the database cannot be read
     */
    public Jwt verify(String text) {
        Jwt token = verified.getIfPresent(text);
        if (token == null || !keys.isPublished(String.valueOf(token.getHeaders().get("kid")))) {
            token = decode(text);
            verified.put(text, token);
        } else if (timestampValidator.validate(token).hasErrors()) {
            throw new BadJwtException("The token has expired");
        }
        return token;
    }

    private Jwt decode(String text) {
        try {
            return decoder.decode(text);
        } catch (JwtException e) {
            if (e.getCause() instanceof ProblemException outage) {
                throw outage;
            }
            throw e;
        }
    }

    private NimbusJwtDecoder createDecoder() {
        NimbusJwtDecoder jwtDecoder = NimbusJwtDecoder.withJwkSource(
                        (selector, context) -> findPublished(selector.getMatcher()))
                .jwsAlgorithm(SignatureAlgorithm.RS256)
                .jwtProcessorCustomizer(processor ->
                        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType(TYPE))))
                .build();
        jwtDecoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                timestampValidator,
                new JwtIssuerValidator(properties.issuer()),
                new JwtClaimValidator<List<String>>(
                        "aud", audience -> audience != null && audience.contains(properties.audience()))));
        return jwtDecoder;
    }

    private List<JWK> findPublished(JWKMatcher matcher) {
        Set<String> ids = Optional.ofNullable(matcher.getKeyIDs()).orElse(Set.of());
        return ids.stream()
                .flatMap(id -> keys.find(id).stream())
                .<JWK>map(key -> key.jwk().toPublicJWK())
                .filter(matcher::matches)
                .toList();
    }
}
