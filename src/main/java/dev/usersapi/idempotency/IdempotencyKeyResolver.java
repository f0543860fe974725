package dev.usersapi.idempotency;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Resolves an {@link IdempotencyKey} argument of an authenticated caller; null if the request has no such header field. */
@Component
class IdempotencyKeyResolver implements HandlerMethodArgumentResolver, WebMvcConfigurer {

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(this);
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == IdempotencyKey.class;
    }

    @Override
    public @Nullable IdempotencyKey resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest webRequest,
            @Nullable WebDataBinderFactory factory) {
        HttpServletRequest request = Objects.requireNonNull(webRequest.getNativeRequest(HttpServletRequest.class));
        List<String> values = Collections.list(request.getHeaders(IdempotencyKey.HEADER));
        if (values.isEmpty()) {
            return null;
        }
        if (values.size() > 1) {
            throw malformed("must be given once");
        }
        String caller = Objects.requireNonNull(request.getUserPrincipal()).getName();
        String path = request.getServletPath(); // decoded, because a proxy may encode it differently in a retry
        return IdempotencyKey.parse(values.get(0), request.getMethod(), path, caller)
                .orElseThrow(() -> malformed("must be 1 to 255 visible ASCII characters other than \" , ; and \\,"
                        + " with or without quotes around them"));
    }

    private static InvalidRequestException malformed(String detail) {
        return new InvalidRequestException(Fault.inHeader(IdempotencyKey.HEADER, "invalid_value", detail));
    }
}
