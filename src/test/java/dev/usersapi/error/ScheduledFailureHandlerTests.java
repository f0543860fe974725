package dev.usersapi.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.CannotCreateTransactionException;

@ExtendWith(OutputCaptureExtension.class)
class ScheduledFailureHandlerTests {

    private static final String STACK_TRACE = "\tat ";

    private final ScheduledFailureHandler handler = new ScheduledFailureHandler();

    static Stream<Throwable> temporaryFailures() {
        SQLException refused = new SQLTransientConnectionException("refused\nby the server");
        SQLException stopping = new SQLException("refused\nby the server", "57P01");
        return Stream.of(
                new CannotGetJdbcConnectionException("", refused),
                new CannotCreateTransactionException("", refused),
                new UncategorizedSQLException("", "delete", stopping),
                new CannotAcquireLockException("", new SQLException("refused\nby the server", "40P01")));
    }

    @ParameterizedTest
    @MethodSource("temporaryFailures")
    void logsTemporaryFailuresInOneLine(Throwable failure, CapturedOutput output) {
        handler.handleError(failure);

        assertThat(output)
                .contains("WARN", "failed and will run again: refused by the server")
                .doesNotContain(STACK_TRACE);
    }

    static Stream<Throwable> permanentFailures() {
        return Stream.of(
                new BadSqlGrammarException("", "delete", new SQLException("no such table", "42P01")),
                new IllegalStateException("no such table"));
    }

    @ParameterizedTest
    @MethodSource("permanentFailures")
    void logsOtherFailuresWithTheirStackTrace(Throwable failure, CapturedOutput output) {
        handler.handleError(failure);

        assertThat(output).contains("ERROR", "A scheduled task failed", "no such table", STACK_TRACE);
    }

    @Test
    void handlesExceptionsOfScheduledMethods(CapturedOutput output) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TaskSchedulingAutoConfiguration.class))
                .withUserConfiguration(Task.class)
                .run(context -> await().untilAsserted(
                                () -> assertThat(output).contains("A scheduled task failed", "thrown by the task")));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @Import(ScheduledFailureHandler.class)
    static class Task {

        @Scheduled(fixedDelay = 3_600_000)
        void fail() {
            throw new IllegalStateException("thrown by the task");
        }
    }
}
