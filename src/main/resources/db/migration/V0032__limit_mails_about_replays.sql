-- When a user was told last of a refresh token that was presented again. Without a foreign key, because whoever writes it
-- has locked a session, and must not wait for the row of the user, whose holder may wait for the session.
create table replay_mails (
    user_id uuid primary key,
    sent_at timestamptz not null
);
