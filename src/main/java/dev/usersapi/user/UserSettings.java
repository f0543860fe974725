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

/** The settings of a user: {@code theme} and {@code notifications}, and any other members that a client has set. */
record UserSettings(@JsonValue ObjectNode json) {

    private static final int MAX_BYTES = 8 * 1024;

    /** Adds the defaults of members that are absent or null. Numbers are written like in {@code jsonb}: 100 for 1e2. */
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

    /** Whether the text that is stored and shown fits into {@value #MAX_BYTES} bytes of UTF-8. */
    boolean fitsSizeLimit() {
        return JsonText.write(json).getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    @Converter(autoApply = true)
    static class JsonText implements AttributeConverter<UserSettings, String> {

        private static final int MAX_DEPTH = 10_000; // more than jsonb allows; application.yaml sets it for responses
        private static final int MAX_PLAIN_SCALE = 9999; // Jackson's limit: beyond it, the text can be very long

        // Keeps 1.10 as 1.10, and all digits of long fractions. Reads whatever jsonb allows, because the settings may
        // have been written by SQL.
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

        /** Writes 1e2 as 100, like jsonb. */
        static String write(ObjectNode json) {
            StringWriter text = new StringWriter();
            try (JsonGenerator generator = new JsonGeneratorDelegate(MAPPER.createGenerator(text)) {
                @Override
                public JsonGenerator writeNumber(BigDecimal number) {
                    return Math.abs((long) number.scale()) <= MAX_PLAIN_SCALE
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
