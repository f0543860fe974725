package dev.usersapi.binding;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.Fault;
import dev.usersapi.error.FaultReason;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.error.ProblemException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractHttpMessageConverter;
import org.springframework.stereotype.Component;
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
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a request record from a body of strict JSON: UTF-8 without malformed sequences, no duplicate keys, nothing
 * after the value, no value of another type than asked for. At most {@value #MAX_BYTES} bytes and
 * {@value #MAX_DEPTH} levels.
 */
@Component
class JsonBodyConverter extends AbstractHttpMessageConverter<Record> implements RecordBinder.Source<JsonNode> {

    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_DEPTH = 32;

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final int MAX_ELEMENTS = 100;

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final RecordBinder binder;

    JsonBodyConverter(RecordBinder binder) {
        super(MediaType.APPLICATION_JSON, MediaType.valueOf(MergePatch.MEDIA_TYPE));
        this.binder = binder;
    }

    @Override
    protected boolean supports(Class<?> type) {
        return type.isRecord();
    }

    @Override
    public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
        return false;
    }

    @Override
    protected void writeInternal(Record body, HttpOutputMessage message) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected Record readInternal(Class<? extends Record> type, HttpInputMessage message) throws IOException {
        JsonNode body = parse(decode(read(message)));
        if (!(body instanceof ObjectNode object)) {
            throw new InvalidRequestException(Fault.inBody("", "wrong_type", "must be a JSON object"));
        }
        boolean patch = MergePatchRequest.class.isAssignableFrom(type);
        Map<String, @Nullable JsonNode> members = new LinkedHashMap<>();
        object.properties().forEach(member -> {
            // many generated clients write the members that are not set as null
            boolean leftOut = member.getValue().isNull() && !patch;
            members.put(member.getKey(), leftOut ? null : member.getValue());
        });
        return binder.bind(type, members, this);
    }

    private static byte[] read(HttpInputMessage message) throws IOException {
        HttpHeaders headers = message.getHeaders();
        boolean coded = headers.getOrEmpty(HttpHeaders.CONTENT_ENCODING).stream()
                .anyMatch(coding -> !coding.equalsIgnoreCase("identity"));
        MediaType mediaType = headers.getContentType();
        Charset charset = mediaType == null ? null : mediaType.getCharset();
        if (coded || (charset != null && !StandardCharsets.UTF_8.equals(charset))) {
            throw new ProblemException(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
        }
        if (headers.getContentLength() > MAX_BYTES) {
            throw new ProblemException(ErrorCode.CONTENT_TOO_LARGE);
        }
        return readWithin(DEADLINE, message.getBody());
    }

    /** The container's time-out starts anew with each packet; this one does not, so that a thread is not held for ever. */
    private static byte[] readWithin(Duration deadline, InputStream body) throws IOException {
        long end = System.nanoTime() + deadline.toNanos();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            bytes.write(buffer, 0, read);
            if (bytes.size() > MAX_BYTES) {
                throw new ProblemException(ErrorCode.CONTENT_TOO_LARGE);
            }
            if (System.nanoTime() > end) {
                throw new ProblemException(ErrorCode.REQUEST_TIMEOUT);
            }
        }
        return bytes.toByteArray();
    }

    private static String decode(byte[] bytes) {
        try {
            // Jackson's own decoder takes overlong sequences and surrogates; the JDK's refuses them
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text; // RFC 8259 section 8.1
        } catch (CharacterCodingException e) {
            throw malformed("is not valid UTF-8");
        }
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode body = STRICT.readTree(text);
            if (body.isMissingNode()) {
                throw malformed("is empty");
            }
            if (hasLoneSurrogate(body)) {
                throw malformed("holds half of a surrogate pair, which is no Unicode text (RFC 8259 section 8.2)");
            }
            return body;
        } catch (JacksonException e) {
            throw malformed(reason(e) + place(e));
        } catch (ArithmeticException | NumberFormatException e) { // an exponent beyond what BigDecimal can hold
            throw malformed("holds an endless number");
        }
    }

    private static String reason(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return "is nested more than " + MAX_DEPTH + " levels deep, or holds an endless number";
        }
        // Jackson has no exception of its own for it
        return e.getOriginalMessage().startsWith("Duplicate") ? "has a duplicate key" : "is not valid JSON";
    }

    private static String place(JacksonException e) {
        TokenStreamLocation place = e.getLocation();
        return place == null || place.getLineNr() < 1
                ? ""
                : ", at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    private static InvalidRequestException malformed(String detail) {
        return new InvalidRequestException(Fault.inBody("", "malformed_json", detail));
    }

    private static boolean hasLoneSurrogate(JsonNode node) {
        if (node.isString()) {
            return hasLoneSurrogate(node.stringValue());
        }
        return node.propertyNames().stream().anyMatch(JsonBodyConverter::hasLoneSurrogate)
                || node.valueStream().anyMatch(JsonBodyConverter::hasLoneSurrogate);
    }

    private static boolean hasLoneSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    @Override
    public Object convert(JsonNode value, Type type) {
        if (type == MergePatch.class) {
            return value.isNull() ? new MergePatch(null) : new MergePatch(object(value, "must be an object or null"));
        }
        if (value.isNull()) {
            throw new RecordBinder.Refusal("null_value", "must not be null");
        }
        if (type instanceof ParameterizedType list) {
            return elements(value, list.getActualTypeArguments()[0]);
        }
        if (type == ObjectNode.class) {
            return object(value, "must be an object");
        }
        String text = require(value.isString(), value, "must be a string").stringValue();
        if (type == Instant.class) {
            return Rfc3339.parse(text).orElseThrow(() -> new RecordBinder.Refusal("invalid_value", Rfc3339.FORM));
        }
        return type instanceof Class<?> constants && constants.isEnum() ? RecordBinder.constant(text, constants) : text;
    }

    private List<Object> elements(JsonNode array, Type type) {
        require(array.isArray(), array, "must be an array");
        if (array.size() > MAX_ELEMENTS) { // each can be a fault, and each fault is answered
            throw new RecordBinder.Refusal(
                    new FaultReason("invalid_length", "must have at most " + MAX_ELEMENTS + " elements")
                            .withRange(null, MAX_ELEMENTS));
        }
        List<Object> elements = new ArrayList<>();
        Map<String, RecordBinder.Refusal> refusals = new LinkedHashMap<>();
        for (int i = 0; i < array.size(); i++) {
            try {
                elements.add(convert(array.get(i), type));
            } catch (RecordBinder.Refusal refusal) {
                refusals.put(Integer.toString(i), refusal);
            }
        }
        if (!refusals.isEmpty()) {
            throw new RecordBinder.Refusal(refusals);
        }
        return elements;
    }

    private static ObjectNode object(JsonNode value, String detail) {
        return (ObjectNode) require(value.isObject(), value, detail);
    }

    private static JsonNode require(boolean rightType, JsonNode value, String detail) {
        if (!rightType) {
            throw new RecordBinder.Refusal("wrong_type", detail);
        }
        return value;
    }

    @Override
    public Fault fault(List<String> path, FaultReason reason) {
        return Fault.inBody(path.stream().reduce("", Fault::member), reason);
    }

    @Override
    public String unknownCode() {
        return "unknown_member";
    }
}
