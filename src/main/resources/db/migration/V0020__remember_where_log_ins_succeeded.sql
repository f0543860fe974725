-- the addresses where a user logged in within 30 days: what others guess elsewhere does not delay a log-in from there
alter table failed_logins add column succeeded_at timestamptz;
