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
 * Goes on serving for a moment when the service is told to stop, while readiness already fails and each answer closes
 * its connection. So a proxy turns to other instances before this one refuses, or hangs up on, anybody.
 */
@Component
class Drain implements TomcatConnectorCustomizer {

    /**
     * How it stops.
     *
     * @param drain how long it goes on serving; with the embedded database, which no other instance has, not at all
     */
    @ConfigurationProperties("users.shutdown")
    record ShutdownProperties(@DefaultValue("5s") Duration drain) {}

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private final ShutdownProperties properties;
    private final ObjectProvider<EmbeddedDatabase> embedded;
    private final AtomicBoolean due = new AtomicBoolean();
    private volatile Runnable hangUpAfterEachAnswer = () -> {};

    Drain(ShutdownProperties properties, ObjectProvider<EmbeddedDatabase> embedded) {
        this.properties = properties;
        this.embedded = embedded;
    }

    @Override
    public void customize(Connector connector) {
        hangUpAfterEachAnswer = () -> connector.setProperty("maxKeepAliveRequests", "1");
    }

    @EventListener(ApplicationReadyEvent.class)
    void expectRequests() {
        due.set(embedded.getIfAvailable() == null
                && !properties.drain().isZero()
                && !properties.drain().isNegative());
    }

    /** Before anything else stops. */
    @EventListener(ContextClosedEvent.class)
    @Order(Ordered.HIGHEST_PRECEDENCE)
    void serveOn() throws InterruptedException {
        if (due.getAndSet(false)) {
            log.info("Not ready any more; stopping in {} ms", properties.drain().toMillis());
            hangUpAfterEachAnswer.run();
            Thread.sleep(properties.drain().toMillis());
        }
    }
}
