package dev.usersapi.password;

import java.util.Optional;
import org.springframework.util.unit.DataSize;

/** Decides which hashes of other systems are verified: of known forms, and within the bounds of memory and work. */
final class HashBounds {

    private static final DataSize HEAP_WITHOUT_HASHES = DataSize.ofMegabytes(96); // with all caches full
    private static final DataSize HEAP_OF_A_HASH = DataSize.ofMegabytes(24);
    private static final DataSize BESIDE_AN_IMPORTED_HASH = DataSize.ofMegabytes(2); // what its computation needs too

    /** Why a hash is not verified: {@code code} for machines, {@code detail} for operators. */
    record Refusal(String code, String detail) {}

    private final double maxWork;
    private final long maxMemory;

    HashBounds(PasswordProperties properties) {
        maxWork = properties.maxHashWork();
        maxMemory = properties.maxHashMemory().toBytes() + BESIDE_AN_IMPORTED_HASH.toBytes();
    }

    /** How many of our own hashes the heap has room for, at least one. */
    static int hashesInHeap() {
        return (int) Math.max(1, heapForHashes() / HEAP_OF_A_HASH.toBytes());
    }

    private static long heapForHashes() {
        return Runtime.getRuntime().maxMemory() - HEAP_WITHOUT_HASHES.toBytes();
    }

    /** Empty when the hash has our own form, an unknown one, or is beyond the bounds. */
    Optional<ImportedHash> imported(String hash) {
        return PooledArgon2Encoder.isOwn(hash)
                ? Optional.empty()
                : ImportedHash.parse(hash).filter(parsed -> refusal(parsed).isEmpty());
    }

    /** Why no password can match the hash; empty when one can. */
    Optional<Refusal> refusal(String hash) {
        return PooledArgon2Encoder.isOwn(hash)
                ? Optional.empty()
                : ImportedHash.parse(hash)
                        .map(this::refusal)
                        .orElseGet(() -> Optional.of(new Refusal("unknown_form", "it has no form that is known here")));
    }

    private Optional<Refusal> refusal(ImportedHash hash) {
        if (hash.work() > maxWork) {
            return Optional.of(new Refusal(
                    "too_much_work",
                    hash.scheme() + " takes " + (long) Math.ceil(hash.work())
                            + " times the default bound of work; USERS_PASSWORD_MAX_HASH_WORK can raise the bound"));
        }
        if (hash.memory() > maxMemory) {
            return Optional.of(new Refusal(
                    "too_much_memory",
                    hash.scheme() + " takes " + DataSize.ofBytes(hash.memory()).toMegabytes()
                            + " MiB; USERS_PASSWORD_MAX_HASH_MEMORY can raise the bound"));
        }
        if (hash.memory() > Math.max(HEAP_OF_A_HASH.toBytes(), heapForHashes())) {
            return Optional.of(new Refusal(
                    "too_much_memory",
                    hash.scheme() + " takes " + DataSize.ofBytes(hash.memory()).toMegabytes()
                            + " MiB, for which the heap is too small; -Xmx can make it larger"));
        }
        return Optional.empty();
    }
}
