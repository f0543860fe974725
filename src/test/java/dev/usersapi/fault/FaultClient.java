package dev.usersapi.fault;

import dev.usersapi.fault.Facts.State;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A client of an admin that creates users, changes them and logs in as them, one random request after another. */
final class FaultClient implements Runnable {

    private static final List<String> ROLES = List.of("member", "viewer", "editor");
    private static final List<String> THEMES = List.of("light", "dark", "system");
    private static final int MAX_ACCOUNTS = 12;
    private static final long PAUSE_AFTER_A_FAILURE = 50_000_000; // nanoseconds

    private static final class Account {
        private final String email;
        private final String fact;
        private final List<Login> logins = new ArrayList<>();
        private final List<String> sessions = new ArrayList<>();
        private final List<String> keys = new ArrayList<>();
        private @Nullable String id; // null until the creation is acknowledged

        private Account(String email) {
            this.email = email;
            this.fact = "user " + email;
        }
    }

    private static final class Login {
        private final String agent;
        private final String fact;
        private Api.Client client;
        private String refreshToken;
        private boolean isTokenCertain = true;

        private Login(String agent, Api.Client client, String refreshToken) {
            this.agent = agent;
            this.fact = "session " + agent;
            this.client = client;
            this.refreshToken = refreshToken;
        }
    }

    private final String name;
    private final Random random;
    private final Facts facts;
    private final FaultLog log;
    private final List<Account> accounts = new ArrayList<>();
    private Api api;
    private Api.Client admin;
    private int number;
    private volatile boolean stopped;

    FaultClient(String name, long seed, Api api, Facts facts, FaultLog log) {
        this.name = "fault-" + name;
        this.random = new Random(seed);
        this.facts = facts;
        this.log = log;
        this.api = api;
        this.admin = api.login("admin@example.com", Api.PASSWORD);
    }

    void stop() {
        stopped = true;
    }

    /** Sends requests until it is stopped. */
    @Override
    public void run() {
        while (!stopped) {
            try {
                step();
            } catch (RuntimeException | AssertionError e) {
                log.complain(name + ": " + e);
                LockSupport.parkNanos(PAUSE_AFTER_A_FAILURE);
            }
        }
    }

    private void step() {
        Account account = accounts.isEmpty() ? null : accounts.get(random.nextInt(accounts.size()));
        Login login = account == null || account.logins.isEmpty()
                ? null
                : account.logins.get(random.nextInt(account.logins.size()));
        int dice = random.nextInt(100);
        if (account == null || (dice < 15 && accounts.size() < MAX_ACCOUNTS)) {
            create();
        } else if (dice < 35) {
            String changed = next("name");
            String theme = THEMES.get(random.nextInt(THEMES.size()));
            change(
                    account,
                    Map.of("name", changed, "settings", Map.of("theme", theme)),
                    state -> new State(changed, state.role(), state.status(), theme));
        } else if (dice < 45) {
            String role = ROLES.get(random.nextInt(ROLES.size()));
            change(
                    account,
                    Map.of("role", role),
                    state -> new State(state.name(), role, state.status(), state.theme()));
        } else if (dice < 55) {
            String status = random.nextInt(4) == 0 ? "inactive" : "active";
            change(
                    account,
                    Map.of("status", status),
                    state -> new State(state.name(), state.role(), status, state.theme()));
        } else if (dice < 60) {
            delete(account);
        } else if (dice < 72 || login == null) {
            logIn(account);
        } else if (dice < 84) {
            refresh(login);
        } else if (dice < 90) {
            logOut(account, login);
        } else {
            createKey(account, login);
        }
    }

    private void create() {
        Account account = new Account(next("user") + "@example.com");
        State created = new State("Ann Example", "member", "pending", "dark");
        Optional<Answer> answer = send(
                admin,
                "POST",
                "/api/v1/users",
                Map.of(
                        "email",
                        account.email,
                        "name",
                        "Ann Example",
                        "role",
                        "member",
                        "password",
                        Api.PASSWORD,
                        "settings",
                        Map.of("theme", "dark")));
        boolean acknowledged = is(answer, 201);
        if (acknowledged || isUnknown(answer)) {
            facts.change(account.fact, absent -> Optional.of(created), acknowledged);
        }
        if (acknowledged) {
            account.id = answer.orElseThrow().data().get("id").stringValue();
            accounts.add(account);
        } else if (!isUnknown(answer)) {
            unexpected("create", answer);
        }
    }

    private void change(Account account, Map<String, Object> body, UnaryOperator<State> change) {
        Optional<Answer> answer = send(admin, "PUT", "/api/v1/users/" + account.id, body);
        boolean acknowledged = is(answer, 200);
        if (acknowledged) {
            facts.require(account.fact);
        }
        if (acknowledged || isUnknown(answer)) {
            facts.change(account.fact, state -> state.map(change), acknowledged);
            if (body.containsKey("status") && !"active".equals(body.get("status"))) {
                account.sessions.forEach(session -> facts.set(session, false, acknowledged));
                if (acknowledged) {
                    account.logins.clear();
                }
            }
        } else if (!is(answer, 404) || !facts.mayBeAbsent(account.fact)) {
            unexpected("change " + account.fact, answer);
        } else {
            gone(account);
        }
    }

    private void delete(Account account) {
        Optional<Answer> answer = send(admin, "DELETE", "/api/v1/users/" + account.id, null);
        boolean acknowledged = is(answer, 200) || is(answer, 204);
        if (acknowledged || (is(answer, 404) && facts.mayBeAbsent(account.fact))) {
            gone(account);
        } else if (isUnknown(answer)) {
            dependents(account).forEach(fact -> facts.set(fact, false, false));
        } else {
            unexpected("delete " + account.fact, answer);
        }
    }

    private void gone(Account account) {
        dependents(account).forEach(fact -> facts.set(fact, false, true));
        accounts.remove(account);
    }

    private static List<String> dependents(Account account) {
        List<String> all = new ArrayList<>(List.of(account.fact));
        all.addAll(account.sessions);
        all.addAll(account.keys);
        return all;
    }

    private void logIn(Account account) {
        String agent = next("agent");
        Optional<Answer> answer = send(
                api.anonymous().with("User-Agent", agent),
                "POST",
                "/api/v1/auth/login",
                Map.of("email", account.email, "password", Api.PASSWORD));
        boolean acknowledged = is(answer, 200);
        if (acknowledged || isUnknown(answer)) {
            facts.set("session " + agent, true, acknowledged);
            account.sessions.add("session " + agent);
        }
        if (acknowledged) {
            Answer tokens = answer.orElseThrow();
            account.logins.add(new Login(
                    agent,
                    api.as(tokens.data()).with("User-Agent", agent),
                    tokens.data().get("refresh_token").stringValue()));
        } else if (!isUnknown(answer) && !is(answer, 429) && !(is(answer, 401) && mayBeInactive(account))) {
            unexpected("log in " + account.fact, answer);
        }
    }

    private boolean mayBeInactive(Account account) {
        return facts.mayBe(
                account.fact,
                state -> state.filter(there -> there.status().equals("active")).isEmpty());
    }

    private void refresh(Login login) {
        if (!login.isTokenCertain) {
            return; // a repeated use of a refresh token would end the session, as it must
        }
        Optional<Answer> answer = send(
                api.anonymous().with("User-Agent", login.agent),
                "POST",
                "/api/v1/auth/refresh",
                Map.of("refresh_token", login.refreshToken));
        if (is(answer, 200) && facts.mayBeThere(login.fact)) {
            login.client = api.as(answer.orElseThrow().data()).with("User-Agent", login.agent);
            login.refreshToken =
                    answer.orElseThrow().data().get("refresh_token").stringValue();
        } else if (isUnknown(answer)) {
            login.isTokenCertain = false;
        } else if (!is(answer, 401) || !facts.mayBeAbsent(login.fact)) {
            unexpected("refresh " + login.fact, answer);
        }
    }

    private void logOut(Account account, Login login) {
        Optional<Answer> answer = send(login.client, "POST", "/api/v1/auth/logout", null);
        if (is(answer, 204) || isUnknown(answer)) {
            facts.set(login.fact, false, is(answer, 204));
        } else if (!is(answer, 401) || !facts.mayBeAbsent(login.fact)) {
            unexpected("log out " + login.fact, answer);
        }
        if (is(answer, 204)) {
            account.logins.remove(login);
        }
    }

    private void createKey(Account account, Login login) {
        String key = next("key");
        Optional<Answer> answer = send(login.client, "POST", "/api/v1/api-keys", Map.of("name", key));
        if (is(answer, 201) || isUnknown(answer)) {
            facts.set("key " + key, true, is(answer, 201));
            account.keys.add("key " + key);
        } else if (!is(answer, 401) || !facts.mayBeAbsent(login.fact)) {
            unexpected("create key of " + login.fact, answer);
        }
    }

    /** Uses each refresh token whose session is certain: tokens of existing sessions work, the others do not. */
    void checkRefreshTokens() {
        for (Account account : accounts) {
            for (Login login : List.copyOf(account.logins)) {
                if (!facts.mayBeThere(login.fact)) {
                    account.logins.remove(login);
                }
                refresh(login);
            }
        }
    }

    private String next(String kind) {
        return name + "-" + kind + "-" + number++;
    }

    private Optional<Answer> send(Api.Client client, String method, String path, @Nullable Object body) {
        FaultLog.Call call = log.begin(method + " " + path);
        try {
            Answer answer = body == null
                    ? client.send(method, path)
                    : client.send(method, path, Api.JSON.writeValueAsString(body));
            call.answered(answer);
            if (isUnknown(Optional.of(answer))) {
                LockSupport.parkNanos(PAUSE_AFTER_A_FAILURE);
            }
            return Optional.of(answer);
        } catch (UncheckedIOException e) {
            call.failed();
            LockSupport.parkNanos(PAUSE_AFTER_A_FAILURE);
            return Optional.empty();
        }
    }

    private static boolean is(Optional<Answer> answer, int status) {
        return answer.filter(given -> given.status() == status).isPresent();
    }

    private static boolean isUnknown(Optional<Answer> answer) {
        return answer.filter(given -> given.status() < 500).isEmpty();
    }

    private void unexpected(String what, Optional<Answer> answer) {
        log.complain("%s got the answer %s".formatted(what, answer.map(given -> given.status() + " " + given.text())));
    }
}
