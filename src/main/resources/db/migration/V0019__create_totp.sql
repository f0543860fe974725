create table totp (
    user_id uuid primary key references users (id) on delete cascade,
    secret bytea not null, -- as it is: each check needs it
    created_at timestamptz not null,
    confirmed_at timestamptz,
    last_step bigint, -- of the code that was used last
    wrong_codes integer not null default 0, -- since then
    retry_at timestamptz, -- before which no code is looked at
    recovery_codes bytea[] not null default '{}', -- SHA-256 of those that are left
    constraint totp_confirmed_by_code_check check ((confirmed_at is null) = (last_step is null))
);
