-- Gives tables, columns, functions, parameters and constraints names that say what they are. Instances of the version
-- before cannot work on the renamed schema, so all instances must be stopped before this migration. This is acceptable
-- only because no version has been released yet.

-- instances of an older version used this index
drop index users_email_former_idx;

update roles set description = case name
    when 'admin' then 'All permissions'
    when 'editor' then 'Reads users; creates and changes users who have no more permissions'
    when 'member' then 'Uses their own account only'
    else description end
where (name, description) in (
    ('admin', 'Everything'), ('editor', 'Reads users; creates and changes those who hold no more'),
    ('member', 'Their own account'));

-- Only instances of an older version left these columns out.
alter table sessions alter last_used_at drop default;
alter table signing_keys alter signs_from drop default;
alter table signing_keys alter used_at drop default;

alter table roles rename constraint roles_name_sound to roles_name_check;
alter table roles rename constraint roles_description_sound to roles_description_check;
alter table users rename constraint users_email_sound to users_email_check;
alter table users rename constraint users_name_sound to users_name_check;
alter table users rename constraint users_settings_sound to users_settings_check;
alter table users rename constraint users_times_sound to users_times_check;
alter table sessions rename constraint sessions_times_sound to sessions_times_check;
alter table refresh_tokens rename constraint refresh_tokens_successor_sound to refresh_tokens_successor_check;
alter table signing_keys rename constraint signing_keys_jwk_sound to signing_keys_jwk_check;
alter table signing_keys rename constraint signing_keys_times_sound to signing_keys_times_check;
alter table api_keys rename constraint api_keys_name_sound to api_keys_name_check;
alter table api_keys rename constraint api_keys_permissions_sound to api_keys_permissions_check;
alter table api_keys rename constraint api_keys_times_sound to api_keys_times_check;
alter table totp rename constraint totp_secret_sound to totp_secret_check;
alter table cursor_keys rename constraint cursor_keys_key_sound to cursor_keys_key_check;

alter table failed_logins
    drop constraint failed_logins_failures_check,
    drop constraint failed_logins_counts_sound,
    drop constraint failed_logins_times_sound,
    drop constraint failed_logins_years_sound,
    add constraint failed_logins_failures_check check (failures between 0 and 1000000000),
    add constraint failed_logins_undecided_check check (undecided between 0 and 1000000000),
    add constraint failed_logins_times_check check (
        last_failed_at between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and blocked_until between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z'
        and isfinite(succeeded_at)
    );
alter table totp
    drop constraint totp_counts_sound,
    drop constraint totp_wrong_codes_sound,
    add constraint totp_wrong_codes_check check (wrong_codes between 0 and 1000000000),
    add constraint totp_retry_at_check check (isfinite(retry_at));

-- Small tables are created anew, so that all of their constraints and indexes get the new names.
create table refresh_token_replay_mails (
    user_id uuid primary key,
    sent_at timestamptz not null
);
insert into refresh_token_replay_mails select user_id, sent_at from replay_mails;
drop table replay_mails;

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
insert into configured_signing_keys select id, jwk, created_at, used_at from configured_keys;
drop table configured_keys;

create table account_actions (
    id uuid primary key,
    user_id uuid not null references users (id) on delete cascade,
    kind text not null check (kind in ('activation', 'password_reset', 'email_change')),
    new_email text, -- for email_change only
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (user_id, kind),
    constraint account_actions_new_email_kind_check check ((kind = 'email_change') = (new_email is not null)),
    constraint account_actions_new_email_check check (new_email collate "C" ~ '^[!-?A-~]{1,64}@[!-?A-~]{1,189}$'),
    constraint account_actions_times_check check (isfinite(created_at) and isfinite(expires_at))
);

create index account_actions_expires_at_idx on account_actions (expires_at);

create table one_time_tokens (
    hash bytea primary key, -- SHA-256 of the token
    action_id uuid not null references account_actions (id) on delete cascade,
    expires_at timestamptz not null, -- a new request for the action extends the action, but not its earlier tokens
    constraint one_time_tokens_times_check check (isfinite(expires_at))
);

create index one_time_tokens_action_id_idx on one_time_tokens (action_id);
insert into account_actions select id, user_id, kind, email, created_at, expires_at from links;
insert into one_time_tokens
select t.hash, t.link_id, coalesce(t.expires_at, l.expires_at) from link_tokens t join links l on l.id = t.link_id;
drop table link_tokens, links;

-- waiting mails with a one-time token
update scheduled_tasks
set task_data = convert_to(jsonb_set(convert_from(task_data, 'UTF8')::jsonb, '{kind}', '"one-time-token"')::text, 'UTF8')
where task_name = 'mail' and convert_from(task_data, 'UTF8')::jsonb ->> 'kind' = 'link';

alter function user_parts(text, text) rename to user_trigrams;
alter index users_parts_idx rename to users_trigrams_idx;
drop function user_parts_query(text);
create or replace function user_trigrams(name text, email text) returns tsvector
    language plpgsql immutable strict parallel safe as $$
declare
    letters text[] := string_to_array("${flyway:defaultSchema}".fold_case(name || E'\n' || email), null);
    trigrams text[];
begin
    for i in 1 .. cardinality(letters) loop
        trigrams[i] := letters[i] || coalesce(letters[i + 1], '') || coalesce(letters[i + 2], '');
    end loop;
    return array_to_tsvector(trigrams);
end $$;

create function user_trigram_query(term text) returns tsquery
    language sql immutable strict parallel safe as $$
    select (string_agg('''' || replace(replace(substr(t, i, 3), E'\\', E'\\\\'), '''', '''''') || '''', ' & ')
        || case when length(t) < 3 then ':*' else '' end)::tsquery
    from (select "${flyway:defaultSchema}".fold_case(term) as t) folded
        cross join lateral generate_series(1, greatest(length(t) - 2, 1)) i
    group by t
$$;

drop trigger users_count_insert_or_delete on users;
drop trigger users_count_update on users;
drop trigger users_count_truncate on users;
drop function count_user();
drop function uncount_users();
drop function fold_user_counts();
drop function split_user_blocks();
drop function lock_user_counts();
drop function recount_users();
drop function user_total(text[], text[]);
drop function user_total_before(timestamptz, text[], text[]);
drop function user_page(bigint, integer, boolean, timestamptz, timestamptz, text[], text[]);
drop view user_count_differences;
drop view user_block_contents;
create function record_user_count_delta() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into "${flyway:defaultSchema}".user_count_deltas
        values (old.created_at, old.id, old.status, old.role, -1);
    end if;
    if tg_op <> 'DELETE' then
        insert into "${flyway:defaultSchema}".user_count_deltas
        values (new.created_at, new.id, new.status, new.role, 1);
    end if;
    return null;
end $$;

create function record_user_truncate() returns trigger language plpgsql as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        -- TRUNCATE removes all rows, also those that the older snapshot of such a transaction does not see
        raise exception 'users can only be truncated in a transaction with isolation level READ COMMITTED';
    end if;
    insert into "${flyway:defaultSchema}".user_count_deltas
    select created_at, id, status, role, -1 from "${flyway:defaultSchema}".users;
    return null;
end $$;

create trigger users_count_insert_or_delete after insert or delete on users
    for each row execute function record_user_count_delta();
create trigger users_count_update after update on users for each row
    when ((old.created_at, old.id, old.status, old.role) is distinct from (new.created_at, new.id, new.status, new.role))
    execute function record_user_count_delta();
create trigger users_count_truncate before truncate on users
    for each statement execute function record_user_truncate();

create function try_lock_user_counts() returns boolean language sql as $$
    select pg_try_advisory_xact_lock(hashtext('users.counts'))
$$;

create function apply_user_count_deltas() returns bigint language plpgsql set search_path from current as $$
declare
    applied bigint := 0;
begin
    if try_lock_user_counts() then
        with deleted as (
            delete from user_count_deltas
            where ctid = any (array(select ctid from user_count_deltas limit 100000))
            returning created_at, id, status, role, n
        ), by_block as materialized (
            select b.block, status, role, sum(n) as n, count(*) as deltas
            from deleted cross join lateral (
                select block from user_blocks b where (b.created_at, b.id) <= (deleted.created_at, deleted.id)
                order by b.created_at desc, b.id desc limit 1
            ) b
            group by b.block, status, role
        ), counted as (
            insert into user_counts
            select l.level, l.block, coalesce(status, ''), coalesce(role, ''), sum(n)
            from by_block cross join lateral (values (0, by_block.block), (1, by_block.block >> 6), (2, 0)) l (level, block)
            group by l.level, l.block, cube (status, role)
            on conflict (level, status, role, block) do update set n = user_counts.n + excluded.n
        )
        select coalesce(sum(deltas), 0) into applied from by_block;
    end if;
    return applied;
end $$;

create function split_user_block() returns boolean language plpgsql set search_path from current as $$
declare
    size constant integer := 2048;
    split integer; -- number of the block
    last integer; -- number of the last piece
    from_created_at timestamptz; -- the position at which the block begins, and that at which the next one does
    from_id uuid;
    to_created_at timestamptz;
    to_id uuid;
begin
    if not try_lock_user_counts() then
        return false;
    end if;
    select block, least(n / size, 65) - 1 into split, last
    from user_counts where level = 0 and status = '' and role = '' and n >= 2 * size
    order by n desc limit 1;
    if split is null then
        return false;
    end if;
    select created_at, id into from_created_at, from_id from user_blocks where block = split;
    select created_at, id into to_created_at, to_id from user_blocks where block = split + 1;
    to_created_at := coalesce(to_created_at, 'infinity');
    to_id := coalesce(to_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');

    -- Later blocks are renumbered to make room. A number is made negative first, because a primary key is checked after
    -- each row. The counts of the block become those of the last piece, from which the other pieces are subtracted.
    update user_blocks set block = -(block + last) where block > split;
    update user_blocks set block = -block where block < 0;
    update user_counts set block = -(block + last) where level = 0 and block >= split;
    update user_counts set block = -block where level = 0 and block < 0;

    with ordered as materialized (
        select created_at, id, status, role, (row_number() over (order by created_at, id) - 1)::integer / size as piece
        from users
        where (created_at, id) >= (from_created_at, from_id) and (created_at, id) < (to_created_at, to_id)
        order by created_at, id
        limit last * size + 1 -- all pieces but the last one, and the first user of the last one
    ), starts as materialized (
        select distinct on (piece) piece, created_at, id from ordered order by piece, created_at, id
    ), new_blocks as (
        insert into user_blocks select split + piece, created_at, id from starts where piece > 0
    ), applied as (
        select piece, status, role, count(*) as n from ordered group by piece, status, role
        union all
        select coalesce(s.piece, 0), d.status, d.role, -d.n
        from user_count_deltas d left join lateral (
            select piece from starts s where (s.created_at, s.id) <= (d.created_at, d.id) order by piece desc limit 1
        ) s on true
        where (d.created_at, d.id) >= (from_created_at, from_id) and (d.created_at, d.id) < (to_created_at, to_id)
    ), pieces as (
        select piece, coalesce(status, '') as status, coalesce(role, '') as role, sum(n) as n
        from applied where piece < last group by piece, cube (status, role)
    ), new_counts as (
        insert into user_counts select 0, split + piece, status, role, n from pieces
    )
    update user_counts c set n = c.n - p.n
    from (select status, role, sum(n) as n from pieces group by status, role) p
    where c.level = 0 and c.block = split + last and c.status = p.status and c.role = p.role;

    if not exists (select from user_blocks where block = split + last) then
        -- thousands of users were deleted since the deltas were last applied
        raise exception 'block % has fewer users than counted; it is split after the next deltas are applied', split
            using errcode = 'serialization_failure';
    end if;

    -- the blocks moved to other groups
    delete from user_counts where level = 1 and block >= split >> 6;
    insert into user_counts
    select 1, block >> 6, status, role, sum(n) from user_counts
    where level = 0 and block >= (split >> 6) << 6
    group by block >> 6, status, role;
    return true;
end $$;

create view user_block_contents as
select b.block, c.status, c.role, c.n
from user_blocks b
left join user_blocks next on next.block = b.block + 1
cross join lateral (
    select status, role, count(*) as n from users
    where created_at >= b.created_at and created_at <= coalesce(next.created_at, 'infinity')
        and (created_at, id) >= (b.created_at, b.id)
        and (created_at, id) < (coalesce(next.created_at, 'infinity'), coalesce(next.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    group by status, role
) c;

create view user_count_differences as
with applied as (
    select block, status, role, n from user_block_contents
    union all
    select b.block, d.status, d.role, -d.n
    from user_count_deltas d cross join lateral (
        select block from user_blocks b where (b.created_at, b.id) <= (d.created_at, d.id)
        order by b.created_at desc, b.id desc limit 1
    ) b
), expected as (
    select l.level, l.block, coalesce(status, '') as status, coalesce(role, '') as role, sum(n) as n
    from applied cross join lateral (values (0, applied.block), (1, applied.block >> 6), (2, 0)) l (level, block)
    group by l.level, l.block, cube (status, role)
)
select level, block, status, role, coalesce(c.n, 0) as counted, coalesce(e.n, 0) as actual
from expected e full join user_counts c using (level, block, status, role)
where coalesce(c.n, 0) <> coalesce(e.n, 0);

create function recount_users() returns bigint language plpgsql set search_path from current as $$
begin
    perform pg_advisory_xact_lock(hashtext('users.counts'));
    lock table users in share row exclusive mode;
    delete from user_count_deltas;
    delete from user_counts;
    delete from user_blocks;
    insert into user_blocks values (0, '-infinity', '00000000-0000-0000-0000-000000000000');
    insert into user_blocks
    select position / 2048, created_at, id
    from (select created_at, id, row_number() over (order by created_at, id) - 1 as position from users) u
    where position > 0 and position % 2048 = 0;
    insert into user_counts
    select l.level, l.block, coalesce(status, ''), coalesce(role, ''), sum(n)
    from (
        select position / 2048 as block, status, role, count(*)::integer as n
        from (select status, role, (row_number() over (order by created_at, id) - 1)::integer as position from users) u
        group by position / 2048, status, role
    ) c cross join lateral (values (0, c.block), (1, c.block >> 6), (2, 0)) l (level, block)
    group by l.level, l.block, cube (status, role);
    return user_total(null, null);
end $$;

create function user_total(statuses text[], roles text[]) returns bigint
    language plpgsql stable set search_path from current set plan_cache_mode = force_generic_plan
    set max_parallel_workers_per_gather = 0 set jit = off as $$
begin
    return coalesce((
            select sum(n) from user_counts
            where level = 2 and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))), 0)
        + coalesce((
            select sum(n) from user_count_deltas
            where (statuses is null or status = any (statuses)) and (roles is null or role = any (roles))), 0);
end $$;

create function user_total_before(instant timestamptz, statuses text[], roles text[]) returns bigint
    language plpgsql stable set search_path from current set plan_cache_mode = force_generic_plan
    set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    current_block user_blocks; -- contains the instant
begin
    select * into current_block from user_blocks where created_at < instant order by created_at desc, id desc limit 1;
    return coalesce((
            select sum(n) from user_counts
            where (level = 1 and block < current_block.block >> 6
                    or level = 0 and block >= (current_block.block >> 6) << 6 and block < current_block.block)
                and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))), 0)
        + coalesce((
            select sum(n) from user_count_deltas
            where (created_at, id) < (current_block.created_at, current_block.id)
                and (statuses is null or status = any (statuses)) and (roles is null or role = any (roles))), 0)
        + (select count(*) from users
            where created_at >= current_block.created_at and created_at < instant
                and (created_at, id) >= (current_block.created_at, current_block.id)
                and (statuses is null or status = any (statuses)) and (roles is null or role = any (roles)));
end $$;

create function user_page(
    page_offset bigint, page_size integer, ascending boolean, since timestamptz, until timestamptz, statuses text[],
    roles text[],
    out total bigint, out before_created_at timestamptz, out before_id uuid, out row_offset bigint, out row_limit integer)
    language plpgsql stable set search_path from current set plan_cache_mode = force_generic_plan
    set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    newer bigint := 0; -- users who were created at or after until
    found_block integer;
begin
    total := user_total(statuses, roles);
    if until is not null then
        newer := total - user_total_before(until, statuses, roles);
    end if;
    total := total - newer;
    if since is not null then
        total := total - user_total_before(since, statuses, roles);
    end if;
    row_limit := greatest(least(page_size, total - page_offset), 0);
    row_offset := case when ascending then greatest(total - page_offset - row_limit, 0) else page_offset end;
    before_created_at := coalesce(until, 'infinity');
    before_id := '00000000-0000-0000-0000-000000000000';
    if row_limit > 0 and row_offset >= 2048 then
        row_offset := row_offset + newer; -- the blocks are added up from the newest user of all
        with deltas as materialized (
            select b.block, sum(d.n)::integer as n
            from user_count_deltas d cross join lateral (
                select block from user_blocks b where (b.created_at, b.id) <= (d.created_at, d.id)
                order by b.created_at desc, b.id desc limit 1
            ) b
            where (statuses is null or status = any (statuses)) and (roles is null or role = any (roles))
            group by b.block
        ), groups as (
            select block, sum(n)::integer as n -- a sum of integers is a bigint, a sum of bigints a slow numeric
            from (
                select block, n from user_counts
                where level = 1 and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))
                union all
                select block >> 6, n from deltas
            ) c
            group by block
        ), found_group as materialized (
            select block, row_offset - (running - n) as rest -- rest: users of the group before the page
            from (select block, n, sum(n) over (order by block desc) as running from groups) g
            where running > row_offset order by block desc limit 1
        ), blocks as (
            select block, sum(n)::integer as n
            from (
                select block, n from user_counts
                where level = 0 and block >= (select block from found_group) << 6
                    and block < ((select block from found_group) + 1) << 6
                    and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))
                union all
                select block, n from deltas where block >> 6 = (select block from found_group)
            ) c
            group by block
        )
        select block, (select rest from found_group) - (running - n) into found_block, row_offset
        from (select block, n, sum(n) over (order by block desc) as running from blocks) b
        where running > (select rest from found_group) order by block desc limit 1;

        select created_at, id into before_created_at, before_id from user_blocks where block = found_block + 1;
        if not found then -- it is the newest block
            before_created_at := 'infinity';
        end if;
    end if;
end $$;
