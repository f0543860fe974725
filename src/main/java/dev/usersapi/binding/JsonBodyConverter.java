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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads request records from JSON bodies of at most {@value #MAX_BYTES} bytes, which must arrive within about 10 seconds. */
@Component
class JsonBodyConverter extends AbstractHttpMessageConverter<Record> implements RecordBinder.Source<JsonNode> {

    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_ELEMENTS = 100; // because each element can be a fault in the response
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

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
        JsonNode body = StrictJson.parse(read(message));
        if (!(body instanceof ObjectNode object)) {
            throw new InvalidRequestException(Fault.inBody("", "wrong_type", "must be a JSON object"));
        }
        boolean isPatch = MergePatchRequest.class.isAssignableFrom(type);
        Map<String, @Nullable JsonNode> members = new LinkedHashMap<>();
        object.properties().forEach(member -> {
            // many generated clients send null for members that are not set
            boolean absent = member.getValue().isNull() && !isPatch;
            members.put(member.getKey(), absent ? null : member.getValue());
        });
        return binder.bind(type, members, this);
    }

    private static byte[] read(HttpInputMessage message) throws IOException {
        HttpHeaders headers = message.getHeaders();
        boolean encoded = headers.getOrEmpty(HttpHeaders.CONTENT_ENCODING).stream()
                .anyMatch(coding -> !coding.equalsIgnoreCase("identity"));
        MediaType mediaType = headers.getContentType();
        Charset charset = mediaType == null ? null : mediaType.getCharset();
        if (encoded || (charset != null && !StandardCharsets.UTF_8.equals(charset))) {
            throw new ProblemException(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
        }
        if (headers.getContentLength() > MAX_BYTES) {
            throw new ProblemException(ErrorCode.CONTENT_TOO_LARGE);
        }
        return readWithin(READ_TIMEOUT, message.getBody());
    }

    /**
     * Limits the time for the whole body, because Tomcat's time-out starts anew with each packet. The limit is checked
     * after each packet, so it can be exceeded by one such time-out.
     */
    private static byte[] readWithin(Duration timeout, InputStream body) throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
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

    @Override
    public Object convert(JsonNode value, Type type) {
        if (type == MergePatch.class) {
            return value.isNull() ? new MergePatch(null) : new MergePatch(object(value, "must be an object or null"));
        }
        if (value.isNull()) {
            throw new InvalidValueException("null_value", "must not be null");
        }
        if (type instanceof ParameterizedType listType) {
            return elements(value, listType.getActualTypeArguments()[0]);
        }
        if (type == ObjectNode.class) {
            return object(value, "must be an object");
        }
        String text = require(value.isString(), value, "must be a string").stringValue();
        if (type == Instant.class) {
            return Rfc3339.parse(text).orElseThrow(() -> new InvalidValueException("invalid_value", Rfc3339.FORM));
        }
        return type instanceof Class<?> enumType && enumType.isEnum()
                ? RecordBinder.enumConstant(text, enumType)
                : text;
    }

    private List<Object> elements(JsonNode array, Type type) {
        require(array.isArray(), array, "must be an array");
        if (array.size() > MAX_ELEMENTS) {
            throw new InvalidValueException(
                    new FaultReason("invalid_length", "must have at most " + MAX_ELEMENTS + " elements")
                            .withRange(null, MAX_ELEMENTS));
        }
        List<Object> elements = new ArrayList<>();
        Map<String, InvalidValueException> invalid = new LinkedHashMap<>();
        for (int i = 0; i < array.size(); i++) {
            try {
                elements.add(convert(array.get(i), type));
            } catch (InvalidValueException e) {
                invalid.put(Integer.toString(i), e);
            }
        }
        if (!invalid.isEmpty()) {
            throw new InvalidValueException(invalid);
        }
        return elements;
    }

    private static ObjectNode object(JsonNode value, String detail) {
        return (ObjectNode) require(value.isObject(), value, detail);
    }

    private static JsonNode require(boolean rightType, JsonNode value, String detail) {
        if (!rightType) {
            throw new InvalidValueException("wrong_type", detail);
        }
        return value;
    }

    @Override
    public Fault fault(List<String> path, FaultReason reason) {
        return Fault.inBody(path.stream().reduce("", Fault::member), reason);
    }

    @Override
    public String codeForUnknownName() {
        return "unknown_member";
    }
}
