package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A user's settings: {@code theme} and {@code notifications} always present, further members as they were given. */
record UserSettings(@JsonValue ObjectNode json) {

    private static final int MAX_BYTES = 8 * 1024;

    /** With the defaults for the known members that the caller left out or set to null, and numbers as PostgreSQL writes them: 100 for 1e2. */
    static UserSettings of(@Nullable ObjectNode given) {
        ObjectNode json = JsonText.MAPPER.createObjectNode();
        json.put("theme", "system");
        json.put("notifications", true);
        if (given != null) {
            given.properties().stream()
                    .filter(member -> !(member.getValue().isNull() && json.has(member.getKey())))
                    .toList()
                    .forEach(member -> json.set(member.getKey(), member.getValue()));
        }
        return parse(JsonText.MAPPER.writeValueAsString(json));
    }

    static UserSettings parse(String text) {
        return new UserSettings((ObjectNode) JsonText.MAPPER.readTree(text));
    }

    /** As it is stored and answered, in UTF-8. */
    boolean isSmall() {
        return JsonText.MAPPER.writeValueAsBytes(json).length <= MAX_BYTES;
    }

    @Converter(autoApply = true)
    static class JsonText implements AttributeConverter<UserSettings, String> {

        // 1.10 stays 1.10, no digit of a long fraction is lost, and 1e2 is written out as jsonb does
        static final JsonMapper MAPPER = JsonMapper.builder()
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();

        @Override
        public String convertToDatabaseColumn(UserSettings settings) {
            return MAPPER.writeValueAsString(settings.json);
        }

        @Override
        public UserSettings convertToEntityAttribute(String text) {
            return parse(text);
        }
    }
}
