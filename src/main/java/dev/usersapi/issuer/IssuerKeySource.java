package dev.usersapi.issuer;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer. They are fetched when first needed, when they are old and when a token names an unknown
 * key, and are kept for {@link #OUTAGE_TOLERANCE} when the issuer does not answer. One thread at a time fetches, with
 * pauses between requests, and other threads wait for it {@link #MAX_WAIT} at most.
 */
final class IssuerKeySource implements JWKSource<SecurityContext> {

    private static final Logger log = LoggerFactory.getLogger(IssuerKeySource.class);

    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
    private static final Duration REFRESH_AHEAD = Duration.ofSeconds(30);
    private static final Duration OUTAGE_TOLERANCE = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 3_000;
    private static final int MAX_BYTES = 512 * 1024;

    private final String issuer;
    private final ResourceRetriever http = new DefaultResourceRetriever(CONNECT_MILLIS, READ_MILLIS, MAX_BYTES);
    private final JWKSource<SecurityContext> cached;
    private volatile boolean failing = true;

    IssuerKeySource(String issuer) {
        this.issuer = issuer;
        this.cached = JWKSourceBuilder.create(new IssuerKeyFetcher())
                .cache(TIME_TO_LIVE.toMillis(), MAX_WAIT.toMillis())
                // refreshes in the background, so that requests do not wait
                .refreshAheadCache(REFRESH_AHEAD.toMillis(), null, ForkJoinPool.commonPool(), false, null, false)
                .rateLimited(false)
                .outageTolerant(OUTAGE_TOLERANCE.toMillis())
                .build();
    }

    /**
     * Returns the keys that match.
     *
     * @throws KeySourceException when the issuer does not answer, so that it is unknown whether the key exists
     */
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        List<JWK> found = cached.get(selector, context);
        if (found.isEmpty() && failing) {
            throw new JWKSetUnavailableException("The key is not among those fetched before the outage");
        }
        return found;
    }

    /** Fetches the keys. It is called by one thread at a time. */
    private final class IssuerKeyFetcher implements JWKSetSource<SecurityContext> {

        private long pausedUntil = System.nanoTime();
        private @Nullable URL keySetUrl;

        @Override
        public JWKSet getJWKSet(
                JWKSetCacheRefreshEvaluator evaluator, long currentTime, @Nullable SecurityContext context)
                throws KeySourceException {
            if (System.nanoTime() - pausedUntil < 0) {
                throw new JWKSetUnavailableException("The issuer was asked a moment ago");
            }
            try {
                if (keySetUrl == null) {
                    keySetUrl = discover();
                }
                JWKSet keys = JWKSet.parse(http.retrieveResource(keySetUrl).getContent());
                failing = false;
                pauseFor(PAUSE);
                return keys;
            } catch (IOException | ParseException | IllegalArgumentException e) {
                keySetUrl = null; // the issuer may have moved its keys
                failing = true;
                pauseFor(PAUSE_AFTER_FAILURE);
                log.warn("The keys of the issuer {} cannot be fetched: {}", issuer, e.getMessage());
                throw new JWKSetUnavailableException("The keys of the issuer cannot be fetched", e);
            }
        }

        private void pauseFor(Duration time) {
            pausedUntil = System.nanoTime() + time.toNanos();
        }

        @Override
        public void close() {
            // holds no resources
        }
    }

    /** Reads the location of the keys from the discovery document (OpenID Connect Discovery 1.0 section 4). */
    private URL discover() throws IOException, ParseException {
        URI document = URI.create(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration");
        Map<String, Object> provider =
                JSONObjectUtils.parse(http.retrieveResource(document.toURL()).getContent());
        if (!issuer.equals(JSONObjectUtils.getString(provider, "issuer"))) {
            throw new ParseException("its discovery document names another issuer", 0);
        }
        URI keys = JSONObjectUtils.getURI(provider, "jwks_uri");
        if (keys == null || !("https".equals(keys.getScheme()) || issuer.startsWith("http:"))) {
            throw new ParseException("its discovery document names no jwks_uri that can be trusted", 0);
        }
        return keys.toURL();
    }
}
