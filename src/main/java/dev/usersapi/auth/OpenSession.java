package dev.usersapi.auth;

import dev.usersapi.user.User;
import java.util.UUID;

/** A session of a user, and the refresh token that the client uses next. */
record OpenSession(User user, UUID id, String refreshToken) {}
