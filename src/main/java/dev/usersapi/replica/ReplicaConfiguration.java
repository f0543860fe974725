package dev.usersapi.replica;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.error.StartupRefusedException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Without {@code USERS_REPLICA_URL} there is nothing of all this. */
@Configuration(proxyBeanMethods = false)
@Conditional(ReplicaConfiguration.ReplicaConfigured.class)
class ReplicaConfiguration {

    @Bean
    Lease lease() {
        return new Lease(System::nanoTime);
    }

    @Bean
    Replica replica(ReplicaProperties properties, JdbcConnectionDetails primary, Lease lease, MeterRegistry meters) {
        if (primary instanceof EmbeddedDatabase) {
            throw new StartupRefusedException(
                    "USERS_REPLICA_URL names a replica, and the embedded PostgreSQL has none.",
                    "Leave it out, or use a PostgreSQL of your own with SPRING_DATASOURCE_URL.");
        }
        Counter answered = Counter.builder("users.replica.reads")
                .description("Reads that the replica answered")
                .register(meters);
        Replica replica = new Replica(lease, new ReplicaWatch(primary, properties, lease), answered);
        Gauge.builder("users.replica.serving", replica, watched -> watched.isServing() ? 1 : 0)
                .description("1 while reads go to the replica, 0 while all go to the primary")
                .register(meters);
        return replica;
    }

    @Bean
    AnswerHold answerHold(Lease lease) {
        return new AnswerHold(lease);
    }

    static class ReplicaConfigured implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return StringUtils.hasLength(context.getEnvironment().getProperty("users.replica.url"));
        }
    }
}
