package dev.usersapi;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.stereotype.Component;

/** Publishes the version of the service, its commit and its Java in {@code /actuator/info}, in a metric and in the log. */
@Component
class BuildInfo implements InfoContributor, MeterBinder {

    private final String version;
    private final String commit;
    private final String java = Runtime.version().toString();

    /** The build writes both into application.yaml; the commit is {@code unknown} if it ran outside a Git repository. */
    BuildInfo(@Value("${info.version}") String version, @Value("${info.commit}") String commit) {
        this.version = version;
        this.commit = commit;
    }

    @Override
    public void contribute(Info.Builder info) {
        info.withDetail("version", version).withDetail("commit", commit).withDetail("java_version", java);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("users.build.info", () -> 1)
                .description("Always 1; the labels are the version of the service, its commit and its Java version")
                .tags("version", version, "commit", commit, "java", java)
                .register(registry);
    }

    @Override
    public String toString() {
        return version + ", commit " + commit + ", Java " + java;
    }
}
