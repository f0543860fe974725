/**
 * Tests that cause failures of the service, its PostgreSQL, the disk and the network while clients write, and check
 * afterwards that every acknowledged write is stored exactly once.
 */
@NullMarked
package dev.usersapi.fault;

import org.jspecify.annotations.NullMarked;
