-- What cursors are sealed with, shared by all instances: 256 bits from PostgreSQL's strong random numbers.
create table cursor_keys (
    key bytea primary key,
    created_at timestamptz not null
);

insert into cursor_keys
values (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), now());
