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

/** Warns on start of settings that have no effect, or an effect that their operator may not expect. */
@Component
class StartupWarnings {

    private static final Logger log = LoggerFactory.getLogger(StartupWarnings.class);
    // what Kubernetes sets for each service of the namespace, one named "users" or "users-api" included
    private static final String SERVICE_LINK = ".*_SERVICE_(HOST|PORT(_.*)?)|.*_PORT_\\d+_(TCP|UDP)(_.*)?";

    /** Before the first admin is created, so that a misspelt variable is named before the start fails for lack of it. */
    @EventListener
    void warn(ApplicationStartedEvent started) {
        ConfigurableEnvironment environment = started.getApplicationContext().getEnvironment();
        List<Class<?>> types = Stream.of(
                        started.getApplicationContext().getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>map(started.getApplicationContext()::getType)
                .filter(Objects::nonNull)
                .toList();
        unknownSettings(environment, Settings.of(types)).forEach(log::warn);
        InetAddress address =
                started.getApplicationContext().getBean(ServerProperties.class).getAddress();
        if (started.getApplicationContext().getBeanProvider(EmbeddedDatabase.class).stream()
                .findAny()
                .isPresent()) {
            exposedEmbeddedDatabase(address).forEach(log::warn);
        }
    }

    static List<String> unknownSettings(ConfigurableEnvironment environment, Settings settings) {
        List<String> warnings = new ArrayList<>();
        environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(EnumerablePropertySource.class::cast)
                .forEach(source -> {
                    boolean variables = source instanceof SystemEnvironmentPropertySource;
                    for (String name : source.getPropertyNames()) {
                        if (variables && isUnknownVariable(name, source.getProperty(name), settings)) {
                            warnings.add("The environment variable " + name + " has no effect: there is no such setting"
                                    + settings.nearestVariable(name)
                                            .map(nearest -> ". Did you mean " + nearest + "?")
                                            .orElse("."));
                        } else if (!variables && name.startsWith("users.") && !settings.hasProperty(name)) {
                            warnings.add("The property " + name + " has no effect: there is no such setting"
                                    + settings.nearestVariable(Settings.variable(name))
                                            .map(nearest -> ". Did you mean " + nearest + ", as a property?")
                                            .orElse("."));
                        }
                    }
                });
        return warnings;
    }

    private static boolean isUnknownVariable(String name, @Nullable Object value, Settings settings) {
        return name.startsWith("USERS_")
                && !name.matches(SERVICE_LINK)
                && !String.valueOf(value).startsWith("tcp://") // USERS_PORT of such a service
                && !settings.hasVariable(name);
    }

    static List<String> exposedEmbeddedDatabase(@Nullable InetAddress address) {
        if (address != null && address.isLoopbackAddress()) {
            return List.of();
        }
        return List.of(
                "SERVER_ADDRESS lets other machines call this service, whose users are in the embedded PostgreSQL,"
                        + " which has neither a standby nor backups. For production, set SPRING_DATASOURCE_URL to a PostgreSQL"
                        + " of your own.");
    }
}
