-- What a user may do once with a one-time token from a mail: activate the account, reset the password, or confirm a new
-- e-mail. A user has at most one action of each kind. The use of any of its tokens deletes the action
-- and all its tokens.
create table account_actions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    kind text not null check (kind in ('activation', 'password_reset', 'email_change')),
    new_email text, -- for email_change only
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (user_id, kind),
    constraint account_actions_new_email_kind_check check ((kind = 'email_change') = (new_email is not null)),
    constraint account_actions_new_email_check check (new_email collate "C" ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$'),
    constraint account_actions_times_check check (isfinite(created_at) and isfinite(expires_at))
);

create index account_actions_expires_at_idx on account_actions (expires_at);

-- Only the hash of a token is stored, so a mail that must be delivered again gets a new token. All unexpired tokens
-- of an action are valid.
create table one_time_tokens (
    hash bytea primary key, -- SHA-256 of the token
    action_id uuid not null references account_actions (id) on delete cascade,
    expires_at timestamptz not null, -- a new request for the action extends the action, but not its earlier tokens
    constraint one_time_tokens_times_check check (isfinite(expires_at))
);

create index one_time_tokens_action_id_idx on one_time_tokens (action_id);
