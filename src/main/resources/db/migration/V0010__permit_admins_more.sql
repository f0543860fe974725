insert into role_permissions (role, permission) values
    ('admin', 'roles:write'), ('admin', 'sessions:read'), ('admin', 'sessions:delete'), ('admin', 'api_keys:read'),
    ('admin', 'api_keys:delete'), ('admin', 'signing_keys:write');
