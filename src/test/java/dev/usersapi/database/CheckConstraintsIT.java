package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usersapi.support.ApiTest;
import dev.usersapi.support.OwnDatabase;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Check constraints refuse rows that the service could not read or send to a client, even when they are written with SQL. */
@ApiTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CheckConstraintsIT {

    /** A table, one of its check constraints, and an assignment that the constraint refuses. */
    private static final String[] VIOLATIONS = {
        "users: users_email_check | email = ''",
        "users: users_email_check | email = 'nobody'",
        "users: users_email_check | email = 'ir\u0131s@example.com'",
        "users: users_email_check | email = repeat('a', 65) || '@example.com'",
        "users: users_email_check | email = 'a@' || repeat('a', 190)",
        "users: users_name_check | name = ''",
        "users: users_name_check | name = repeat('a', 201)",
        "users: users_name_check | name = E'two\\nlines'",
        "users: users_settings_check | settings = '[]'",
        "users: users_settings_check | settings = 'null'",
        "users: users_times_check | created_at = 'infinity'",
        "users: users_times_check | last_login = '10000-01-01Z'",
        "users: users_times_check | updated_at = '-infinity'",
        "users: users_status_check | status = 'gone'",
        "roles: roles_name_check | name = 'A role'",
        "roles: roles_description_check | description = repeat('a', 501)",
        "sessions: sessions_times_check | created_at = 'infinity'",
        "sessions: sessions_times_check | last_used_at = '-infinity'",
        "sessions: sessions_times_check | expires_at = 'infinity'",
        "refresh_tokens: refresh_tokens_successor_check | successor_salt = ''",
        "refresh_tokens: refresh_tokens_successor_check | used_at = 'infinity'",
        "signing_keys: signing_keys_jwk_check | jwk = '{}'",
        "signing_keys: signing_keys_jwk_check | id = 'another'",
        "signing_keys: signing_keys_times_check | signs_from = 'infinity'",
        "configured_signing_keys: configured_signing_keys_jwk_check | jwk = '[]'",
        "configured_signing_keys: configured_signing_keys_times_check | used_at = 'infinity'",
        "account_actions: account_actions_kind_check | kind = 'other'",
        "account_actions: account_actions_new_email_kind_check | kind = 'activation'",
        "account_actions: account_actions_new_email_check | new_email = 'nobody'",
        "account_actions: account_actions_times_check | expires_at = 'infinity'",
        "one_time_tokens: one_time_tokens_times_check | expires_at = 'infinity'",
        "failed_logins: failed_logins_times_check | blocked_until = 'infinity'",
        "failed_logins: failed_logins_failures_check | failures = 2147483647",
        "failed_logins: failed_logins_undecided_check | undecided = 2147483647",
        "failed_logins: failed_logins_undecided_check | undecided = -1",
        "failed_logins: failed_logins_times_check | last_failed_at = '4713-01-01 BC'",
        "failed_logins: failed_logins_times_check | blocked_until = '10000-01-01Z'",
        "api_keys: api_keys_name_check | name = ''",
        "api_keys: api_keys_permissions_check | permissions = array[null]::text[]",
        "api_keys: api_keys_permissions_check | permissions = '{{a},{b}}'",
        "api_keys: api_keys_times_check | expires_at = 'infinity'",
        "totp: totp_confirmed_by_code_check | confirmed_at = now()",
        "totp: totp_secret_check | secret = ''",
        "totp: totp_wrong_codes_check | wrong_codes = -1",
        "totp: totp_wrong_codes_check | wrong_codes = 2147483647",
        "totp: totp_retry_at_check | retry_at = 'infinity'",
        "cursor_keys: cursor_keys_key_check | key = ''",
    };

    @SuppressWarnings("NullAway.Init") // before any test
    private OwnDatabase own;

    @SuppressWarnings("NullAway.Init") // before any test
    private JdbcClient database;

    @BeforeAll
    void fill(@Autowired JdbcConnectionDetails server) {
        own = OwnDatabase.create(server);
        database = own.client();
        database.sql("""
                        with u as (
                            insert into users (id, email, name, role, status, settings, created_at, version)
                            values (gen_random_uuid(), 'iris@example.com', 'Iris', 'member', 'active', '{}', now(), 0)
                            returning id
                        ), s as (
                            insert into sessions (id, user_id, created_at, expires_at, last_used_at)
                            select gen_random_uuid(), id, now(), now(), now() from u returning id
                        ), r as (
                            insert into refresh_tokens (hash, session_id, used) select '', id, false from s
                        ), l as (
                            insert into account_actions (id, user_id, kind, new_email, created_at, expires_at)
                            select gen_random_uuid(), id, 'email_change', 'ida@example.com', now(), now() from u
                            returning id
                        ), t as (
                            insert into one_time_tokens (hash, action_id, expires_at) select '', id, now() from l
                        ), k as (
                            insert into api_keys (id, user_id, hash, name, prefix, permissions, created_at)
                            select gen_random_uuid(), id, '', 'A key', 'uak_', '{}', now() from u
                        ), f as (
                            insert into failed_logins (account, address, failures, last_failed_at)
                            values ('', '', 1, now())
                        ), jwk (kid, jwk, created_at) as (
                            values ('a', '{"kty": "RSA", "kid": "a", "n": "AQ", "e": "AQAB"}', now())
                        ), c as (
                            insert into configured_signing_keys select kid, jwk, created_at, created_at from jwk
                        ), g as (
                            insert into signing_keys select kid, jwk, created_at, created_at, created_at from jwk
                        )
                        insert into totp (user_id, secret, created_at) select id, '\\x01', now() from u""").update();
    }

    @AfterAll
    void drop() {
        if (own != null) {
            own.close();
        }
    }

    @ParameterizedTest
    @FieldSource("VIOLATIONS")
    void updateIsRefusedByTheConstraint(String violation) {
        String[] parts = violation.split(": | \\| ", 3);

        assertThatExceptionOfType(DataIntegrityViolationException.class)
                .isThrownBy(() ->
                        database.sql("update " + parts[0] + " set " + parts[2]).update())
                .havingRootCause()
                .isInstanceOfSatisfying(PSQLException.class, cause -> {
                    ServerErrorMessage message = cause.getServerErrorMessage();
                    assertThat(message).isNotNull();
                    assertThat(message.getConstraint()).isEqualTo(parts[1]);
                });
    }

    @Test
    void violationsNameEveryCheckConstraint() {
        Set<String> tried = Arrays.stream(VIOLATIONS)
                .map(violation -> violation.replaceFirst(".*: (\\w+) \\|.*", "$1"))
                .collect(Collectors.toSet());

        assertThat(database.sql("select conname from pg_constraint"
                                + " where contype = 'c' and convalidated and connamespace = 'public'::regnamespace")
                        .query(String.class)
                        .set())
                .isEqualTo(tried);
    }
}
