package dev.usersapi.error;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hibernate.TransactionException;

/**
 * A lost or refused connection, a server that is starting, stopping, full or only to be read, or whose disk fails; or a
 * transaction that the server ended because nothing came any more.
 */
final class DatabaseOutage {

    private static final Pattern STATES = Pattern.compile("(08|53|57P|58).*|25006|25P0[34]"); // classes and SQLSTATEs

    private DatabaseOutage() {}

    static boolean isBehind(Throwable failure) {
        return causes(failure)
                .anyMatch(cause -> cause instanceof SQLTransientConnectionException
                        || cause instanceof TransactionException // no commit and no rollback without a connection
                        || cause instanceof SQLRecoverableException
                        || (cause instanceof SQLException sql
                                && STATES.matcher(String.valueOf(sql.getSQLState()))
                                        .matches()));
    }

    /** What the innermost cause says, in one line. */
    static String message(Throwable failure) {
        Throwable root = causes(failure).reduce(failure, (outer, cause) -> cause);
        return (root.getMessage() == null ? root.toString() : root.getMessage()).replaceAll("\\s+", " ");
    }

    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
