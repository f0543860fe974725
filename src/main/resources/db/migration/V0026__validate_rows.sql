-- Fails where a row breaks what it must be; DatabaseWait then tells how to find it.

alter table users validate constraint users_email_sound;
alter table users validate constraint users_name_sound;
alter table users validate constraint users_settings_sound;
alter table users validate constraint users_times_sound;
alter table users validate constraint users_version_sound;

alter table roles validate constraint roles_name_sound;
alter table roles validate constraint roles_description_sound;

alter table sessions validate constraint sessions_times_sound;

alter table refresh_tokens validate constraint refresh_tokens_successor_sound;

alter table signing_keys validate constraint signing_keys_jwk_sound;
alter table signing_keys validate constraint signing_keys_times_sound;

alter table configured_keys validate constraint configured_keys_jwk_sound;
alter table configured_keys validate constraint configured_keys_times_sound;

alter table links validate constraint links_email_sound;
alter table links validate constraint links_times_sound;

alter table link_tokens validate constraint link_tokens_times_sound;

alter table failed_logins validate constraint failed_logins_times_sound;

alter table api_keys validate constraint api_keys_name_sound;
alter table api_keys validate constraint api_keys_permissions_sound;
alter table api_keys validate constraint api_keys_times_sound;

alter table totp validate constraint totp_secret_sound;
alter table totp validate constraint totp_wrong_codes_sound;

alter table cursor_keys validate constraint cursor_keys_key_sound;
