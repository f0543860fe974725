package dev.usersapi.mail;

/** What of a mail may stand in a log. */
final class Mask {

    private Mask() {}

    /** {@code j***@example.com}; other text only as an ellipsis. */
    static String email(String email) {
        int at = email.lastIndexOf('@');
        return at < 1 ? "…" : email.charAt(0) + "***" + email.substring(at);
    }
}
