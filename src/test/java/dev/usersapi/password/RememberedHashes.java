package dev.usersapi.password;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestComponent;

/**
 * Computes each hash once, because most tests log in with the same password and a hash takes tens of milliseconds. The
 * encoder of the service computes the hashes; only the salt is shared by users with the same password. The tests of the
 * encoder and of the packaged service compute every hash.
 */
@TestComponent
public class RememberedHashes implements BeanPostProcessor {

    private final ObjectProvider<PasswordProperties> properties;

    RememberedHashes(ObjectProvider<PasswordProperties> properties) {
        this.properties = properties;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof BoundedPasswordEncoder
                ? new BoundedPasswordEncoder(properties.getObject(), new RememberingEncoder(), System::nanoTime)
                : bean;
    }

    private static class RememberingEncoder extends PooledArgon2Encoder {

        private final Map<String, String> hashes = new ConcurrentHashMap<>();
        private final Map<List<String>, Boolean> matches = new ConcurrentHashMap<>();

        RememberingEncoder() {
            super(2);
        }

        @Override
        public @Nullable String encode(@Nullable CharSequence password) {
            return password == null ? null : hashes.computeIfAbsent(password.toString(), super::encode);
        }

        @Override
        public boolean matches(@Nullable CharSequence password, @Nullable String encoded) {
            if (password == null || encoded == null) {
                return super.matches(password, encoded);
            }
            if (encoded.equals(hashes.get(password.toString()))) {
                return true;
            }
            return matches.computeIfAbsent(
                    List.of(password.toString(), encoded), key -> super.matches(password, encoded));
        }
    }
}
