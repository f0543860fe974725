package dev.usersapi;

import dev.usersapi.database.EmbeddedDatabase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Connector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Keeps answering requests for a few seconds after the signal to stop, while the readiness probe already fails and each
 * answer closes its connection. A proxy can then move to other instances before this one refuses connections. Spring Boot's
 * graceful shutdown, which follows, stops accepting connections at once.
 */
@Component
class GracefulShutdown implements TomcatConnectorCustomizer {

    /**
     * Settings of the shutdown.
     *
     * @param drain how long requests are still answered; ignored with the embedded PostgreSQL, because no other instance
     *     can use it
     */
    @ConfigurationProperties("users.shutdown")
    record ShutdownProperties(@DefaultValue("5s") Duration drain) {}

    private static final Logger log = LoggerFactory.getLogger(GracefulShutdown.class);

    private final ShutdownProperties properties;
    private final ObjectProvider<EmbeddedDatabase> embedded;
    private final AtomicBoolean drainAtClose = new AtomicBoolean();
    private volatile Runnable closeConnectionAfterEachAnswer = () -> {};

    GracefulShutdown(ShutdownProperties properties, ObjectProvider<EmbeddedDatabase> embedded) {
        this.properties = properties;
        this.embedded = embedded;
    }

    @Override
    public void customize(Connector connector) {
        closeConnectionAfterEachAnswer = () -> connector.setProperty("maxKeepAliveRequests", "1");
    }

    @EventListener(ApplicationReadyEvent.class)
    void enableDrain() {
        drainAtClose.set(embedded.getIfAvailable() == null
                && !properties.drain().isZero()
                && !properties.drain().isNegative());
    }

    /** Runs before all other listeners, so that nothing has stopped yet. */
    @EventListener(ContextClosedEvent.class)
    @Order(Ordered.HIGHEST_PRECEDENCE)
    void drain() throws InterruptedException {
        if (drainAtClose.getAndSet(false)) {
            log.info(
                    "Readiness now fails; the service stops in {} ms",
                    properties.drain().toMillis());
            closeConnectionAfterEachAnswer.run();
            Thread.sleep(properties.drain().toMillis());
        }
    }
}
