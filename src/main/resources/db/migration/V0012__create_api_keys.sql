-- Keys with which programs call the API in the name of a user.
create table api_keys (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    hash bytea not null unique, -- SHA-256 of the key, which is shown only once, when it is created
    name text not null, -- given by the user
    prefix text not null, -- the first characters of the key, by which the user recognises it
    permissions text[] not null, -- what the key may do, as far as its user may
    created_at timestamptz not null,
    expires_at timestamptz, -- null: never
    last_used_at timestamptz,
    constraint api_keys_name_check check (char_length(name) between 1 and 100),
    constraint api_keys_permissions_check check (
        coalesce(array_ndims(permissions), 1) = 1 and array_position(permissions, null) is null
    ),
    constraint api_keys_times_check check (
        created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and expires_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and last_used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    )
);

create index api_keys_user_id_idx on api_keys (user_id);
