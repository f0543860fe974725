package dev.usersapi.mail;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the queue keeps of a mail, as JSON in the database: either the mail, or the kind of a {@link MailWriter} and its
 * reference.
 */
record QueuedMail(
        Instant queuedAt,
        @Nullable Mail mail,
        @Nullable String kind,
        @Nullable String reference) {}
