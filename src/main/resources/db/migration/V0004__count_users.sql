-- Exact totals for every combination of status and role, and direct access to any page of the list, without counting or
-- skipping many rows.
--
-- Blocks. In the order (created_at, id), the users are divided into consecutive blocks. A block has about 2,048 users
-- and is split when it has twice as many. 64 consecutive blocks form a group. user_counts stores how many users each
-- block, each group and the whole table has:
--
--     level 0: one block,           block = its number
--     level 1: a group of 64,       block = number of a block in it divided by 64 (>> 6)
--     level 2: all users,           block = 0
--
-- Cube. Each of these counts is stored for every pair of status and role that occurs, and also for "any status" and
-- "any role", which are written as ''. GROUP BY CUBE (status, role) computes the four kinds of rows at once:
--
--     (active, admin), (active, ''), ('', admin), ('', '')
--
-- A total is then a sum of a few rows of level 2. The page that begins after the first n users is found by adding up
-- the groups until n is reached, then the blocks of one group; at most some thousand index entries of users remain to
-- be skipped.
--
-- Deltas. If every insert of a user updated the same rows of user_counts, all writers would wait for one another.
-- Therefore a trigger only appends +1 or -1 to user_count_deltas, and every 250 ms the service adds the deltas to the
-- counts and deletes them (apply_user_count_deltas). A reader takes the sum of counts and deltas. The sum is exact in
-- every snapshot, because a delta is written in the transaction that changes the user, and is applied and deleted in
-- one transaction. A delta contains the position (created_at, id) of the user and not the number of the block, so that
-- a block can be split while other transactions are writing deltas.
--
-- The view user_count_differences shows errors (there should be none). recount_users() computes everything anew.

create table user_blocks (
    block integer primary key, -- from 0, the oldest users, without gaps
    created_at timestamptz not null, -- with id: the position at which the block begins, inclusive
    id uuid not null,
    unique (created_at, id)
);

create table user_counts (
    level smallint not null,
    block integer not null,
    status text not null,
    role text not null,
    n integer not null, -- number of users
    primary key (level, status, role, block)
) with (fillfactor = 50); -- leaves room in each page for HOT updates, which do not touch the index

create table user_count_deltas (
    created_at timestamptz not null,
    id uuid not null,
    status text not null,
    role text not null,
    n smallint not null -- 1: a user was added, -1: a user was removed
);

-- Trigger function for a row of users. An update removes the user with the old values and adds it with the new ones.
-- The table is named with its schema, because setting search_path for each call would make an insert ten percent
-- slower. A database user who writes to users therefore needs the privilege to insert into user_count_deltas.
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

-- Trigger function for TRUNCATE.
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

-- Applying deltas, splitting blocks and recounting exclude one another, on all instances. Returns false if another
-- transaction is doing one of them.
create function try_lock_user_counts() returns boolean language sql as $$
    select pg_try_advisory_xact_lock(hashtext('users.counts'))
$$;

-- Adds up to 100,000 deltas to the counts and deletes them. Returns their number.
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

-- Splits the largest block that has at least twice the normal number of users, into at most 65 blocks. Returns whether
-- it split one.
--
-- The block is divided into pieces 0, 1, … last. All but the last piece have the normal size; the last one keeps the
-- remaining users. The count of a piece is the number of its users minus its deltas, because the deltas are added to the
-- counts later and would otherwise count twice. One statement reads both, so both come from the same snapshot, and no
-- writer has to wait.
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

-- The number of users of each block, status and role, counted in users. The condition on created_at alone is implied by
-- those on (created_at, id); from it the planner estimates how few rows a block has.
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

-- Compares the stored counts with the users. It is empty when all counts are right, also while deltas are waiting.
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
select level, block, status, role, coalesce(c.n, 0) as stored, coalesce(e.n, 0) as expected
from expected e full join user_counts c using (level, block, status, role)
where coalesce(c.n, 0) <> coalesce(e.n, 0);

-- Creates all blocks and counts anew, for example after a bulk load with disabled triggers. Writes to users wait until
-- it has finished. Returns the number of users.
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

-- The number of users who have one of the statuses and one of the roles; null means any.
--
-- This and the next two functions run for each page of the list. Their settings fix one plan: PostgreSQL does not plan
-- each call anew for the given arrays, start parallel workers, or compile with JIT, each of which would take longer
-- than the query itself.
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

-- The same, of the users who were created before an instant: the sum of all groups and blocks before the block that
-- contains the instant, their deltas, and the users of that block who were created before the instant.
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

-- Finds a page of the list by time of creation. The list contains the users who have one of the statuses and one of
-- the roles and were created in [since, until); null means any.
--
-- Parameters: page_offset is the number of users before the page, page_size the maximum number of users in it,
-- ascending whether the list begins with the oldest user.
--
-- Result: total is the number of users in the list. To read the page, add the conditions of the list to this query:
--
--     select … from users where (created_at, id) < (before_created_at, before_id)
--     order by created_at desc, id desc offset row_offset limit row_limit
--
-- For an ascending list, reverse the rows. row_offset is less than 2,048 or the number of users in one block.
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

select recount_users(); -- creates block 0, which every position belongs to until it is split
