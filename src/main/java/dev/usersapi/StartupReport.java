package dev.usersapi;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.FirstAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Tells on start where everything is and how to log in. */
@Component
class StartupReport {

    private static final Logger log = LoggerFactory.getLogger(StartupReport.class);

    private final Environment environment;
    private final JdbcConnectionDetails database;
    private final ObjectProvider<EmbeddedDatabase> embedded;
    private final FirstAdmin admin;
    private final Outbox mail;

    StartupReport(
            Environment environment,
            JdbcConnectionDetails database,
            ObjectProvider<EmbeddedDatabase> embedded,
            FirstAdmin admin,
            Outbox mail) {
        this.environment = environment;
        this.database = database;
        this.embedded = embedded;
        this.admin = admin;
        this.mail = mail;
    }

    @EventListener(ApplicationReadyEvent.class)
    void print() {
        String origin = "http://localhost:" + environment.getProperty("local.server.port");
        String password = admin.generatedPassword().orElse("<password>");
        String shown = admin.generatedPassword()
                .map(generated -> ", password " + generated + " (shown this once: keep it)")
                .orElse("");
        EmbeddedDatabase own = embedded.getIfAvailable();
        String data = own == null
                ? database.getJdbcUrl().replaceFirst("\\?.*", "")
                : own.directory().toString();
        log.info("""
                users-api is ready
                  API    {}/api/v1/users
                  Docs   {}/docs
                  Data   {}
                  Mail   {}
                  Admin  {}{}
                  Log in curl -s {}/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"{}","password":"{}"}'""", origin, origin, data, mail.destination(), admin.email(), shown, origin, admin.email(), password);
    }
}
