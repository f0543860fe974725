package dev.usersapi.password;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Reports users who cannot log in because no password can match their stored hash, by a log line and a counter. */
@Component
public class UnusableHashes {

    private static final Logger log = LoggerFactory.getLogger(UnusableHashes.class);

    private final HashLimits limits;
    private final MeterRegistry meters;

    // limits the log to one line per user and hour
    private final Cache<String, Boolean> logged = Caffeine.newBuilder()
            .maximumSize(1000)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    UnusableHashes(PasswordProperties properties, MeterRegistry meters) {
        this.limits = new HashLimits(properties);
        this.meters = meters;
    }

    /**
     * Reports the hash if no password can match it. Call this after a password did not match.
     *
     * @param hash null if the user has no password
     */
    public void report(String userId, @Nullable String hash) {
        if (hash != null) {
            limits.refusal(hash).ifPresent(refusal -> {
                meters.counter("users.logins.unusable.hash", "reason", refusal.code())
                        .increment();
                if (logged.asMap().putIfAbsent(userId, true) == null) {
                    log.warn(
                            "User {} cannot log in: the stored password hash cannot be verified, because {}",
                            userId,
                            refusal.detail());
                }
            });
        }
    }
}
