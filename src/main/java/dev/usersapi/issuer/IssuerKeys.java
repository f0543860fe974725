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
 * The public keys of an issuer, fetched when first needed, again when they are old or a token names another one, and
 * kept for a while where the issuer does not answer. However many tokens ask, it is asked by one thread at a time and
 * with a pause, and the other threads wait for {@link #PATIENCE} at most.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration AHEAD = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 3_000;
    private static final int MAX_BYTES = 512 * 1024;

    private final String issuer;
    private final ResourceRetriever web = new DefaultResourceRetriever(CONNECT_MILLIS, READ_MILLIS, MAX_BYTES);
    private final JWKSource<SecurityContext> cached;
    private volatile boolean failing = true;

    IssuerKeys(String issuer) {
        this.issuer = issuer;
        this.cached = JWKSourceBuilder.create(new Fetch())
                .cache(FRESH.toMillis(), PATIENCE.toMillis())
                // while there is traffic, no request waits for keys that grew old
                .refreshAheadCache(AHEAD.toMillis(), null, ForkJoinPool.commonPool(), false, null, false)
                .rateLimited(false)
                .outageTolerant(OUTAGE.toMillis())
                .build();
    }

    /**
     * The keys that fit.
     *
     * @throws KeySourceException where the issuer does not tell: whether there is such a key is not known
     */
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        List<JWK> found = cached.get(selector, context);
        if (found.isEmpty() && failing) {
            throw new JWKSetUnavailableException("None of the keys kept from before the outage");
        }
        return found;
    }

    /** Called by one thread at a time. */
    private final class Fetch implements JWKSetSource<SecurityContext> {

        private long pausedUntil = System.nanoTime();
        private @Nullable URL location;

        @Override
        public JWKSet getJWKSet(
                JWKSetCacheRefreshEvaluator evaluator, long currentTime, @Nullable SecurityContext context)
                throws KeySourceException {
            if (System.nanoTime() - pausedUntil < 0) {
                throw new JWKSetUnavailableException("It was asked a moment ago");
            }
            try {
                if (location == null) {
                    location = discover();
                }
                JWKSet keys = JWKSet.parse(web.retrieveResource(location).getContent());
                failing = false;
                pause(PAUSE);
                return keys;
            } catch (IOException | ParseException | IllegalArgumentException e) {
                location = null; // it may be another one by now
                failing = true;
                pause(PAUSE_AFTER_FAILURE);
                log.warn("The issuer {} does not tell its keys: {}", issuer, e.getMessage());
                throw new JWKSetUnavailableException("The issuer does not tell its keys", e);
            }
        }

        private void pause(Duration time) {
            pausedUntil = System.nanoTime() + time.toNanos();
        }

        @Override
        public void close() {
            // nothing is held open
        }
    }

    /** OpenID Connect Discovery 1.0 section 4. */
    private URL discover() throws IOException, ParseException {
        URI document = URI.create(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration");
        Map<String, Object> provider =
                JSONObjectUtils.parse(web.retrieveResource(document.toURL()).getContent());
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
