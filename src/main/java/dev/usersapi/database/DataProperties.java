package dev.usersapi.database;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the service keeps its own files.
 *
 * @param dataDir {@code USERS_DATA_DIR}: where the embedded PostgreSQL and its data live
 */
@ConfigurationProperties("users")
record DataProperties(@DefaultValue("data") Path dataDir) {}
