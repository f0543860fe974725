package dev.usersapi.binding;

/** Encodes a label in Unicode in ASCII (RFC 3492), without the prefix {@code xn--}. Variables are named as in the RFC. */
final class Punycode {

    private Punycode() {}

    /** The encoding procedure of section 6.3. */
    static String encode(String label) {
        int[] input = label.codePoints().toArray();
        StringBuilder output = new StringBuilder();
        for (int c : input) {
            if (c < 0x80) {
                output.append((char) c);
            }
        }
        int basic = output.length();
        int handled = basic;
        if (basic > 0) {
            output.append('-');
        }
        int n = 0x80;
        int delta = 0;
        int bias = 72;
        while (handled < input.length) {
            int next = Integer.MAX_VALUE;
            for (int c : input) {
                if (c >= n && c < next) {
                    next = c;
                }
            }
            delta += (next - n) * (handled + 1); // cannot overflow, because a domain name is short
            n = next;
            for (int c : input) {
                if (c < n) {
                    delta++;
                }
                if (c == n) {
                    appendNumber(delta, bias, output);
                    bias = adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }
            delta++;
            n++;
        }
        return output.toString();
    }

    private static void appendNumber(int number, int bias, StringBuilder output) {
        int q = number;
        for (int k = 36; ; k += 36) {
            int t = Math.min(26, Math.max(1, k - bias));
            if (q < t) {
                output.append(letterOrDigit(q));
                return;
            }
            output.append(letterOrDigit(t + (q - t) % (36 - t)));
            q = (q - t) / (36 - t);
        }
    }

    private static char letterOrDigit(int digit) {
        return (char) (digit < 26 ? 'a' + digit : '0' + digit - 26);
    }

    private static int adapt(int delta, int points, boolean first) {
        int d = first ? delta / 700 : delta / 2;
        d += d / points;
        int k = 0;
        while (d > 455) {
            d /= 35;
            k += 36;
        }
        return k + 36 * d / (d + 38);
    }
}
