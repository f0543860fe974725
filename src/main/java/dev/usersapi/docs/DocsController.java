package dev.usersapi.docs;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Serves the OpenAPI document as JSON and as YAML, and the page that shows it. The page uses Scalar, because it searches
 * all texts, shows each request in many programming languages, and works with our content security policy.
 */
@RestController
class DocsController implements WebMvcConfigurer {

    /** JSON needs no charset; {@code server.compression} in application.yaml selects this response by it. */
    private static final MediaType COMPRESSED_JSON = new MediaType(MediaType.APPLICATION_JSON, StandardCharsets.UTF_8);

    private final Supplier<Map<String, Object>> document =
            SingletonSupplier.of(DocsController::load); // at first use, because loading would delay the start

    private static Map<String, Object> load() {
        try (InputStream yaml = new ClassPathResource("openapi.yaml").getInputStream()) {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GetMapping(
            path = "/v3/api-docs",
            produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.APPLICATION_YAML_VALUE})
    ResponseEntity<?> document(
            @RequestHeader(name = HttpHeaders.ACCEPT, defaultValue = "*/*") String accept, HttpServletRequest request)
            throws IOException {
        List<MediaType> accepted = MediaType.parseMediaTypes(accept);
        boolean yaml = accepted.stream().anyMatch(MediaType.APPLICATION_YAML::equalsTypeAndSubtype)
                && accepted.stream().noneMatch(MediaType.APPLICATION_JSON::equalsTypeAndSubtype);
        return yaml
                ? yaml()
                : ResponseEntity.ok().contentType(COMPRESSED_JSON).body(withServer(request.getContextPath()));
    }

    @GetMapping(path = "/v3/api-docs.yaml", produces = MediaType.APPLICATION_YAML_VALUE)
    ResponseEntity<byte[]> yaml() throws IOException {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_YAML)
                .body(new ClassPathResource("openapi.yaml").getContentAsByteArray());
    }

    /** The document, with the context path or the prefix of a trusted proxy as its server if there is one. */
    private Map<String, Object> withServer(String contextPath) {
        if (contextPath.isEmpty()) {
            return document.get();
        }
        Map<String, Object> copy = new LinkedHashMap<>(document.get());
        copy.put(
                "servers", List.of(Map.of("url", contextPath, "description", "The service that serves this document")));
        return copy;
    }

    @GetMapping(path = "/docs", produces = MediaType.TEXT_HTML_VALUE)
    ResponseEntity<byte[]> page() throws IOException {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noCache())
                .body(new ClassPathResource("static/docs/index.html")
                        .getContentAsByteArray()); // not as a Resource, which would support Range
    }

    /** Makes the files of the page ignore {@code Range}, as RFC 9110 section 14.2 allows: a wrong range would be an error. */
    @Bean
    static FilterRegistrationBean<Filter> rangeFilter() {
        Filter filter = (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public @Nullable String getHeader(String name) {
                        return HttpHeaders.RANGE.equalsIgnoreCase(name) ? null : super.getHeader(name);
                    }
                },
                response);
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(filter);
        registration.addUrlPatterns("/docs/*");
        return registration;
    }

    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler("/docs/*")
                .addResourceLocations("classpath:/static/docs/", "classpath:/META-INF/resources/webjars/scalar/")
                .setCacheControl(CacheControl.maxAge(Duration.ofHours(1)));
    }
}
