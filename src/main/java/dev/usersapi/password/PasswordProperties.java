package dev.usersapi.password;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of password rules and of hashing.
 *
 * @param minLength least number of code points of a new password; NIST SP 800-63B-4 requires 15 if it is the only factor
 * @param concurrentHashes number of hashes that are computed at once; 0 for half the number of processors, fewer if the
 *     heap is too small, at least one
 * @param maxHashMemory how much heap the verification of an imported hash may take
 * @param maxHashWork work limit of an imported hash, as a multiple of the default: bcrypt cost 14, PBKDF2 2,000,000
 *     iterations, Argon2 10 iterations and parallelism 8, scrypt parallelism 8
 */
@Validated
@ConfigurationProperties("users.password")
record PasswordProperties(
        @DefaultValue("8") @Min(8) @Max(128) int minLength,
        @DefaultValue("0") @Min(0) int concurrentHashes,
        @DefaultValue("64MB") DataSize maxHashMemory,
        @DefaultValue("1") @Min(1) @Max(1000) int maxHashWork) {}
