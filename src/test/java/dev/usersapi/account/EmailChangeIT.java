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

    private static Answer ask(Person person, String email) {
        return person.client().post(USERS + "me/email", Map.of("email", email, "password", Api.PASSWORD));
    }

    private String confirmation(Person person, String email) {
        isDone(ask(person, email), 202);
        return mailbox.await(email).token();
    }

    private String email(String id) {
        return api.admin().get(USERS + id).data().get("email").stringValue();
    }

    @Test
    void newEmailCountsOnceItIsConfirmedFromThere() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        isDone(ask(ann, " " + email + " "), 202);
        Mailbox.Received mail = mailbox.await(email);
        assertThat(mail.subject()).isEqualTo("Confirm your e-mail address");
        assertThat(mail.text()).contains("24 hours");
        assertThat(email(ann.id())).isEqualTo(ann.email());
        assertThat(mailbox.isEmpty(ann.email())).isTrue();

        isDone(with(CONFIRM, mail.token()), 204);

        assertThat(ann.client().get(USERS + "me").data().get("email").stringValue())
                .as("the session goes on")
                .isEqualTo(email);
        assertThat(login(email, Api.PASSWORD).status()).isEqualTo(200);
        assertThat(login(ann.email(), Api.PASSWORD).status()).isEqualTo(401);
        Mailbox.Received notice = mailbox.await(ann.email());
        assertThat(notice.subject()).isEqualTo("Your e-mail address was changed");
        assertThat(notice.text()).contains(email);
        isTokenRefused(with(CONFIRM, mail.token()));
    }

    @Test
    void requestNeedsThePasswordAndAnotherEmail() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        String path = USERS + "me/email";

        assertThat(ann.client()
                        .post(path, Map.of("email", email, "password", "wrong-password"))
                        .code())
                .isEqualTo("wrong_password");
        assertThat(faults(ask(ann, ann.email()))).containsExactly("#/email invalid_value");
        assertThat(faults(ann.client().post(path, Map.of("email", "x", "pass", "y"))))
                .containsExactlyInAnyOrder("#/email invalid_value", "#/password required", "#/pass unknown_member");
        assertThat(actions(ann.id())).isEmpty();
    }

    @Test
    void nobodyChangesTheEmailOfOthers() {
        Person ann = newPerson("member");

        assertThat(api.admin()
                        .post(USERS + ann.id() + "/email", Map.of("email", Api.newEmail(), "password", Api.PASSWORD))
                        .code())
                .isEqualTo("insufficient_permissions");
    }

    @Test
    void requestDoesNotTellWhoElseHasAnAccount() {
        Person ann = newPerson("member");
        Person bob = newPerson("member");

        Answer taken = ask(ann, bob.email().toUpperCase(Locale.ROOT));

        isDone(taken, 202);
        String link = actions(ann.id()).get(0).toString();
        awaitNothingQueuedWith(link);
        assertThat(mailbox.isEmpty(bob.email())).isTrue();
        assertThat(database.sql("select count(*) from one_time_tokens where action_id = cast(? as uuid)")
                        .param(link)
                        .query(Integer.class)
                        .single())
                .isZero();
        Answer free = ask(ann, Api.newEmail());
        isDone(free, 202);
        assertThat(free.headers().map().keySet())
                .isEqualTo(taken.headers().map().keySet());
    }

    @Test
    void emailThatWasTakenMeanwhileIs409AndTheLinkStaysGood() {
        Person ann = newPerson("member");
        String email = Api.newEmail();
        String token = confirmation(ann, email);
        String faster = api.create("member", email.toUpperCase(Locale.ROOT));

        Answer answer = with(CONFIRM, token);

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("email_taken");
        assertThat(email(ann.id())).isEqualTo(ann.email());
        api.admin().delete(USERS + faster);
        isDone(with(CONFIRM, token), 204);
    }

    @Test
    void nobodyWritesToStrangersThroughTheService() {
        Person ann = newPerson("member");
        String stranger = Api.newEmail();
        ann.client().put(USERS + "me", Map.of("name", "You have won: evil.example"));

        isDone(ask(ann, stranger), 202);

        assertThat(mailbox.await(stranger).text()).doesNotContain("won", "evil");
        List<Answer> answers = IntStream.range(0, 13) // more than the limit, some of which comes back meanwhile
                .mapToObj(n -> ann.client().post(USERS + "me/email", Map.of("email", Api.newEmail(), "password", "no")))
                .toList();
        assertThat(answers).extracting(Answer::code).contains("rate_limited");
    }

    @Test
    void secondRequestEndsTheFirst() {
        Person ann = newPerson("member");
        String first = confirmation(ann, Api.newEmail());
        String email = Api.newEmail();
        String second = confirmation(ann, email);

        isTokenRefused(with(CONFIRM, first));
        isDone(with(CONFIRM, second), 204);
        assertThat(email(ann.id())).isEqualTo(email);
    }

    @Test
    void letterCaseCanBeChanged() {
        Person ann = newPerson("member");
        String email = ann.email().replace("user-", "User-");
        isDone(ask(ann, email), 202);
        mailbox.await(email); // the invitation: to a mailbox both are the same, and this is the first look by this name

        isDone(with(CONFIRM, mailbox.await(email).token()), 204);

        assertThat(email(ann.id())).isEqualTo(email);
    }

    @Test
    void tokensOfThisKindDoNothingElse() {
        Person ann = newPerson("member");
        String token = confirmation(ann, Api.newEmail());

        isTokenRefused(with(RESET, token, NEW_PASSWORD));
        isTokenRefused(with(ACTIVATE, token, NEW_PASSWORD));
        isDone(with(CONFIRM, token), 204);
    }

    @Test
    void whateverGuardsTheAccountChangesEndsTheLink() {
        Person changed = newPerson("member");
        String token = confirmation(changed, Api.newEmail());
        changed.client()
                .put(USERS + "me/password", Map.of("current_password", Api.PASSWORD, "new_password", NEW_PASSWORD));
        isTokenRefused(with(CONFIRM, token));

        Person deactivated = newPerson("member");
        token = confirmation(deactivated, Api.newEmail());
        setStatus(deactivated.id(), "inactive");
        isTokenRefused(with(CONFIRM, token));
        setStatus(deactivated.id(), "active");
        isTokenRefused(with(CONFIRM, token));

        Person renamed = newPerson("member");
        token = confirmation(renamed, Api.newEmail());
        api.admin().put(USERS + renamed.id(), Map.of("email", Api.newEmail()));
        isTokenRefused(with(CONFIRM, token));

        Person late = newPerson("member");
        token = confirmation(late, Api.newEmail());
        expireLinks(late.id());
        isTokenRefused(with(CONFIRM, token));
        assertThat(email(late.id())).isEqualTo(late.email());
    }

    @RepeatedTest(3)
    void oneOfManyUsesOfATokenCounts() throws Exception {
        Person ann = newPerson("member");
        String token = confirmation(ann, Api.newEmail());

        List<Answer> answers = together(4, n -> with(CONFIRM, token));

        assertThat(answers).extracting(Answer::status).containsOnlyOnce(204).containsOnly(204, 400);
    }

    @RepeatedTest(3)
    void oneOfTwoUsersGetsAnEmail() throws Exception {
        String email = Api.newEmail();
        Person ann = newPerson("member");
        Person bob = newPerson("member");
        String anns = confirmation(ann, email);
        String bobs = confirmation(bob, email);

        List<Answer> answers = together(List.of(() -> with(CONFIRM, anns), () -> with(CONFIRM, bobs)));

        assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(204, 409);
    }
}
