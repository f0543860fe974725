package dev.usersapi.security;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may call from a browser.
 *
 * @param allowedOrigins such as {@code https://app.example.com}; none closes CORS
 */
@ConfigurationProperties("users.cors")
record CorsProperties(@DefaultValue List<String> allowedOrigins) {}
