/**
 * The OpenAPI document and the page that shows it.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.usersapi.docs;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
