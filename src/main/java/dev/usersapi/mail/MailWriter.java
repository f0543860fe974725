package dev.usersapi.mail;

import java.util.Optional;

/**
 * Creates the mails of one kind when they are delivered, so that secrets such as a one-time token are never stored in
 * the queue.
 */
public interface MailWriter {

    /** The kind that {@link Outbox#queue(String, String)} takes. */
    String kind();

    /**
     * Called at each attempt to deliver, outside a transaction. Empty if the mail is no longer needed.
     *
     * @param reference the reference that was passed to {@link Outbox#queue(String, String)}
     */
    Optional<Mail> write(String reference);
}
