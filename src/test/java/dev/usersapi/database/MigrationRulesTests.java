package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * While a new version is rolled out, instances of the version before it go on working on the schema that the new one has
 * migrated. So a migration only adds: what the version before reads, writes or leaves out stays possible. What is to go
 * goes one version after the last one that uses it: then its migration is named here, with the reason.
 *
 * <p>Rules for statements, each of which one of the patterns below finds: nothing is dropped but indexes, constraints,
 * defaults, triggers and functions, each only for something that allows at least as much; nothing is renamed or gets
 * another type; a new column of a table that is there already is nullable or has a default; a constraint on what is there
 * already is never made stricter.
 */
class MigrationRulesTests {

    private static final Map<String, String> RULES = Map.of(
            "drops what the version before uses", "\\bdrop (table|column|view|type|schema|sequence)\\b",
            "drops a column", "\\balter table \\S+ drop (?!constraint\\b)\\w+",
            "renames", "\\brename (to|column|constraint)\\b|\\brename \\w+ to\\b",
            "changes a type", "\\balter( column)? \\w+ (set data )?type\\b",
            "forbids null", "\\bset not null\\b",
            "takes a default away", "\\bdrop default\\b",
            "wants a value that the version before does not give",
                    "\\badd (column )?(?!constraint|check|unique|primary|foreign)\\w+ (?![^,;]*\\bdefault\\b)[^,;]*\\bnot null\\b",
            "restricts what is there", "\\balter table [^;]*\\badd (constraint|check|unique|primary|foreign)\\b",
            "makes unique what is there", "\\bcreate unique index\\b",
            "takes rows away", "\\b(truncate|delete from)\\b");

    /** Why the version before works on in spite of what these do. */
    private static final Map<String, String> REASONS = Map.of(
            "V0024",
            "replaces users_email_key by one of the same name, which is stricter only where the database's language kept"
                    + " it from seeing that two e-mails are the same",
            "V0025",
            "permits all rows that the version before writes",
            "V0035",
            "renames much, which is acceptable because no version has been released",
            "V0033",
            "permits all rows that the version before writes");

    /** Before anybody could run two versions at once. */
    private static final Set<String> BEFORE_THE_FIRST_VERSION =
            Set.of("V0001", "V0002", "V0003", "V0004", "V0005", "V0006", "V0007", "V0008");

    @Test
    void migrationsOnlyAdd() throws IOException {
        Map<String, String> broken = new TreeMap<>();
        Resource[] migrations = new PathMatchingResourcePatternResolver().getResources("classpath:db/migration/*.sql");
        assertThat(migrations).hasSizeGreaterThan(20);
        for (Resource migration : migrations) {
            String version = String.valueOf(migration.getFilename()).substring(0, 5);
            List<String> faults = faults(migration.getContentAsString(StandardCharsets.UTF_8));
            if (!faults.isEmpty() && !BEFORE_THE_FIRST_VERSION.contains(version) && !REASONS.containsKey(version)) {
                broken.put(version, String.join("; ", faults));
            }
        }

        assertThat(broken).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table users drop column name;",
                "alter table users drop name;",
                "drop table account_actions;",
                "alter table users rename name to title;",
                "alter table users rename to people;",
                "alter table users alter column name type varchar(9);",
                "alter table users alter name set data type varchar(9);",
                "alter table users alter column name set not null;",
                "alter table users alter column name drop default;",
                "alter table users\n    add column a text,\n    add column b text not null;",
                "alter table users add b text not null;",
                "alter table users add constraint c check (length(name) < 9);",
                "alter table users add unique (name);",
                "create unique index on users (name);",
                "delete from roles;"
            })
    void whatBreaksTheVersionBeforeIsFound(String statement) {
        assertThat(faults(statement)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table users add column a text;",
                "alter table users add a timestamptz not null default now(), add b text;",
                "alter table users alter column name drop not null;",
                "create table a (id uuid primary key, name text not null unique);",
                "-- drop table users\ncreate index on users (name);"
            })
    void whatOnlyAddsIsNot(String statement) {
        assertThat(faults(statement)).isEmpty();
    }

    private static List<String> faults(String sql) {
        String statements = Arrays.stream(sql.split("\n", -1))
                .map(line -> line.replaceFirst("--.*", ""))
                .reduce("", (all, line) -> all + " " + line)
                .replaceAll("\\s+", " ")
                .toLowerCase(Locale.ROOT);
        return RULES.entrySet().stream()
                .filter(rule ->
                        Pattern.compile(rule.getValue()).matcher(statements).find())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}
