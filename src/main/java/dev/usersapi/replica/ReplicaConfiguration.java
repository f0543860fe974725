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

/** Creates the beans of this package, if {@code USERS_REPLICA_URL} is set. */
@Configuration(proxyBeanMethods = false)
@Conditional(ReplicaConfiguration.OnReplicaUrl.class)
class ReplicaConfiguration {

    @Bean
    ReplicaLease lease() {
        return new ReplicaLease(System::nanoTime);
    }

    @Bean
    ReadReplica replica(
            ReplicaProperties properties, JdbcConnectionDetails primary, ReplicaLease lease, MeterRegistry meters) {
        if (primary instanceof EmbeddedDatabase) {
            throw new StartupRefusedException(
                    "USERS_REPLICA_URL is set, but the embedded PostgreSQL has no replica.",
                    "Remove it, or set SPRING_DATASOURCE_URL to a PostgreSQL of your own.");
        }
        Counter reads = Counter.builder("users.replica.reads")
                .description("Reads that the replica answered")
                .register(meters);
        ReadReplica replica = new ReadReplica(lease, new ReplicaMonitor(primary, properties, lease), reads);
        Gauge.builder("users.replica.serving", replica, observed -> observed.isInUse() ? 1 : 0)
                .description("1 while reads go to the replica, 0 while all go to the primary")
                .register(meters);
        return replica;
    }

    @Bean
    ReplicationWaitFilter replicationWaitFilter(ReplicaLease lease) {
        return new ReplicationWaitFilter(lease);
    }

    static class OnReplicaUrl implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return StringUtils.hasLength(context.getEnvironment().getProperty("users.replica.url"));
        }
    }
}
