package dev.usersapi.security;

import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may call from a browser.
 *
 * @param allowedOrigins such as {@code https://app.example.com} or {@code https://*.preview.example.com}; without any,
 *     only what is public can be called
 */
@Validated
@ConfigurationProperties("users.cors")
record CorsProperties(
        @DefaultValue
        List<
                        @Pattern(
                                regexp = "https?://([^/*]+|\\*(\\.[A-Za-z0-9-]+){2,}(:[0-9]{1,5})?)",
                                message = "must be an origin such as https://app.example.com, or a pattern such as "
                                        + "https://*.preview.example.com, whose only * is at its beginning and has at least two "
                                        + "labels of a name behind it")
                        String>
                allowedOrigins) {}
