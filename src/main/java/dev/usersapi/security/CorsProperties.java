package dev.usersapi.security;

import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may call from a browser.
 *
 * @param allowedOrigins such as {@code https://app.example.com}; none closes CORS
 */
@Validated
@ConfigurationProperties("users.cors")
record CorsProperties(
        @DefaultValue
        List<@Pattern(regexp = "https?://[^/*]+", message = "must be an origin such as https://app.example.com") String>
                allowedOrigins) {}
