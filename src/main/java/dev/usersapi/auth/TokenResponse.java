package dev.usersapi.auth;

import dev.usersapi.user.UserResponse;

/**
 * The response to a login or a refresh.
 *
 * @param expiresIn the lifetime of the access token in seconds
 */
record TokenResponse(String accessToken, String tokenType, long expiresIn, String refreshToken, UserResponse user) {}
