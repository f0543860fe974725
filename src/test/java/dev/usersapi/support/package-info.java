/**
 * What tests of all packages use: the {@code @ApiTest} annotation, a client that checks each answer against the OpenAPI
 * document, databases and processes of their own, and real counterparts of the service (SMTP server, Redis, OpenID
 * provider, browser, reverse proxy).
 */
@NullMarked
package dev.usersapi.support;

import org.jspecify.annotations.NullMarked;
