-- Counts of failed logins, which delay further attempts. There are three kinds of rows:
--
--     account, address          failures for the account from one client address
--     account, empty address    failures for the account from all addresses
--     empty account, address    failures from one address for all accounts
--
-- The table is unlogged, so that no login waits for the disk. After a crash of PostgreSQL it is empty, which is
-- acceptable: failures are forgotten within about an hour anyway, and without succeeded_at, guesses from other addresses
-- can delay users only until their next login.
create unlogged table failed_logins (
    account bytea not null, -- SHA-256 of the e-mail in lower case, whether or not such a user exists
    address text not null,
    failures integer not null, -- includes attempts that are still being checked
    last_failed_at timestamptz not null,
    blocked_until timestamptz, -- no attempt is admitted before this time
    succeeded_at timestamptz, -- last login from this address; guesses from other addresses do not delay logins from here
    undecided integer not null default 0, -- how many of the failures are attempts that are still being checked
    undecided_until timestamptz not null default '-infinity', -- after that they count as failed
    primary key (account, address),
    -- the limits keep the arithmetic of the service from overflowing
    constraint failed_logins_failures_check check (failures between 0 and 1000000000),
    constraint failed_logins_undecided_check check (undecided between 0 and 1000000000),
    constraint failed_logins_times_check check (
        last_failed_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and blocked_until between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and isfinite(succeeded_at)
    )
);

-- for the deletion of rows that are not needed any more
create index failed_logins_last_failed_at_idx on failed_logins (last_failed_at);
