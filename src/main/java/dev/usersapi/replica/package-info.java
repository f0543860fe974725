/**
 * Reads from a standby, if one is configured. A read shows every change whose response was sent before the read began. An
 * instance reads from the replica while a check that the replica has replayed everything is recent enough
 * ({@link dev.usersapi.replica.ReplicaLease}), and the answer to a change waits until no instance can miss the change.
 * No library does this: pgjdbc ({@code targetServerType}), Spring ({@code AbstractRoutingDataSource},
 * {@code LazyConnectionDataSourceProxy}) and proxies such as Pgpool-II choose a server for a read, but cannot tell whether
 * it already shows an answered change of another instance. PostgreSQL can ({@code synchronous_commit = remote_apply}), but
 * then every commit waits while the standby is down.
 */
@ApplicationModule(allowedDependencies = {"database", "error"})
@NullMarked
package dev.usersapi.replica;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
