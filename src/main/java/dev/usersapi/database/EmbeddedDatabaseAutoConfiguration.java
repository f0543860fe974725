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

/** Starts the embedded PostgreSQL where neither {@code spring.datasource.url} nor a test brings another database. */
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
            if (url != null && !url.startsWith("jdbc:postgresql:")) { // found here, before a driver is looked for
                throw new StartupRefusedException(
                        "SPRING_DATASOURCE_URL does not name a PostgreSQL database in JDBC's way.",
                        "Write jdbc:postgresql://host:5432/database, the user and the password apart from it.");
            }
            if (url != null && url.replaceFirst("\\?.*", "").contains("@")) { // and never shown: it may hold a password
                throw new StartupRefusedException(
                        "SPRING_DATASOURCE_URL has an @, but JDBC takes no user and password before the host.",
                        "Write jdbc:postgresql://host:5432/database, and set SPRING_DATASOURCE_USERNAME and"
                                + " SPRING_DATASOURCE_PASSWORD.");
            }
            return url == null;
        }
    }
}
