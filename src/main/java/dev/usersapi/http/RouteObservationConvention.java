package dev.usersapi.http;

import io.micrometer.common.KeyValue;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Tags a request's metrics with the pattern of its route even if the request reaches no controller, for example because a
 * filter refuses it.
 */
@Component
class RouteObservationConvention extends DefaultServerRequestObservationConvention {

    private static final String NO_ROUTE = "NOT_FOUND"; // one value for all unknown paths, because each takes memory

    private final ObjectProvider<RequestMappingInfoHandlerMapping> mappings;

    // read at the first request that needs them, because the filters are created before the routes
    private volatile @Nullable List<PathPattern> routes;

    RouteObservationConvention(ObjectProvider<RequestMappingInfoHandlerMapping> mappings) {
        this.mappings = mappings;
    }

    @Override
    protected KeyValue uri(ServerRequestObservationContext context) {
        HttpServletRequest request = context.getCarrier();
        if (context.getPathPattern() == null && request != null) {
            context.setPathPattern(route(request));
        }
        return super.uri(context);
    }

    private String route(HttpServletRequest request) {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        List<PathPattern> known = routes;
        if (known == null) {
            known = mappings.stream()
                    .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                    .flatMap(RouteObservationConvention::patterns)
                    .distinct()
                    .sorted() // the most specific first
                    .toList();
            routes = known;
        }
        return known.stream()
                .filter(pattern -> pattern.matches(path))
                .findFirst()
                .map(PathPattern::getPatternString)
                .orElse(NO_ROUTE);
    }

    private static Stream<PathPattern> patterns(RequestMappingInfo mapping) {
        return Stream.ofNullable(mapping.getPathPatternsCondition())
                .map(PathPatternsRequestCondition::getPatterns)
                .filter(Objects::nonNull)
                .flatMap(patterns -> patterns.stream());
    }
}
