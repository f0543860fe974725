package dev.usersapi.http;

import java.lang.reflect.Method;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

@Configuration(proxyBeanMethods = false)
class HttpConfiguration implements WebMvcConfigurer {

    /** Spring reads {@code q=0} as a low preference; RFC 9110 section 12.4.2 reads it as "not acceptable". */
    @Override
    public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
        negotiation.strategies(List.of(new HeaderContentNegotiationStrategy() {
            @Override
            public List<MediaType> resolveMediaTypes(NativeWebRequest request)
                    throws HttpMediaTypeNotAcceptableException {
                List<MediaType> accepted = super.resolveMediaTypes(request);
                if (accepted.equals(MEDIA_TYPE_ALL_LIST)) {
                    return accepted; // the most frequent value, and that of a missing field
                }
                // without parameters, because JSON has none, and another charset is not available
                List<MediaType> ranges = accepted.stream()
                        .map(range -> new MediaType(range.getType(), range.getSubtype(), range.getQualityValue()))
                        .toList();
                boolean excluded = ranges.stream()
                        .filter(range -> range.includes(MediaType.APPLICATION_JSON))
                        .max(Comparator.comparing((MediaType range) -> !range.isWildcardType())
                                .thenComparing(range -> !range.isWildcardSubtype()))
                        .filter(mostSpecific -> mostSpecific.getQualityValue() == 0)
                        .isPresent();
                if (excluded) {
                    throw new HttpMediaTypeNotAcceptableException(List.of(MediaType.APPLICATION_JSON));
                }
                return ranges;
            }
        }));
    }

    @Bean
    static DispatcherServlet dispatcherServlet() {
        return new RouteDispatcherServlet();
    }

    /** Ignores {@code Accept} for methods that return no body, because there is nothing to negotiate. */
    @Bean
    static WebMvcRegistrations handlerMapping() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new RequestMappingHandlerMapping() {
                    @Override
                    protected @Nullable RequestMappingInfo getMappingForMethod(Method method, Class<?> handlerType) {
                        RequestMappingInfo mapping = super.getMappingForMethod(method, handlerType);
                        return mapping != null && method.getReturnType() == void.class
                                ? mapping.mutate().produces().build()
                                : mapping;
                    }
                };
            }
        };
    }
}
