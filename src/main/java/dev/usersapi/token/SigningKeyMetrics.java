package dev.usersapi.token;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Reports the age of the current signing key, so that an alert can remind an operator to rotate it. */
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
                        source -> source.currentAge()
                                .map(Duration::toSeconds)
                                .map(Long::doubleValue)
                                .orElse(Double.NaN))
                .description("Age of the key that currently signs access tokens")
                .register(registry);
    }
}
