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
 * What the database must contain, according to the answers that the clients got. Only these clients write. For each row,
 * the facts are its possible states; an empty state means that the row is absent. An acknowledged write leaves one
 * possible state, a write without an answer adds one.
 */
final class Facts {

    /** Rows that lack an acknowledged write, rows that are stored more than once, and rows that no client requested. */
    record Differences(List<String> lost, List<String> duplicated, List<String> unrequested) {}

    /** The expected state of a user. */
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

    /** Records the existence of a session or a key, which have no other state. */
    void set(String fact, boolean isThere, boolean certain) {
        change(fact, state -> isThere ? Optional.of(there) : Optional.empty(), certain);
    }

    /** Records a change. A row that may be absent may stay absent, because a change does not create it. */
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

    /** Records an answer that proves that the row exists. */
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

    /** Compares the rows with the facts. From now on the rows that were found are the facts. */
    Differences compare(JdbcClient database) {
        Map<String, List<String>> rows = new ConcurrentHashMap<>();
        database.sql(ALL).query(row -> {
            rows.computeIfAbsent(row.getString("fact"), fact -> new ArrayList<>())
                    .add(row.getString("state"));
        });
        Differences differences = new Differences(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        rows.keySet().stream()
                .filter(fact -> !facts.containsKey(fact))
                .forEach(fact -> differences.unrequested().add(fact + " was never requested"));
        facts.forEach((fact, possible) -> {
            List<String> found = rows.getOrDefault(fact, List.of());
            if (found.size() > 1) {
                differences.duplicated().add(fact + " is stored " + found.size() + " times");
            }
            Optional<Optional<State>> actual = possible.stream()
                    .filter(state -> state.map(this::text).equals(found.stream().findFirst()))
                    .findFirst();
            if (actual.isEmpty()) {
                differences.lost().add(fact + " is " + found + " but should be one of " + possible);
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
