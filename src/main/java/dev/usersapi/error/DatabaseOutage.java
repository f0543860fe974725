package dev.usersapi.error;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hibernate.TransactionException;
import org.springframework.core.NestedExceptionUtils;

/**
 * Recognises exceptions that mean that PostgreSQL cannot serve at the moment: the connection is lost or refused, the server
 * is starting, stopping, overloaded, read-only or has a disk failure, or it has ended a transaction by a time-out.
 */
final class DatabaseOutage {

    private static final Pattern SQL_STATES = Pattern.compile("(08|53|57P|58).*|25006|25P0[34]");

    private DatabaseOutage() {}

    static boolean isCauseOf(Throwable failure) {
        return causes(failure)
                .anyMatch(cause -> cause instanceof SQLTransientConnectionException
                        || cause instanceof TransactionException // commit or rollback failed for lack of a connection
                        || cause instanceof SQLRecoverableException
                        || (cause instanceof SQLException sql
                                && SQL_STATES
                                        .matcher(String.valueOf(sql.getSQLState()))
                                        .matches()));
    }

    /** The message of the innermost cause, in one line. */
    static String rootMessage(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        return (root.getMessage() == null ? root.toString() : root.getMessage()).replaceAll("\\s+", " ");
    }

    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }
}
