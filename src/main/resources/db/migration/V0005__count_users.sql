-- Exact totals and any page without counting and skipping. The list in its order, (created_at, id), is cut into blocks
-- of some thousands of users. For each block, each 64 blocks and all of them it is kept how many users of each status
-- and role there are. A total is a sum of few rows; a page is found by adding up from the newest, first by 64 blocks,
-- then by one.
--
-- Writers only append to user_count_deltas, so they neither wait for each other nor for the service's task that folds
-- the deltas into the counts. In every snapshot, counts and deltas together are exact: both change in the transaction
-- that changes the users. A delta carries the user's place rather than a block's number, so blocks can be split while
-- writers are at work.
create table user_blocks (
    block integer primary key, -- from 0, the oldest, without gaps
    created_at timestamptz not null, -- the first place that belongs to the block
    id uuid not null,
    unique (created_at, id)
);

create table user_counts (
    level smallint not null, -- 0: of a block, 1: of 64 blocks, 2: of all
    block integer not null, -- 0: its number, 1: its number / 64, 2: 0
    status text not null, -- '' for any
    role text not null, -- '' for any
    n integer not null,
    primary key (level, status, role, block)
) with (fillfactor = 50);

create table user_count_deltas (
    created_at timestamptz not null,
    id uuid not null,
    status text not null,
    role text not null,
    n smallint not null
);

create function count_users() returns trigger language plpgsql security definer set search_path from current as $$
begin
    case tg_op
        when 'INSERT' then
            insert into user_count_deltas select created_at, id, status, role, 1 from new_users;
        when 'DELETE' then
            insert into user_count_deltas select created_at, id, status, role, -1 from old_users;
        when 'TRUNCATE' then
            insert into user_count_deltas select created_at, id, status, role, -1 from users;
        else
            insert into user_count_deltas
            select created_at, id, status, role, -1
            from (select created_at, id, status, role from old_users
                  except all select created_at, id, status, role from new_users) gone
            union all
            select created_at, id, status, role, 1
            from (select created_at, id, status, role from new_users
                  except all select created_at, id, status, role from old_users) come;
    end case;
    return null;
end $$;

create trigger users_count_insert after insert on users referencing new table as new_users
    for each statement execute function count_users();
create trigger users_count_update after update on users referencing old table as old_users new table as new_users
    for each statement execute function count_users();
create trigger users_count_delete after delete on users referencing old table as old_users
    for each statement execute function count_users();
create trigger users_count_truncate before truncate on users
    for each statement execute function count_users();

-- One at a time: folding, splitting and counting anew.
create function lock_user_counts() returns boolean language sql as $$
    select pg_try_advisory_xact_lock(hashtext('users.counts'))
$$;

-- Takes deltas into the counts, at most a hundred thousand in one go; answers how many.
create function fold_user_counts() returns bigint language plpgsql set search_path from current as $$
declare
    folded bigint := 0;
begin
    if lock_user_counts() then
        with gone as (
            delete from user_count_deltas
            where ctid = any (array(select ctid from user_count_deltas limit 100000))
            returning created_at, id, status, role, n
        ), placed as materialized (
            select b.block, status, role, sum(n) as n, count(*) as deltas
            from gone cross join lateral (
                select block from user_blocks b where (b.created_at, b.id) <= (gone.created_at, gone.id)
                order by b.created_at desc, b.id desc limit 1
            ) b
            group by b.block, status, role
        ), counted as (
            insert into user_counts
            select l.level, l.block, coalesce(status, ''), coalesce(role, ''), sum(n)
            from placed cross join lateral (values (0, placed.block), (1, placed.block >> 6), (2, 0)) l (level, block)
            group by l.level, l.block, cube (status, role)
            on conflict (level, status, role, block) do update set n = user_counts.n + excluded.n
        )
        select coalesce(sum(deltas), 0) into folded from placed;
    end if;
    return folded;
end $$;

-- Splits the fullest block that holds twice as many users as a block should, into at most 65; answers whether it did.
-- What is folded of a piece is what it holds without what its deltas tell: both are read in one statement, so in one
-- snapshot, and writers need not wait.
create function split_user_blocks() returns boolean language plpgsql set search_path from current as $$
declare
    size constant integer := 2048;
    wide integer;
    last integer; -- number of the last piece, which gets what the others do not hold
    lower_at timestamptz;
    lower_id uuid;
    upper_at timestamptz;
    upper_id uuid;
begin
    if not lock_user_counts() then
        return false;
    end if;
    select block, least(n / size, 65) - 1 into wide, last
    from user_counts where level = 0 and status = '' and role = '' and n >= 2 * size
    order by n desc limit 1;
    if wide is null then
        return false;
    end if;
    select created_at, id into lower_at, lower_id from user_blocks where block = wide;
    select created_at, id into upper_at, upper_id from user_blocks where block = wide + 1;

    -- room for the new numbers; by way of negative ones, because unique keys are checked row by row
    update user_blocks set block = -(block + last) where block > wide;
    update user_blocks set block = -block where block < 0;
    update user_counts set block = -(block + last) where level = 0 and block >= wide;
    update user_counts set block = -block where level = 0 and block < 0;

    with listed as materialized (
        select created_at, id, status, role, (row_number() over (order by created_at, id) - 1)::integer / size as piece
        from users
        where (created_at, id) >= (lower_at, lower_id)
            and (created_at, id) < (coalesce(upper_at, 'infinity'), coalesce(upper_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by created_at, id
        limit last * size + 1
    ), starts as materialized (
        select distinct on (piece) piece, created_at, id from listed order by piece, created_at, id
    ), begun as (
        insert into user_blocks select wide + piece, created_at, id from starts where piece > 0
    ), folded as (
        select piece, status, role, count(*) as n from listed group by piece, status, role
        union all
        select coalesce(s.piece, 0), d.status, d.role, -d.n
        from user_count_deltas d left join lateral (
            select piece from starts s where (s.created_at, s.id) <= (d.created_at, d.id) order by piece desc limit 1
        ) s on true
        where (d.created_at, d.id) >= (lower_at, lower_id)
            and (d.created_at, d.id) < (coalesce(upper_at, 'infinity'), coalesce(upper_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ), pieces as (
        select piece, coalesce(status, '') as status, coalesce(role, '') as role, sum(n) as n
        from folded where piece < last group by piece, cube (status, role)
    ), counted as (
        insert into user_counts select 0, wide + piece, status, role, n from pieces
    )
    update user_counts c set n = c.n - p.n
    from (select status, role, sum(n) as n from pieces group by status, role) p
    where c.level = 0 and c.block = wide + last and c.status = p.status and c.role = p.role;

    if not exists (select from user_blocks where block = wide + last) then
        -- thousands of users were deleted since the last folding
        raise exception 'block % has fewer users than counted; it is split after the next folding', wide
            using errcode = 'serialization_failure';
    end if;

    delete from user_counts where level = 1 and block >= wide >> 6;
    insert into user_counts
    select 1, block >> 6, status, role, sum(n) from user_counts
    where level = 0 and block >= (wide >> 6) << 6
    group by block >> 6, status, role;
    return true;
end $$;

-- What the blocks hold, by counting.
create view user_block_contents as
select b.block, c.status, c.role, c.n
from user_blocks b
left join user_blocks next on next.block = b.block + 1
cross join lateral (
    select status, role, count(*) as n from users
    where (created_at, id) >= (b.created_at, b.id)
        and (created_at, id) < (coalesce(next.created_at, 'infinity'), coalesce(next.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    group by status, role
) c;

-- The check: where the counts are not what counting gives. No rows when all is right, at any moment.
create view user_count_differences as
with folded as (
    select block, status, role, n from user_block_contents
    union all
    select b.block, d.status, d.role, -d.n
    from user_count_deltas d cross join lateral (
        select block from user_blocks b where (b.created_at, b.id) <= (d.created_at, d.id)
        order by b.created_at desc, b.id desc limit 1
    ) b
), expected as (
    select l.level, l.block, coalesce(status, '') as status, coalesce(role, '') as role, sum(n) as n
    from folded cross join lateral (values (0, folded.block), (1, folded.block >> 6), (2, 0)) l (level, block)
    group by l.level, l.block, cube (status, role)
)
select level, block, status, role, coalesce(c.n, 0) as counted, coalesce(e.n, 0) as actual
from expected e full join user_counts c using (level, block, status, role)
where coalesce(c.n, 0) <> coalesce(e.n, 0);

-- Cuts and counts everything anew, after work with the triggers disabled; writers wait. Answers how many users there are.
create function recount_users() returns bigint language plpgsql set search_path from current as $$
begin
    perform pg_advisory_xact_lock(hashtext('users.counts'));
    lock table users in share row exclusive mode;
    delete from user_count_deltas;
    delete from user_counts;
    delete from user_blocks;
    insert into user_blocks values (0, '-infinity', '00000000-0000-0000-0000-000000000000');
    insert into user_blocks
    select place / 2048, created_at, id
    from (select created_at, id, row_number() over (order by created_at, id) - 1 as place from users) u
    where place > 0 and place % 2048 = 0;
    insert into user_counts
    select l.level, l.block, coalesce(status, ''), coalesce(role, ''), sum(n)
    from user_block_contents c cross join lateral (values (0, c.block), (1, c.block >> 6), (2, 0)) l (level, block)
    group by l.level, l.block, cube (status, role);
    return user_total(null, null);
end $$;

-- How many users have one of the statuses and one of the roles; null for any.
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

-- How many of them were created before an instant.
create function user_total_before(instant timestamptz, statuses text[], roles text[]) returns bigint
    language plpgsql stable set search_path from current set plan_cache_mode = force_generic_plan
    set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    at user_blocks; -- the block that the instant lies in
begin
    select * into at from user_blocks where created_at < instant order by created_at desc, id desc limit 1;
    return coalesce((
            select sum(n) from user_counts
            where (level = 1 and block < at.block >> 6
                    or level = 0 and block >= (at.block >> 6) << 6 and block < at.block)
                and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))), 0)
        + coalesce((
            select sum(n) from user_count_deltas
            where (created_at, id) < (at.created_at, at.id)
                and (statuses is null or status = any (statuses)) and (roles is null or role = any (roles))), 0)
        + (select count(*) from users
            where created_at >= at.created_at and created_at < instant and (created_at, id) >= (at.created_at, at.id)
                and (statuses is null or status = any (statuses)) and (roles is null or role = any (roles)));
end $$;

-- Where to read a page of the users with one of the statuses and one of the roles, created in [since, until), from the
-- newest or the oldest on: in descending order below a place, after some more rows.
create function user_page(
    skip bigint, size integer, ascending boolean, since timestamptz, until timestamptz, statuses text[], roles text[],
    out total bigint, out below_at timestamptz, out below_id uuid, out skipped bigint, out taken integer)
    language plpgsql stable set search_path from current set plan_cache_mode = force_generic_plan
    set max_parallel_workers_per_gather = 0 set jit = off as $$
declare
    newer bigint := 0; -- not before until
    at integer;
begin
    total := user_total(statuses, roles);
    if until is not null then
        newer := total - user_total_before(until, statuses, roles);
    end if;
    total := total - newer;
    if since is not null then
        total := total - user_total_before(since, statuses, roles);
    end if;
    taken := greatest(least(size, total - skip), 0);
    skipped := case when ascending then greatest(total - skip - taken, 0) else skip end;
    below_at := coalesce(until, 'infinity');
    below_id := '00000000-0000-0000-0000-000000000000';
    if taken > 0 and skipped >= 2048 then
        skipped := skipped + newer;
        with pending as materialized (
            select b.block, sum(d.n)::integer as n
            from user_count_deltas d cross join lateral (
                select block from user_blocks b where (b.created_at, b.id) <= (d.created_at, d.id)
                order by b.created_at desc, b.id desc limit 1
            ) b
            where (statuses is null or status = any (statuses)) and (roles is null or role = any (roles))
            group by b.block
        ), large as (
            select block, sum(n)::integer as n -- a sum of integers is a bigint, of bigints a slow numeric
            from (
                select block, n from user_counts
                where level = 1 and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))
                union all
                select block >> 6, n from pending
            ) c
            group by block
        ), part as materialized (
            select block, skipped - (upto - n) as rest
            from (select block, n, sum(n) over (order by block desc) as upto from large) l
            where upto > skipped order by block desc limit 1
        ), small as (
            select block, sum(n)::integer as n
            from (
                select block, n from user_counts
                where level = 0 and block >= (select block from part) << 6 and block < ((select block from part) + 1) << 6
                    and status = any (coalesce(statuses, '{""}')) and role = any (coalesce(roles, '{""}'))
                union all
                select block, n from pending where block >> 6 = (select block from part)
            ) c
            group by block
        )
        select block, (select rest from part) - (upto - n) into at, skipped
        from (select block, n, sum(n) over (order by block desc) as upto from small) s
        where upto > (select rest from part) order by block desc limit 1;

        select created_at, id into below_at, below_id from user_blocks where block = at + 1;
        if not found then
            below_at := 'infinity';
        end if;
    end if;
end $$;

select recount_users();
