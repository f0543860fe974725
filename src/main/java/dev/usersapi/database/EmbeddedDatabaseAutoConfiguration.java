package dev.usersapi.database;

import dev.usersapi.error.StartupRefusedException;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Starts the embedded PostgreSQL if neither {@code spring.datasource.url} nor a test provides a database. */
@AutoConfiguration(
        before = DataSourceAutoConfiguration.class,
        afterName = "org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration")
@Conditional(EmbeddedDatabaseAutoConfiguration.NoDatabaseConfigured.class)
@ConditionalOnMissingBean(JdbcConnectionDetails.class)
@EnableConfigurationProperties(DataProperties.class)
class EmbeddedDatabaseAutoConfiguration {

    @Bean
    EmbeddedDatabase embeddedDatabase(DataProperties properties) {
        return EmbeddedDatabase.start(properties.dataDir());
    }

    static class NoDatabaseConfigured implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            String url = context.getEnvironment().getProperty("spring.datasource.url");
            if (url != null && !url.startsWith("jdbc:postgresql:")) { // before Spring looks for a driver
                throw new StartupRefusedException(
                        "SPRING_DATASOURCE_URL is not a JDBC URL of PostgreSQL.",
                        "Write jdbc:postgresql://host:5432/database, and set SPRING_DATASOURCE_USERNAME and"
                                + " SPRING_DATASOURCE_PASSWORD.");
            }
            if (url != null && url.replaceFirst("\\?.*", "").contains("@")) { // not shown, may hold a password
                throw new StartupRefusedException(
                        "SPRING_DATASOURCE_URL has an @, but a JDBC URL has no user and password before the host.",
                        "Write jdbc:postgresql://host:5432/database, and set SPRING_DATASOURCE_USERNAME and"
                                + " SPRING_DATASOURCE_PASSWORD.");
            }
            return url == null;
        }
    }
}
