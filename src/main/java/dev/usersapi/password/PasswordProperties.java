package dev.usersapi.password;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How passwords are judged and hashed.
 *
 * @param minLength code points a new password must have; NIST SP 800-63B-4 wants 15 where it is the only factor
 * @param concurrentHashes hashes computed at once; 0 for half of the processors, fewer in a heap too small
 *     for so many, at least one
 * @param maxHashMemory what an imported hash may take of the heap
 * @param maxHashWork how many times the default bound of work an imported hash may take: cost 14 of bcrypt, 2,000,000
 *     rounds of PBKDF2, 10 passes and 8 lanes of Argon2, 8 rounds in parallel of scrypt
 */
@Validated
@ConfigurationProperties("users.password")
record PasswordProperties(
        @DefaultValue("8") @Min(8) @Max(128) int minLength,
        @DefaultValue("0") @Min(0) int concurrentHashes,
        @DefaultValue("64MB") DataSize maxHashMemory,
        @DefaultValue("1") @Min(1) @Max(1000) int maxHashWork) {}
