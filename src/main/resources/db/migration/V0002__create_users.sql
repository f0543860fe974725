-- Users, and an index for each order and filter of the list of users.
--
-- The check constraints of this and the following tables refuse values that the service could not read or could not
-- send to a client, in case somebody writes rows with SQL. Times are limited to the years 1 to 9999, because RFC 3339
-- can express no others.
create table users (
    id uuid primary key,
    email text not null,
    name text not null,
    role text not null references roles (name),
    status text not null check (status in ('active', 'inactive', 'pending')), -- pending: invited, not activated yet
    password_hash text, -- null until the user sets a password
    settings jsonb not null, -- preferences of the user, which the service stores without reading them
    created_at timestamptz not null,
    updated_at timestamptz, -- null: not changed since it was created
    last_login timestamptz, -- null: the user has never logged in
    version integer not null, -- for optimistic locking and the ETag
    constraint users_email_check check (email collate "C" ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$'),
    constraint users_name_check check (char_length(name) between 1 and 200 and name collate "C" !~ '[\x01-\x1f\x7f]'),
    constraint users_settings_check check (jsonb_typeof(settings) = 'object'),
    constraint users_times_check check (
        created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and updated_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and last_login between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    )
);

-- Case folding for comparison and search of text, with the rules of Unicode: without a named collation, lower() would
-- follow the locale of the database, and in a Turkish one lower('I') is a dotless i. The Greek final sigma becomes a
-- normal sigma, because lower() decides between the two by the neighbouring letters, and these differ in a part of a
-- text.
create function fold_case(text) returns text
    language sql immutable parallel safe
    return replace(lower($1 collate "und-x-icu"), 'ς', 'σ');

-- Two users cannot have e-mails that differ in case only. E-mails are ASCII (users_email_check), so the collation "C",
-- which lower() treats as ASCII, is right for them in every database.
create unique index users_email_key on users (lower(email collate "C")) include (status, role);

-- Each page of the list is read from an index that has its order. The columns of the filters, status and role, are
-- included, so that rows that a filter excludes need not be read from the table. Names are ordered by code point ("C"):
-- the order is the same in every database, and an update of the locale library cannot invalidate the index.
create index users_created_at_idx on users (created_at, id) include (status, role);
create index users_name_idx on users ((fold_case(name) collate "C"), id) include (status, role);
create index users_last_login_idx on users (coalesce(last_login, '-infinity'), id) include (status, role);

-- The default order is that of creation. It has an index for each combination of filters as well.
create index users_status_idx on users (status, created_at, id);
create index users_role_idx on users (role, created_at, id);
create index users_status_role_idx on users (status, role, created_at, id);
