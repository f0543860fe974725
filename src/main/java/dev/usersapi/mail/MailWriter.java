package dev.usersapi.mail;

import java.util.Optional;

/**
 * Writes one kind of mail at the moment of its delivery, so that what is secret in it, such as a link's token, is never
 * in the queue.
 */
public interface MailWriter {

    /** The name under which mails of this kind are queued. */
    String kind();

    /**
     * Called for each attempt to deliver, outside a transaction; empty where the mail is not wanted any more.
     *
     * @param reference what {@link Outbox#queue(String, String)} was given
     */
    Optional<Mail> write(String reference);
}
