-- A role is a named set of permissions. Each user has one role.
create table roles (
    name text primary key,
    created_at timestamptz not null default now(),
    description text not null default '',
    constraint roles_name_check check (name collate "C" ~ '^[a-z][a-z0-9_-]{0,62}$'),
    constraint roles_description_check check (char_length(description) <= 500)
);

create table role_permissions (
    role text not null references roles (name) on delete cascade,
    permission text not null, -- such as users:read; the service ignores permissions that it does not know
    primary key (role, permission)
);

insert into roles (name, description) values
    ('admin', 'All permissions'),
    ('editor', 'Reads users; creates and changes users whose permissions do not exceed those of an editor'),
    ('viewer', 'Reads users'),
    ('member', 'Uses their own account only');

insert into role_permissions (role, permission) values
    ('admin', 'users:read'), ('admin', 'users:write'), ('admin', 'users:delete'), ('admin', 'metrics:read'),
    ('admin', 'roles:write'), ('admin', 'sessions:read'), ('admin', 'sessions:delete'), ('admin', 'api_keys:read'),
    ('admin', 'api_keys:delete'), ('admin', 'signing_keys:write'),
    ('editor', 'users:read'), ('editor', 'users:write'),
    ('viewer', 'users:read');
