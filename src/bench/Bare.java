import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A minimal Spring MVC endpoint behind a check of the access token. The CPU time of one request to it is the unit U, in
 * which the benchmark states the costs of users-api. A second endpoint computes one password hash with the parameters of
 * the service and its limit on concurrent hashes.
 */
@EnableAutoConfiguration
@RestController
public class Bare {

    private final Argon2PasswordEncoder argon2 = new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2);
    private final Semaphore running =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

    public static void main(String[] arguments) {
        SpringApplication.run(Bare.class, arguments);
    }

    @Bean
    JwtDecoder jwtDecoder(@Value("${bare.jwks}") URI jwks) throws Exception {
        DefaultJOSEObjectTypeVerifier<SecurityContext> type =
                new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("at+jwt"));
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(new ImmutableJWKSet<>(JWKSet.load(jwks.toURL())))
                .jwsAlgorithm(SignatureAlgorithm.RS256)
                .jwtProcessorCustomizer(processor -> processor.setJWSTypeVerifier(type))
                .build();
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                new JwtTimestampValidator(),
                new JwtIssuerValidator("users-api"),
                new JwtClaimValidator<List<String>>("aud", audience -> audience.contains("users-api"))));
        return decoder;
    }

    @Bean
    SecurityFilterChain filterChain(HttpSecurity http) {
        return http.csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
                .authorizeHttpRequests(rule -> rule.anyRequest().authenticated())
                .build();
    }

    @GetMapping("/me")
    Map<String, Object> me(Authentication caller) {
        Jwt token = (Jwt) caller.getCredentials();
        return Map.of("data", Map.of("id", token.getSubject(), "issued_at", token.getIssuedAt()));
    }

    @GetMapping("/hash")
    Map<String, Object> hash() {
        running.acquireUninterruptibly();
        try {
            return Map.of("data", argon2.encode("correct horse battery staple"));
        } finally {
            running.release();
        }
    }
}
