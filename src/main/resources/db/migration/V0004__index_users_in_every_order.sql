-- A page needs an index that has its order, and its filter in front or included. Texts are ordered by code point ("C"),
-- so that an order means the same in every database and no upgrade of a locale library can change it.
drop index users_created_at_idx;
create index users_created_at_idx on users (created_at, id) include (status, role);

drop index users_role_status_idx;
create index users_status_idx on users (status, created_at, id);
create index users_role_idx on users (role, created_at, id);
create index users_status_role_idx on users (status, role, created_at, id);

drop index users_email_key;
create unique index users_email_key on users (lower(email) collate "C") include (status, role);

create index users_name_idx on users ((lower(name) collate "C"), id) include (status, role);

-- who never logged in comes before everybody who did
create index users_last_login_idx on users (coalesce(last_login, '-infinity'), id) include (status, role);
