-- Requests that were answered, for those who send them again. Neither column can be read without the key that was sent:
-- the id is derived from it, and so is what encrypts the answer.
create table idempotency_keys (
    id bytea primary key,
    answer bytea not null,
    created_at timestamptz not null
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
