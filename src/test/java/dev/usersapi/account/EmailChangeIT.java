package dev.usersapi.account;

import static dev.usersapi.support.Api.faults;
import static dev.usersapi.support.Race.together;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.support.AccountSteps;
import dev.usersapi.support.Api;
import dev.usersapi.support.Api.Answer;
import dev.usersapi.support.ApiTest;
import dev.usersapi.support.Mailbox;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Users who change their own e-mail. */
@ApiTest
public class EmailChangeIT extends AccountSteps {

    private static Answer request(Person person, String email) {
        return person.client().post(USERS + "me/email", Map.of("email", email, "password", Api.PASSWORD));
    }

    private String confirmation(Person person, String email) {
        assertEmptyAnswer(request(person, email), 202);
        return mailbox.await(email).token();
    }

    private String email(String id) {
        return api.admin().get(USERS + id).data().get("email").stringValue();
    }

    @Test
    void newEmailIsUsedWhenItHasBeenConfirmed() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        assertEmptyAnswer(request(ann, " " + email + " "), 202);
        Mailbox.Received mail = mailbox.await(email);
        assertThat(mail.subject()).isEqualTo("Confirm your e-mail address");
        assertThat(mail.text()).contains("24 hours");
        assertThat(email(ann.id())).isEqualTo(ann.email());
        assertThat(mailbox.isEmpty(ann.email())).isTrue();

        assertEmptyAnswer(useToken(CONFIRM, mail.token()), 204);

        assertThat(ann.client().get(USERS + "me").data().get("email").stringValue())
                .as("the session continues")
                .isEqualTo(email);
        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(401);
        Mailbox.Received notice = mailbox.await(ann.email());
        assertThat(notice.subject()).isEqualTo("Your e-mail address was changed");
        assertThat(notice.text()).contains(email);
        assertTokenRefused(useToken(CONFIRM, mail.token()));
    }

    @Test
    void requestIsRefusedWithoutThePasswordOrANewEmail() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        String path = USERS + "me/email";

        assertThat(ann.client()
                        .post(path, Map.of("email", email, "password", "wrong-password"))
                        .code())
                .isEqualTo("wrong_password");
        assertThat(faults(request(ann, ann.email()))).containsExactly("#/email invalid_value");
        assertThat(faults(ann.client().post(path, Map.of("email", "x", "pass", "y"))))
                .containsExactlyInAnyOrder("#/email invalid_value", "#/password required", "#/pass unknown_member");
        assertThat(actions(ann.id())).isEmpty();
    }

    @Test
    void requestIsRefusedForAnotherUser() {
        Person ann = newPerson("member");

        assertThat(api.admin()
                        .post(USERS + ann.id() + "/email", Map.of("email", Api.newEmail(), "password", Api.PASSWORD))
                        .code())
                .isEqualTo("insufficient_permissions");
    }

    @Test
    void requestDoesNotTellWhetherTheEmailIsTaken() {
        Person ann = newPerson("member");
        Person bob = newPerson("member");

        Answer taken = request(ann, bob.email().toUpperCase(Locale.ROOT));

        assertEmptyAnswer(taken, 202);
        String action = actions(ann.id()).get(0).toString();
        awaitNoQueuedMailContaining(action);
        assertThat(mailbox.isEmpty(bob.email())).isTrue();
        assertThat(database.sql("select count(*) from one_time_tokens where action_id = cast(? as uuid)")
                        .param(action)
                        .query(Integer.class)
                        .single())
                .isZero();
        Answer free = request(ann, Api.newEmail());
        assertEmptyAnswer(free, 202);
        assertThat(free.headers().map().keySet())
                .isEqualTo(taken.headers().map().keySet());
    }

    @Test
    void confirmAnswers409WhenTheEmailIsTakenAndKeepsTheTokenValid() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        String token = confirmation(ann, email);
        String faster = api.create("member", email.toUpperCase(Locale.ROOT));

        Answer answer = useToken(CONFIRM, token);

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("email_taken");
        assertThat(email(ann.id())).isEqualTo(ann.email());
        api.admin().delete(USERS + faster);
        assertEmptyAnswer(useToken(CONFIRM, token), 204);
    }

    @Test
    void mailToANewEmailHasNoNameAndIsRateLimited() {
        Person ann = newPerson("member");
        String stranger = Api.newEmail();
        ann.client().put(USERS + "me", Map.of("name", "You have won: evil.example"));

        assertEmptyAnswer(request(ann, stranger), 202);

        assertThat(mailbox.await(stranger).text()).doesNotContain("won", "evil");
        List<Answer> answers = IntStream.range(0, 13) // more than the limit, because the bucket is refilled meanwhile
                .mapToObj(n -> ann.client().post(USERS + "me/email", Map.of("email", Api.newEmail(), "password", "no")))
                .toList();
        assertThat(answers).extracting(Answer::code).contains("rate_limited");
    }

    @Test
    void newRequestEndsTheFormerToken() {
        Person ann = newPerson("member");
        String first = confirmation(ann, Api.newEmail());
        String email = Api.newEmail();
        String second = confirmation(ann, email);

        assertTokenRefused(useToken(CONFIRM, first));
        assertEmptyAnswer(useToken(CONFIRM, second), 204);
        assertThat(email(ann.id())).isEqualTo(email);
    }

    @Test
    void letterCaseCanBeChanged() {
        Person ann = newPerson("member");
        String email = ann.email().replace("user-", "User-");
        assertEmptyAnswer(request(ann, email), 202);
        mailbox.await(
                email); // the invitation: the test mailbox ignores case, and it was not read under this spelling yet

        assertEmptyAnswer(useToken(CONFIRM, mailbox.await(email).token()), 204);

        assertThat(email(ann.id())).isEqualTo(email);
    }

    @Test
    void tokenIsRefusedForAnotherAction() {
        Person ann = newPerson("member");
        String token = confirmation(ann, Api.newEmail());

        assertTokenRefused(useToken(RESET, token, NEW_PASSWORD));
        assertTokenRefused(useToken(ACTIVATE, token, NEW_PASSWORD));
        assertEmptyAnswer(useToken(CONFIRM, token), 204);
    }

    @Test
    void changesOfTheAccountEndTheToken() {
        Person changed = newPerson("member");
        String token = confirmation(changed, Api.newEmail());
        changed.client()
                .put(USERS + "me/password", Map.of("current_password", Api.PASSWORD, "new_password", NEW_PASSWORD));
        assertTokenRefused(useToken(CONFIRM, token));

        Person deactivated = newPerson("member");
        token = confirmation(deactivated, Api.newEmail());
        setStatus(deactivated.id(), "inactive");
        assertTokenRefused(useToken(CONFIRM, token));
        setStatus(deactivated.id(), "active");
        assertTokenRefused(useToken(CONFIRM, token));

        Person renamed = newPerson("member");
        token = confirmation(renamed, Api.newEmail());
        api.admin().put(USERS + renamed.id(), Map.of("email", Api.newEmail()));
        assertTokenRefused(useToken(CONFIRM, token));

        Person late = newPerson("member");
        token = confirmation(late, Api.newEmail());
        expireTokens(late.id());
        assertTokenRefused(useToken(CONFIRM, token));
        assertThat(email(late.id())).isEqualTo(late.email());
    }

    @RepeatedTest(3)
    void tokenWorksOnceWhenItIsUsedConcurrently() throws Exception {
        Person ann = newPerson("member");
        String token = confirmation(ann, Api.newEmail());

        List<Answer> answers = together(4, n -> useToken(CONFIRM, token));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 400);
    }

    @RepeatedTest(3)
    void oneOfTwoUsersGetsTheEmailWhenBothConfirmConcurrently() throws Exception {
        String email = Api.newEmail();
        Person ann = newPerson("member");
        Person bob = newPerson("member");
        String anns = confirmation(ann, email);
        String bobs = confirmation(bob, email);

        List<Answer> answers = together(List.of(() -> useToken(CONFIRM, anns), () -> useToken(CONFIRM, bobs)));

        assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(204, 409);
    }
}
