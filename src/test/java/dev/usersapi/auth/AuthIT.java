package dev.usersapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.UnfinishedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Login, tokens and sessions, and attacks on them. */
@ApiTest
public class AuthIT {

    private static final String LOGIN = "/api/v1/auth/login";
    private static final String REFRESH = "/api/v1/auth/refresh";

    @Autowired
    private Api api;

    @Autowired
    private JdbcClient database;

    private JsonNode newTokens() {
        String email = api.newAccount("viewer");
        return login(email).data();
    }

    private Answer login(String email) {
        return api.anonymous().post(LOGIN, Map.of("email", email, "password", Api.PASSWORD));
    }

    private Answer refresh(JsonNode tokens) {
        return api.anonymous()
                .post(
                        REFRESH,
                        Map.of("refresh_token", tokens.get("refresh_token").stringValue()));
    }

    @Test
    void loginReturnsTokensAndUserAndUpdatesLastLogin() {
        String email = Api.newEmail();
        String id = api.create("viewer", email);
        api.activate(id);

        JsonNode data = login("\u00a0 " + email.toUpperCase(java.util.Locale.ROOT) + "\t")
                .data();

        assertThat(data.propertyNames())
                .containsExactly("access_token", "token_type", "expires_in", "refresh_token", "user");
        assertThat(data.get("token_type").stringValue()).isEqualTo("Bearer");
        assertThat(data.get("expires_in").intValue()).isEqualTo(900);
        assertThat(data.at("/user/id").stringValue()).isEqualTo(id);
        assertThat(Instant.parse(data.at("/user/last_login").stringValue()))
                .isBetween(Instant.now().minusSeconds(30), Instant.now().plusSeconds(1));
        assertThat(api.as(data).get("/api/v1/users/me").data()).isEqualTo(data.get("user"));
    }

    @Test
    void accessTokenContainsNoPersonalData() throws Exception {
        JsonNode tokens = newTokens();

        SignedJWT token = SignedJWT.parse(tokens.get("access_token").stringValue());

        assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
        assertThat(token.getHeader().getType()).hasToString("at+jwt");
        assertThat(token.getJWTClaimsSet().getClaims().keySet())
                .containsExactlyInAnyOrder("iss", "aud", "sub", "sid", "jti", "iat", "exp");
        assertThat(token.getJWTClaimsSet().getSubject())
                .isEqualTo(tokens.at("/user/id").stringValue());
        JWKSet keys = JWKSet.parse(api.anonymous().get("/.well-known/jwks.json").text());
        RSAKey key = keys.getKeyByKeyId(token.getHeader().getKeyID()).toRSAKey();
        assertThat(key.isPrivate()).isFalse();
        assertThat(token.verify(new com.nimbusds.jose.crypto.RSASSAVerifier(key)))
                .isTrue();
    }

    @Test
    void loginAnswersTheSame401ForEveryWrongCredential() {
        String active = api.newAccount("member");
        String pending = Api.newEmail();
        api.create("member", pending);
        String inactive = Api.newEmail();
        String id = api.create("member", inactive);
        api.admin().put("/api/v1/users/" + id, Map.of("status", "inactive"));

        for (String email : new String[] {
            active, pending, inactive, Api.newEmail(), "", "\0", "not an address", "adm\u0130n@example.com"
        }) {
            String password = email.equals(active) ? "wrong-" + Api.PASSWORD : Api.PASSWORD;
            Answer answer = api.anonymous().post(LOGIN, Map.of("email", email, "password", password));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(answer.code()).isEqualTo("invalid_credentials");
            assertThat(answer.text().replaceAll("\"request_id\":\"[^\"]*\"", ""))
                    .isEqualTo("""
                    {"type":"/problems/invalid-credentials","title":"Unauthorized","status":401,\
                    "detail":"Authentication required","instance":"/api/v1/auth/login","code":"invalid_credentials",\
                    "explanation":"The e-mail address or the password is wrong, or the account is not active. \
                    The response does not say which.",}""");
        }
    }

    @Test
    void loginAcceptsThePasswordInAnyUnicodeNormalizationForm() {
        String email = Api.newEmail();
        Answer created = api.admin()
                .post(
                        "/api/v1/users",
                        Map.of("email", email, "name", "N", "password", "Gr\u00fc\u00dfe aus K\u00f6ln"));
        api.activate(created.data().get("id").stringValue());

        Answer answer =
                api.anonymous().post(LOGIN, Map.of("email", email, "password", "Gru\u0308\u00dfe aus Ko\u0308ln"));

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void passwordIsStoredAsArgon2idWithOwaspParameters() {
        String id = api.create("member");

        String hash = database.sql("select password_hash from users where email = ?")
                .param(api.admin()
                        .get("/api/v1/users/" + id)
                        .data()
                        .get("email")
                        .stringValue())
                .query(String.class)
                .single();

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    }

    @Test
    void refreshReturnsANewRefreshToken() {
        JsonNode first = newTokens();

        JsonNode second = refresh(first).data();

        assertThat(second.propertyNames()).containsExactlyElementsOf(first.propertyNames());
        assertThat(second.get("refresh_token")).isNotEqualTo(first.get("refresh_token"));
        assertThat(api.as(second).get("/api/v1/users/me").status()).isEqualTo(200);
        assertThat(refresh(second).status()).isEqualTo(200);
        assertThat(database.sql("select count(*) from refresh_tokens where encode(hash, 'escape') like 'rt%'")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void refreshAnswers401WhenTheTokenIsUnknown() {
        JsonNode tokens = newTokens();
        String access = tokens.get("access_token").stringValue();

        for (String text : new String[] {"", "rt_", access, "\0", "x".repeat(5000)}) {
            Answer answer = api.anonymous().post(REFRESH, Map.of("refresh_token", text));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.code()).isEqualTo("invalid_token");
        }
        assertThat(refresh(tokens).status()).isEqualTo(200);
    }

    @Test
    void refreshTokenIsNotAcceptedAsAccessToken() {
        Client client = api.anonymous()
                .with(
                        "Authorization",
                        "Bearer " + newTokens().get("refresh_token").stringValue());

        assertThat(client.get("/api/v1/users/me").code()).isEqualTo("invalid_token");
    }

    @Test
    void sessionEndsWhenItExpires() {
        JsonNode tokens = newTokens();
        database.sql("update sessions set expires_at = now() - interval '1 second' where user_id ="
                        + " (select id from users where email = ?)")
                .param(tokens.at("/user/email").stringValue())
                .update();

        assertThat(refresh(tokens).status()).isEqualTo(401);
        assertThat(api.as(tokens).get("/api/v1/users/me").status()).isEqualTo(401);
    }

    @Test
    void logoutEndsOnlyTheSessionOfTheCaller() {
        String email = api.newAccount("viewer");
        JsonNode one = login(email).data();
        JsonNode other = login(email).data();
        assertThat(api.as(one).get("/api/v1/users/me").status()).isEqualTo(200);

        Answer answer = api.as(one).send("POST", "/api/v1/auth/logout");

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        assertThat(api.as(one).get("/api/v1/users/me").status()).isEqualTo(401);
        assertThat(refresh(one).status()).isEqualTo(401);
        assertThat(api.as(other).get("/api/v1/users/me").status()).isEqualTo(200);
    }

    @Test
    void changesOfRoleAndStatusAffectIssuedTokensAtOnce() {
        Client user = api.newUser("viewer");
        String path = "/api/v1/users/" + user.id();
        assertThat(user.get("/api/v1/users").status()).isEqualTo(200);

        api.admin().put(path, Map.of("role", "member"));
        assertThat(user.get("/api/v1/users").status()).isEqualTo(403);

        api.admin().put(path, Map.of("role", "editor"));
        assertThat(user.get("/api/v1/users").status()).isEqualTo(200);

        api.admin().put(path, Map.of("status", "inactive"));
        assertThat(user.get("/api/v1/users/me").status()).isEqualTo(401);

        Client other = api.newUser("viewer");
        assertThat(other.get("/api/v1/users/me").status()).isEqualTo(200);
        api.admin().delete("/api/v1/users/" + other.id());
        assertThat(other.get("/api/v1/users/me").status()).isEqualTo(401);
    }

    @Test
    void createAnswers401WhenTheSessionEndsBeforeTheBodyArrives() throws Exception {
        Client admin = api.newUser("admin");
        String email = Api.newEmail();
        try (UnfinishedRequest creation = new UnfinishedRequest(api.port(), admin.token(), email)) {
            assertThat(api.admin().delete("/api/v1/users/" + admin.id()).status())
                    .isEqualTo(200);

            assertThat(creation.finish()).startsWith("HTTP/1.1 401");
        }
        assertThat(api.admin()
                        .post("/api/v1/users", Map.of("email", email, "name", "N", "password", Api.PASSWORD))
                        .status())
                .as("the e-mail is still free")
                .isEqualTo(201);
    }

    @Test
    void deactivationEndsSessionsEvenAfterReactivation() {
        String email = Api.newEmail();
        String path = "/api/v1/users/" + api.create("viewer", email);
        api.admin().put(path, Map.of("status", "active"));
        JsonNode tokens = login(email).data();

        api.admin().put(path, Map.of("status", "inactive"));
        api.admin().put(path, Map.of("status", "active"));

        assertThat(api.as(tokens).get("/api/v1/users/me").status()).isEqualTo(401);
        assertThat(refresh(tokens).status()).isEqualTo(401);
        assertThat(login(email).status()).isEqualTo(200);
    }

    @Test
    void changesOnOtherInstancesTakeEffectWithinFiveSeconds() {
        Client user = api.newUser("viewer");
        assertThat(user.get("/api/v1/users").status()).isEqualTo(200);

        // like a change on another instance, of which this instance gets no event
        database.sql("update users set role = 'member' where email = ?")
                .param(user.get("/api/v1/users/me").data().get("email").stringValue())
                .update();

        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> user.get("/api/v1/users").status() == 403);
    }

    @Test
    void forgedAccessTokensAreRefused() throws Exception {
        SignedJWT genuine = SignedJWT.parse(newTokens().get("access_token").stringValue());
        JWTClaimsSet claims = genuine.getJWTClaimsSet();
        JWSHeader header = genuine.getHeader();
        RSAKey otherKey = new RSAKeyGenerator(2048).keyID(header.getKeyID()).generate();
        String jwks = api.anonymous().get("/.well-known/jwks.json").text();
        byte[] publicKey =
                JWKSet.parse(jwks).getKeys().get(0).toRSAKey().toRSAPublicKey().getEncoded();

        assertRefused(new PlainJWT(claims).serialize());
        assertRefused(sign(header, claims, otherKey));
        SignedJWT hmac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(header.getKeyID())
                        .type(new JOSEObjectType("at+jwt"))
                        .build(),
                claims);
        hmac.sign(new MACSigner(publicKey));
        assertRefused(hmac.serialize());
        String[] parts = genuine.serialize().split("\\.", -1);
        assertRefused(parts[0] + "." + parts[1] + ".");
        assertRefused(parts[0] + "." + parts[1] + "." + parts[2].substring(2) + "AA");
        assertRefused(parts[0] + "."
                + new String(
                        java.util.Base64.getUrlEncoder()
                                .encode(claims.toString()
                                        .replace(
                                                claims.getSubject(), api.admin().id())
                                        .getBytes(StandardCharsets.UTF_8)),
                        StandardCharsets.UTF_8)
                + "." + parts[2]);
    }

    @Test
    void accessTokensWithWrongClaimsAreRefused() throws Exception {
        SignedJWT genuine = SignedJWT.parse(newTokens().get("access_token").stringValue());
        JWTClaimsSet claims = genuine.getJWTClaimsSet();
        JWSHeader header = genuine.getHeader();
        RSAKey key = RSAKey.parse(
                database.sql("select jwk from signing_keys").query(String.class).single());
        assertThat(send(sign(header, claims, key)).status()).isEqualTo(200);

        Date past = Date.from(Instant.now().minusSeconds(5));
        assertRefused(sign(
                header, new JWTClaimsSet.Builder(claims).expirationTime(past).build(), key));
        assertRefused(
                sign(header, new JWTClaimsSet.Builder(claims).audience("other").build(), key));
        assertRefused(sign(
                header, new JWTClaimsSet.Builder(claims).audience((String) null).build(), key));
        assertRefused(
                sign(header, new JWTClaimsSet.Builder(claims).issuer("other").build(), key));
        assertRefused(
                sign(header, new JWTClaimsSet.Builder(claims).claim("sid", null).build(), key));
        assertRefused(
                sign(header, new JWTClaimsSet.Builder(claims).claim("sid", "x").build(), key));
        assertRefused(
                sign(header, new JWTClaimsSet.Builder(claims).subject(null).build(), key));
        assertRefused(sign(
                header,
                new JWTClaimsSet.Builder(claims).subject(api.admin().id()).build(),
                key));
        JWSHeader idToken =
                new JWSHeader.Builder(header).type(JOSEObjectType.JWT).build();
        assertRefused(sign(idToken, claims, key));
    }

    private static String sign(JWSHeader header, JWTClaimsSet claims, RSAKey key) throws Exception {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private Answer send(String token) {
        return api.anonymous().with("Authorization", "Bearer " + token).get("/api/v1/users/me");
    }

    private void assertRefused(String token) {
        Answer answer = send(token);
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("invalid_token");
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer error=\"invalid_token\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "Bearer ", "Bearer a b", "Bearer \"", "bearer x", "Basic YTpi", "Token x", "x"})
    void malformedAuthorizationHeadersAnswer401(String field) {
        Answer answer = api.anonymous().with("Authorization", field).get("/api/v1/users/me");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void accessTokenInTheQueryIsIgnored() {
        Answer answer = api.anonymous()
                .get("/api/v1/users/me?access_token=" + api.admin().token());

        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void loginSucceedsWithAnInvalidTokenInTheHeader() {
        Answer answer = api.anonymous()
                .with("Authorization", "Bearer stale")
                .post(LOGIN, Map.of("email", "admin@example.com", "password", Api.PASSWORD));

        assertThat(answer.status()).isEqualTo(200);
    }
}
