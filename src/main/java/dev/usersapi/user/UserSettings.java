package dev.usersapi.user;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonGeneratorDelegate;
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
        return parse(JsonText.write(json));
    }

    static UserSettings parse(String text) {
        return new UserSettings((ObjectNode) JsonText.MAPPER.readTree(text));
    }

    /** As it is stored and answered, in UTF-8. */
    boolean isSmall() {
        return JsonText.write(json).getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    @Converter(autoApply = true)
    static class JsonText implements AttributeConverter<UserSettings, String> {

        private static final int MAX_DEPTH = 10_000; // jsonb allows less, and application.yaml allows it in an answer
        private static final int MAX_SCALE_WRITTEN_OUT = 9999; // as Jackson; beyond it, the text may become very long

        // 1.10 stays 1.10, and no digit of a long fraction is lost. What was written by SQL may be as large as jsonb
        // allows.
        static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxNumberLength(Integer.MAX_VALUE)
                                .maxNameLength(Integer.MAX_VALUE)
                                .maxStringLength(Integer.MAX_VALUE)
                                .build())
                        .streamWriteConstraints(StreamWriteConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .build())
                        .build())
                .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();

        /** Writes 1e2 as 100, as jsonb does. */
        static String write(ObjectNode json) {
            StringWriter text = new StringWriter();
            try (JsonGenerator generator = new JsonGeneratorDelegate(MAPPER.createGenerator(text)) {
                @Override
                public JsonGenerator writeNumber(BigDecimal number) {
                    return Math.abs((long) number.scale()) <= MAX_SCALE_WRITTEN_OUT
                            ? delegate.writeNumber(number.toPlainString())
                            : delegate.writeNumber(number.toString());
                }
            }) {
                MAPPER.writeTree(generator, json);
            }
            return text.toString();
        }

        @Override
        public String convertToDatabaseColumn(UserSettings settings) {
            return write(settings.json);
        }

        @Override
        public UserSettings convertToEntityAttribute(String text) {
            return parse(text);
        }
    }
}
