-- When an older session was used last was never noted. It counts as used now, so that no upgrade logs anybody out; an
-- older instance that runs beside this one leaves the new columns out.
alter table sessions
    add last_used_at timestamptz not null default now(),
    add ip text,
    add user_agent text;

create index sessions_last_used_at_idx on sessions (last_used_at);

alter table refresh_tokens add used_at timestamptz, add successor_salt bytea;

create index refresh_tokens_used_at_idx on refresh_tokens (used_at) where successor_salt is not null;
