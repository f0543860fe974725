package dev.usersapi.binding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Test vectors of UTS 46 (IdnaTestV2), RFC 3492 section 7.1 and domain registries. */
class UnicodeDomainTests {

    @ParameterizedTest
    @CsvSource({
        "b\u00fccher.de, xn--bcher-kva.de",
        "B\u00dcCHER.DE, xn--bcher-kva.de",
        "Bu\u0308cher.de, xn--bcher-kva.de",
        "m\u00fcnchen.example.com, xn--mnchen-3ya.example.com",
        "fa\u00df.de, xn--fa-hia.de",
        "stra\u00dfe.de, xn--strae-oqa.de",
        "FA\u1e9e.de, xn--fa-hia.de",
        "\u03b2\u03cc\u03bb\u03bf\u03c2.com, xn--nxasmm1c.com",
        "\u03a3\u03a3.gr, xn--4xaa.gr",
        "\u4f8b\u3048\u3002\u30c6\u30b9\u30c8, xn--r8jz45g.xn--zckzah",
        "\u4f8b\u3048\uff0e\u30c6\u30b9\u30c8, xn--r8jz45g.xn--zckzah",
        "\u4f8b\u3048\uff61\u30c6\u30b9\u30c8, xn--r8jz45g.xn--zckzah",
        "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com, example.com",
        "ex\u00adample.com, example.com",
        "\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587.cn, xn--ihqwcrb4cv8a8dqg056pqjye.cn",
        "\u043f\u043e\u0447\u0435\u043c\u0443\u0436\u0435\u043e\u043d\u0438\u043d\u0435\u0433\u043e\u0432\u043e\u0440\u044f\u0442"
                + "\u043f\u043e\u0440\u0443\u0441\u0441\u043a\u0438.ru, xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.ru",
        "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444, xn--e1afmkfd.xn--p1ai",
        "\u05dc\u05de\u05d4\u05d4\u05dd.il, xn--8dbawgc.il",
        "\u0645\u062b\u0627\u0644.\u0625\u062e\u062a\u0628\u0627\u0631, xn--mgbh0fb.xn--kgbechtv",
        "\ub3c4\uba54\uc778.kr, xn--hq1bm8jm9l.kr",
        "\u0939\u093f\u0928\u094d\u0926\u0940.in, xn--j2bd4cyah0f.in",
        "\ufb01na\u00ef.fr, xn--fina-8pa.fr",
        "3com\u00e4.com, xn--3com-ooa.com",
        "\u13a0\u13a1.com, xn--58dc.com", // Cherokee, in upper and in lower case
        "\uab70\uab71.com, xn--58dc.com",
        "\u13f8.com, xn--gce.com",
        "\u03c2.gr, xn--3xa.gr",
        "\u03f2.gr, xn--4xa.gr", // sigma
        "\ud835\uded3.gr, xn--4xa.gr",
        "\u1100\u1161.kr, xn--o39a.kr" // Jamo of one syllable
    })
    void toAsciiConvertsUnicodeDomains(String domain, String ascii) {
        assertThat(UnicodeDomain.toAscii(domain)).contains(ascii);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "Example.COM", "xn--bcher-kva.de", "", "a..b", "-a-", "[127.0.0.1]", "a b"})
    void toAsciiKeepsAsciiDomains(String domain) {
        assertThat(UnicodeDomain.toAscii(domain)).contains(domain);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u2603.net", // a symbol, which IDNA2008 does not allow
                "\ud83d\ude00.com",
                "a\u200db\u00e9.com", // joiners
                "\u0928\u094d\u200d.com",
                "\u0301a.com", // begins with a mark
                "-\u00fc.com",
                "\u00fc-.com",
                "\u00fc\u2024b.com", // normalised to a full stop
                "a\u2100b\u00fc.com",
                "ab--\u00fc.com",
                "\u05d0a.com", // both directions in one label
                "\u05d01\u0661.com",
                "1\u05d0.com",
                "a\u0000\u00fc.com",
                "a \u00fc.com",
                "\u00fc@b.com",
                "\u0378.com", // unassigned
                "a\u115f\u00fc.com", // invisible fillers and vowels
                "a\u1160\u00fc.com",
                "a\u3164\u00fc.com",
                "a\uffa0\u00fc.com",
                "a\u17b4\u00fc.com",
                "a\u17b5\u00fc.com",
                "\u1100.com", // Jamo that do not form a syllable
                "\u1161\u1100.com",
                "\ua960.com",
                "\ud7b0.com",
                "\ue000.com", // for private use
                "\ud800.com"
            })
    void toAsciiReturnsEmptyForInvalidDomains(String domain) {
        assertThat(UnicodeDomain.toAscii(domain)).isEmpty();
    }

    @Test
    void toAsciiReturnsEmptyAtOnceForAVeryLongDomain() {
        assertThat(UnicodeDomain.toAscii("\u00fc".repeat(1_000_000))).isEmpty();
    }
}
