package dev.usersapi.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OpenIdProvider;
import dev.usersapi.support.RoundTrips;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tokens of trusted issuers: OpenID providers that answer, one that stops and returns, and one that never answers. */
@ApiTest
public class TrustedIssuerIT {

    private static final String USERS = "/api/v1/users";

    private static final OpenIdProvider PROVIDER = new OpenIdProvider();
    private static final OpenIdProvider OTHER = new OpenIdProvider();
    private static final OpenIdProvider AWAY = new OpenIdProvider();
    private static final ServerSocket SILENT = silent();

    @Autowired
    private Api api;

    @Autowired
    private RoundTrips database;

    @DynamicPropertySource
    static void trust(DynamicPropertyRegistry registry) {
        PROVIDER.start();
        OTHER.start();
        trust(registry, 0, PROVIDER.issuer(), "users.read=users:read,users.write=users:write");
        trust(registry, 1, OTHER.issuer(), "Staff Reader=users:read metrics:read");
        registry.add("users.trusted-issuers[1].claim", () -> "realm_access.roles");
        trust(registry, 2, AWAY.issuer(), "users.read=users:read");
        trust(registry, 3, "http://localhost:" + SILENT.getLocalPort(), "users.read=users:read");
    }

    private static void trust(DynamicPropertyRegistry registry, int index, String issuer, String permissions) {
        String name = "users.trusted-issuers[" + index + "].";
        registry.add(name + "issuer-uri", () -> issuer);
        registry.add(name + "audience", () -> OpenIdProvider.AUDIENCE);
        registry.add(name + "permissions", () -> permissions);
    }

    private static ServerSocket silent() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress()); // accepts connections and never answers
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        PROVIDER.close();
        OTHER.close();
        AWAY.close();
        SILENT.close();
    }

    private Client with(String token) {
        return api.anonymous().with("Authorization", "Bearer " + token);
    }

    private void accepts(String token) {
        Answer answer = with(token).get(USERS);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private void refuses(String token) {
        Answer answer = with(token).get(USERS);
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("invalid_token");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer error=\"invalid_token\"");
    }

    private static Object newUser(String role) {
        return Map.of("email", Api.newEmail(), "name", "N", "role", role, "password", Api.PASSWORD);
    }

    @Test
    void scopesGrantTheirMappedPermissions() {
        Client reader = with(PROVIDER.token("users.read"));
        assertThat(reader.get(USERS).status()).isEqualTo(200);
        assertThat(reader.post(USERS, newUser("member")).code()).isEqualTo("insufficient_permissions");

        Client writer = with(PROVIDER.token("users.read", "users.write"));
        Answer created = writer.post(USERS, newUser("viewer"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String path = USERS + "/" + created.data().get("id").stringValue();
        assertThat(writer.put(path, Map.of("name", "Renamed", "status", "active"))
                        .status())
                .isEqualTo(200);
        assertThat(writer.delete(path).status()).isEqualTo(403);
        assertThat(writer.post(USERS, newUser("admin")).code())
                .as("a permission that it lacks")
                .isEqualTo("insufficient_permissions");
        assertThat(writer.put(USERS + "/" + api.admin().id(), Map.of("name", "X"))
                        .status())
                .isEqualTo(403);

        assertThat(with(PROVIDER.token("unmapped")).get(USERS).code()).isEqualTo("insufficient_permissions");
    }

    @Test
    void nestedClaimsGrantPermissions() {
        Client robot = with(OTHER.token("unmapped"));

        assertThat(robot.get(USERS).status()).isEqualTo(200);
        assertThat(robot.get("/actuator/prometheus").status()).isEqualTo(200);
        assertThat(robot.post(USERS, newUser("member")).status()).isEqualTo(403);
    }

    @Test
    void claimsOfUnsupportedTypesGrantNothing() {
        accepts(PROVIDER.sign(PROVIDER.claims().claim("scope", "x users.read y").build()));
        accepts(PROVIDER.sign(
                PROVIDER.claims().claim("scope", List.of("users.read")).build()));
        for (Object scope : new Object[] {
            "users.readx",
            "users.read,users.write",
            "USERS.READ",
            List.of("users.read x"),
            List.of(1, true),
            7,
            Map.of()
        }) {
            String token = PROVIDER.sign(PROVIDER.claims().claim("scope", scope).build());
            assertThat(with(token).get(USERS).status()).as("%s", scope).isEqualTo(403);
        }
        JWTClaimsSet flat = OTHER.claims().claim("realm_access", "Staff Reader").build();
        assertThat(with(OTHER.sign(flat)).get(USERS).status()).isEqualTo(403);
        accepts(OTHER.sign(OTHER.claims()
                .claim("realm_access.roles", List.of("Staff Reader"))
                .build()));
    }

    @Test
    void callerHasNoAccountAndNoSession() {
        Client admin = api.newUser("admin");
        String session;
        try {
            session = SignedJWT.parse(admin.token()).getJWTClaimsSet().getStringClaim("sid");
        } catch (java.text.ParseException e) {
            throw new AssertionError(e);
        }
        Client pretender = with(PROVIDER.sign(PROVIDER.claims()
                .subject(admin.id())
                .claim("sid", session)
                .claim("scope", "users.read users.write")
                .build()));

        assertThat(pretender.get(USERS + "/me").code()).isEqualTo("user_not_found");
        assertThat(pretender.put(USERS + "/me", Map.of("name", "X")).code()).isEqualTo("user_not_found");
        assertThat(pretender.put(USERS + "/" + admin.id(), Map.of("name", "X")).code())
                .isEqualTo("insufficient_permissions");
        assertThat(pretender.send("POST", "/api/v1/auth/logout").code()).isEqualTo("session_required");
        assertThat(pretender.get("/api/v1/api-keys").code()).isEqualTo("session_required");
        Client reader =
                with(PROVIDER.sign(PROVIDER.claims().claim("scope", "unmapped").build()));
        assertThat(reader.get(USERS + "/me").code()).isEqualTo("user_not_found");
        assertThat(reader.put(USERS + "/me", Map.of("name", "X")).status()).isEqualTo(403);
    }

    @Test
    void eachCallerHasItsOwnRateLimit() {
        String subject = "limited-" + Api.newEmail();
        String first = PROVIDER.sign(PROVIDER.claims().subject(subject).build());
        String second = PROVIDER.sign(PROVIDER.claims().subject(subject).build());
        for (int i = 0; i < 50; i++) { // faster than the limit refills, which takes 60 ms for each
            with(first).get(USERS);
        }

        assertThat(with(second).get(USERS).header("RateLimit")).matches("\"user\";r=9[5-8][0-9];.*");
        assertThat(with(PROVIDER.sign(PROVIDER.claims().subject(subject + "2").build()))
                        .get(USERS)
                        .header("RateLimit"))
                .startsWith("\"user\";r=999;");
        assertThat(with(OTHER.sign(OTHER.claims().subject(subject).build()))
                        .get(USERS)
                        .header("RateLimit"))
                .startsWith("\"user\";r=999;");
    }

    @Test
    void verificationNeedsNoQueryOfItsOwn() {
        Client reader = with(PROVIDER.token("users.read"));
        database.take();

        assertThat(reader.get(USERS).status()).isEqualTo(200);

        assertThat(database.take()).hasSize(1);
    }

    @Test
    void invalidTokensAreRefused() throws JOSEException {
        Date past = Date.from(Instant.now().minusSeconds(30));
        Date later = Date.from(Instant.now().plusSeconds(60));
        accepts(PROVIDER.sign(PROVIDER.claims().build()));
        accepts(PROVIDER.sign(PROVIDER.claims()
                .audience(List.of("x", OpenIdProvider.AUDIENCE))
                .build()));

        refuses(PROVIDER.sign(PROVIDER.claims().audience("users-api").build()));
        refuses(PROVIDER.sign(PROVIDER.claims().audience((String) null).build()));
        refuses(PROVIDER.sign(PROVIDER.claims().expirationTime(past).build()));
        refuses(PROVIDER.sign(PROVIDER.claims().expirationTime(null).build()));
        refuses(PROVIDER.sign(PROVIDER.claims().notBeforeTime(later).build()));
        long overflown =
                18_446_744_073_709_552L; // seconds, which overflow to less than a second as milliseconds in 64 bits
        for (Object time : new Object[] {
            1e300, -1e300, overflown, overflown + Instant.now().plusSeconds(60).getEpochSecond()
        }) {
            for (String claim : List.of("nbf", "exp", "iat")) {
                refuses(PROVIDER.sign(PROVIDER.claims().claim(claim, time).build()));
            }
        }
        refuses(PROVIDER.sign(PROVIDER.claims().subject(null).build()));
        refuses(PROVIDER.sign(PROVIDER.claims().subject("x".repeat(256)).build()));
        refuses(PROVIDER.sign(PROVIDER.claims().subject("a\nb").build()));
        refuses(OpenIdProvider.sign(PROVIDER.claims().build(), "logout+jwt", PROVIDER.key()));
        refuses(PROVIDER.sign(
                PROVIDER.claims().issuer("https://login.example.com").build()));
        refuses(PROVIDER.sign(PROVIDER.claims().issuer(PROVIDER.issuer() + "/").build()));
        refuses(PROVIDER.sign(PROVIDER.claims().issuer(null).build()));

        refuses(new PlainJWT(PROVIDER.claims().build()).serialize());
        SignedJWT hmac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(PROVIDER.key().getKeyID())
                        .build(),
                PROVIDER.claims().build());
        hmac.sign(new MACSigner(PROVIDER.key().toRSAPublicKey().getEncoded()));
        refuses(hmac.serialize());
        String token = PROVIDER.token("users.read");
        refuses(token.substring(0, token.lastIndexOf('.') + 1));
        refuses(token.substring(0, token.length() - 8) + "AAAAAAAA");
    }

    @Test
    void keysOfOneIssuerAreRefusedForTokensOfAnother() {
        refuses(PROVIDER.sign(OTHER.claims()
                .claim("realm_access", Map.of("roles", List.of("Staff Reader")))
                .build()));
        refuses(OTHER.sign(PROVIDER.claims().build()));
        Client admin = api.newUser("admin");
        try {
            JWTClaimsSet own = SignedJWT.parse(admin.token()).getJWTClaimsSet();
            refuses(OpenIdProvider.sign(own, "at+jwt", PROVIDER.key()));
            refuses(OpenIdProvider.sign(
                    new JWTClaimsSet.Builder(own).issuer(PROVIDER.issuer()).build(), "at+jwt", PROVIDER.key()));
        } catch (java.text.ParseException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyTokensWithUnknownKeysAreRefused() {
        accepts(PROVIDER.token("users.read"));
        RSAKey forged = OpenIdProvider.newKey();
        RSAKey sameId =
                new RSAKey.Builder(forged).keyID(PROVIDER.key().getKeyID()).build();
        for (int i = 0; i < 5; i++) {
            refuses(OpenIdProvider.sign(PROVIDER.claims().build(), "JWT", forged));
            refuses(OpenIdProvider.sign(PROVIDER.claims().build(), "JWT", sameId));
        }
        accepts(PROVIDER.token("users.read"));
    }

    @Test
    void tokensOfANewKeyAreAccepted() {
        String before = OTHER.token("unmapped");
        accepts(before);

        OTHER.rotate();

        String after = OTHER.token("unmapped");
        // at once, unless tokens with forged keys in other tests caused a request to the issuer just before
        await().atMost(Duration.ofSeconds(8)).until(() -> with(after).get(USERS).status() == 200);
    }

    @Test
    void tokensOfUnknownKeysAnswer503WhileTheIssuerIsDown() {
        String token = AWAY.sign(AWAY.claims().build());
        for (int i = 0; i < 5; i++) {
            answers503(with(token).get(USERS));
        }
        accepts(PROVIDER.token("users.read"));

        AWAY.start();
        await().atMost(Duration.ofSeconds(8)).until(() -> with(token).get(USERS).status() == 200);

        AWAY.stop();
        accepts(AWAY.sign(AWAY.claims().build())); // the key is known
        AWAY.rotate();
        String unknown = AWAY.sign(AWAY.claims().build());
        // within a second after its last response the issuer is not asked again, so the key counts as unknown
        await().atMost(Duration.ofSeconds(8))
                .until(() -> with(unknown).get(USERS).status() == 503);
        answers503(with(unknown).get(USERS));

        AWAY.start();
        await().atMost(Duration.ofSeconds(8))
                .until(() -> with(unknown).get(USERS).status() == 200);
    }

    private static void answers503(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("issuer_unavailable");
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(answer.header("RateLimit")).startsWith("\"address\";");
    }

    @Test
    void issuerThatNeverAnswersBlocksRequestsOnlyBriefly() {
        String token = PROVIDER.sign(PROVIDER.claims()
                .issuer("http://localhost:" + SILENT.getLocalPort())
                .build());
        ExecutorService callers = Executors.newFixedThreadPool(20);
        Instant start = Instant.now();
        try {
            IntStream.range(0, 20)
                    .mapToObj(
                            n -> CompletableFuture.supplyAsync(() -> with(token).get(USERS), callers))
                    .toList()
                    .forEach(answer -> answers503(answer.join()));
        } finally {
            callers.shutdownNow();
        }
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));

        await().atMost(Duration.ofSeconds(8)).until(() -> {
            Instant next = Instant.now();
            answers503(with(token).get(USERS));
            return Duration.between(next, Instant.now()).toMillis() < 500; // the failure is remembered
        });
    }
}
