/**
 * Invitation and activation of users, forgotten and changed passwords, and changes of e-mail. A one-time token, which is
 * sent by mail, proves that a request comes from the owner of the mailbox.
 */
@ApplicationModule(
        allowedDependencies = {
            "binding",
            "error",
            "http",
            "role",
            "password",
            "user",
            "ratelimit",
            "failedlogin",
            "mail"
        })
@NullMarked
package dev.usersapi.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
