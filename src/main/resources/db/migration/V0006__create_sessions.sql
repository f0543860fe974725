-- A session begins with a login and ends with a logout, by revocation or at expires_at.
create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz not null,
    ip text, -- client address and User-Agent header of the last use
    user_agent text,
    newest_token_issued_at timestamptz, -- issue time (iat) of the newest access token that the session was used with
    constraint sessions_times_check check (
        created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and last_used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and isfinite(expires_at)
    )
);

create index sessions_user_id_idx on sessions (user_id);

-- for the deletion of sessions that have expired or have not been used for too long
create index sessions_expires_at_idx on sessions (expires_at);
create index sessions_last_used_at_idx on sessions (last_used_at);

-- Each refresh token can be exchanged once for a new pair of tokens. Used tokens are kept, because a token that is
-- presented again was perhaps stolen. But the client may also have lost the response and retry. The successor columns
-- let it receive the same pair again. The pair has arrived if its refresh token or its access token was used;
-- successor_hash and sessions.newest_token_issued_at show that.
create table refresh_tokens (
    hash bytea primary key, -- SHA-256 of the token
    session_id uuid not null references sessions (id) on delete cascade,
    used boolean not null,
    used_at timestamptz, -- when it was used, or when a newer token superseded it
    successor_salt bytea, -- derives the next refresh token from this one; deleted when a retry is no longer possible
    successor_hash bytea, -- SHA-256 of the next refresh token
    constraint refresh_tokens_successor_check check (octet_length(successor_salt) > 0 and isfinite(used_at))
);

create index refresh_tokens_session_id_idx on refresh_tokens (session_id);

-- for the deletion of salts
create index refresh_tokens_used_at_idx on refresh_tokens (used_at) where successor_salt is not null;

-- When a user was last told by mail that a used refresh token was presented again. It has no foreign key: the
-- transaction that writes it has locked a session. A foreign key would also lock the user's row, and other transactions
-- lock the user first and then the session, so that there could be a deadlock.
create table refresh_token_replay_mails (
    user_id uuid primary key,
    sent_at timestamptz not null
);
