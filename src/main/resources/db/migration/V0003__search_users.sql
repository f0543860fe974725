-- Search for a part of a name or e-mail, without regard to case.
--
-- A GIN index stores the trigrams of each user: the three letters that begin at each position of name and e-mail. The
-- search term is split into trigrams as well, and the index finds the users who have all of them. A term of one or two
-- letters is looked up as the beginning of a trigram. The extension pg_trgm is not used, because it cannot look up
-- terms of fewer than three letters and is not installed everywhere. Instead the trigrams are stored as a tsvector.

-- The trigrams of a user's name and e-mail. The last two positions give shorter texts, so that a term at the end of the
-- text is found. The line break between name and e-mail, which neither can contain, keeps a term from matching across
-- both.
create function user_trigrams(name text, email text) returns tsvector
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

-- The query for a search term: 'abc' & 'bcd' for abcd, 'ab':* for ab. A user who matches it has all trigrams, but
-- perhaps not one after the other, so the service also checks that the term occurs in the name or the e-mail. The
-- backslashes are in E'' strings, because these do not depend on the setting standard_conforming_strings.
create function user_trigram_query(term text) returns tsquery
    language sql immutable strict parallel safe as $$
    select (string_agg('''' || replace(replace(substr(t, i, 3), E'\\', E'\\\\'), '''', '''''') || '''', ' & ')
        || case when length(t) < 3 then ':*' else '' end)::tsquery
    from (select "${flyway:defaultSchema}".fold_case(term) as t) folded
        cross join lateral generate_series(1, greatest(length(t) - 2, 1)) i
    group by t
$$;

create index users_trigrams_idx on users using gin (user_trigrams(name, email));
