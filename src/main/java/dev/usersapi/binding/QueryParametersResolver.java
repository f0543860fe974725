package dev.usersapi.binding;

import dev.usersapi.error.Fault;
import dev.usersapi.error.FaultReason;
import dev.usersapi.error.InvalidRequestException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Binds the query string to arguments with {@link QueryParameters}, and refuses query parameters of controller methods
 * without such an argument.
 */
@Component
class QueryParametersResolver
        implements HandlerMethodArgumentResolver, HandlerInterceptor, WebMvcConfigurer, RecordBinder.Source<String[]> {

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");

    private final RecordBinder binder;

    QueryParametersResolver(RecordBinder binder) {
        this.binder = binder;
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(this);
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this);
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.hasParameterAnnotation(QueryParameters.class);
    }

    @Override
    public Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory factory) {
        return binder.bind(
                parameter.getParameterType(),
                parameters(Objects.requireNonNull(request.getNativeRequest(HttpServletRequest.class))),
                this);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method
                && request.getQueryString() != null
                && List.of(method.getMethodParameters()).stream().noneMatch(this::supportsParameter)) {
            // getParameterMap() would also read a form in the body
            Set<String> names = UriComponentsBuilder.newInstance()
                    .query(request.getQueryString())
                    .build()
                    .getQueryParams()
                    .keySet();
            if (!names.isEmpty()) {
                throw new InvalidRequestException(names.stream()
                        .map(name -> Fault.inParameter(name, codeForUnknownName(), "is not known here"))
                        .toList());
            }
        }
        return true;
    }

    private static Map<String, String[]> parameters(HttpServletRequest request) {
        try {
            return request.getParameterMap();
        } catch (IllegalStateException e) { // Tomcat cannot decode the query string
            throw new InvalidRequestException(Fault.MALFORMED_QUERY);
        }
    }

    @Override
    public Object convert(String[] values, Type type) {
        if (type instanceof ParameterizedType list) {
            // a list is a repeated parameter, or one with commas, or both
            return Arrays.stream(values)
                    .flatMap(value -> Arrays.stream(value.split(",", -1)))
                    .map(value -> convert(value, (Class<?>) list.getActualTypeArguments()[0]))
                    .toList();
        }
        if (values.length > 1) {
            throw new InvalidValueException("repeated_parameter", "must be given once");
        }
        return convert(values[0], (Class<?>) type);
    }

    private static Object convert(String value, Class<?> type) {
        if (type == Integer.class) {
            return integer(value);
        }
        if (type == Instant.class) {
            return instant(value);
        }
        return type.isEnum() ? RecordBinder.enumConstant(value, type) : value;
    }

    private static Instant instant(String value) {
        return Rfc3339.parse(value)
                .orElseThrow(() -> new InvalidValueException("invalid_value", Rfc3339.FORM + ". Write + as %2B"));
    }

    private static Integer integer(String value) {
        if (!NUMBER.matcher(value).matches()) {
            throw new InvalidValueException("invalid_value", "must be an integer in ASCII digits");
        }
        try {
            return Integer.valueOf(value);
        } catch (NumberFormatException e) {
            throw new InvalidValueException(new FaultReason("invalid_value", "must be at most " + Integer.MAX_VALUE)
                    .withRange(null, Integer.MAX_VALUE));
        }
    }

    @Override
    public Fault fault(List<String> path, FaultReason reason) {
        return Fault.inParameter(path.get(0), reason);
    }

    @Override
    public String codeForUnknownName() {
        return "unknown_parameter";
    }
}
