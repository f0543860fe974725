package dev.usersapi.binding;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that is most similar to an unknown one, which is probably a typing error. */
public final class NearestName {

    private static final int MAX_DISTANCE = 2;

    private NearestName() {}

    /**
     * Returns the most similar known name, or empty if none is similar. In a similar name, one character differs, or
     * {@value #MAX_DISTANCE} if the name has at least six characters.
     */
    public static Optional<String> of(String name, Collection<String> known) {
        int maxDistance = Math.min(MAX_DISTANCE, Math.max(1, name.length() / 3));
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - name.length()) <= maxDistance)
                .filter(candidate -> distance(candidate, name) <= maxDistance)
                .min(Comparator.comparingInt((String candidate) -> distance(candidate, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /**
     * The Damerau-Levenshtein distance (optimal string alignment), in which case does not count: the number of characters to
     * insert, delete or replace, and of neighbours to swap.
     */
    private static int distance(String one, String other) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        Arrays.setAll(rows[0], j -> j);
        for (int i = 1; i <= a.length(); i++) {
            rows[i][0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                rows[i][j] = Math.min(replaced, 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    rows[i][j] = Math.min(rows[i][j], 1 + rows[i - 2][j - 2]);
                }
            }
        }
        return rows[a.length()][b.length()];
    }
}
