create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index sessions_user_id_idx on sessions (user_id);

create index sessions_expires_at_idx on sessions (expires_at);

create table refresh_tokens (
    hash bytea primary key,
    session_id uuid not null references sessions (id) on delete cascade,
    used boolean not null
);

create index refresh_tokens_session_id_idx on refresh_tokens (session_id);

create table signing_keys (
    id text primary key,
    jwk text not null,
    created_at timestamptz not null
);
