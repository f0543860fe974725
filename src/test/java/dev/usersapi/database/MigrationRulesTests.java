package dev.usersapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/**
 * Rules for migrations. A published migration is never edited: an edit would not reach the databases that it was applied
 * to. And a migration only adds. While a new version is rolled out, instances of the previous version continue to work on
 * the schema that the new version has migrated, so everything that they read, write or leave out must remain possible. A
 * table or column is dropped one version after the last version that uses it; its migration is then listed in
 * {@link #EXCEPTIONS} with the reason.
 *
 * <p>The patterns of {@link #RULES} find the statements that break the second rule.
 */
class MigrationRulesTests {

    private static final Map<String, String> RULES = Map.of(
            "drops what the previous version uses", "\\bdrop (table|column|view|type|schema|sequence)\\b",
            "drops a column", "\\balter table \\S+ drop (?!constraint\\b)\\w+",
            "renames", "\\brename (to|column|constraint)\\b|\\brename \\w+ to\\b",
            "changes a type", "\\balter( column)? \\w+ (set data )?type\\b",
            "forbids null", "\\bset not null\\b",
            "drops a default", "\\bdrop default\\b",
            "requires a value that the previous version does not write",
                    "\\badd (column )?(?!constraint|check|unique|primary|foreign)\\w+ (?![^,;]*\\bdefault\\b)[^,;]*\\bnot null\\b",
            "adds a constraint to an existing table",
                    "\\balter table [^;]*\\badd (constraint|check|unique|primary|foreign)\\b",
            "adds a unique index to an existing table", "\\bcreate unique index\\b",
            "deletes rows", "\\b(truncate|delete from)\\b");

    private static final String LAST_MIGRATION_OF_FIRST_RELEASE = "V0013"; // no previous version could use the schema

    /** Version of a migration that breaks a rule, and why the previous version continues to work. */
    private static final Map<String, String> EXCEPTIONS = Map.of();

    @Test
    void publishedMigrationsAreNotEdited() throws IOException {
        Map<String, String> actual = new TreeMap<>();
        for (Resource migration : migrations()) {
            CRC32 checksum = new CRC32();
            migration
                    .getContentAsString(StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> checksum.update(line.getBytes(StandardCharsets.UTF_8)));
            actual.put(name(migration), "%08x".formatted(checksum.getValue()));
        }

        assertThat(actual)
                .as("To change the schema, add a migration, and add its checksum to migration-checksums.properties")
                .isEqualTo(new TreeMap<>(PropertiesLoaderUtils.loadAllProperties("migration-checksums.properties")));
    }

    @Test
    void migrationsOnlyAdd() throws IOException {
        Map<String, String> broken = new TreeMap<>();
        for (Resource migration : migrations()) {
            String version = name(migration).substring(0, 5);
            List<String> rules = brokenRules(migration.getContentAsString(StandardCharsets.UTF_8));
            if (!rules.isEmpty()
                    && version.compareTo(LAST_MIGRATION_OF_FIRST_RELEASE) > 0
                    && !EXCEPTIONS.containsKey(version)) {
                broken.put(version, String.join("; ", rules));
            }
        }

        assertThat(broken).isEmpty();
    }

    private static Resource[] migrations() throws IOException {
        Resource[] migrations = new PathMatchingResourcePatternResolver().getResources("classpath:db/migration/*.sql");
        assertThat(migrations).isNotEmpty();
        return migrations;
    }

    private static String name(Resource migration) {
        return String.valueOf(migration.getFilename());
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
    void brokenRulesFindsStatementsThatBreakThePreviousVersion(String statement) {
        assertThat(brokenRules(statement)).isNotEmpty();
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
    void brokenRulesIsEmptyForStatementsThatOnlyAdd(String statement) {
        assertThat(brokenRules(statement)).isEmpty();
    }

    private static List<String> brokenRules(String sql) {
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
