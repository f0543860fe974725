package dev.usersapi.account;

import java.time.Duration;
import java.util.Locale;

/** What a link permits. */
enum LinkKind {
    ACTIVATION("pending", "invitation"),
    PASSWORD_RESET("active", "password-reset"),
    EMAIL_CHANGE("active", "email-confirmation");

    private final String status;
    private final String template;

    LinkKind(String status, String template) {
        this.status = status;
        this.template = template;
    }

    /** As it is stored. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static LinkKind of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** The status that its user must have, from the request to the use. */
    String status() {
        return status;
    }

    /** Name of the mail that carries it. */
    String template() {
        return template;
    }

    Duration lifetime(LinkProperties properties) {
        return switch (this) {
            case ACTIVATION -> properties.invitationTtl();
            case PASSWORD_RESET -> properties.passwordResetTtl();
            case EMAIL_CHANGE -> properties.emailChangeTtl();
        };
    }
}
