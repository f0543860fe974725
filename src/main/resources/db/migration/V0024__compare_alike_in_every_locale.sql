-- lower() follows the locale of the database unless an expression names a collation: in a Turkish database lower('I') is
-- a dotless i. E-mails are ASCII, so they are compared with the collation "C"; other text by the rules of Unicode.
--
-- The indexes are built before the former ones are dropped, so that reads go on meanwhile.

-- Text in the form in which it is compared without regard to case. The final sigma becomes a plain one, because lower()
-- chooses between them by the letters around, which are others in a part of the text.
create function fold_case(text) returns text
    language sql immutable parallel safe
    return replace(lower($1 collate "und-x-icu"), 'ς', 'σ');

-- As before, and the last letter is a group of its own, so that parts of one letter are found too.
create or replace function user_parts(name text, email text) returns tsvector
    language plpgsql immutable strict parallel safe as $$
declare
    letters text[] := string_to_array("${flyway:defaultSchema}".fold_case(name || E'\n' || email), null);
    parts text[];
begin
    for i in 1 .. cardinality(letters) loop
        parts[i] := letters[i] || coalesce(letters[i + 1], '') || coalesce(letters[i + 2], '');
    end loop;
    return array_to_tsvector(parts);
end $$;

-- As before, for texts of one letter or more. E'' strings mean the same for every standard_conforming_strings.
create or replace function user_parts_query(part text) returns tsquery
    language sql immutable strict parallel safe as $$
    select (string_agg('''' || replace(replace(substr(t, i, 3), E'\\', E'\\\\'), '''', '''''') || '''', ' & ')
        || case when length(t) < 3 then ':*' else '' end)::tsquery
    from (select "${flyway:defaultSchema}".fold_case(part) as t) folded
        cross join lateral generate_series(1, greatest(length(t) - 2, 1)) i
    group by t
$$;

create unique index users_email_new_key on users (lower(email collate "C")) include (status, role);
create index users_name_new_idx on users ((fold_case(name) collate "C"), id) include (status, role);
create index users_parts_new_idx on users using gin (user_parts(name, email));
-- Instances of the version before look e-mails up by this. A later version drops it.
create index users_email_former_idx on users (lower(email) collate "C");

-- The constraint keeps its name, by which instances of the version before know it too.
drop index users_email_key, users_name_idx, users_parts_idx;
alter index users_email_new_key rename to users_email_key;
alter index users_name_new_idx rename to users_name_idx;
alter index users_parts_new_idx rename to users_parts_idx;
