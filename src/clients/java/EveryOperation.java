import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.AccountsApi;
import org.openapitools.client.api.ApiKeysApi;
import org.openapitools.client.api.AuthenticationApi;
import org.openapitools.client.api.OperationsApi;
import org.openapitools.client.api.ReferenceApi;
import org.openapitools.client.api.RolesApi;
import org.openapitools.client.api.UsersApi;
import org.openapitools.client.model.ActivateRequest;
import org.openapitools.client.model.ApiKey;
import org.openapitools.client.model.ChangeEmailRequest;
import org.openapitools.client.model.ChangePasswordRequest;
import org.openapitools.client.model.ConfirmEmailRequest;
import org.openapitools.client.model.ConfirmTotpRequest;
import org.openapitools.client.model.CreateApiKeyRequest;
import org.openapitools.client.model.CreateRoleRequest;
import org.openapitools.client.model.CreateUserRequest;
import org.openapitools.client.model.CreatedApiKey;
import org.openapitools.client.model.CreatedUser;
import org.openapitools.client.model.DisableTotpRequest;
import org.openapitools.client.model.EnrolTotpRequest;
import org.openapitools.client.model.ForgotPasswordRequest;
import org.openapitools.client.model.LoginRequest;
import org.openapitools.client.model.PatchUserRequest;
import org.openapitools.client.model.Permission;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.RecoveryCodes;
import org.openapitools.client.model.RefreshRequest;
import org.openapitools.client.model.ResetPasswordRequest;
import org.openapitools.client.model.Role;
import org.openapitools.client.model.Session;
import org.openapitools.client.model.SessionList;
import org.openapitools.client.model.Settings;
import org.openapitools.client.model.SettingsInput;
import org.openapitools.client.model.SettingsPatch;
import org.openapitools.client.model.SigningKey;
import org.openapitools.client.model.Theme;
import org.openapitools.client.model.Tokens;
import org.openapitools.client.model.TotpEnrolment;
import org.openapitools.client.model.UpdateRoleRequest;
import org.openapitools.client.model.UpdateUserRequest;
import org.openapitools.client.model.User;
import org.openapitools.client.model.UserList;
import org.openapitools.client.model.UserSort;
import org.openapitools.client.model.UserStatus;
import org.openapitools.client.model.ValidationProblem;

/**
 * Calls every operation with a client that openapi-generator made, and prints a line for each.
 *
 * <p>Arguments: the address of the service, the directory of its mails, and the e-mail and password of its admin.
 */
public final class EveryOperation {

    private static final String PASSWORD = "a long password of a client";

    private static int failures;
    private static Path mails;
    private static final Set<String> usedTokens = new HashSet<>();

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        mails = Path.of(arguments[1]);
        ApiClient anonymous = Library.client(url, null);
        AuthenticationApi logins = new AuthenticationApi(anonymous);
        AccountsApi links = new AccountsApi(anonymous);
        ReferenceApi reference = new ReferenceApi(anonymous);
        OperationsApi operations = new OperationsApi(anonymous);

        call("getHealth", () -> expect("UP", operations.getHealth().getStatus()));
        call("getLiveness", () -> expect("UP", operations.getLiveness().getStatus()));
        call("getReadiness", () -> expect("UP", operations.getReadiness().getStatus()));
        call("getJwks", () -> expect("RSA", logins.getJwks().getKeys().get(0).getKty()));
        call(
                "getApiDocument",
                () -> expect(true, reference.getApiDocument().getOpenapi().startsWith("3.1")));
        call(
                "getProblemType",
                () -> expect(
                        409, reference.getProblemType("email-taken").getData().getStatus()));

        Tokens tokens = call("login", () -> login(logins, arguments[2], arguments[3]));
        Tokens refreshed = call(
                "refreshTokens",
                () -> logins.refreshTokens(new RefreshRequest().refreshToken(tokens.getRefreshToken()))
                        .getData());
        ApiClient admin = Library.client(url, refreshed.getAccessToken());
        UsersApi users = new UsersApi(admin);
        RolesApi roles = new RolesApi(admin);
        AccountsApi accounts = new AccountsApi(admin);
        AuthenticationApi authentication = new AuthenticationApi(admin);
        OperationsApi keys = new OperationsApi(admin);
        call("getInfo", () -> expect(true, keys.getInfo().getVersion().matches("\\d.*")));

        String unique = UUID.randomUUID().toString();
        String email = "java-" + unique + "@example.com";
        CreateUserRequest creation = new CreateUserRequest().email(email).name("Java");
        CreatedUser user = call("createUser", () -> {
            CreatedUser created = users.createUser(creation, unique).getData();
            expect(created.getId(), users.createUser(creation, unique).getData().getId());
            return expect("pending", created.getStatus(), created);
        });
        String id = user.getId();
        call("problems", () -> {
            Problem taken = Library.problem(() -> users.createUser(creation, null), Problem.class);
            expect("email_taken", taken.getCode());
            ValidationProblem invalid = Library.problem(
                    () -> users.createUser(new CreateUserRequest().email("x").name(" "), null),
                    ValidationProblem.class);
            expect("#/email", invalid.getErrors().get(0).getPointer());
            Problem missing =
                    Library.problem(() -> users.getUser("usr_01h455vb4pex5vsknk084sn02q", null), Problem.class);
            expect("user_not_found", missing.getCode());
            Problem refused = Library.problem(() -> new RolesApi(anonymous).listRoles(), Problem.class);
            return expect("unauthenticated", refused.getCode());
        });
        call("listUsers", () -> {
            UserList page = users.listUsers(
                    1,
                    1,
                    null,
                    UserSort.CREATED_AT_DESC,
                    List.of(UserStatus.PENDING),
                    null,
                    null,
                    null,
                    OffsetDateTime.now().minusDays(1),
                    null,
                    null,
                    null);
            expect(id, page.getData().get(0).getId());
            expect(1, page.getMeta().getPage());
            int walked = 0;
            String cursor = "";
            while (cursor != null) {
                UserList step = users.listUsers(null, 1, cursor, null, null, null, null, null, null, null, null, null);
                walked += step.getData().size();
                cursor = step.getMeta().getNextCursor();
            }
            return expect(
                    users.listUsers(null, null, null, null, null, null, null, null, null, null, null, null)
                            .getMeta()
                            .getTotal(),
                    (long) walked);
        });
        String tag = call("getUser", () -> Library.etag(users, id));
        call("updateUser", () -> {
            UpdateUserRequest update = new UpdateUserRequest().name("New");
            Problem stale = Library.problem(() -> users.updateUser(id, update, "\"v99\""), Problem.class);
            expect("precondition_failed", stale.getCode());
            expect("New", users.updateUser(id, update, tag).getData().getName());
            SettingsInput settings = new SettingsInput().theme(Theme.DARK);
            users.updateUser(id, new UpdateUserRequest().settings(settings), null);
            User read = users.getUser(id, null).getData();
            expect("member", read.getRole());
            return expect("dark", read.getSettings().getTheme());
        });
        call("patchUser", () -> {
            SettingsPatch settings = new SettingsPatch().notifications(false);
            users.patchUser(id, new PatchUserRequest().settings(settings), null);
            Settings read = users.getUser(id, null).getData().getSettings();
            expect("dark", read.getTheme());
            return expect(false, read.getNotifications());
        });

        String role = "java-" + unique;
        call(
                "createRole",
                () -> roles.createRole(
                        new CreateRoleRequest().name(role).permissions(List.of(Permission.USERS_READ)), null));
        call(
                "listRoles",
                () -> expect(
                        true,
                        roles.listRoles().getData().stream()
                                .anyMatch(any -> any.getName().equals(role))));
        call("updateRole", () -> {
            roles.updateRole(role, new UpdateRoleRequest().description("Another description"));
            return null;
        });
        call("getRole", () -> {
            Role read = roles.getRole(role).getData();
            expect("Another description", read.getDescription());
            return expect(List.of("users:read"), read.getPermissions());
        });
        call("deleteRole", () -> done(() -> roles.deleteRole(role)));

        ApiKeysApi apiKeys = new ApiKeysApi(admin);
        CreatedApiKey key = call(
                "createApiKey",
                () -> apiKeys.createApiKey(
                                new CreateApiKeyRequest()
                                        .name("Report")
                                        .permissions(List.of(Permission.USERS_READ))
                                        .expiresAt(OffsetDateTime.now().plusDays(1)),
                                null)
                        .getData());
        call("listApiKeys", () -> {
            new UsersApi(Library.client(url, key.getKey()))
                    .listUsers(null, null, null, null, null, null, null, null, null, null, null, null);
            ApiKey listed = apiKeys.listApiKeys(null).getData().get(0);
            expect(List.of("users:read"), listed.getPermissions());
            return expect(key.getId(), listed.getId());
        });
        call(
                "getApiKey",
                () -> expect(
                        key.getId(), apiKeys.getApiKey(key.getId()).getData().getId()));
        call("deleteApiKey", () -> done(() -> apiKeys.deleteApiKey(key.getId())));

        call("inviteUser", () -> done(() -> accounts.inviteUser(id)));
        call(
                "activateAccount",
                () -> done(() -> {
                    token(email); // of the first invitation, which the second one replaced
                    links.activateAccount(
                            new ActivateRequest().token(token(email)).password(PASSWORD));
                }));
        call("forgotPassword", () -> done(() -> links.forgotPassword(new ForgotPasswordRequest().email(email))));
        call(
                "resetPassword",
                () -> done(() -> links.resetPassword(
                        new ResetPasswordRequest().token(token(email)).password(PASSWORD + 2))));
        call("sendPasswordReset", () -> done(() -> accounts.sendPasswordReset(id)));
        ApiClient own = Library.client(url, login(logins, email, PASSWORD + 2).getAccessToken());
        AccountsApi ownAccount = new AccountsApi(own);
        AuthenticationApi ownSessions = new AuthenticationApi(own);
        call(
                "changePassword",
                () -> done(() -> ownAccount.changePassword(
                        "me",
                        new ChangePasswordRequest()
                                .currentPassword(PASSWORD + 2)
                                .newPassword(PASSWORD + 3))));
        String newEmail = "new-" + email;
        call(
                "changeEmail",
                () -> done(() -> ownAccount.changeEmail(
                        "me", new ChangeEmailRequest().email(newEmail).password(PASSWORD + 3))));
        call(
                "confirmEmail",
                () -> done(() -> {
                    links.confirmEmail(new ConfirmEmailRequest().token(token(newEmail)));
                    expect(newEmail, users.getUser(id, null).getData().getEmail());
                }));

        TotpEnrolment enrolment = call(
                "enrolTotp",
                () -> ownSessions
                        .enrolTotp("me", new EnrolTotpRequest().password(PASSWORD + 3))
                        .getData());
        RecoveryCodes codes = call(
                "confirmTotp",
                () -> ownSessions
                        .confirmTotp("me", new ConfirmTotpRequest().code(totp(enrolment.getSecret())))
                        .getData());
        call("getTotp", () -> expect(true, ownSessions.getTotp("me").getData().getEnabled()));
        call(
                "disableTotp",
                () -> done(() -> ownSessions.disableTotp(
                        "me",
                        new DisableTotpRequest()
                                .password(PASSWORD + 3)
                                .code(codes.getRecoveryCodes().get(0)))));
        call("removeTotp", () -> done(() -> authentication.removeTotp(id)));

        call("getFailedLogins", () -> {
            Problem wrong = Library.problem(() -> login(logins, newEmail, "a wrong password"), Problem.class);
            expect("invalid_credentials", wrong.getCode());
            return expect(1, authentication.getFailedLogins(id).getData().getFailures());
        });
        call(
                "clearFailedLogins",
                () -> done(() -> {
                    authentication.clearFailedLogins(id);
                    expect(0, authentication.getFailedLogins(id).getData().getFailures());
                }));

        login(logins, newEmail, PASSWORD + 3);
        SessionList sessions = call("listSessions", () -> ownSessions.listSessions("me"));
        call(
                "endSession",
                () -> done(() -> {
                    Session other = sessions.getData().stream()
                            .filter(session -> !session.getCurrent())
                            .findFirst()
                            .orElseThrow();
                    ownSessions.endSession("me", other.getId());
                }));
        call(
                "endOtherSessions",
                () -> done(() -> {
                    ownSessions.endOtherSessions("me");
                    expect(1L, ownSessions.listSessions("me").getMeta().getTotal());
                }));

        SigningKey next =
                call("rotateSigningKey", () -> keys.rotateSigningKey(null).getData());
        call(
                "listSigningKeys",
                () -> expect(
                        true,
                        keys.listSigningKeys().getData().stream()
                                .anyMatch(any -> any.getState().equals("next")
                                        && any.getKid().equals(next.getKid()))));
        call("deleteSigningKey", () -> done(() -> keys.deleteSigningKey(next.getKid())));

        call("deleteUser", () -> expect(true, users.deleteUser(id, null).getSuccess()));
        call(
                "logout",
                () -> done(() -> {
                    authentication.logout();
                    Problem ended = Library.problem(() -> users.getUser("me", null), Problem.class);
                    expect("invalid_token", ended.getCode());
                }));
        System.exit(failures == 0 ? 0 : 1);
    }

    private static Tokens login(AuthenticationApi logins, String email, String password) throws Exception {
        return logins.login(new LoginRequest().email(email).password(password)).getData();
    }

    private static <T> T call(String operation, Callable<T> action) {
        try {
            T result = action.call();
            System.out.println("ok " + operation);
            return result;
        } catch (Exception e) {
            failures++;
            System.out.println("FAILED " + operation + ": "
                    + String.valueOf(e).lines().findFirst().orElse(""));
            return null;
        }
    }

    interface Action {
        void run() throws Exception;
    }

    private static Void done(Action action) throws Exception {
        action.run();
        return null;
    }

    private static <T> T expect(T expected, T actual) {
        return expect(expected, actual, actual);
    }

    private static <T> T expect(Object expected, Object actual, T result) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException("expected " + expected + " but was " + actual);
        }
        return result;
    }

    /** The token of a mail to the address that was not used before. */
    private static String token(String address) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < 100; attempt++) {
            try (Stream<Path> files = Files.list(mails)) {
                for (Path file : files.sorted().toList()) {
                    String mail = Files.readString(file);
                    Matcher token = Pattern.compile("lt_[A-Za-z0-9_-]{43}").matcher(mail);
                    if (mail.contains("To: " + address) && token.find() && usedTokens.add(token.group())) {
                        return token.group();
                    }
                }
            }
            Thread.sleep(200);
        }
        throw new IllegalStateException("no mail to " + address);
    }

    /** RFC 6238, with the values that authenticator apps take for granted. */
    private static String totp(String secret) throws Exception {
        StringBuilder bits = new StringBuilder();
        for (char c : secret.toCharArray()) {
            int value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
            bits.append(Integer.toBinaryString(32 + value).substring(1));
        }
        byte[] key = new byte[bits.length() / 8];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
        }
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key, "HmacSHA1"));
        byte[] hash = mac.doFinal(ByteBuffer.allocate(8)
                .putLong(System.currentTimeMillis() / 30_000)
                .array());
        int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 15) & Integer.MAX_VALUE;
        return String.format("%06d", number % 1_000_000);
    }
}
