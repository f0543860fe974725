-- Counts that the code can add to, and subtract from each other, without an overflow, and times that RFC 3339 can write.
-- The rows that are there are checked at once: both tables are small.
alter table failed_logins add constraint failed_logins_counts_sound check (
    failures <= 1000000000
    and undecided between 0 and 1000000000
);
alter table failed_logins add constraint failed_logins_years_sound check (
    last_failed_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    and blocked_until between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
);

alter table totp add constraint totp_counts_sound check (
    wrong_codes <= 1000000000
);
