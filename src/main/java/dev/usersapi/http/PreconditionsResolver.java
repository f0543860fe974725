package dev.usersapi.http;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Resolves {@link Preconditions} arguments. Refuses changes with {@code If-Match} of resources that have no entity tags,
 * because the client would believe that the condition was checked.
 */
@Component
class PreconditionsResolver implements HandlerMethodArgumentResolver, HandlerInterceptor, WebMvcConfigurer {

    /**
     * The settings for conditional requests.
     *
     * @param requireIfMatch whether a change of a user without {@code If-Match} is refused with 428
     */
    @ConfigurationProperties("users")
    record Properties(@DefaultValue("false") boolean requireIfMatch) {}

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private final Properties properties;

    PreconditionsResolver(Properties properties) {
        this.properties = properties;
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(this);
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).order(1); // unknown query parameters are reported first
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getHeader(HttpHeaders.IF_MATCH) != null
                && !SAFE_METHODS.contains(request.getMethod())
                && handler instanceof HandlerMethod method
                && Arrays.stream(method.getMethodParameters()).noneMatch(this::supportsParameter)) {
            throw new InvalidRequestException(Fault.inHeader(
                    HttpHeaders.IF_MATCH,
                    "unsupported_field",
                    "is supported for changes of a user only, because nothing else has entity tags"));
        }
        return true;
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
                    field, "malformed_field", "must be * or entity tags such as \"v7\", separated by commas"));
        }
        return tags;
    }
}
