package dev.usersapi.password;

import java.util.Optional;
import org.springframework.util.unit.DataSize;

/** Decides which hashes of other systems are verified, by their format and by the memory and work that they need. */
final class HashLimits {

    private static final DataSize HEAP_FOR_THE_REST = DataSize.ofMegabytes(96); // of the service, with full caches
    private static final DataSize HEAP_PER_HASH = DataSize.ofMegabytes(24);
    private static final DataSize IMPORTED_HASH_OVERHEAD = DataSize.ofMegabytes(2);

    /** Why a hash is not verified: {@code code} for metrics, {@code detail} for the log. */
    record Refusal(String code, String detail) {}

    private final double maxWork;
    private final long maxMemory;

    HashLimits(PasswordProperties properties) {
        maxWork = properties.maxHashWork();
        maxMemory = properties.maxHashMemory().toBytes() + IMPORTED_HASH_OVERHEAD.toBytes();
    }

    /** How many Argon2id hashes of our own parameters fit into the heap at once; at least one. */
    static int hashesInHeap() {
        return (int) Math.max(1, heapForHashes() / HEAP_PER_HASH.toBytes());
    }

    private static long heapForHashes() {
        return Runtime.getRuntime().maxMemory() - HEAP_FOR_THE_REST.toBytes();
    }

    /** Empty if the hash has our own format or an unsupported one, or exceeds the limits. */
    Optional<ImportedHash> imported(String hash) {
        return PooledArgon2Encoder.isOwn(hash)
                ? Optional.empty()
                : ImportedHash.parse(hash).filter(parsed -> refusal(parsed).isEmpty());
    }

    /** Empty if the hash can be verified. */
    Optional<Refusal> refusal(String hash) {
        return PooledArgon2Encoder.isOwn(hash)
                ? Optional.empty()
                : ImportedHash.parse(hash)
                        .map(this::refusal)
                        .orElseGet(() -> Optional.of(new Refusal("unknown_form", "its format is not supported")));
    }

    private Optional<Refusal> refusal(ImportedHash hash) {
        if (hash.work() > maxWork) {
            return Optional.of(new Refusal(
                    "too_much_work",
                    hash.scheme() + " needs " + (long) Math.ceil(hash.work())
                            + " times the default work limit; USERS_PASSWORD_MAX_HASH_WORK can raise the limit"));
        }
        if (hash.memory() > maxMemory) {
            return Optional.of(new Refusal(
                    "too_much_memory",
                    hash.scheme() + " needs " + DataSize.ofBytes(hash.memory()).toMegabytes()
                            + " MiB; USERS_PASSWORD_MAX_HASH_MEMORY can raise the limit"));
        }
        if (hash.memory() > Math.max(HEAP_PER_HASH.toBytes(), heapForHashes())) {
            return Optional.of(new Refusal(
                    "too_much_memory",
                    hash.scheme() + " needs " + DataSize.ofBytes(hash.memory()).toMegabytes()
                            + " MiB, which is more than the heap has room for; -Xmx can enlarge the heap"));
        }
        return Optional.empty();
    }
}
