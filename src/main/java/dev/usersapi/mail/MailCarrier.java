package dev.usersapi.mail;

import jakarta.mail.MessagingException;
import java.io.IOException;

/** Takes mail to where it is read. */
interface MailCarrier {

    /** Returns when the mail has arrived there; throws otherwise. */
    void deliver(Mail mail) throws MessagingException, IOException;

    /** Where mail goes, for the operator to read. */
    String destination();
}
