-- The second factor of a user: time-based one-time passwords (TOTP, RFC 6238) and recovery codes.
create table totp (
    user_id uuid primary key references users (id) on delete cascade,
    secret bytea not null, -- not hashed or encrypted, because every check of a code needs it
    created_at timestamptz not null,
    confirmed_at timestamptz, -- null: enrolment has begun, but login does not ask for a code yet
    last_step bigint, -- time step of the last code that was used; the code of this or an earlier step is refused
    wrong_codes integer not null default 0, -- since the last right one
    retry_at timestamptz, -- no code is checked before this time
    recovery_codes bytea[] not null default '{}', -- SHA-256 of those that have not been used
    constraint totp_confirmed_by_code_check check ((confirmed_at is null) = (last_step is null)),
    constraint totp_secret_check check (octet_length(secret) > 0),
    constraint totp_wrong_codes_check check (wrong_codes between 0 and 1000000000),
    constraint totp_retry_at_check check (isfinite(retry_at))
);
