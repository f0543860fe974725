package dev.usersapi.security;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.cors.CorsConfiguration;

/**
 * A CORS configuration that allows origins and patterns of origins. The {@code *.} of a pattern matches one or more
 * labels of a DNS name and nothing else. In Spring's own patterns {@code *} matches any text.
 */
final class OriginPatternCorsConfiguration extends CorsConfiguration {

    // scheme, host name (RFC 1035 section 2.3.4) and port; the regular expression recurses for each label
    private static final int MAX_ORIGIN_LENGTH = 8 + 253 + 6;

    private static final String LABELS = "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+";

    private final List<Pattern> patterns;

    OriginPatternCorsConfiguration(List<String> origins) {
        setAllowedOrigins(origins.stream().filter(origin -> !isPattern(origin)).toList());
        this.patterns = origins.stream()
                .filter(OriginPatternCorsConfiguration::isPattern)
                .map(pattern -> pattern.toLowerCase(Locale.ROOT).split("\\*\\.", 2))
                .map(parts -> Pattern.compile(Pattern.quote(parts[0]) + LABELS + Pattern.quote(parts[1])))
                .toList();
    }

    private static boolean isPattern(String origin) {
        return origin.contains("*");
    }

    @Override
    public @Nullable String checkOrigin(@Nullable String origin) {
        boolean matches = origin != null
                && origin.length() <= MAX_ORIGIN_LENGTH
                && patterns.stream().anyMatch(pattern -> pattern.matcher(origin).matches());
        return matches ? origin : super.checkOrigin(origin);
    }
}
