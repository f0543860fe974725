package dev.usersapi.account;

import dev.usersapi.error.Fault;
import dev.usersapi.error.InvalidRequestException;
import dev.usersapi.guessing.LoginAttempts;
import dev.usersapi.http.OpaqueToken;
import dev.usersapi.password.PasswordPolicy;
import dev.usersapi.user.CredentialService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/**
 * What the holder of a link's token may do, once. Every method throws {@link InvalidRequestException} when the token, or
 * the password beside it, is not good; the token is looked up first, so that nobody has passwords hashed without one.
 *
 * <p>Afterwards the log-ins of the account are not delayed any more, because earlier failures were guesses at another
 * password, or the user's own mistakes before the account was ready. Delays of a second factor go on: it is there for the
 * case that somebody else reads the mailbox.
 */
@Service
class LinkUseService {

    private final Links links;
    private final CredentialService credentials;
    private final LoginAttempts attempts;
    private final PasswordPolicy policy;
    private final PasswordEncoder passwords;

    LinkUseService(
            Links links,
            CredentialService credentials,
            LoginAttempts attempts,
            PasswordPolicy policy,
            PasswordEncoder passwords) {
        this.links = links;
        this.credentials = credentials;
        this.attempts = attempts;
        this.policy = policy;
        this.passwords = passwords;
    }

    void activate(ActivateRequest request) {
        byte[] token = OpaqueToken.hash(request.token());
        Links.Holder holder = require(token, LinkKind.ACTIVATION, request.password());
        String hash = passwords.encode(request.password());
        requireUsed(credentials.activate(
                holder.user(), hash, user -> user.isPending() && links.use(token, LinkKind.ACTIVATION)));
        attempts.endDelays(holder.email());
    }

    void resetPassword(ResetPasswordRequest request) {
        byte[] token = OpaqueToken.hash(request.token());
        Links.Holder holder = require(token, LinkKind.PASSWORD_RESET, request.password());
        String hash = Objects.requireNonNull(passwords.encode(request.password()));
        requireUsed(credentials.changePassword(
                holder.user(), hash, null, user -> user.isActive() && links.use(token, LinkKind.PASSWORD_RESET)));
        attempts.endDelays(holder.email());
    }

    /** Throws {@link dev.usersapi.error.ErrorCode#EMAIL_TAKEN} where the e-mail has become somebody else's. */
    void confirmEmail(ConfirmEmailRequest request) {
        byte[] token = OpaqueToken.hash(request.token());
        Links.Holder holder = links.find(token, LinkKind.EMAIL_CHANGE).orElseThrow(LinkUseService::refusal);
        String email = Objects.requireNonNull(holder.newEmail());
        requireUsed(credentials.changeEmail(
                holder.user(), email, user -> user.isActive() && links.use(token, LinkKind.EMAIL_CHANGE)));
        attempts.endDelays(email);
    }

    private Links.Holder require(byte[] token, LinkKind kind, @Nullable String password) {
        Optional<Links.Holder> holder = links.find(token, kind);
        List<Fault> faults = new ArrayList<>();
        if (holder.isEmpty()) {
            faults.add(tokenFault());
        }
        if (password != null) {
            String email = holder.map(Links.Holder::email).orElse(null);
            String name = holder.map(Links.Holder::name).orElse(null);
            policy.refusal(password, email, name).ifPresent(refusal -> faults.add(Fault.inBody("/password", refusal)));
        } else if (holder.filter(known -> !known.hasPassword()).isPresent()) {
            faults.add(Fault.inBody("/password", "required", "is required, as none was set yet"));
        }
        if (!faults.isEmpty()) {
            throw new InvalidRequestException(faults);
        }
        return holder.orElseThrow();
    }

    private static void requireUsed(boolean used) {
        if (!used) {
            throw refusal();
        }
    }

    private static InvalidRequestException refusal() {
        return new InvalidRequestException(tokenFault());
    }

    private static Fault tokenFault() {
        return Fault.inBody("/token", "invalid_token", "is not one that was sent for this, or is used or expired");
    }
}
