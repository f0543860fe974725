package dev.usersapi.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Client;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Chromium;
import dev.usersapi.support.OpenApiDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Executes every operation on the page at /docs in a browser, with the values that the page fills in. */
@ApiTest
@EnabledIf(value = "dev.usersapi.docs.DocsIT#hasChromium", disabledReason = "chromium is not on the PATH")
class DocsPageIT {

    /** E-mail and password of the caller, an admin, as the examples of the document have them. */
    private static final String EMAIL = "user@example.com";

    private static final String PASSWORD = "securePassword123";

    private static final String LOGIN = "POST /api/v1/auth/login";

    /** The example values of the path parameters. */
    private static final String USER_ID = "usr_01h455vb4pex5vsknk084sn02q";

    private static final String KEY_ID = "key_01h455vb4pex5vsknk084sn02q";
    private static final String SESSION_ID = "ses_01h455vb4pex5vsknk084sn02q";
    private static final String SIGNING_KEY_ID = "3WCxJJvkP2lAHrBwnT8d2FkI8sC1t4bJQ9UQ0vJfYDk";

    /** Operations that a caller can only use for their own account. */
    private static final Set<String> OWN_ACCOUNT_ONLY = Set.of(
            "POST /api/v1/users/{user_id}/totp",
            "POST /api/v1/users/{user_id}/totp/confirm",
            "POST /api/v1/users/{user_id}/totp/disable",
            "PUT /api/v1/users/{user_id}/password",
            "POST /api/v1/users/{user_id}/email");

    /** Operations whose example is refused: real values come from a mail, an authenticator app or an earlier answer. */
    private static final Map<String, Integer> REFUSED = Map.of(
            "POST /api/v1/auth/activate", 400,
            "POST /api/v1/auth/password/reset", 400,
            "POST /api/v1/auth/email/confirm", 400,
            "POST /api/v1/auth/refresh", 401,
            "POST /api/v1/users/{user_id}/totp/confirm", 403,
            "POST /api/v1/users/{user_id}/totp/disable", 409);

    /** Runs before the scripts of the page. Records each answer, and replaces the ids of the examples by existing ones. */
    private static final String RECORDER = """
            (() => {
              const send = window.fetch;
              window.answers = [];
              window.ids = {};
              window.fetch = async (input, init) => {
                const request = new Request(input, init);
                let url = request.url;
                Object.entries(window.ids).forEach(([example, id]) => { url = url.replace(example, id); });
                const body = await request.text();
                const response = await send(url, {method: request.method, headers: request.headers, body: body || undefined});
                window.answers.push({
                  path: new URL(url).pathname, status: response.status,
                  type: response.headers.get("Content-Type"), body: await response.clone().text()});
                return response;
              };
            })()""";

    private static final String HELPERS = """
            const until = async (what, find) => {
              for (let i = 0; i < 600; i++) {
                const found = find();
                if (found) return found;
                await new Promise(resolve => setTimeout(resolve, 50));
              }
              throw new Error("not on the page: " + what);
            };
            const button = text => [...document.querySelectorAll("button")]
              .find(each => each.textContent.includes(text)
                && each.checkVisibility({visibilityProperty: true, opacityProperty: true}));

            window.authorise = async token => {
              const field = await until("token", () => document.querySelector("input.scalar-password-input"));
              field.value = token;
              field.dispatchEvent(new Event("input", {bubbles: true}));
            };
            window.execute = async (tag, method, path, times) => {
              location.hash = `tag/${tag}/${method.toUpperCase()}${path}`;
              (await until("test", () => button(`(${method} ${path})`))).click();
              const send = await until("send", () => button(`${method} request to ${location.origin}${path}`));
              const answers = [];
              for (let i = 0; i < times; i++) {
                const before = window.answers.length;
                send.click();
                answers.push(await until("answer", () => window.answers[before]));
              }
              button("Close Client").click();
              await until("closed", () => !button("Close Client"));
              return answers;
            };
            const still = document.createElement("style");
            still.textContent = "* { animation: none !important; transition: none !important; }";
            until("page", () => document.querySelector("h1")).then(title => {
              document.head.append(still);
              return title.textContent;
            })""";

    @Autowired
    private Api api;

    private final OpenApiDocument document = OpenApiDocument.load();

    @Test
    void everyOperationOfThePageSucceedsWithTheValuesOfThePage(@TempDir Path profile) throws Exception {
        deleteResourcesOfTheExamples();
        Client caller = caller();
        Client other = api.newUser("member");
        String invited = api.create("member");
        String key = caller.post("/api/v1/api-keys", Map.of("name", "A key", "permissions", List.of("users:read")))
                .data()
                .get("id")
                .stringValue();
        String session =
                other.get("/api/v1/users/me/sessions").data().get(0).get("id").stringValue();
        List<String> unexpected = new ArrayList<>();

        try (Chromium page = new Chromium(profile)) {
            page.open(api.origin() + "/docs", RECORDER);
            assertThat(page.evaluate(HELPERS).stringValue()).contains("Users API");
            for (String operation : operations()) {
                String user = OWN_ACCOUNT_ONLY.contains(operation) ? caller.id() : other.id();
                page.evaluate("window.ids = "
                        + Api.JSON.writeValueAsString(Map.of(
                                USER_ID,
                                operation.endsWith("/invitation") ? invited : user,
                                KEY_ID,
                                key,
                                SESSION_ID,
                                session,
                                SIGNING_KEY_ID,
                                newestSigningKey())));
                int expected = expectedStatus(operation);
                JsonNode answers = execute(page, operation, expected == 201 ? 2 : 1);
                for (int i = 0; i < answers.size(); i++) {
                    JsonNode answer = answers.get(i);
                    int status = answer.get("status").intValue();
                    boolean repeated =
                            i > 0 && status == 409; // a conflict with the first creation, such as email_taken
                    if (status != expected && !repeated) {
                        unexpected.add(operation + ": " + answer);
                    }
                }
                if (operation.equals(LOGIN)) {
                    JsonNode tokens =
                            Api.JSON.readTree(answers.get(0).get("body").stringValue());
                    page.evaluate(
                            "authorise('" + tokens.at("/data/access_token").stringValue() + "')");
                }
            }
            assertThat(page.evaluate("performance.getEntriesByType('resource').map(each => each.name)"))
                    .isNotEmpty()
                    .allMatch(address -> address.stringValue().startsWith(api.origin() + "/"));
            assertThat(page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie")
                            .stringValue())
                    .doesNotContain("eyJ");
        } finally {
            deleteResourcesOfTheExamples();
        }

        assertThat(unexpected).isEmpty();
    }

    private void deleteResourcesOfTheExamples() {
        for (String email : List.of(EMAIL, "newuser@example.com", "jane@example.com")) {
            for (JsonNode user : api.admin().get("/api/v1/users?email=" + email).data()) {
                api.admin().delete("/api/v1/users/" + user.get("id").stringValue());
            }
        }
        api.admin().delete("/api/v1/roles/support");
        while (signingKeys().size() > 1) {
            api.admin().delete("/api/v1/signing-keys/" + newestSigningKey());
        }
    }

    private Client caller() {
        String id = api.admin()
                .post(
                        "/api/v1/users",
                        Map.of("email", EMAIL, "name", "A reader", "role", "admin", "password", PASSWORD))
                .data()
                .get("id")
                .stringValue();
        api.activate(id);
        return api.login(EMAIL, PASSWORD);
    }

    private List<String> signingKeys() {
        return api.admin().get("/api/v1/signing-keys").data().findValuesAsString("kid");
    }

    private String newestSigningKey() {
        return signingKeys().get(signingKeys().size() - 1);
    }

    /** All operations: login first, then in the order of the document, deletions in reverse order, logout last. */
    private List<String> operations() {
        List<String> last = List.of("PUT /api/v1/users/{user_id}/password", "POST /api/v1/auth/logout");
        List<String> operations = new ArrayList<>();
        List<String> deletions = new ArrayList<>();
        document.json()
                .get("paths")
                .properties()
                .forEach(path -> path.getValue().propertyNames().forEach(method -> {
                    String operation = method.toUpperCase(Locale.ROOT) + " " + path.getKey();
                    if (method.equals("delete")) {
                        deletions.add(0, operation);
                    } else if (!method.equals("parameters") && !operation.equals(LOGIN) && !last.contains(operation)) {
                        operations.add(operation);
                    }
                }));
        operations.add(0, LOGIN);
        operations.addAll(deletions);
        operations.addAll(last);
        operations.removeIf(
                operation -> operation(operation).path("x-internal").booleanValue(false)); // not shown on the page
        assertThat(operations).hasSizeGreaterThan(40);
        return operations;
    }

    private JsonNode operation(String operation) {
        String[] parts = operation.split(" ", 2);
        return document.json().get("paths").get(parts[1]).get(parts[0].toLowerCase(Locale.ROOT));
    }

    private int expectedStatus(String operation) {
        return REFUSED.getOrDefault(
                operation,
                operation(operation).get("responses").propertyNames().stream()
                        .mapToInt(Integer::parseInt)
                        .min()
                        .orElseThrow());
    }

    private JsonNode execute(Chromium page, String operation, int times) {
        String[] parts = operation.split(" ", 2);
        String tag = operation(operation).get("tags").get(0).stringValue();
        JsonNode answers = page.evaluate("execute('%s', '%s', '%s', %d)"
                .formatted(
                        tag.toLowerCase(Locale.ROOT).replace(' ', '-'),
                        parts[0].toLowerCase(Locale.ROOT),
                        parts[1],
                        times));
        for (JsonNode answer : answers) {
            document.check(
                    parts[0],
                    answer.get("path").stringValue(),
                    answer.get("status").intValue(),
                    answer.get("type").stringValue(null),
                    answer.get("body").stringValue());
        }
        return answers;
    }
}
