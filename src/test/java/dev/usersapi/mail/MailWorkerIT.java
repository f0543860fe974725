package dev.usersapi.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import dev.usersapi.support.OwnDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/** Workers of several instances on one database, and outages of the SMTP server and of the database. */
@ApiTest
@ExtendWith(OutputCaptureExtension.class)
class MailWorkerIT {

    @Autowired
    private JdbcConnectionDetails server;

    @Autowired
    private MailComposer composer;

    @SuppressWarnings("NullAway.Init") // before each test
    private OwnDatabase own;

    @SuppressWarnings("NullAway.Init")
    private JdbcClient database;

    private final List<MailWorker> workers = new ArrayList<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ConcurrentLinkedQueue<String> delivered = new ConcurrentLinkedQueue<>();

    /** Accepts every mail. */
    private final MailTransport transport = new MailTransport() {
        @Override
        public void deliver(Mail mail) {
            delivered.add(mail.recipient());
        }

        @Override
        public String destination() {
            return "test";
        }
    };

    @BeforeEach
    void create() {
        own = OwnDatabase.create(server);
        database = own.client();
    }

    @AfterEach
    void stop() {
        workers.forEach(MailWorker::destroy);
        own.close();
    }

    private MailWorker worker(DataSource source, MailTransport to, MailWriter... writers) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        for (MailWriter writer : writers) {
            beans.addBean(writer.kind(), writer);
        }
        MailDelivery delivery = new MailDelivery(
                to, beans.getBeanProvider(MailWriter.class), new RetrySchedule(Clock.systemUTC()), meters);
        MailWorker worker = new MailWorker(source, delivery);
        workers.add(worker);
        return worker;
    }

    private static void add(MailWorker worker, String recipient) {
        Instant now = Instant.now();
        worker.add(new QueuedMail(now, new Mail("totp-enabled", recipient, Map.of("name", "Ann")), null, null), now);
    }

    private static void addKind(MailWorker worker, String kind, String reference) {
        Instant now = Instant.now();
        worker.add(new QueuedMail(now, null, kind, reference), now);
    }

    private static MailWriter writer(String kind, Function<String, Optional<Mail>> write) {
        return new MailWriter() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public Optional<Mail> write(String reference) {
                return write.apply(reference);
            }
        };
    }

    private long countQueued() {
        return database.sql("select count(*) from scheduled_tasks")
                .query(Long.class)
                .single();
    }

    private void makeDue(MailWorker worker) {
        database.sql("update scheduled_tasks set execution_time = now()").update();
        worker.wake();
    }

    private double countMails(String outcome) {
        return meters.counter("users.mails", "template", "totp-enabled", "outcome", outcome)
                .count();
    }

    @Test
    void severalInstancesDeliverEachMailOnce() {
        MailWorker first = worker(own.dataSource(), transport);
        MailWorker second = worker(own.dataSource(), transport);
        List<String> recipients = IntStream.range(0, 100)
                .mapToObj(i -> "user-" + i + "@example.com")
                .toList();
        recipients.forEach(recipient -> add(first, recipient));

        first.start();
        second.start();

        await().atMost(Duration.ofSeconds(60)).until(() -> countQueued() == 0);
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(recipients);
        assertThat(countMails("delivered")).isEqualTo(100);
    }

    @Test
    void queueingTakesOneConnection() {
        AtomicInteger connections = new AtomicInteger();
        MailWorker worker = worker(
                new DelegatingDataSource(own.dataSource()) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        connections.incrementAndGet();
                        return super.getConnection();
                    }
                },
                transport);

        add(worker, "ann@example.com");

        assertThat(connections).hasValue(1);
        assertThat(countQueued()).isEqualTo(1);
    }

    @Test
    void mailIsRetriedUntilTheSmtpServerIsUp(CapturedOutput output) throws IOException {
        int port;
        try (ServerSocket unused = new ServerSocket(0)) {
            port = unused.getLocalPort();
        }
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(port);
        MailWorker worker = worker(own.dataSource(), new SmtpMailTransport(sender, composer, "127.0.0.1"));
        add(worker, "ann@example.com");
        worker.start();

        await().until(() -> countMails("failed") == 1);
        await().untilAsserted(
                        () -> assertThat(output)
                                .containsPattern(
                                        "Mail totp-enabled to a\\*\\*\\*@example\\.com was not delivered at attempt 1 and is retried at .*refused"));
        assertThat(database.sql("select consecutive_failures = 1 and not picked and execution_time"
                                + " between now() + interval '1 second' and now() + interval '11 seconds'"
                                + " from scheduled_tasks")
                        .query(Boolean.class)
                        .single())
                .isTrue();

        GreenMail smtp = Mailbox.start(port);
        try {
            makeDue(worker);
            await().until(() -> countQueued() == 0);
            assertThat(Mailbox.received(smtp, "ann@example.com")).hasSize(1);
        } finally {
            smtp.stop();
        }
    }

    @Test
    void mailIsDroppedAfterFivePermanentRefusals(CapturedOutput output) {
        MailWorker worker = worker(own.dataSource(), new SmtpMailTransport(new JavaMailSenderImpl(), composer, ""));
        add(worker, "no address");
        worker.start();

        for (int attempt = 1; attempt < RetrySchedule.MAX_ATTEMPTS_IF_REFUSED; attempt++) {
            int failures = attempt;
            await().until(() -> countMails("failed") == failures);
            makeDue(worker);
        }

        await().until(() -> countQueued() == 0);
        await().until(() -> countMails("dropped") == 1);
        assertThat(output).contains("ERROR").contains("Mail totp-enabled to … was dropped after 5 attempts");
    }

    @Test
    void mailOfAnInstanceWithoutHeartbeatIsDeliveredByAnother() {
        MailWorker worker = worker(own.dataSource(), transport);
        add(worker, "ann@example.com");
        add(worker, "bob@example.com");
        database.sql("update scheduled_tasks set picked = true, picked_by = 'stopped', last_heartbeat = now()"
                        + " - interval '2 minutes' where convert_from(task_data, 'UTF8') like '%ann@%'")
                .update();
        database.sql("update scheduled_tasks set picked = true, picked_by = 'busy', last_heartbeat = now()"
                        + " where convert_from(task_data, 'UTF8') like '%bob@%'")
                .update();

        worker.start();

        await().until(() -> countQueued() == 1);
        assertThat(delivered).containsExactly("ann@example.com");
    }

    @Test
    void anOutageOfTheDatabaseIsLoggedOnceAndMailIsDeliveredAfterIt(CapturedOutput output) {
        AtomicBoolean outage = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        MailWorker worker = worker(
                new DelegatingDataSource(own.dataSource()) {
                    @Override
                    public Connection getConnection() throws SQLException {
                        if (outage.get()) {
                            refused.incrementAndGet();
                            throw new SQLException("outage");
                        }
                        return super.getConnection();
                    }
                },
                transport);
        add(worker, "ann@example.com");
        outage.set(true);
        worker.start();

        await().until(() -> {
            worker.wake();
            return refused.get() >= 10;
        });
        assertThat(output).containsOnlyOnce("The mail queue cannot be read").doesNotContain("\tat ");

        outage.set(false);
        worker.wake();
        await().until(() -> countQueued() == 0);
        assertThat(delivered).containsExactly("ann@example.com");
        assertThat(output).containsOnlyOnce("The mail queue can be read again");
    }

    @Test
    void mailWritersAreCalledAtEachAttemptAndCanCancelTheMail(CapturedOutput output) {
        AtomicInteger attempts = new AtomicInteger();
        MailWorker worker = worker(
                own.dataSource(),
                transport,
                writer("cancelled", reference -> Optional.empty()),
                writer("wanted", reference -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return Optional.of(new Mail("totp-enabled", reference + "@example.com", Map.of("name", "Ann")));
                }));
        addKind(worker, "cancelled", "1");
        addKind(worker, "wanted", "ann");
        addKind(worker, "of-a-newer-version", "1");
        worker.start();

        await().until(() -> output.toString().contains("Mail wanted was not delivered at attempt 1"));
        await().until(() -> output.toString().contains("Mail of-a-newer-version was not delivered at attempt 1"));
        makeDue(worker);

        await().until(() -> countQueued() == 1);
        assertThat(delivered).containsExactly("ann@example.com");
        assertThat(attempts).hasValue(2);
    }
}
