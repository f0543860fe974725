package dev.usersapi;

import dev.usersapi.error.StartupRefusedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.stereotype.Component;

/**
 * Refuses to start if a duration in the service's own settings has no unit. Spring Boot would read {@code 900} as
 * milliseconds, although most people mean seconds. Spring's own settings are read as Spring documents them.
 */
@Component
class DurationUnitCheck implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final ConfigurationPropertyName OWN_SETTINGS = ConfigurationPropertyName.of("users");

    @Override
    public BindHandler apply(BindHandler handler) {
        return new AbstractBindHandler(handler) {
            @Override
            public @Nullable Object onSuccess(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
                ConfigurationProperty property = context.getConfigurationProperty();
                if (result instanceof Duration duration && !duration.isZero() && OWN_SETTINGS.isAncestorOf(name)) {
                    requireUnit(name, property == null ? "" : String.valueOf(property.getValue()));
                }
                return super.onSuccess(name, target, context, result);
            }
        };
    }

    private static void requireUnit(ConfigurationPropertyName name, String text) {
        String number = text.strip();
        if (number.matches("[+-]?\\d+")) {
            throw new StartupRefusedException(
                    SettingNames.variable(name.toString()) + "=" + number + " is a duration without a unit.",
                    "Write it with ms, s, m, h or d, such as " + number + "s for seconds.");
        }
    }
}
