package dev.usersapi.database;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the data directory.
 *
 * @param dataDir {@code USERS_DATA_DIR}: directory of the embedded PostgreSQL and its data
 */
@ConfigurationProperties("users")
record DataProperties(@DefaultValue("data") Path dataDir) {}
