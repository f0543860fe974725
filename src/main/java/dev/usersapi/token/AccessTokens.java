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

/** Access tokens: JWTs of the profile of RFC 9068, signed with RS256, with nothing personal inside. */
@Component
public class AccessTokens {

    private static final String TYPE = "at+jwt";
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(2);

    private final SigningKeys keys;
    private final TokenProperties properties;
    private final Clock clock;
    private final NimbusJwtEncoder encoder;
    private final JwtTimestampValidator time = new JwtTimestampValidator(CLOCK_SKEW);
    private final NimbusJwtDecoder decoder;
    // a client sends the same token again and again, and checking its signature is the dearest part of most requests
    private final Cache<String, Jwt> verified = Caffeine.newBuilder()
            .maximumSize(2_000)
            .expireAfterWrite(Duration.ofMinutes(1))
            .build();

    AccessTokens(SigningKeys keys, TokenProperties properties, Clock clock) {
        this.keys = keys;
        this.properties = properties;
        this.clock = clock;
        this.time.setClock(clock);
        this.encoder = new NimbusJwtEncoder((selector, context) -> selector.select(new JWKSet(keys.signingKey())));
        this.decoder = decoder();
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

    /** {@code iss} of the tokens. */
    public String issuer() {
        return properties.issuer();
    }

    /** How long an access token is valid. */
    public Duration lifetime() {
        return properties.accessTtl();
    }

    /**
     * The token that the text is. Tokens of a key that was deleted are refused at once on the instance that deleted it,
     * and on the others when they have read the keys again.
     *
     * @throws JwtException where it is none of ours, or not valid any more
     * @throws ProblemException {@link dev.usersapi.error.ErrorCode#DATABASE_UNAVAILABLE} where its key is not known and
     *     cannot be looked for
     */
    public Jwt verify(String text) {
        Jwt known = verified.getIfPresent(text);
        if (known == null || !keys.isPublished(String.valueOf(known.getHeaders().get("kid")))) {
            known = decode(text);
            verified.put(text, known);
        } else if (time.validate(known).hasErrors()) {
            throw new BadJwtException("The token is not valid any more");
        }
        return known;
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

    private NimbusJwtDecoder decoder() {
        NimbusJwtDecoder made = NimbusJwtDecoder.withJwkSource((selector, context) -> published(selector.getMatcher()))
                .jwsAlgorithm(SignatureAlgorithm.RS256)
                .jwtProcessorCustomizer(processor ->
                        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType(TYPE))))
                .build();
        made.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                time,
                new JwtIssuerValidator(properties.issuer()),
                new JwtClaimValidator<List<String>>(
                        "aud", audience -> audience != null && audience.contains(properties.audience()))));
        return made;
    }

    private List<JWK> published(JWKMatcher wanted) {
        Set<String> ids = Optional.ofNullable(wanted.getKeyIDs()).orElse(Set.of());
        return ids.stream()
                .flatMap(id -> keys.find(id).stream())
                .<JWK>map(key -> key.jwk().toPublicJWK())
                .filter(wanted::matches)
                .toList();
    }
}
