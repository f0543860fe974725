package dev.usersapi.support;

import dev.usersapi.role.Permission;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * For tests with every kind of caller: the service trusts another issuer, whose scope {@code users.read} grants all
 * permissions, and has no rate limits. All subclasses share one application context.
 */
public abstract class TrustedIssuerTest {

    static final OpenIdProvider PROVIDER = new OpenIdProvider();

    @DynamicPropertySource
    static void trust(DynamicPropertyRegistry registry) {
        PROVIDER.start();
        String everything = Arrays.stream(Permission.values())
                .map(Permission::toString)
                .collect(Collectors.joining(" ", "users.read=", ""));
        registry.add("users.rate-limit.enabled", () -> "false");
        registry.add("users.trusted-issuers[0].issuer-uri", PROVIDER::issuer);
        registry.add("users.trusted-issuers[0].audience", () -> OpenIdProvider.AUDIENCE);
        registry.add("users.trusted-issuers[0].permissions", () -> everything);
    }

    /** An access token of the other issuer that grants all permissions. Its subject has no account. */
    public static String token() {
        return PROVIDER.token("users.read");
    }
}
