/**
 * How users come by their accounts and back into them: invitation and activation, forgotten and changed passwords, a
 * change of e-mail. What must come from the owner of a mailbox is proved by a link that is sent there and works once.
 */
@ApplicationModule(
        allowedDependencies = {"binding", "error", "http", "role", "password", "user", "ratelimit", "guessing", "mail"})
@NullMarked
package dev.usersapi.account;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
