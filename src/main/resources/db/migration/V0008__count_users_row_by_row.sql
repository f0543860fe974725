-- Deltas row by row: nearly all writes are of one user, for whom the tables of a statement's rows cost more than the
-- delta, and an update that leaves a user where they are is none of the trigger's business. The table is named with its
-- schema, because setting a search path for each call costs a tenth of an insert. So who writes users needs the right to
-- insert into user_count_deltas too.
drop trigger users_count_insert on users;
drop trigger users_count_update on users;
drop trigger users_count_delete on users;
drop trigger users_count_truncate on users;
drop function count_users();

create function count_user() returns trigger language plpgsql as $$
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

create function uncount_users() returns trigger language plpgsql as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        -- a snapshot from before may lack users that TRUNCATE removes: it regards none
        raise exception 'users can be truncated in a transaction at READ COMMITTED only';
    end if;
    insert into "${flyway:defaultSchema}".user_count_deltas
    select created_at, id, status, role, -1 from "${flyway:defaultSchema}".users;
    return null;
end $$;

create trigger users_count_insert_or_delete after insert or delete on users
    for each row execute function count_user();
create trigger users_count_update after update on users for each row
    when ((old.created_at, old.id, old.status, old.role) is distinct from (new.created_at, new.id, new.status, new.role))
    execute function count_user();
create trigger users_count_truncate before truncate on users
    for each statement execute function uncount_users();
