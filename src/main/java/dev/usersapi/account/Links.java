package dev.usersapi.account;

import dev.usersapi.user.UserId;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The stored links, at most one of a kind for a user. Whoever changes both locks the user's row before the link's, so
 * that there is no deadlock.
 */
@Repository
class Links {

    /**
     * Whom a link belongs to.
     *
     * @param newEmail of {@link LinkKind#EMAIL_CHANGE}, else null
     */
    record Holder(
            UserId user,
            String email,
            String name,
            boolean hasPassword,
            @Nullable String newEmail) {}

    /** What is to be delivered, where to, and for how long it will be valid. */
    record Delivery(LinkKind kind, String recipient, String name, Duration validFor) {}

    private final JdbcClient database;

    Links(JdbcClient database) {
        this.database = database;
    }

    /**
     * Makes a link in place of the former one of its kind, whose tokens die with it. Needs a transaction.
     *
     * @param email the new one, of {@link LinkKind#EMAIL_CHANGE}, else null
     * @return false where the user's status does not fit
     */
    boolean replace(UUID id, UserId user, LinkKind kind, @Nullable String email, Duration lifetime) {
        if (!fits(user, kind)) {
            return false;
        }
        database.sql("delete from links where user_id = ? and kind = ?")
                .params(user.value(), kind.text())
                .update();
        database.sql("""
                        insert into links (id, user_id, kind, email, created_at, expires_at)
                        values (?, ?, ?, ?, now(), now() + make_interval(secs => ?))""")
                .params(id, user.value(), kind.text())
                .param(email)
                .param(lifetime.toSeconds())
                .update();
        return true;
    }

    /**
     * Lets the link begin anew, or makes it where there is none. Tokens that were sent before last no longer for that,
     * and no shorter: whoever asks in another's name ends nothing. Needs a transaction.
     *
     * @param spared a link that is younger than this stays as it is
     * @return empty where it does, or the user's status does not fit
     */
    Optional<UUID> renew(UserId user, LinkKind kind, Duration lifetime, Duration spared) {
        if (!fits(user, kind)) {
            return Optional.empty();
        }
        return database.sql("""
                        insert into links (id, user_id, kind, created_at, expires_at)
                        values (?, ?, ?, now(), now() + make_interval(secs => ?))
                        on conflict (user_id, kind) do update
                            set created_at = excluded.created_at, expires_at = excluded.expires_at
                            where links.created_at <= now() - make_interval(secs => ?)
                        returning id""")
                .params(UUID.randomUUID(), user.value(), kind.text(), lifetime.toSeconds(), spared.toSeconds())
                .query(UUID.class)
                .optional();
    }

    private boolean fits(UserId user, LinkKind kind) {
        return database.sql("select status = ? from users where id = ? for no key update")
                .params(kind.status(), user.value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Gives a link one more token; empty where the link is gone, or its e-mail has become somebody else's. */
    Optional<Delivery> addToken(UUID id, byte[] hash) {
        return database.sql("""
                        with link as (
                            select l.id, l.kind, l.expires_at, coalesce(l.email, u.email) as recipient, u.name,
                                extract(epoch from l.expires_at - now()) as seconds
                            from links l join users u on u.id = l.user_id
                            where l.id = ? and l.expires_at > now() and not exists (
                                select 1 from users other
                                where lower(other.email collate "C") = lower(l.email collate "C") and other.id <> l.user_id)
                            for key share of l
                        ), added as (
                            insert into link_tokens (hash, link_id, expires_at) select ?, id, expires_at from link
                        )
                        select kind, recipient, name, seconds from link""")
                .params(id, hash)
                .query((row, number) -> new Delivery(
                        LinkKind.of(row.getString("kind")),
                        row.getString("recipient"),
                        row.getString("name"),
                        Duration.ofSeconds(row.getLong("seconds"))))
                .optional();
    }

    /** Empty where the token is not one of a link of the kind that can be used now. */
    Optional<Holder> find(byte[] hash, LinkKind kind) {
        return database.sql("""
                        select u.id, u.email, u.name, u.password_hash is not null as has_password, l.email as new_email
                        from link_tokens t join links l on l.id = t.link_id join users u on u.id = l.user_id
                        where t.hash = ? and l.kind = ? and coalesce(t.expires_at, l.expires_at) > now() and u.status = ?""")
                .params(hash, kind.text(), kind.status())
                .query((row, number) -> new Holder(
                        new UserId(row.getObject("id", UUID.class)),
                        row.getString("email"),
                        row.getString("name"),
                        row.getBoolean("has_password"),
                        row.getString("new_email")))
                .optional();
    }

    /** Uses a link up; false where another use was faster or the link is gone. */
    boolean use(byte[] hash, LinkKind kind) {
        return database.sql("""
                        delete from links l using link_tokens t
                        where t.hash = ? and l.id = t.link_id and l.kind = ?
                            and coalesce(t.expires_at, l.expires_at) > now()""").params(hash, kind.text()).update() == 1;
    }

    void deleteAll(UserId user) {
        database.sql("delete from links where user_id = ?").param(user.value()).update();
    }

    /** Deletes those that the user's status does not permit any more. */
    void deleteUnfit(UserId user) {
        database.sql("""
                        delete from links l using users u
                        where l.user_id = ? and u.id = l.user_id
                            and u.status <> case l.kind when 'activation' then 'pending' else 'active' end""").param(user.value()).update();
    }

    void deleteExpired() {
        database.sql("delete from links where expires_at < now()").update();
    }
}
