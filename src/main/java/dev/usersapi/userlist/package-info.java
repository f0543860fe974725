/**
 * The list of users ({@code GET /api/v1/users}): filters, search, sort orders, exact totals, and pages by number or by
 * cursor. One SQL statement reads a page together with its total; totals come from counts that the database keeps.
 */
@ApplicationModule(allowedDependencies = {"binding", "database", "error", "http", "replica", "role", "user"})
@NullMarked
package dev.usersapi.userlist;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
