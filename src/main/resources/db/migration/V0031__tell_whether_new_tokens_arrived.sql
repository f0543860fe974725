-- What tells whether a client received the pair of tokens that it exchanged a refresh token for: the refresh token of the
-- pair, and when the newest access token that the session was used with had been issued.
alter table refresh_tokens add column successor_hash bytea;

alter table sessions add column newest_token_issued_at timestamptz;
