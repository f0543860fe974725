package dev.usersapi.totp;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.failedlogin.LoginAttempt;
import dev.usersapi.failedlogin.LoginAttempts;
import dev.usersapi.failedlogin.PasswordCheck;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Base32;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.util.UriUtils;

/** Sets up the second factor of a user: enrolment with the password, then confirmation with a first code. */
@Service
class TotpEnrolmentService {

    /**
     * The data for an authenticator app.
     *
     * @param uri in the Key URI Format, to be shown as a QR code
     */
    record Enrolment(String secret, String uri) {}

    record RecoveryCodes(List<String> recoveryCodes) {}

    private static final int RECOVERY_CODES = 10;

    private final SecondFactorRepository factors;
    private final PasswordCheck passwordCheck;
    private final LoginAttempts attempts;
    private final UserService users;
    private final Outbox outbox;
    private final TransactionTemplate transaction;
    private final TotpProperties properties;
    private final Clock clock;
    private final RandomGenerator random;

    TotpEnrolmentService(
            SecondFactorRepository factors,
            PasswordCheck passwordCheck,
            LoginAttempts attempts,
            UserService users,
            Outbox outbox,
            PlatformTransactionManager transactions,
            TotpProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.factors = factors;
        this.passwordCheck = passwordCheck;
        this.attempts = attempts;
        this.users = users;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Creates a secret, which replaces an earlier one that was not confirmed.
     *
     * @throws ProblemException {@link ErrorCode#WRONG_PASSWORD}, {@link ErrorCode#TOTP_ENABLED}
     */
    Enrolment enrol(UserId id, String password, String clientAddress) {
        User user = passwordCheck.require(id, password, clientAddress);
        byte[] secret = new byte[Totp.SECRET_BYTES];
        random.nextBytes(secret);
        int stored = factors.enrol(id, secret, clock.instant());
        if (stored == 0) {
            users.get(id); // answers 404 for a user who was deleted meanwhile
            throw new ProblemException(ErrorCode.TOTP_ENABLED);
        }
        String text = new Base32().encodeToString(secret);
        return new Enrolment(text, uri(user.email(), text));
    }

    /**
     * Confirms the enrolment, so that logins need a code from now on. Open sessions stay, because their holder knew the
     * password and can end each of them.
     *
     * @return the recovery codes, which are shown only once
     * @throws ProblemException {@link ErrorCode#WRONG_CODE}, which counts as a failed login;
     *     {@link ErrorCode#TOTP_NOT_ENABLED}; {@link ErrorCode#TOTP_ENABLED}
     */
    RecoveryCodes confirm(UserId id, String code, String clientAddress) {
        User user = users.get(id);
        try (LoginAttempt attempt = attempts.begin(user.email(), clientAddress)) {
            Optional<RecoveryCodes> recoveryCodes =
                    Objects.requireNonNull(transaction.execute(status -> confirmInTransaction(user, code)));
            // no attempt.succeeded(), which forgets failed logins: this request does not prove the password
            return recoveryCodes.orElseThrow(() -> {
                attempt.failed(); // not inside the transaction, which the exception would roll back
                return new ProblemException(ErrorCode.WRONG_CODE);
            });
        }
    }

    /** Returns empty when the code is wrong. */
    private Optional<RecoveryCodes> confirmInTransaction(User user, String code) {
        SecondFactor factor =
                factors.findForUpdate(user.id()).orElseThrow(() -> new ProblemException(ErrorCode.TOTP_NOT_ENABLED));
        if (factor.isConfirmed()) {
            throw new ProblemException(ErrorCode.TOTP_ENABLED);
        }
        List<String> codes = Stream.generate(() -> RecoveryCode.next(random))
                .limit(RECOVERY_CODES)
                .toList();
        if (!factor.confirm(code, codes, clock.instant())) {
            return Optional.empty();
        }
        outbox.queue(new Mail("totp-enabled", user.email(), Map.of("name", user.name())));
        return Optional.of(new RecoveryCodes(codes));
    }

    /** Builds a URI in the Key URI Format, which authenticator apps read from a QR code. */
    private String uri(String email, String secret) {
        String issuer = UriUtils.encode(properties.issuer(), StandardCharsets.UTF_8);
        return "otpauth://totp/" + issuer + ":" + UriUtils.encode(email, StandardCharsets.UTF_8) + "?secret=" + secret
                + "&issuer=" + issuer + "&algorithm=SHA1&digits=6&period=30";
    }
}
