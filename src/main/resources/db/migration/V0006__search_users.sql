-- Parts of names and e-mails are found by the groups of three letters that they hold, or, for a part of two letters, by
-- the groups that begin with it. pg_trgm could not do the latter, and is not installed everywhere.
create function user_parts(name text, email text) returns tsvector
    language plpgsql immutable strict parallel safe as $$
declare
    letters text[] := string_to_array(lower(name || E'\n' || email), null);
    parts text[];
begin
    for i in 1 .. cardinality(letters) - 1 loop
        parts[i] := letters[i] || letters[i + 1] || coalesce(letters[i + 2], '');
    end loop;
    return array_to_tsvector(parts);
end $$;

-- What the parts of a user must match for the text, of two letters or more, to be in their name or e-mail; others may
-- match too, where the groups stand apart.
create function user_parts_query(part text) returns tsquery
    language sql immutable strict parallel safe as $$
    select (string_agg('''' || replace(replace(substr(t, i, 3), '\', '\\'), '''', '''''') || '''', ' & ')
        || case when length(t) = 2 then ':*' else '' end)::tsquery
    from (select lower(part) as t) lowered cross join lateral generate_series(1, greatest(length(t) - 2, 1)) i
    group by t
$$;

create index users_parts_idx on users using gin (user_parts(name, email));
