package dev.usersapi.security;

import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The origins whose pages may call the API from a browser (CORS).
 *
 * @param allowedOrigins such as {@code https://app.example.com} or {@code https://*.preview.example.com}; if empty,
 *     pages of other origins can only read the health and the public keys
 */
@Validated
@ConfigurationProperties("users.cors")
record CorsProperties(
        @DefaultValue
        List<
                        @Pattern(
                                regexp = "https?://([^/*]+|\\*(\\.[A-Za-z0-9-]+){2,}(:[0-9]{1,5})?)",
                                message = "must be an origin such as https://app.example.com, or a pattern such as "
                                        + "https://*.preview.example.com, with one * as its first label and at least two "
                                        + "labels after it")
                        String>
                allowedOrigins) {}
