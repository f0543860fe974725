package dev.usersapi;

import dev.usersapi.database.EmbeddedDatabase;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.stereotype.Component;

/** Warns at the start about settings that have no effect, or an effect that the operator may not expect. */
@Component
class StartupWarnings {

    private static final Logger log = LoggerFactory.getLogger(StartupWarnings.class);

    // Kubernetes sets such variables for each Service of the namespace, also for one named "users" or "users-api"
    private static final String SERVICE_LINK = ".*_SERVICE_(HOST|PORT(_.*)?)|.*_PORT_\\d+_(TCP|UDP)(_.*)?";

    /** Runs before the first admin is created, so that a misspelt variable is reported even if the start then fails. */
    @EventListener
    void warn(ApplicationStartedEvent started) {
        ConfigurableEnvironment environment = started.getApplicationContext().getEnvironment();
        List<Class<?>> types = Stream.of(
                        started.getApplicationContext().getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>map(started.getApplicationContext()::getType)
                .filter(Objects::nonNull)
                .toList();
        unknownSettingWarnings(environment, SettingNames.of(types)).forEach(log::warn);
        InetAddress address =
                started.getApplicationContext().getBean(ServerProperties.class).getAddress();
        if (started.getApplicationContext().getBeanProvider(EmbeddedDatabase.class).stream()
                .findAny()
                .isPresent()) {
            exposedDatabaseWarnings(address).forEach(log::warn);
        }
    }

    static List<String> unknownSettingWarnings(ConfigurableEnvironment environment, SettingNames settings) {
        List<String> warnings = new ArrayList<>();
        environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(EnumerablePropertySource.class::cast)
                .forEach(source -> {
                    boolean isEnvironment = source instanceof SystemEnvironmentPropertySource;
                    for (String name : source.getPropertyNames()) {
                        if (isEnvironment && isUnknownVariable(name, source.getProperty(name), settings)) {
                            warnings.add("The environment variable " + name + " has no effect: there is no such setting"
                                    + settings.nearestVariable(name)
                                            .map(nearest -> ". Did you mean " + nearest + "?")
                                            .orElse("."));
                        } else if (!isEnvironment && name.startsWith("users.") && !settings.hasProperty(name)) {
                            warnings.add("The property " + name + " has no effect: there is no such setting"
                                    + settings.nearestVariable(SettingNames.variable(name))
                                            .map(nearest -> ". Did you mean " + nearest + ", as a property?")
                                            .orElse("."));
                        }
                    }
                });
        return warnings;
    }

    private static boolean isUnknownVariable(String name, @Nullable Object value, SettingNames settings) {
        return name.startsWith("USERS_")
                && !name.matches(SERVICE_LINK)
                && !String.valueOf(value).startsWith("tcp://") // USERS_PORT of such a service
                && !settings.hasVariable(name);
    }

    static List<String> exposedDatabaseWarnings(@Nullable InetAddress address) {
        if (address != null && address.isLoopbackAddress()) {
            return List.of();
        }
        return List.of(
                "SERVER_ADDRESS allows other machines to call this service, which stores its users in the embedded"
                        + " PostgreSQL, without a standby and without backups. For production, set SPRING_DATASOURCE_URL to a"
                        + " PostgreSQL of your own.");
    }
}
