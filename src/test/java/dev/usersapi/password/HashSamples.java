package dev.usersapi.password;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Stored hashes of all formats, each with the reason why it is not verified. */
public final class HashSamples {

    private HashSamples() {}

    /** Maps each hash to the reason why it is not verified, or to an empty text if it is verified. */
    public static Map<String, String> reasons() {
        HashLimits limits = new HashLimits(ImportedHashTests.properties(8, 1));
        Map<String, String> reasons = new LinkedHashMap<>();
        Stream.of(
                        ImportedHashTests.VECTORS,
                        ImportedHashTests.EXPENSIVE,
                        ImportedHashTests.TOO_MUCH_WORK,
                        ImportedHashTests.TOO_MUCH_MEMORY,
                        ImportedHashTests.UNSUPPORTED)
                .flatMap(Stream::of)
                .forEach(hash -> reasons.put(
                        hash,
                        limits.refusal(hash)
                                .map(refusal -> refusal.code().replace('_', ' '))
                                .orElse("")));
        return reasons;
    }
}
