package dev.usersapi.support;

import dev.usersapi.password.RememberedHashes;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/**
 * Starts the whole service on a free port and a real PostgreSQL. All tests of a process that have only this annotation
 * share it. Each test creates the users that it needs, and works whatever other users exist.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "users.data-dir=target/test-data/${random.uuid}",
            "users.admin.email=admin@example.com",
            "users.admin.password=" + Api.PASSWORD,
            "users.cors.allowed-origins=https://app.example.com",
            // each client of the tests sends its own address, and so has its own rate limits
            "server.forward-headers-strategy=native",
            // short, because tests of stalled requests wait for it
            "server.tomcat.connection-timeout=1s",
            "server.tomcat.keep-alive-timeout=60s",
            "users.shutdown.drain=0s",
            // Mailbox sets the port
            "spring.mail.host=127.0.0.1",
            "spring.mail.username=" + Mailbox.USER,
            "spring.mail.password=" + Mailbox.PASSWORD,
            "users.mail.from=Users <accounts@example.com>",
            "logging.level.com.icegreen.greenmail=warn"
        })
@Import({
    TestDatabase.class,
    TurkishDatabase.class,
    OtherTimeZone.class,
    Api.class,
    RoundTrips.class,
    Mailbox.class,
    RememberedHashes.class
})
public @interface ApiTest {}
