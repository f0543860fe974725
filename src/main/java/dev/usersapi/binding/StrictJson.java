package dev.usersapi.binding;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Parses JSON (RFC 8259) and refuses what other parsers may read differently: malformed UTF-8, lone surrogates, duplicate
 * keys and content after the value. Values are nested at most {@value #MAX_DEPTH} levels deep.
 */
final class StrictJson {

    private static final int MAX_DEPTH = 32;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private StrictJson() {}

    /**
     * Parses a request body.
     *
     * @throws InvalidRequestException with the fault {@code malformed_json}
     */
    static JsonNode parse(byte[] body) {
        try {
            JsonNode value = MAPPER.readTree(decode(body));
            if (value.isMissingNode()) {
                throw malformed("is empty");
            }
            if (hasLoneSurrogate(value)) {
                throw malformed("contains a lone surrogate, which is not valid Unicode (RFC 8259 section 8.2)");
            }
            return value;
        } catch (JacksonException e) {
            throw malformed(reason(e) + location(e));
        } catch (ArithmeticException | NumberFormatException e) { // the exponent is too large for BigDecimal
            throw malformed("contains a number that is too long");
        }
    }

    private static String decode(byte[] bytes) {
        try {
            // the decoder of Jackson accepts overlong sequences and surrogates, this one does not
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text; // RFC 8259 section 8.1
        } catch (CharacterCodingException e) {
            throw malformed("is not valid UTF-8");
        }
    }

    private static String reason(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return "is nested more than " + MAX_DEPTH + " levels deep, or contains a number that is too long";
        }
        // Jackson has no exception type of its own for a duplicate key
        return e.getOriginalMessage().startsWith("Duplicate") ? "has a duplicate key" : "is not valid JSON";
    }

    private static String location(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : ", at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static InvalidRequestException malformed(String detail) {
        return new InvalidRequestException(Fault.inBody("", "malformed_json", detail));
    }

    private static boolean hasLoneSurrogate(JsonNode node) {
        if (node.isString()) {
            return hasLoneSurrogate(node.stringValue());
        }
        return node.propertyNames().stream().anyMatch(StrictJson::hasLoneSurrogate)
                || node.valueStream().anyMatch(StrictJson::hasLoneSurrogate);
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
