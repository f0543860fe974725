-- An instance of an older version makes the first key only, and knows nothing of these columns.
alter table signing_keys
    add column signs_from timestamptz not null default now(),
    add column used_at timestamptz not null default now();

-- Public parts of the keys that instances have from their configuration, so that all others can verify with them. In a
-- table of their own, because older versions sign with whatever signing_keys holds.
create table configured_keys (
    id text primary key,
    jwk text not null,
    created_at timestamptz not null,
    used_at timestamptz not null
);
