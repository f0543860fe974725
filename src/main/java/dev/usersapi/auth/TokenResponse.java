package dev.usersapi.auth;

import dev.usersapi.user.UserResponse;

/**
 * What a log-in or a refresh answers.
 *
 * @param expiresIn seconds for which the access token is valid
 */
record TokenResponse(String accessToken, String tokenType, long expiresIn, String refreshToken, UserResponse user) {}
