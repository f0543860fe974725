package dev.usersapi.security;

import dev.usersapi.auth.CallerAuthentication;
import dev.usersapi.error.ErrorCode;
import dev.usersapi.role.Permission;
import dev.usersapi.user.Caller;
import dev.usersapi.user.UserId;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/**
 * The conditions of the access rules in {@link SecurityConfiguration}. A caller is in a session if the request was made
 * with an access token of this service, and not with an API key or the token of a trusted issuer.
 */
final class AccessRules {

    /** A denial that is answered with an error code of its own. */
    record Denial(ErrorCode code) implements AuthorizationResult {

        @Override
        public boolean isGranted() {
            return false;
        }
    }

    private static final AuthorizationResult GRANTED = new AuthorizationDecision(true);
    private static final AuthorizationResult UNAUTHENTICATED = new Denial(ErrorCode.UNAUTHENTICATED);
    private static final AuthorizationResult SESSION_REQUIRED = new Denial(ErrorCode.SESSION_REQUIRED);
    private static final AuthorizationResult OWN_ACCOUNT_ONLY = new Denial(ErrorCode.INSUFFICIENT_PERMISSIONS);

    private AccessRules() {}

    static AuthorizationManager<RequestAuthorizationContext> permission(Permission permission) {
        return AuthorityAuthorizationManager.hasAuthority(permission.toString());
    }

    /** The account in the path is the caller's own, or the caller has the permission. */
    static AuthorizationManager<RequestAuthorizationContext> ownAccountOr(Permission permission) {
        return either(AccessRules::isOwnAccount, permission);
    }

    /** The caller is in a session of the account in the path, or has the permission. */
    static AuthorizationManager<RequestAuthorizationContext> ownSessionOr(Permission permission) {
        return either((caller, context) -> isOwnAccount(caller, context) && isInSession(caller), permission);
    }

    /** The caller is in a session of the account in the path. No permission replaces that. */
    static AuthorizationManager<RequestAuthorizationContext> ownSession() {
        return decide((caller, context) -> isOwnAccount(caller, context) ? requireSession(caller) : OWN_ACCOUNT_ONLY);
    }

    static AuthorizationManager<RequestAuthorizationContext> session() {
        return decide((caller, context) -> requireSession(caller));
    }

    private static AuthorizationManager<RequestAuthorizationContext> either(
            BiPredicate<Caller, RequestAuthorizationContext> condition, Permission permission) {
        AuthorizationManager<RequestAuthorizationContext> otherwise = permission(permission);
        return (authentication, context) -> caller(authentication.get())
                        .filter(caller -> condition.test(caller, context))
                        .isPresent()
                ? GRANTED
                : otherwise.authorize(authentication, context);
    }

    private static AuthorizationManager<RequestAuthorizationContext> decide(
            BiFunction<Caller, RequestAuthorizationContext, AuthorizationResult> decision) {
        return (authentication, context) -> caller(authentication.get())
                .map(caller -> decision.apply(caller, context))
                .orElse(UNAUTHENTICATED);
    }

    private static Optional<Caller> caller(@Nullable Authentication authentication) {
        return authentication instanceof CallerAuthentication known
                ? Optional.of(known.getPrincipal())
                : Optional.empty();
    }

    private static boolean isInSession(Caller caller) {
        return caller.session().isPresent();
    }

    private static AuthorizationResult requireSession(Caller caller) {
        return isInSession(caller) ? GRANTED : SESSION_REQUIRED;
    }

    private static boolean isOwnAccount(Caller caller, RequestAuthorizationContext context) {
        String id = context.getVariables().get("user_id");
        return "me".equals(id)
                || caller.user()
                        .map(UserId::toString)
                        .filter(own -> own.equals(id))
                        .isPresent();
    }
}
