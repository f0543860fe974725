package dev.usersapi.http;

import java.net.URI;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** The service's own paths as a client reaches them: below the context path, or the prefix that a trusted proxy names. */
public final class ServicePath {

    private ServicePath() {}

    /** For the request that is being answered. */
    public static URI of(String path) {
        String prefix =
                ServletUriComponentsBuilder.fromCurrentContextPath().build().getPath();
        return URI.create((prefix == null ? "" : prefix) + path);
    }
}
