package dev.usersapi.fault;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What must be in the database, as its only writers were told: for each row what it may be, or that it may be absent. An
 * acknowledged write leaves one possibility; one without an answer adds a possibility to those there were.
 */
final class Facts {

    /** What differed: acknowledged and not there as it was, there more than once, or there though nobody asked for it. */
    record Differences(List<String> lost, List<String> duplicated, List<String> unasked) {}

    /** Of a user. */
    record State(String name, String role, String status, String theme) {}

    private static final String ALL = """
            select 'user ' || email as fact, concat_ws('|', name, role, status, settings ->> 'theme') as state
            from users where email like 'fault-%'
            union all
            select 'session ' || user_agent, 'there' from sessions where user_agent like 'fault-%'
            union all
            select 'key ' || name, 'there' from api_keys where name like 'fault-%'""";

    private final Map<String, Set<Optional<State>>> facts = new ConcurrentHashMap<>();
    private final State there = new State("", "", "", "");

    /** Of a session or a key, which have no state but to be there. */
    void set(String fact, boolean isThere, boolean certain) {
        change(fact, state -> isThere ? Optional.of(there) : Optional.empty(), certain);
    }

    /** Of what may be absent already, and stays so: a change is of rows that are there. */
    void change(String fact, UnaryOperator<Optional<State>> change, boolean certain) {
        facts.merge(
                fact,
                after(Set.of(Optional.empty()), change, certain),
                (former, first) -> after(former, change, certain));
    }

    private static Set<Optional<State>> after(
            Set<Optional<State>> former, UnaryOperator<Optional<State>> change, boolean certain) {
        Set<Optional<State>> after = former.stream().map(change).collect(Collectors.toCollection(HashSet::new));
        if (!certain) {
            after.addAll(former);
        }
        return after;
    }

    /** After an answer that only a row which is there can have given. */
    void require(String fact) {
        facts.computeIfPresent(
                fact,
                (name, possible) ->
                        possible.stream().filter(Optional::isPresent).collect(Collectors.toSet()));
    }

    boolean mayBe(String fact, Predicate<Optional<State>> state) {
        return facts.getOrDefault(fact, Set.of(Optional.empty())).stream().anyMatch(state);
    }

    boolean mayBeAbsent(String fact) {
        return mayBe(fact, Optional::isEmpty);
    }

    boolean mayBeThere(String fact) {
        return mayBe(fact, Optional::isPresent);
    }

    /** Compares, and takes what is there for certain from now on. */
    Differences compare(JdbcClient database) {
        Map<String, List<String>> rows = new ConcurrentHashMap<>();
        database.sql(ALL).query(row -> {
            rows.computeIfAbsent(row.getString("fact"), fact -> new ArrayList<>())
                    .add(row.getString("state"));
        });
        Differences differences = new Differences(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        rows.keySet().stream()
                .filter(fact -> !facts.containsKey(fact))
                .forEach(fact -> differences.unasked().add(fact + " was never asked for"));
        facts.forEach((fact, possible) -> {
            List<String> found = rows.getOrDefault(fact, List.of());
            if (found.size() > 1) {
                differences.duplicated().add(fact + " is there " + found.size() + " times");
            }
            Optional<Optional<State>> actual = possible.stream()
                    .filter(state -> state.map(this::text).equals(found.stream().findFirst()))
                    .findFirst();
            if (actual.isEmpty()) {
                differences.lost().add(fact + " is " + found + " and not of " + possible);
            } else {
                facts.put(fact, Set.of(actual.get()));
            }
        });
        return differences;
    }

    private String text(State state) {
        return state.equals(there)
                ? "there"
                : String.join("|", state.name(), state.role(), state.status(), state.theme());
    }
}
