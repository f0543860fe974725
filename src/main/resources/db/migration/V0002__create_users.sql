create table users (
    id uuid primary key,
    email text not null,
    name text not null,
    role text not null references roles (name),
    status text not null check (status in ('active', 'inactive', 'pending')),
    password_hash text not null,
    settings jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz,
    last_login timestamptz,
    version integer not null
);

create unique index users_email_key on users (lower(email));

create index users_created_at_idx on users (created_at, id);

create index users_role_status_idx on users (role, status);
