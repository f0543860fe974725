package dev.usersapi.mail;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the queue, stored as JSON: either a mail, or the kind of a {@link MailWriter} and the reference that it
 * takes.
 */
record QueuedMail(
        Instant queuedAt,
        @Nullable Mail mail,
        @Nullable String kind,
        @Nullable String reference) {}
