-- unlogged: what a crash of the database makes it forget would be forgotten within the hour anyway, and no log-in waits
-- for the disk
create unlogged table failed_logins (
    account bytea not null, -- SHA-256 of the e-mail in lower case, whether or not there is such a user
    address text not null, -- of the client; empty for the row that counts those from all addresses
    failures integer not null check (failures >= 0),
    last_failed_at timestamptz not null,
    blocked_until timestamptz,
    primary key (account, address)
);

create index failed_logins_last_failed_at_idx on failed_logins (last_failed_at);
