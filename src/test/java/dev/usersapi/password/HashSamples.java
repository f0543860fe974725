package dev.usersapi.password;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Stored hashes of all kinds, and what the service says of each. */
public final class HashSamples {

    private HashSamples() {}

    /** By the hash: why it is not verified, or an empty text when it is. */
    public static Map<String, String> reasons() {
        HashBounds bounds = new HashBounds(ImportedHashTests.properties(8, 1));
        Map<String, String> reasons = new LinkedHashMap<>();
        Stream.of(
                        ImportedHashTests.VECTORS,
                        ImportedHashTests.EXPENSIVE,
                        ImportedHashTests.TOO_MUCH_WORK,
                        ImportedHashTests.TOO_MUCH_MEMORY,
                        ImportedHashTests.UNKNOWN)
                .flatMap(Stream::of)
                .forEach(hash -> reasons.put(
                        hash,
                        bounds.refusal(hash)
                                .map(refusal -> refusal.code().replace('_', ' '))
                                .orElse("")));
        return reasons;
    }
}
