package dev.usersapi.account;

import dev.usersapi.user.UserId;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The actions that users may do once, and the one-time tokens that permit them. A user has at most one action of each
 * kind; an action has one token for each attempt to deliver its mail.
 *
 * <p>SQL instead of JPA, because most methods check and change several tables in one statement. A transaction that
 * locks a user and an action locks the user first, so that two transactions cannot deadlock.
 */
@Repository
class OneTimeTokenRepository {

    /**
     * The user whom a token belongs to.
     *
     * @param newEmail for {@link AccountAction#EMAIL_CHANGE}, otherwise null
     */
    record Holder(
            UserId user,
            String email,
            String name,
            boolean hasPassword,
            @Nullable String newEmail) {}

    /** The mail for a new token: its action, its recipient, the user's name, and how long the token is valid. */
    record Delivery(AccountAction action, String recipient, String name, Duration validFor) {}

    private final JdbcClient database;

    OneTimeTokenRepository(JdbcClient database) {
        this.database = database;
    }

    /**
     * Creates an action and deletes the user's former action of this kind with its tokens. Needs a transaction.
     *
     * @param newEmail for {@link AccountAction#EMAIL_CHANGE}, otherwise null
     * @return false if the user does not have the status that the action requires
     */
    boolean replace(UUID actionId, UserId user, AccountAction action, @Nullable String newEmail, Duration lifetime) {
        if (!lockAndCheckStatus(user, action)) {
            return false;
        }
        database.sql("delete from account_actions where user_id = ? and kind = ?")
                .params(user.value(), action.kind())
                .update();
        database.sql("""
                        insert into account_actions (id, user_id, kind, new_email, created_at, expires_at)
                        values (?, ?, ?, ?, now(), now() + make_interval(secs => ?))""")
                .params(actionId, user.value(), action.kind())
                .param(newEmail)
                .param(lifetime.toSeconds())
                .update();
        return true;
    }

    /**
     * Creates an action or extends the existing one. Tokens that were sent before keep their expiry time, so that a stranger
     * who requests a mail for somebody else's account cannot end them. Needs a transaction.
     *
     * @param minimumAge an action that is younger stays as it is
     * @return empty if the action is younger, or if the user does not have the status that the action requires
     */
    Optional<UUID> extend(UserId user, AccountAction action, Duration lifetime, Duration minimumAge) {
        if (!lockAndCheckStatus(user, action)) {
            return Optional.empty();
        }
        return database.sql("""
                        insert into account_actions as a (id, user_id, kind, created_at, expires_at)
                        values (?, ?, ?, now(), now() + make_interval(secs => ?))
                        on conflict (user_id, kind) do update
                            set created_at = excluded.created_at, expires_at = excluded.expires_at
                            where a.created_at <= now() - make_interval(secs => ?)
                        returning id""")
                .params(UUID.randomUUID(), user.value(), action.kind(), lifetime.toSeconds(), minimumAge.toSeconds())
                .query(UUID.class)
                .optional();
    }

    private boolean lockAndCheckStatus(UserId user, AccountAction action) {
        return database.sql("select status = ? from users where id = ? for no key update")
                .params(action.userStatus(), user.value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Adds a token to an action. Empty if the action no longer exists, or if another user has the new e-mail by now. */
    Optional<Delivery> addToken(UUID actionId, byte[] hash) {
        return database.sql("""
                        with action as (
                            select a.id, a.kind, a.expires_at, coalesce(a.new_email, u.email) as recipient, u.name,
                                extract(epoch from a.expires_at - now()) as seconds
                            from account_actions a join users u on u.id = a.user_id
                            where a.id = ? and a.expires_at > now() and not exists (
                                select 1 from users other
                                where lower(other.email collate "C") = lower(a.new_email collate "C")
                                    and other.id <> a.user_id)
                            for key share of a
                        ), added as (
                            insert into one_time_tokens (hash, action_id, expires_at) select ?, id, expires_at from action
                        )
                        select kind, recipient, name, seconds from action""")
                .params(actionId, hash)
                .query((row, number) -> new Delivery(
                        AccountAction.of(row.getString("kind")),
                        row.getString("recipient"),
                        row.getString("name"),
                        Duration.ofSeconds(row.getLong("seconds"))))
                .optional();
    }

    /** Empty if the token does not exist, permits another action, has expired, or does not fit the user's status. */
    Optional<Holder> find(byte[] hash, AccountAction action) {
        return database.sql("""
                        select u.id, u.email, u.name, u.password_hash is not null as has_password, a.new_email
                        from one_time_tokens t join account_actions a on a.id = t.action_id join users u on u.id = a.user_id
                        where t.hash = ? and a.kind = ? and t.expires_at > now() and u.status = ?""")
                .params(hash, action.kind(), action.userStatus())
                .query((row, number) -> new Holder(
                        new UserId(row.getObject("id", UUID.class)),
                        row.getString("email"),
                        row.getString("name"),
                        row.getBoolean("has_password"),
                        row.getString("new_email")))
                .optional();
    }

    /** Deletes the action of a token, with all of its tokens. False if the token is not valid or was used already. */
    boolean use(byte[] hash, AccountAction action) {
        String deleteAction = """
                delete from account_actions a using one_time_tokens t
                where t.hash = ? and a.id = t.action_id and a.kind = ? and t.expires_at > now()""";
        return database.sql(deleteAction).params(hash, action.kind()).update() == 1;
    }

    void deleteAll(UserId user) {
        database.sql("delete from account_actions where user_id = ?")
                .param(user.value())
                .update();
    }

    /** Deletes the actions that require another status than the user has. */
    void deleteNotPermittedByStatus(UserId user) {
        AccountAction[] actions = AccountAction.values();
        database.sql("""
                        delete from account_actions a
                        using users u, unnest(?, ?) as required (kind, status)
                        where a.user_id = ? and u.id = a.user_id and required.kind = a.kind and u.status <> required.status""")
                .param(Stream.of(actions).map(AccountAction::kind).toArray(String[]::new))
                .param(Stream.of(actions).map(AccountAction::userStatus).toArray(String[]::new))
                .param(user.value())
                .update();
    }

    void deleteExpired() {
        database.sql("delete from account_actions where expires_at < now()").update();
    }
}
