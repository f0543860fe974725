create table api_keys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    hash bytea not null unique,
    name text not null,
    prefix text not null,
    permissions text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz
);

create index api_keys_user_id_idx on api_keys (user_id);
