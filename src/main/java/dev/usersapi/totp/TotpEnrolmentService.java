package dev.usersapi.totp;

import dev.usersapi.error.ErrorCode;
import dev.usersapi.error.ProblemException;
import dev.usersapi.guessing.Attempt;
import dev.usersapi.guessing.LoginAttempts;
import dev.usersapi.guessing.PasswordCheck;
import dev.usersapi.mail.Mail;
import dev.usersapi.mail.Outbox;
import dev.usersapi.user.User;
import dev.usersapi.user.UserId;
import dev.usersapi.user.UserService;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.util.UriUtils;

/** How an account gets a second factor: enrolled with the password, confirmed with a first code. */
@Service
class TotpEnrolmentService {

    /**
     * What an authenticator app is told.
     *
     * @param uri to be shown as a QR code
     */
    record Enrolment(String secret, String uri) {}

    record RecoveryCodes(List<String> recoveryCodes) {}

    private static final int RECOVERY_CODES = 10;

    private final JdbcClient database;
    private final SecondFactor secondFactor;
    private final PasswordCheck passwords;
    private final LoginAttempts attempts;
    private final UserService users;
    private final Outbox outbox;
    private final TransactionTemplate transaction;
    private final TotpProperties properties;
    private final Clock clock;
    private final RandomGenerator random;

    TotpEnrolmentService(
            JdbcClient database,
            SecondFactor secondFactor,
            PasswordCheck passwords,
            LoginAttempts attempts,
            UserService users,
            Outbox outbox,
            PlatformTransactionManager transactions,
            TotpProperties properties,
            Clock clock,
            RandomGenerator random) {
        this.database = database;
        this.secondFactor = secondFactor;
        this.passwords = passwords;
        this.attempts = attempts;
        this.users = users;
        this.outbox = outbox;
        this.transaction = new TransactionTemplate(transactions);
        this.properties = properties;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Makes a secret, in place of an earlier one that was not confirmed.
     *
     * @throws ProblemException {@link ErrorCode#WRONG_PASSWORD}, {@link ErrorCode#TOTP_ENABLED}
     */
    Enrolment enrol(UserId id, String password, String address) {
        User user = passwords.require(id, password, address);
        byte[] secret = new byte[Totp.SECRET_BYTES];
        random.nextBytes(secret);
        int stored = database.sql("""
                        insert into totp (user_id, secret, created_at)
                        select id, ?, ? from users where id = ? for key share
                        on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at
                        where totp.confirmed_at is null""").params(secret, now(), id.value()).update();
        if (stored == 0) {
            users.get(id); // or deleted meanwhile
            throw new ProblemException(ErrorCode.TOTP_ENABLED);
        }
        String text = Base32.encode(secret);
        return new Enrolment(text, uri(user.email(), text));
    }

    /**
     * From now on a log-in asks for a code. Sessions that are open stay: their holder knew the password, and each can be
     * ended by itself.
     *
     * @return the recovery codes, which are never told again
     * @throws ProblemException {@link ErrorCode#WRONG_CODE}, which counts as a failed log-in; {@link ErrorCode#TOTP_NOT_ENABLED},
     *     {@link ErrorCode#TOTP_ENABLED}
     */
    RecoveryCodes confirm(UserId id, String code, String address) {
        User user = users.get(id);
        try (Attempt attempt = attempts.begin(user.email(), address)) {
            Optional<RecoveryCodes> recoveryCodes =
                    Objects.requireNonNull(transaction.execute(status -> confirm(user, code)));
            return recoveryCodes.orElseThrow(() -> {
                attempt.failed(); // outside the transaction, in which it could be rolled back
                return new ProblemException(ErrorCode.WRONG_CODE);
            });
        }
    }

    /** Empty where the code is wrong. */
    private Optional<RecoveryCodes> confirm(User user, String code) {
        UserId id = user.id();
        byte[] secret = database.sql("select secret from totp where user_id = ? and confirmed_at is null for update")
                .param(id.value())
                .query(byte[].class)
                .optional()
                .orElseThrow(() -> new ProblemException(
                        secondFactor.secret(id).isPresent() ? ErrorCode.TOTP_ENABLED : ErrorCode.TOTP_NOT_ENABLED));
        OptionalLong step = secondFactor.stepOf(secret, code);
        if (step.isEmpty()) {
            return Optional.empty();
        }
        List<String> codes = Stream.generate(() -> RecoveryCode.next(random))
                .limit(RECOVERY_CODES)
                .toList();
        byte[][] hashes = codes.stream()
                .map(recoveryCode ->
                        RecoveryCode.hash(recoveryCode.replace("-", "")).orElseThrow())
                .toArray(byte[][]::new);
        database.sql("update totp set confirmed_at = ?, last_step = ?, recovery_codes = ? where user_id = ?")
                .params(now(), step.getAsLong(), hashes, id.value())
                .update();
        outbox.queue(new Mail("totp-enabled", user.email(), Map.of("name", user.name())));
        return Optional.of(new RecoveryCodes(codes));
    }

    /** Of the Key URI format that authenticator apps agree on. */
    private String uri(String email, String secret) {
        String issuer = UriUtils.encode(properties.issuer(), StandardCharsets.UTF_8);
        return "otpauth://totp/" + issuer + ":" + UriUtils.encode(email, StandardCharsets.UTF_8) + "?secret=" + secret
                + "&issuer=" + issuer + "&algorithm=SHA1&digits=6&period=30";
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }
}
