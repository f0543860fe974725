package dev.usersapi.support;

import dev.usersapi.password.RememberedHashes;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/**
 * The whole service on a real port and a real PostgreSQL. One context serves all tests that carry only this annotation,
 * so each makes the users it needs and counts on no others being there or not.
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
            // each client of the tests has an address of its own, and with it limits of its own
            "server.forward-headers-strategy=native",
            // tests that stall a request wait for this
            "server.tomcat.connection-timeout=1s",
            "server.tomcat.keep-alive-timeout=60s",
            "users.shutdown.drain=0s",
            // the port is Mailbox's
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
