/**
 * Mail to users. A feature queues a mail in its own transaction; the mail is rendered with JMustache and delivered after
 * the commit, by SMTP or to a file, and retried for three days.
 */
@ApplicationModule(allowedDependencies = {"database", "error"})
@NullMarked
package dev.usersapi.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
