package dev.usersapi.replica;

import dev.usersapi.error.StartupRefusedException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where to read beside the primary.
 *
 * @param url {@code USERS_REPLICA_URL}: of one standby, used as the primary's user; empty where there is none
 */
@ConfigurationProperties("users.replica")
record ReplicaProperties(@DefaultValue("") String url) {

    ReplicaProperties {
        if (!url.isEmpty() && !isOfOneServer(url)) {
            throw new StartupRefusedException(
                    "USERS_REPLICA_URL is not the address of one PostgreSQL server.", // which may hold a password
                    "Write it like jdbc:postgresql://host:5432/database, with the name of the primary's database and no user.");
        }
    }

    private static boolean isOfOneServer(String url) {
        if (shown(url)
                .contains("@")) { // a user and a password before the host, which the driver would log as a bad port
            return false;
        }
        @Nullable Properties parts = Driver.parseURL(url, null);
        return parts != null && !parts.getProperty("PGHOST", "").contains(",");
    }

    /** Without parameters: a password may be among them. */
    String shown() {
        return shown(url);
    }

    private static String shown(String url) {
        return url.replaceFirst("\\?.*", "");
    }
}
