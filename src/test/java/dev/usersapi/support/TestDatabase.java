package dev.usersapi.support;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Chooses the database of the tests: a container if Docker answers, otherwise the embedded PostgreSQL. */
@TestConfiguration(proxyBeanMethods = false)
@Conditional(TestDatabase.DockerAnswers.class)
class TestDatabase {

    private static final Logger log = LoggerFactory.getLogger(TestDatabase.class);

    @Bean
    @ServiceConnection
    PostgreSQLContainer postgres() {
        return new PostgreSQLContainer("postgres:18-alpine")
                .withEnv("POSTGRES_INITDB_ARGS", "--locale-provider=icu --icu-locale=tr-TR");
    }

    static class DockerAnswers implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            boolean docker = DockerClientFactory.instance().isDockerAvailable();
            log.info("Tests run on {}", docker ? "PostgreSQL in a container" : "the embedded PostgreSQL: no Docker");
            return docker;
        }
    }
}
