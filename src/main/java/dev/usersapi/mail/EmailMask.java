package dev.usersapi.mail;

/** Masks e-mail addresses for the log. */
final class EmailMask {

    private EmailMask() {}

    /** {@code j***@example.com} for an address, an ellipsis for any other text. */
    static String mask(String email) {
        int at = email.lastIndexOf('@');
        return at < 1 ? "…" : email.charAt(0) + "***" + email.substring(at);
    }
}
