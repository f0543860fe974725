import dev.usersapi.user.UserId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;

/** Creates the users of the benchmark by SQL. The same number always gives the same user. */
final class Dataset implements AutoCloseable {

    static final String PASSWORD = "bench-Kiefernzapfen-9271";
    static final int CALLERS = 8; // per role; they send the requests
    static final List<String> LAST_NAMES = names("""
            abbott adams aguilar allen alvarez anderson andersson baker banerjee barnes bauer becker bell bennett berg
            bianchi brooks brown bryant butler campbell carlsen carter castillo chang chavez clark cohen coleman collins
            cooper costa cruz daniels davies delgado demir diaz dubois dumont edwards eriksen evans farouk fernandez
            ferrari fischer fisher flores foster fraser fujita garcia gibson gomez gonzalez graham green griffin gruber
            gupta gutierrez hall hamilton hansen harris hassan hayes henderson hernandez hill hoffmann holm howard hughes
            ibrahim ito jackson jansen jenkins jensen johansson johnson jones kamau kaplan karlsson kaya kelly khan kim
            king klein kowalski krause kumar larsen laurent lee lefevre lehmann lewis lindberg lopez maier marino martin
            martinez mehta mendoza meyer miller mitchell moore morales moreau morgan morris murphy murray nakamura nelson
            nguyen nielsen novak obrien okafor olsen ortiz parker patel perez peterson pham phillips popescu powell
            ramirez reyes richardson rivera roberts robinson romano rossi sanchez santos sato schmidt schneider silva
            smith suzuki takahashi taylor thompson torres tran turner vargas wagner walker watson weber white williams
            wilson wright yamamoto yilmaz young zhang zimmermann""");
    private static final List<String> FIRST_NAMES = names("""
            ada adrian aisha alba alexander alice amara amir ana andrea anton arthur astrid aya ben bianca camila carlos
            carmen chen chloe clara daniel david diego elena elif elias emil emma enzo erik eva fatima felix finn freya
            gabriel grace greta hana hannah hugo ida ines isaac ivan jack jakob james jana jonas jorge julia kai karim
            kenji klara lara laura lea leo liam lina lucas lucia luis maria marta matteo maya mei mia milan mina mohamed
            nadia nina noah nora oliver olga omar oscar paul pia priya rafael ravi rosa ruth sam sara sofia tariq theo
            thomas tomas uma vera viktor wei yara yusuf zoe""");

    /** A user who sends requests. */
    record Sample(String id, UUID uuid, String email, String name, String role, String status) {}

    private final String host;
    private final String password;
    private final long postmaster;
    private final Connection connection;
    private final String hash = new Argon2PasswordEncoder(16, 32, 1, 19 * 1024, 2).encode(PASSWORD);
    private final Instant end; // the users of the dataset are older; younger ones were created by requests
    private long size;

    /** Connects to the embedded PostgreSQL whose data is in the directory. */
    Dataset(Path data) throws IOException, SQLException {
        List<String> postmasterFile =
                Files.readAllLines(data.resolve("postgres").resolve("postmaster.pid"));
        postmaster = Long.parseLong(postmasterFile.get(0).strip());
        host = "localhost:" + postmasterFile.get(3).strip();
        password = Files.readString(data.resolve("password")).strip();
        connection = DriverManager.getConnection(url(), "postgres", password);
        end = Instant.parse(one("select to_json(date_trunc('milliseconds', now()) at time zone 'UTC')#>>'{}' || 'Z'"));
    }

    String url() {
        return "jdbc:postgresql://" + host + "/postgres";
    }

    String port() {
        return host.substring(host.indexOf(':') + 1);
    }

    String password() {
        return password;
    }

    double cpu() {
        return Cpu.ofPostgres(postmaster);
    }

    long size() {
        return size;
    }

    Instant end() {
        return end;
    }

    /** A time within the five years in which the users were created: 0 is the beginning, 1 the end. */
    Instant at(double fraction) {
        Instant start = end.minus(5 * 365, ChronoUnit.DAYS);
        return start.plusMillis((long) (fraction * ChronoUnit.MILLIS.between(start, end)))
                .truncatedTo(ChronoUnit.SECONDS);
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    String one(String sql) throws SQLException {
        return column(sql).get(0);
    }

    private List<String> column(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    /** The callers, who are the oldest users: caller-viewer-1@example.com and so on, active, some of each role. */
    void insertCallers() throws SQLException {
        execute("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, version)
                select %s, 'caller-' || role || '-' || i || '@example.com', 'Caller', role, 'active', '%s', '{}', %s, 0
                from unnest(array['editor', 'viewer', 'member']) role, generate_series(1, %d) i,
                    lateral (select %d + i as ms, md5(role || i) as hex) x
                on conflict do nothing
                """.formatted(UUID7, hash, CREATED_AT, CALLERS, at(0).toEpochMilli()));
    }

    private static final String UUID7 =
            "cast(lpad(to_hex(ms), 12, '0') || '7' || substr(hex, 1, 3) || '8' || substr(hex, 4, 15) as uuid)";
    private static final String CREATED_AT = "timestamptz 'epoch' + ms * interval '1 millisecond'";

    /** Adds users until the table has the given number. */
    void grow(long target) throws SQLException {
        size = target;
        long present = Long.parseLong(one("select count(*) from users"));
        if (present >= target) { // kept from an earlier run
            return;
        }
        String secondary = """
                from pg_indexes i where schemaname = 'public' and tablename = 'users' and not exists
                    (select 1 from pg_constraint where conindid = cast(quote_ident(i.indexname) as regclass))""";
        List<String> indexes = column("select indexdef " + secondary);
        for (String name : column("select indexname " + secondary)) {
            execute("drop index " + name);
        }
        execute("alter table users disable trigger user");
        int chunk = 500_000;
        for (long from = present + 1; from <= target; from += chunk) {
            insert(from, Math.min(target, from + chunk - 1), present, target);
        }
        execute("set maintenance_work_mem = '1GB'");
        execute("set work_mem = '256MB'"); // recount_users() sorts the whole table
        for (String index : indexes) {
            execute(index);
        }
        execute("alter table users enable trigger user");
        execute("select recount_users()");
        execute("vacuum (analyze) users");
        execute("checkpoint");
    }

    private void insert(long from, long to, long present, long target) throws SQLException {
        execute("""
                insert into users (id, email, name, role, status, password_hash, settings, created_at, last_login, version)
                select %1$s, first || '.' || last || '.' || n || '@example.com', initcap(first || ' ' || last),
                    case when of_role < 1 then 'admin' when of_role < 101 then 'editor'
                        when of_role < 601 then 'viewer' else 'member' end,
                    case when of_status < 85 then 'active' when of_status < 95 then 'inactive' else 'pending' end,
                    '%2$s', '{"theme":"system","notifications":true}', %3$s,
                    case when login < 300 then null else %3$s + (%4$d - ms) * (login - 300) / 700.0
                        * interval '1 millisecond' end,
                    0
                from generate_series(%5$d, %6$d) n,
                    lateral (select
                        %7$d + (%4$d - %7$d) * (n - %8$d) / %9$d as ms,
                        md5(n::text) as hex,
                        (array[%10$s])[1 + mod(hashint8extended(n, 1) & 2147483647, %11$d)] as first,
                        (array[%12$s])[1 + mod(hashint8extended(n, 2) & 2147483647, %13$d)] as last,
                        mod(hashint8extended(n, 3) & 2147483647, 10000) as of_role,
                        mod(hashint8extended(n, 4) & 2147483647, 100) as of_status,
                        mod(hashint8extended(n, 5) & 2147483647, 1000000) / 1000.0 as login) x
                """.formatted(
                        UUID7,
                        hash,
                        CREATED_AT,
                        end.toEpochMilli(),
                        from,
                        to,
                        at(0).toEpochMilli(),
                        present,
                        target - present,
                        quoted(FIRST_NAMES),
                        FIRST_NAMES.size(),
                        quoted(LAST_NAMES),
                        LAST_NAMES.size()));
    }

    /** A few thousand users from all parts of the table. */
    List<Sample> sample() throws SQLException {
        List<Sample> users = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select id, email, name, role, status from users tablesample bernoulli (%s) repeatable (1)"
                                        .formatted(Math.min(100, 400_000.0 / size))
                                + " where email ~ '[0-9]@example.com$' and email !~ '^caller'")) {
            while (rows.next()) {
                UUID id = rows.getObject(1, UUID.class);
                users.add(new Sample(
                        new UserId(id).toString(),
                        id,
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(5)));
            }
        }
        return users;
    }

    /** Deletes the users that were created by requests, so that the table keeps its size. */
    void deleteCreated() throws SQLException {
        execute("delete from users where created_at > '" + end + "'");
        execute("vacuum users");
    }

    /** The pgbench script that creates users without hashing a password. A colon before a word would name a variable. */
    String insertScript() {
        return """
                \\set a random(1, 1000000000000)
                \\set b random(1, 1000000000000)
                insert into users (id, email, name, role, status, password_hash, settings, created_at, version) \
                values (uuidv7(), 'c' || :a || '.' || :b || '@bench.example.com', 'Ada Smith', 'member', 'pending', '%s', \
                '{"theme": "system", "notifications": true}', now(), 0);
                """.formatted(hash);
    }

    private static List<String> names(String block) {
        return List.of(block.strip().split("\\s+"));
    }

    private static String quoted(List<String> names) {
        return "'" + String.join("','", names) + "'";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
