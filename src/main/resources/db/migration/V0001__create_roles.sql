create table roles (
    name text primary key,
    created_at timestamptz not null default now()
);

create table role_permissions (
    role text not null references roles (name) on delete cascade,
    permission text not null,
    primary key (role, permission)
);

insert into roles (name) values ('admin'), ('editor'), ('viewer'), ('member');

insert into role_permissions (role, permission) values
    ('admin', 'users:read'), ('admin', 'users:write'), ('admin', 'users:delete'), ('admin', 'metrics:read'),
    ('editor', 'users:read'), ('editor', 'users:write'),
    ('viewer', 'users:read');
