package dev.usersapi.fault;

import dev.usersapi.support.Api;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Checks the database for rows without their counterparts and for wrong counts. */
final class Aftermath {

    /** Queries that must return no row. */
    private static final List<String> INCONSISTENT_ROWS = List.of(
            "select * from user_count_differences",
            "select s.id from sessions s join users u on u.id = s.user_id where u.status <> 'active'",
            """
            select s.id from sessions s left join refresh_tokens t on t.session_id = s.id and t.used_at is null
            group by s.id having count(t.hash) <> 1""",
            """
            select u.id from users u left join account_actions l on l.user_id = u.id and l.kind = 'activation'
            where (u.status = 'pending') <> (l.id is not null)""",
            // an account action without a mailed token and without a waiting mail
            """
            select l.id from account_actions l where not exists (select from one_time_tokens where action_id = l.id) and not exists
                (select from scheduled_tasks where convert_from(task_data, 'UTF8') like '%' || l.id || '%')""");

    private Aftermath() {}

    static List<String> inconsistencies(JdbcClient database, Api api) {
        List<String> found = new ArrayList<>();
        for (String sql : INCONSISTENT_ROWS) {
            int rows = database.sql(sql)
                    .query((row, number) -> row.getString(1))
                    .list()
                    .size();
            if (rows > 0) {
                found.add(rows + " of " + sql);
            }
        }
        for (String where : List.of("", "status=active", "status=pending&role=member", "role=viewer")) {
            long total = api.admin()
                    .get("/api/v1/users?" + where)
                    .body()
                    .at("/meta/total")
                    .longValue();
            long counted = count(database, where);
            if (total != counted) {
                found.add(
                        "the total of the list for '%s' is %d, the table has %d rows".formatted(where, total, counted));
            }
        }
        return found;
    }

    /** Counts the users that match the parameters of a query string. */
    private static long count(JdbcClient database, String where) {
        String condition =
                where.isEmpty() ? "true" : where.replace("&", "' and ").replace("=", " = '") + "'";
        return database.sql("select count(*) from users where " + condition)
                .query(Long.class)
                .single();
    }
}
