-- Answers to requests that had an Idempotency-Key header, for clients that send such a request again. The id is a hash
-- of the key, and the answer is encrypted with a secret that is derived from the key, so both are useless without it.
create table idempotency_keys (
    id bytea primary key,
    answer bytea not null,
    created_at timestamptz not null
);

create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
