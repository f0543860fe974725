package dev.usersapi.user;

import dev.usersapi.database.EmbeddedDatabase;
import dev.usersapi.error.StartupRefusedException;
import dev.usersapi.role.Roles;
import jakarta.validation.Validator;
import java.math.BigInteger;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** Creates an active admin when the service starts and there are no users, so that somebody can log in. */
@Component
public class FirstAdmin implements ApplicationRunner {

    private static final String RANDOM = "random"; // too short to be a valid password

    /**
     * The credentials of the first admin.
     *
     * @param email {@code USERS_ADMIN_EMAIL}
     * @param password {@code USERS_ADMIN_PASSWORD}; {@value #RANDOM} to have one generated and logged once, which
     *     is the default with the embedded database
     */
    @ConfigurationProperties("users.admin")
    record Properties(
            @DefaultValue("") String email,
            @DefaultValue("") String password) {}

    private final UserService users;
    private final Validator validator;
    private final RandomGenerator random;
    private final Properties properties;
    private final ObjectProvider<EmbeddedDatabase> embedded;
    private @Nullable String email;
    private @Nullable String generatedPassword;

    FirstAdmin(
            UserService users,
            Validator validator,
            RandomGenerator random,
            Properties properties,
            ObjectProvider<EmbeddedDatabase> embedded) {
        this.users = users;
        this.validator = validator;
        this.random = random;
        this.properties = properties;
        this.embedded = embedded;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (!users.hasUsers()) {
            create();
        }
        email = users.findAdminEmail().orElse(null);
    }

    private void create() {
        String generated = isPasswordGenerated() ? generatePassword() : null;
        String password = generated == null ? properties.password() : generated;
        String address = properties.email().isBlank() ? "admin@example.com" : properties.email();
        CreateUserRequest request = new CreateUserRequest(address, "Administrator", Roles.ADMIN, password, null);
        String faults = validator.validate(request).stream()
                .map(fault -> fault.getPropertyPath() + " " + fault.getMessage())
                .sorted()
                .collect(Collectors.joining(", "));
        if (!faults.isEmpty()) {
            throw new StartupRefusedException(
                    "The first admin cannot be created: " + faults + ".",
                    "Correct USERS_ADMIN_EMAIL or USERS_ADMIN_PASSWORD.");
        }
        if (users.createFirstAdmin(request)) {
            generatedPassword = generated;
        }
    }

    /** The log may be collected and kept, so a generated password is only logged there if the operator asks for it. */
    private boolean isPasswordGenerated() {
        if (!properties.password().isBlank()) {
            return RANDOM.equals(properties.password());
        }
        if (embedded.getIfAvailable() == null) {
            throw new StartupRefusedException(
                    "The database has no users yet, and USERS_ADMIN_PASSWORD is not set.",
                    "Set it to a password for the first admin, or to " + RANDOM
                            + " to have one generated and logged once. Later starts do not need it.");
        }
        return true;
    }

    /** Returns the e-mail of the active admin who was created first, or empty without an active admin. */
    public Optional<String> email() {
        return Optional.ofNullable(email);
    }

    /** Returns the password that this start generated, to be logged once, or empty. */
    public Optional<String> generatedPassword() {
        return Optional.ofNullable(generatedPassword);
    }

    private String generatePassword() {
        byte[] bytes = new byte[15];
        random.nextBytes(bytes);
        return new BigInteger(1, bytes).toString(Character.MAX_RADIX); // no signs, so that a double-click selects all
    }
}
