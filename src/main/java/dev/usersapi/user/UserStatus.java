package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.Locale;

/** The status of a user. Only active users can log in. */
public enum UserStatus {
    ACTIVE,
    INACTIVE,
    PENDING;

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static UserStatus of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Converter(autoApply = true)
    static class TextConverter implements AttributeConverter<UserStatus, String> {

        @Override
        public String convertToDatabaseColumn(UserStatus status) {
            return status.text();
        }

        @Override
        public UserStatus convertToEntityAttribute(String text) {
            return of(text);
        }
    }
}
