package dev.usersapi.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usersapi.DefaultsIT;
import dev.usersapi.OperationIT;
import dev.usersapi.SbomIT;
import dev.usersapi.SecretsInLogIT;
import dev.usersapi.account.EmailChangeIT;
import dev.usersapi.account.PasswordIT;
import dev.usersapi.apikey.ApiKeyIT;
import dev.usersapi.auth.AuthIT;
import dev.usersapi.auth.SessionIT;
import dev.usersapi.binding.ValidationIT;
import dev.usersapi.docs.DocsIT;
import dev.usersapi.failedlogin.LoginDelayIT;
import dev.usersapi.http.FuzzIT;
import dev.usersapi.http.ProtocolIT;
import dev.usersapi.issuer.TrustedIssuerIT;
import dev.usersapi.ratelimit.RateLimitIT;
import dev.usersapi.role.RoleIT;
import dev.usersapi.token.SigningKeyIT;
import dev.usersapi.totp.TotpIT;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Lists the tests for each item of the OWASP API Security Top 10 of 2023, and fails if one of them no longer exists.
 */
class OwaspTop10Tests {

    private record Attack(Class<?> in, List<String> tests) {}

    private static final Map<String, List<Attack>> ATTACKS = Map.of(
            "API1 Broken Object Level Authorization",
            List.of(
                    by(PermissionIT.class, "callAnswersTheStatusOfItsCell", "apiKeyNeedsThePermissionOfTheCall"),
                    by(
                            SessionIT.class,
                            "endRefusesSessionsOfOtherUsers",
                            "endIsRefusedWhenTheUserHasMorePermissionsThanTheCaller"),
                    by(ApiKeyIT.class, "deletionOfAnotherUsersKeyNeedsThePermissionAndTheOwnersPermissions"),
                    by(TotpIT.class, "removeAnswers403ForTheOwnAccountAndForUsersWithMorePermissions"),
                    by(PasswordIT.class, "changeIsRefusedForAnotherUser"),
                    by(EmailChangeIT.class, "requestIsRefusedForAnotherUser")),
            "API2 Broken Authentication",
            List.of(
                    by(
                            AuthIT.class,
                            "forgedAccessTokensAreRefused",
                            "accessTokensWithWrongClaimsAreRefused",
                            "malformedAuthorizationHeadersAnswer401",
                            "accessTokenInTheQueryIsIgnored",
                            "loginAnswersTheSame401ForEveryWrongCredential",
                            "passwordIsStoredAsArgon2idWithOwaspParameters"),
                    by(SessionIT.class, "reuseAfterTheGracePeriodEndsTheSession", "databaseContainsNoTokenText"),
                    by(
                            LoginDelayIT.class,
                            "loginAnswers429WithGrowingDelaysAfterFailuresFromOneAddress",
                            "loginAnswers429AfterFailuresFromManyAddresses",
                            "loginAnswersTheSameForUnknownEmails"),
                    by(
                            TotpIT.class,
                            "codeIsAcceptedOnceAndOlderCodesAreRefusedAfterIt",
                            "stolenSessionCanNeitherEnrolNorDisable"),
                    by(PasswordIT.class, "forgotDoesNotTellWhetherTheAccountExists", "tokenIsRefusedForAnotherAction"),
                    by(TrustedIssuerIT.class, "invalidTokensAreRefused"),
                    by(SecretsInLogIT.class, "logContainsNoSecret")),
            "API3 Broken Object Property Level Authorization",
            List.of(
                    by(AttackSurfaceIT.class, "everyOperationRefusesMembersOutsideItsSchema"),
                    by(
                            ValidationIT.class,
                            "readOnlyMembersAreIgnoredSoThatGetEditPutWorks",
                            "responsesNeverContainThePassword",
                            "putRefusesAPassword"),
                    by(PermissionIT.class, "refusedChangesOfTheOwnAccountHaveTheirOwnErrorCodes"),
                    by(SigningKeyIT.class, "responsesContainNoPrivateKey"),
                    by(FuzzIT.class, "everyRequestIsAnsweredAsDocumented")),
            "API4 Unrestricted Resource Consumption",
            List.of(
                    by(
                            RateLimitIT.class,
                            "eachCallerHasALimit",
                            "requestsWithoutCredentialsAreLimitedByAddressAndThoseOfUsersAreNot",
                            "loginsAreLimitedByAddressAndEmail"),
                    by(DefaultsIT.class, "forwardingFieldsOfAClientDoNotChangeItsRateLimit"),
                    by(
                            ValidationIT.class,
                            "bodySizeIsBounded",
                            "bodyOfTenMegabytesAnswers413WithoutBeingRead",
                            "nestingIsBounded",
                            "numbersThatAreTooLongAnswer400",
                            "settingsAreAtMost8Kib"),
                    by(ProtocolIT.class, "slowBodyAnswers408", "missingBodyAnswers408", "hugeHeaderAnswers431"),
                    by(ApiKeyIT.class, "createAnswers409WhenTheOwnerHasAHundredKeys"),
                    by(RoleIT.class, "createAnswers409WhenThereAreAThousandRoles"),
                    by(
                            PasswordIT.class,
                            "forgotSendsNoSecondMailWithinAMinute",
                            "mailsThatAdminsRequestAreRateLimitedPerUser")),
            "API5 Broken Function Level Authorization",
            List.of(
                    by(
                            EndpointAccessIT.class,
                            "operationAnswers401Or403UnlessTheTableAllowsTheCaller",
                            "tableContainsEveryOperation"),
                    by(PermissionIT.class, "headNeedsTheSamePermissionAsGet", "permissionIsCheckedBeforeTheBodyIsRead"),
                    by(RoleIT.class, "callerCannotCreateOrChangeARoleWithPermissionsTheyLack"),
                    by(
                            ApiKeyIT.class,
                            "keyCannotChangeCredentialsOfAnAccount",
                            "createAnswers403ForPermissionsThatTheCallerLacks")),
            "API6 Unrestricted Access to Sensitive Business Flows",
            List.of(
                    by(
                            PasswordIT.class,
                            "forgotIsRateLimitedPerEmailAndClientAddress",
                            "forgotSendsNoSecondMailWithinAMinute",
                            "tokenWorksOnceWhenItIsUsedConcurrently"),
                    by(EmailChangeIT.class, "mailToANewEmailHasNoNameAndIsRateLimited"),
                    by(LoginDelayIT.class, "concurrentAttemptsCannotExceedTheFreeFailures")),
            "API7 Server Side Request Forgery",
            List.of(
                    by(AttackSurfaceIT.class, "noRequestContainsAUrl"),
                    by(TrustedIssuerIT.class, "invalidTokensAreRefused"),
                    by(ProtocolIT.class, "forgedHostIsIgnored")),
            "API8 Security Misconfiguration",
            List.of(
                    by(
                            ProtocolIT.class,
                            "everyResponseHasSecurityHeaderFields",
                            "hstsIsSentBehindATlsProxy",
                            "traceAnswers405",
                            "corsAllowsOnlyTheConfiguredOrigin",
                            "requestsThatTomcatRefusesAnswer400WithTheirFault"),
                    by(DefaultsIT.class, "preflightIsRefusedForEveryOrigin"),
                    by(OperationIT.class, "healthIsPublicAndContainsNoDetails"),
                    by(SbomIT.class, "listNamesExactlyTheLibrariesOfTheJar")),
            "API9 Improper Inventory Management",
            List.of(
                    by(AttackSurfaceIT.class, "everyMappingIsInTheOpenApiDocument"),
                    by(DocsIT.class, "documentAndControllersHaveTheSameOperations"),
                    by(ProtocolIT.class, "unknownPathsAnswer404WithAndWithoutCredentials")),
            "API10 Unsafe Consumption of APIs",
            List.of(by(
                    TrustedIssuerIT.class,
                    "keysOfOneIssuerAreRefusedForTokensOfAnother",
                    "claimsOfUnsupportedTypesGrantNothing",
                    "issuerThatNeverAnswersBlocksRequestsOnlyBriefly",
                    "manyTokensWithUnknownKeysAreRefused")));

    @Test
    void everyItemNamesExistingTests() {
        assertThat(ATTACKS).hasSize(10);
        ATTACKS.forEach((item, attacks) ->
                attacks.forEach(attack -> assertThat(Arrays.stream(attack.in().getDeclaredMethods())
                                .filter(method -> AnnotationSupport.isAnnotated(method, Testable.class))
                                .map(Method::getName))
                        .as(item)
                        .containsAll(attack.tests())));
    }

    private static Attack by(Class<?> in, String... tests) {
        return new Attack(in, List.of(tests));
    }
}
