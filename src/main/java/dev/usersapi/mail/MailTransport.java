package dev.usersapi.mail;

import jakarta.mail.MessagingException;
import java.io.IOException;

/** Delivers mail to an SMTP server or to files. */
interface MailTransport {

    /** Throws if the mail was not delivered. */
    void deliver(Mail mail) throws MessagingException, IOException;

    /** Describes in the startup report where mail goes. */
    String destination();
}
