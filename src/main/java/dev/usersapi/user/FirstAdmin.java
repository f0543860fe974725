package dev.usersapi.user;

import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.role.Roles;
import jakarta.validation.Validator;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.stereotype.Component;

/** Creates an active admin on a first start with no users, so that there is somebody to log in as. */
@Component
public class FirstAdmin implements ApplicationRunner {

    /**
     * Who it is.
     *
     * @param email {@code USERS_ADMIN_EMAIL}
     * @param password {@code USERS_ADMIN_PASSWORD}; a random one, shown once, where it is not set
     */
    @ConfigurationProperties("users.admin")
    record Properties(@Nullable String email, @Nullable String password) {}

    private final UserService users;
    private final Validator validator;
    private final RandomGenerator random;
    private final Properties properties;
    private @Nullable String generatedPassword;

    FirstAdmin(UserService users, Validator validator, RandomGenerator random, Properties properties) {
        this.users = users;
        this.validator = validator;
        this.random = random;
        this.properties = properties;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (users.hasUsers()) {
            return;
        }
        String generated = properties.password() == null ? randomPassword() : null;
        String password = generated == null ? String.valueOf(properties.password()) : generated;
        CreateUserRequest request = new CreateUserRequest(email(), "Administrator", Roles.ADMIN, password, null);
        String faults = validator.validate(request).stream()
                .map(fault -> fault.getPropertyPath() + " " + fault.getMessage())
                .sorted()
                .collect(Collectors.joining(", "));
        if (!faults.isEmpty()) {
            throw new StartupRefusedException(
                    "The first admin cannot be created: " + faults + ".",
                    "Correct USERS_ADMIN_EMAIL or USERS_ADMIN_PASSWORD, or unset them for a default and a random one.");
        }
        if (users.createFirstAdmin(request)) {
            generatedPassword = generated;
        }
    }

    public String email() {
        return properties.email() == null ? "admin@example.com" : properties.email();
    }

    /** The password that this start made up, to be shown once; empty when it made none. */
    public Optional<String> generatedPassword() {
        return Optional.ofNullable(generatedPassword);
    }

    private String randomPassword() {
        byte[] bytes = new byte[15];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }
}
