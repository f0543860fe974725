/**
 * Password rules and password hashing, which is limited so that many logins cannot use up memory, processors or request
 * threads. Imported hashes are parsed here, because no library does it: Spring Security's {@code DelegatingPasswordEncoder}
 * needs an {@code {id}} prefix, and neither its encoders nor password4j read the PBKDF2 and scrypt formats of passlib and
 * Django. Both also compute whatever cost a stored hash asks for, while this package checks time and memory against limits
 * first. The hash functions themselves are those of Spring Security, Bouncy Castle and the JDK.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.password;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
