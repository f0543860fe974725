package dev.usersapi.error;

import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves the page to which {@code type} in an error body refers: the texts of the error code. */
@RestController
class ProblemTypeController {

    @GetMapping(path = "/problems/{slug}", produces = "application/json")
    Map<String, Map<String, Object>> explain(@PathVariable String slug) {
        ErrorCode code = ErrorCode.ofSlug(slug).orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND));
        Map<String, Object> explanation = new TreeMap<>();
        explanation.put("code", code.code());
        explanation.put("detail", code.detail());
        explanation.put("explanation", code.explanation());
        explanation.put("status", code.status().value());
        explanation.put("title", code.status().getReasonPhrase());
        return Map.of("data", explanation);
    }
}
