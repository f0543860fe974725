-- how many of the failures are attempts whose outcome is not known yet, and until when that may still come
alter table failed_logins
    add column undecided integer not null default 0,
    add column undecided_until timestamptz not null default '-infinity';
