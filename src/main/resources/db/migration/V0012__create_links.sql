-- What users are sent to prove that a mailbox is theirs. Each delivery of a link's mail makes a token of its own, because
-- only hashes are kept; using one of them deletes the link, and with it the others.
create table links (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    kind text not null check (kind in ('activation', 'password_reset', 'email_change')),
    email text, -- the new one, of email_change only
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (user_id, kind),
    check ((kind = 'email_change') = (email is not null))
);

create index links_expires_at_idx on links (expires_at);

create table link_tokens (
    hash bytea primary key,
    link_id uuid not null references links (id) on delete cascade
);

create index link_tokens_link_id_idx on link_tokens (link_id);
