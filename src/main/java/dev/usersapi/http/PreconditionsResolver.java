package dev.usersapi.http;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Reads {@link Preconditions}. */
@Component
class PreconditionsResolver implements HandlerMethodArgumentResolver {

    /**
     * What changes must say.
     *
     * @param requireIfMatch whether a change of a user without {@code If-Match} is refused, with 428
     */
    @ConfigurationProperties("users")
    record Properties(@DefaultValue("false") boolean requireIfMatch) {}

    private final Properties properties;

    PreconditionsResolver(Properties properties) {
        this.properties = properties;
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Preconditions.class;
    }

    @Override
    public Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory factory) {
        List<Fault> faults = new ArrayList<>();
        Preconditions conditions = new Preconditions(
                tags(request, HttpHeaders.IF_MATCH, faults),
                tags(request, HttpHeaders.IF_NONE_MATCH, faults),
                properties.requireIfMatch());
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(faults);
        }
        return conditions;
    }

    private static @Nullable EntityTags tags(NativeWebRequest request, String field, List<Fault> faults) {
        String[] lines = request.getHeaderValues(field);
        if (lines == null) {
            return null;
        }
        EntityTags tags = EntityTags.parse(List.of(lines)).orElse(null);
        if (tags == null) {
            faults.add(Fault.inHeader(
                    field, "malformed_field", "must be * or entity tags such as \"v7\", with commas between"));
        }
        return tags;
    }
}
