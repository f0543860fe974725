-- RSA key pairs, as JSON Web Keys (RFC 7517), with which access tokens are signed (RFC 7519).
create table signing_keys (
    id text primary key, -- the "kid" of the key
    jwk text not null, -- with the private part
    created_at timestamptz not null,
    signs_from timestamptz not null, -- normally later than created_at, so that verifiers fetch the public key in time
    used_at timestamptz not null, -- when it was last known to be the key that signs
    constraint signing_keys_jwk_check check (
        jwk::jsonb @> '{"kty": "RSA"}'
        and jwk::jsonb ?& '{n,e}'
        and jwk::jsonb ->> 'kid' is not distinct from id
    ),
    constraint signing_keys_times_check check (
        created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and signs_from between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    )
);

-- Public parts of the keys that instances take from their configuration, so that every other instance can verify tokens
-- that are signed with them.
create table configured_signing_keys (
    id text primary key,
    jwk text not null, -- without the private part
    created_at timestamptz not null,
    used_at timestamptz not null,
    constraint configured_signing_keys_jwk_check check (
        jwk::jsonb @> '{"kty": "RSA"}'
        and jwk::jsonb ?& '{n,e}'
        and jwk::jsonb ->> 'kid' is not distinct from id
    ),
    constraint configured_signing_keys_times_check check (
        created_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and used_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
    )
);
