-- Lists the users whose password hash has an unknown form, or exceeds the default limits of USERS_PASSWORD_MAX_HASH_WORK
-- and USERS_PASSWORD_MAX_HASH_MEMORY. These users cannot log in.
with forms as (
  select id, password_hash,
    password_hash ~ '^\$2[aby]\$(0[4-9]|[1-9][0-9])\$[./A-Za-z0-9]{53}$' as bcrypt,
    regexp_match(password_hash, '^\$argon2(?:id|i|d)(?:\$v=(?:16|19))?\$m=([0-9]{1,10}),t=([0-9]{1,10}),p=([0-9]{1,10})'
      '\$[A-Za-z0-9+/]{8,172}\$[A-Za-z0-9+/]{22,172}$')::bigint[] as argon2,
    regexp_match(password_hash, '^\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,6}),p=([0-9]{1,6})'
      '\$[A-Za-z0-9+/.]{2,172}={0,2}\$[A-Za-z0-9+/.]{22,172}={0,2}$')::int[] as scrypt,
    coalesce(
      regexp_match(password_hash, '^\$pbkdf2(|-sha1|-sha256|-sha512)\$(?:i=)?([0-9]{1,10})(?:,l=[0-9]{1,3})?'
        '\$[A-Za-z0-9+/.]{2,172}={0,2}\$([A-Za-z0-9+/.]{22,172})={0,2}$'),
      regexp_match(password_hash, '^pbkdf2(_sha1|_sha256|_sha512)\$([0-9]{1,10})'
        '\$[^$]{1,128}\$([A-Za-z0-9+/]{22,172})={0,2}$')) as pbkdf2
  from users where password_hash is not null
), bounds as (
  select id, case
    when length(password_hash) > 512 then 'unknown form'
    when bcrypt then case when substr(password_hash, 5, 2)::int > 14 then 'too much work' end
    when password_hash ~ '\$([A-Za-z0-9+/.]{4})*[A-Za-z0-9+/.]$' -- not Base64
      or password_hash ~ '^\$.*\$([A-Za-z0-9+/.]{4})*[A-Za-z0-9+/.]\$[^$]*$' then 'unknown form'
    when argon2[2] >= 1 and argon2[3] >= 1 and argon2[1] >= 8 * argon2[3] then case
      when argon2[2] > 10 or argon2[3] > 8 then 'too much work'
      when argon2[1] > 66 * 1024 then 'too much memory' end
    when scrypt[1] >= 1 and scrypt[2] >= 1 and scrypt[3] >= 1 and scrypt[1] < 16 * scrypt[2] then case
      when scrypt[3] > 8 then 'too much work'
      when 128.0 * scrypt[2] * (2.0 ^ scrypt[1] + 2 * scrypt[3]) > 66 * 1024 * 1024 then 'too much memory' end
    when pbkdf2[2]::bigint >= 1 then case
      when pbkdf2[2]::bigint * ceil(floor(length(pbkdf2[3]) * 0.75) / case substr(pbkdf2[1], 2)
        when 'sha512' then 64 when 'sha256' then 32 else 20 end) > 2000000 then 'too much work' end
    else 'unknown form' end as reason
  from forms
)
select users.id, email, status, reason from bounds join users using (id) where reason is not null order by email;
