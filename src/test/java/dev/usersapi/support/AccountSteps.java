package dev.usersapi.support;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Api.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.Api.Client;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Steps that tests of invitations, passwords and changes of e-mail share. */
public abstract class AccountSteps {

    public static final String USERS = "/api/v1/users/";
    public static final String ACTIVATE = "/api/v1/auth/activate";
    public static final String FORGOT = "/api/v1/auth/password/forgot";
    public static final String RESET = "/api/v1/auth/password/reset";
    public static final String CONFIRM = "/api/v1/auth/email/confirm";
    public static final String NEW_PASSWORD = "staple-battery-horse";

    @Autowired
    protected Api api;

    @Autowired
    protected Mailbox mailbox;

    @Autowired
    protected JdbcClient database;

    /** An active user who is logged in. The invitation has been removed from the mailbox. */
    public record Person(String id, String email, Client client) {}

    protected Person newPerson(String role) {
        String email = Api.newEmail();
        String id = api.create(role, email);
        mailbox.await(email);
        api.activate(id);
        return new Person(id, email, api.login(email, Api.PASSWORD));
    }

    protected Answer login(String email, String password) {
        return api.anonymous().post("/api/v1/auth/login", Map.of("email", email, "password", password));
    }

    protected Answer useToken(String path, String token) {
        return api.anonymous().post(path, Map.of("token", token));
    }

    protected Answer useToken(String path, String token, String password) {
        return api.anonymous().post(path, Map.of("token", token, "password", password));
    }

    protected Answer setStatus(String id, String status) {
        Answer answer = api.admin().put(USERS + id, Map.of("status", status));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }

    protected void expireTokens(String id) {
        database.sql("""
                        with expired as (
                            update account_actions set expires_at = now() - interval '1 second' where user_id = ? returning *)
                        update one_time_tokens t set expires_at = e.expires_at from expired e where e.id = t.action_id""").param(uuid(id)).update();
    }

    protected List<UUID> actions(String id) {
        return database.sql("select id from account_actions where user_id = ?")
                .param(uuid(id))
                .query(UUID.class)
                .list();
    }

    protected void awaitNoQueuedMailContaining(String text) {
        Awaitility.await("queue without " + text)
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.sql(
                                        "select count(*) from scheduled_tasks where position(? in convert_from(task_data, 'UTF8')) > 0")
                                .param(text)
                                .query(Integer.class)
                                .single()
                        == 0);
    }

    protected static void assertEmptyAnswer(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).isEmpty();
    }

    protected static void assertTokenRefused(Answer answer) {
        assertThat(faults(answer)).containsExactly("#/token invalid_token");
    }
}
