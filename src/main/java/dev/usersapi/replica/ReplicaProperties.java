package dev.usersapi.replica;

import dev.usersapi.error.StartupRefusedException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the read replica.
 *
 * @param url {@code USERS_REPLICA_URL}: JDBC URL of one standby, which is used with the user and password of the primary;
 *     empty if there is no replica
 */
@ConfigurationProperties("users.replica")
record ReplicaProperties(@DefaultValue("") String url) {

    ReplicaProperties {
        if (!url.isEmpty() && !isUrlOfOneServer(url)) {
            throw new StartupRefusedException(
                    "USERS_REPLICA_URL is not the JDBC URL of one PostgreSQL server.", // not shown, may hold a password
                    "Set it to a URL such as jdbc:postgresql://host:5432/database, with the database name of the primary and without a user.");
        }
    }

    private static boolean isUrlOfOneServer(String url) {
        if (withoutParameters(url).contains("@")) { // the driver would log a password before the host as a bad port
            return false;
        }
        @Nullable Properties parsed = Driver.parseURL(url, null);
        return parsed != null && !parsed.getProperty("PGHOST", "").contains(",");
    }

    /** The URL for the log, without parameters, because they may contain a password. */
    String urlWithoutParameters() {
        return withoutParameters(url);
    }

    private static String withoutParameters(String url) {
        return url.replaceFirst("\\?.*", "");
    }
}
