package dev.usersapi.http;

import java.net.URI;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Paths of the service as clients see them: below the context path, or the prefix that a trusted proxy has sent. */
public final class ServicePath {

    private ServicePath() {}

    /** Adds the prefix of the current request to a path. */
    public static URI of(String path) {
        String prefix =
                ServletUriComponentsBuilder.fromCurrentContextPath().build().getPath();
        return URI.create((prefix == null ? "" : prefix) + path);
    }
}
