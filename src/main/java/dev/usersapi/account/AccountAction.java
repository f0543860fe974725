package dev.usersapi.account;

import java.time.Duration;
import java.util.Locale;

/** What a one-time token permits. */
enum AccountAction {
    ACTIVATION("pending", "invitation"),
    PASSWORD_RESET("active", "password-reset"),
    EMAIL_CHANGE("active", "email-confirmation");

    private final String userStatus;
    private final String mailTemplate;

    AccountAction(String userStatus, String mailTemplate) {
        this.userStatus = userStatus;
        this.mailTemplate = mailTemplate;
    }

    /** Its name in the database. */
    String kind() {
        return name().toLowerCase(Locale.ROOT);
    }

    static AccountAction of(String kind) {
        return valueOf(kind.toUpperCase(Locale.ROOT));
    }

    /** The status that the user must have when the action is requested, and still when it is done. */
    String userStatus() {
        return userStatus;
    }

    /** The name of the template of the mail that contains the token. */
    String mailTemplate() {
        return mailTemplate;
    }

    Duration lifetime(OneTimeTokenProperties properties) {
        return switch (this) {
            case ACTIVATION -> properties.invitationTtl();
            case PASSWORD_RESET -> properties.passwordResetTtl();
            case EMAIL_CHANGE -> properties.emailChangeTtl();
        };
    }
}
