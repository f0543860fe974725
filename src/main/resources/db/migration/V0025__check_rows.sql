-- What the code takes for granted of a row, so that a row that was written by SQL cannot break an answer. Times are those
-- that RFC 3339 can write. Not valid yet: that locks a table for a moment only, and the next migration checks the rows
-- that are there while reads and writes go on.

alter table users add constraint users_email_sound check (
    email collate "C" ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$'
) not valid;
alter table users add constraint users_name_sound check (
    char_length(name) between 1 and 200 and name collate "C" !~ '[\x01-\x1f\x7f]'
) not valid;
alter table users add constraint users_settings_sound check (
    jsonb_typeof(settings) = 'object'
) not valid;
alter table users add constraint users_times_sound check (
    created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and updated_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and last_login between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
) not valid;
alter table users add constraint users_version_sound check (
    version >= 0
) not valid;

alter table roles add constraint roles_name_sound check (
    name collate "C" ~ '^[a-z][a-z0-9_-]{0,62}$'
) not valid;
alter table roles add constraint roles_description_sound check (
    char_length(description) <= 500
) not valid;

alter table sessions add constraint sessions_times_sound check (
    created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and last_used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and isfinite(expires_at)
) not valid;

alter table refresh_tokens add constraint refresh_tokens_successor_sound check (
    octet_length(successor_salt) > 0
    and isfinite(used_at)
) not valid;

alter table signing_keys add constraint signing_keys_jwk_sound check (
    jwk::jsonb @> '{"kty": "RSA"}'
    and jwk::jsonb ?& '{n,e}'
    and jwk::jsonb ->> 'kid' is not distinct from id
) not valid;
alter table signing_keys add constraint signing_keys_times_sound check (
    created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and signs_from between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
) not valid;

alter table configured_keys add constraint configured_keys_jwk_sound check (
    jwk::jsonb @> '{"kty": "RSA"}'
    and jwk::jsonb ?& '{n,e}'
    and jwk::jsonb ->> 'kid' is not distinct from id
) not valid;
alter table configured_keys add constraint configured_keys_times_sound check (
    created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
) not valid;

alter table links add constraint links_email_sound check (
    email collate "C" ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$'
) not valid;
alter table links add constraint links_times_sound check (
    isfinite(created_at)
    and isfinite(expires_at)
) not valid;

alter table link_tokens add constraint link_tokens_times_sound check (
    isfinite(expires_at)
) not valid;

alter table failed_logins add constraint failed_logins_times_sound check (
    isfinite(last_failed_at)
    and isfinite(blocked_until)
    and isfinite(succeeded_at)
) not valid;

alter table api_keys add constraint api_keys_name_sound check (
    char_length(name) between 1 and 100
) not valid;
alter table api_keys add constraint api_keys_permissions_sound check (
    coalesce(array_ndims(permissions), 1) = 1 and array_position(permissions, null) is null
) not valid;
alter table api_keys add constraint api_keys_times_sound check (
    created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and expires_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and last_used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
) not valid;

alter table totp add constraint totp_secret_sound check (
    octet_length(secret) > 0
) not valid;
alter table totp add constraint totp_wrong_codes_sound check (
    wrong_codes >= 0
    and isfinite(retry_at)
) not valid;

alter table cursor_keys add constraint cursor_keys_key_sound check (
    octet_length(key) = 32
) not valid;
