/**
 * Mail to users: queued in the transaction of what it tells of, written and delivered later, again until it is taken.
 */
@ApplicationModule(allowedDependencies = {"database", "error"})
@NullMarked
package dev.usersapi.mail;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
