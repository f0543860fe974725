package dev.usersapi;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.FirstAdmin;
import jakarta.servlet.ServletContext;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Logs at the start where the API, the documentation, the data and the mail are, and how to log in. */
@Component
class StartupReport {

    private static final Logger log = LoggerFactory.getLogger(StartupReport.class);

    private final Environment environment;
    private final ServerProperties server;
    private final ServletContext servlets;
    private final JdbcConnectionDetails database;
    private final ObjectProvider<EmbeddedDatabase> embedded;
    private final FirstAdmin admin;
    private final Outbox mail;
    private final BuildInfo build;

    StartupReport(
            Environment environment,
            ServerProperties server,
            ServletContext servlets,
            JdbcConnectionDetails database,
            ObjectProvider<EmbeddedDatabase> embedded,
            FirstAdmin admin,
            Outbox mail,
            BuildInfo build) {
        this.environment = environment;
        this.server = server;
        this.servlets = servlets;
        this.database = database;
        this.embedded = embedded;
        this.admin = admin;
        this.mail = mail;
        this.build = build;
    }

    @EventListener(ApplicationReadyEvent.class)
    void print() {
        String base = "http://" + host(server.getAddress()) + ":" + environment.getProperty("local.server.port")
                + servlets.getContextPath();
        EmbeddedDatabase embeddedDatabase = embedded.getIfAvailable();
        String data = embeddedDatabase == null
                ? database.getJdbcUrl().replaceFirst("\\?.*", "")
                : embeddedDatabase.directory().toString();
        String email = admin.email().orElse("there is no active admin");
        String password = admin.generatedPassword()
                .map(generated -> ", password " + generated + " (shown only once)")
                .orElse("");
        log.info(
                """
                users-api is ready
                  API      {}/api/v1/users
                  Docs     {}/docs
                  Data     {}
                  Mail     {}
                  Admin    {}{}
                  Version  {}
                  Log in   curl -s {}/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"{}","password":"<password>"}'""",
                base,
                base,
                data,
                mail.destination(),
                email,
                password,
                build,
                base,
                admin.email().orElse("<email>"));
    }

    /** {@code localhost}, unless the service listens only on another address. */
    private static String host(@Nullable InetAddress address) {
        if (address == null || address.isAnyLocalAddress() || address.isLoopbackAddress()) {
            return "localhost";
        }
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
    }
}
