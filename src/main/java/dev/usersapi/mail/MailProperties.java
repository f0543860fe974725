package dev.usersapi.mail;

import dev.usersapi.error.StartupRefusedException;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of mail; {@code spring.mail.*} configures the SMTP server.
 *
 * @param from {@code USERS_MAIL_FROM}: the sender, as an address or as {@code Name <address>}; if it is empty, the user
 *     name for the SMTP server if that is an address, or else {@code users-api@localhost}
 * @param appUrl {@code USERS_MAIL_APP_URL}: base URL of the operator's pages that links in mails open; empty
 *     for mails that show the one-time token instead of a link
 * @param templates {@code USERS_MAIL_TEMPLATES}: a directory with templates that replace built-in ones; empty for none
 * @param directory {@code USERS_MAIL_DIRECTORY}: where mail is written to if there is no SMTP server
 */
@ConfigurationProperties("users.mail")
record MailProperties(
        @DefaultValue("") String from,
        @DefaultValue("") String appUrl,
        @DefaultValue("") String templates,
        Path directory) {

    MailProperties {
        if (!appUrl.isEmpty() && !isBaseUrl(appUrl)) {
            throw new StartupRefusedException(
                    "USERS_MAIL_APP_URL is not a base URL: " + appUrl + ".",
                    "Set it to a URL such as https://app.example.com or https://example.com/app, without ? and #.");
        }
        appUrl = appUrl.replaceFirst("/+$", "");
        directory = directory.toAbsolutePath().normalize();
    }

    private static boolean isBaseUrl(String text) {
        try {
            URI uri = URI.create(text);
            return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    String from(Smtp smtp) {
        if (!from.isBlank()) {
            return from;
        }
        return smtp.username().contains("@") ? smtp.username() : "users-api@localhost";
    }

    /**
     * The settings of Spring Boot that this package reads.
     *
     * @param host {@code SPRING_MAIL_HOST}: empty if there is no SMTP server
     * @param username {@code SPRING_MAIL_USERNAME}
     */
    @ConfigurationProperties("spring.mail")
    record Smtp(
            @DefaultValue("") String host, @DefaultValue("") String username) {}
}
