-- The key with which all instances encrypt the cursors of the list of users (AES-256-GCM). It has one row, whose key is
-- made from the strong random numbers of PostgreSQL: a random UUID has 122 random bits, so three of them suffice for
-- 256.
create table cursor_keys (
    key bytea primary key,
    created_at timestamptz not null,
    constraint cursor_keys_key_check check (octet_length(key) = 32)
);

insert into cursor_keys
values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), now());
