package dev.usersapi.mail;

import dev.usersapi.error.StartupRefusedException;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What mail says and where it goes without an SMTP server, which {@code spring.mail.*} configures.
 *
 * @param from {@code USERS_MAIL_FROM}: the sender, also as {@code Name <address>}; where it is empty the user of the
 *     SMTP server when that is an address, else {@code users-api@localhost}
 * @param appUrl {@code USERS_MAIL_APP_URL}: base address of the operator's own pages, which take the tokens of links;
 *     empty where there are none
 * @param templates {@code USERS_MAIL_TEMPLATES}: a directory with templates in place of the built-in ones; empty for none
 * @param directory {@code USERS_MAIL_DIRECTORY}: where mail is written to without an SMTP server
 */
@ConfigurationProperties("users.mail")
record MailProperties(
        @DefaultValue("") String from,
        @DefaultValue("") String appUrl,
        @DefaultValue("") String templates,
        Path directory) {

    MailProperties {
        if (!appUrl.isEmpty() && !isBaseAddress(appUrl)) {
            throw new StartupRefusedException(
                    "USERS_MAIL_APP_URL is not the base address of a site: " + appUrl + ".",
                    "Write it like https://app.example.com, with a path if you like, without ? and #.");
        }
        appUrl = appUrl.replaceFirst("/+$", "");
        directory = directory.toAbsolutePath().normalize();
    }

    private static boolean isBaseAddress(String text) {
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
     * What is asked of Spring's own settings.
     *
     * @param host {@code SPRING_MAIL_HOST}: empty where there is no SMTP server
     * @param username {@code SPRING_MAIL_USERNAME}
     */
    @ConfigurationProperties("spring.mail")
    record Smtp(
            @DefaultValue("") String host, @DefaultValue("") String username) {}
}
