package dev.usersapi.token;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Tells how old the key is that signs now, so that an operator can be reminded to rotate it. */
@Component
class SigningKeyMetrics implements MeterBinder {

    private final SigningKeys keys;

    SigningKeyMetrics(SigningKeys keys) {
        this.keys = keys;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(
                        "users.signing.key.age.seconds",
                        keys,
                        all -> all.currentAge()
                                .map(Duration::toSeconds)
                                .map(Long::doubleValue)
                                .orElse(Double.NaN))
                .description("Age of the key that signs access tokens now")
                .register(registry);
    }
}
