"""Calls every operation with a client that openapi-generator made, and prints a line for each.

Arguments: the address of the service, the directory of its mails, and the e-mail and password of its admin.
"""

import base64
import datetime
import glob
import hashlib
import hmac
import re
import struct
import sys
import time
import uuid

from openapi_client import *
from openapi_client.exceptions import ApiException

URL, MAILS, ADMIN_EMAIL, ADMIN_PASSWORD = sys.argv[1:]
PASSWORD = "a long password of a client"
failures = 0
used_tokens = set()


def client(token=None):
    return ApiClient(Configuration(host=URL, access_token=token))


def call(operation, action):
    global failures
    try:
        result = action()
        print("ok", operation)
        return result
    except Exception as e:
        failures += 1
        print(f"FAILED {operation}: {type(e).__name__} {e}".replace("\n", " ")[:500])


def expect(expected, actual):
    if expected != actual:
        raise AssertionError(f"expected {expected!r} but was {actual!r}")
    return actual


def problem(action):
    try:
        action()
    except ApiException as e:
        return e.data
    raise AssertionError("was not refused")


def login(email, password):
    return logins.login(LoginRequest(email=email, password=password)).data


def token(address):
    """The token of a mail to the address that was not used before."""
    for _ in range(100):
        for file in sorted(glob.glob(MAILS + "/*")):
            mail = open(file).read()
            found = re.search("lt_[A-Za-z0-9_-]{43}", mail)
            if f"To: {address}" in mail and found and found.group() not in used_tokens:
                used_tokens.add(found.group())
                return found.group()
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address}")


def totp(secret):
    """RFC 6238, with the values that authenticator apps take for granted."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000)


anonymous = client()
logins, links = AuthenticationApi(anonymous), AccountsApi(anonymous)
reference, operations = ReferenceApi(anonymous), OperationsApi(anonymous)

call("getHealth", lambda: expect("UP", operations.get_health().status))
call("getLiveness", lambda: expect("UP", operations.get_liveness().status))
call("getReadiness", lambda: expect("UP", operations.get_readiness().status))
call("getJwks", lambda: expect("RSA", logins.get_jwks().keys[0].kty))
call("getApiDocument", lambda: expect("3.1.0", reference.get_api_document().openapi))
call("getProblemType", lambda: expect(409, reference.get_problem_type("email-taken").data.status))

tokens = call("login", lambda: login(ADMIN_EMAIL, ADMIN_PASSWORD))
tokens = call("refreshTokens", lambda: logins.refresh_tokens(RefreshRequest(refresh_token=tokens.refresh_token)).data)
admin = client(tokens.access_token)
users, roles, accounts = UsersApi(admin), RolesApi(admin), AccountsApi(admin)
authentication, keys, api_keys = AuthenticationApi(admin), OperationsApi(admin), APIKeysApi(admin)
call("getInfo", lambda: expect(True, keys.get_info().version[0].isdigit()))

unique = str(uuid.uuid4())
email = f"python-{unique}@example.com"
creation = CreateUserRequest(email=email, name="Python")


def create_user():
    created = users.create_user(creation, unique).data
    expect(created.id, users.create_user(creation, unique).data.id)
    expect("pending", created.status)
    return created.id


user = call("createUser", create_user)


def problems():
    expect("email_taken", problem(lambda: users.create_user(creation)).code)
    invalid = problem(lambda: users.create_user(CreateUserRequest(email="xyz", name=" ")))
    expect("#/email", invalid.errors[0].pointer)
    expect("user_not_found", problem(lambda: users.get_user("usr_01h455vb4pex5vsknk084sn02q")).code)
    expect("unauthenticated", problem(lambda: RolesApi(anonymous).list_roles()).code)


call("problems", problems)


def list_users():
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    page = users.list_users(
        page=1, limit=1, sort=UserSort.CREATED_AT_DESC, status=[UserStatus.PENDING], created_after=yesterday
    )
    expect(user, page.data[0].id)
    expect(1, page.meta.page)
    walked, cursor = 0, ""
    while cursor is not None:
        step = users.list_users(limit=1, cursor=cursor)
        walked += len(step.data)
        cursor = step.meta.next_cursor
    expect(users.list_users().meta.total, walked)


call("listUsers", list_users)
tag = call("getUser", lambda: users.get_user_with_http_info(user).headers["ETag"])


def update_user():
    update = UpdateUserRequest(name="New")
    expect("precondition_failed", problem(lambda: users.update_user(user, update, '"v99"')).code)
    expect("New", users.update_user(user, update, tag).data.name)
    users.update_user(user, UpdateUserRequest(settings=SettingsInput(theme=Theme.DARK)))
    read = users.get_user(user).data
    expect("member", read.role)
    expect("dark", read.settings.theme)


def patch_user():
    users.patch_user(user, PatchUserRequest(settings=SettingsPatch(notifications=False)))
    settings = users.get_user(user).data.settings
    expect("dark", settings.theme)
    expect(False, settings.notifications)


call("updateUser", update_user)
call("patchUser", patch_user)

role = f"python-{unique}"
call("createRole", lambda: roles.create_role(CreateRoleRequest(name=role, permissions=[Permission.USERS_READ])))
call("listRoles", lambda: expect(True, role in [each.name for each in roles.list_roles().data]))
call("updateRole", lambda: roles.update_role(role, UpdateRoleRequest(description="Another description")))


def get_role():
    read = roles.get_role(role).data
    expect("Another description", read.description)
    expect(["users:read"], read.permissions)


call("getRole", get_role)
call("deleteRole", lambda: roles.delete_role(role))

tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
key = call(
    "createApiKey",
    lambda: api_keys.create_api_key(
        CreateApiKeyRequest(name="Report", permissions=[Permission.USERS_READ], expires_at=tomorrow)
    ).data,
)


def list_api_keys():
    UsersApi(client(key.key)).list_users()
    listed = api_keys.list_api_keys().data[0]
    expect(["users:read"], listed.permissions)
    expect(key.id, listed.id)


call("listApiKeys", list_api_keys)
call("getApiKey", lambda: expect(key.id, api_keys.get_api_key(key.id).data.id))
call("deleteApiKey", lambda: api_keys.delete_api_key(key.id))

call("inviteUser", lambda: accounts.invite_user(user))


def activate_account():
    token(email)  # of the first invitation, which the second one replaced
    links.activate_account(ActivateRequest(token=token(email), password=PASSWORD))


call("activateAccount", activate_account)
call("forgotPassword", lambda: links.forgot_password(ForgotPasswordRequest(email=email)))
call(
    "resetPassword",
    lambda: links.reset_password(ResetPasswordRequest(token=token(email), password=PASSWORD + "2")),
)
call("sendPasswordReset", lambda: accounts.send_password_reset(user))
own = client(login(email, PASSWORD + "2").access_token)
own_account, own_sessions = AccountsApi(own), AuthenticationApi(own)
call(
    "changePassword",
    lambda: own_account.change_password(
        "me", ChangePasswordRequest(current_password=PASSWORD + "2", new_password=PASSWORD + "3")
    ),
)
new_email = "new-" + email
call(
    "changeEmail",
    lambda: own_account.change_email("me", ChangeEmailRequest(email=new_email, password=PASSWORD + "3")),
)


def confirm_email():
    links.confirm_email(ConfirmEmailRequest(token=token(new_email)))
    expect(new_email, users.get_user(user).data.email)


call("confirmEmail", confirm_email)

enrolment = call("enrolTotp", lambda: own_sessions.enrol_totp("me", EnrolTotpRequest(password=PASSWORD + "3")).data)
codes = call(
    "confirmTotp",
    lambda: own_sessions.confirm_totp("me", ConfirmTotpRequest(code=totp(enrolment.secret))).data,
)
call("getTotp", lambda: expect(True, own_sessions.get_totp("me").data.enabled))
call(
    "disableTotp",
    lambda: own_sessions.disable_totp(
        "me", DisableTotpRequest(password=PASSWORD + "3", code=codes.recovery_codes[0])
    ),
)
call("removeTotp", lambda: authentication.remove_totp(user))


def get_failed_logins():
    expect("invalid_credentials", problem(lambda: login(new_email, "a wrong password")).code)
    expect(1, authentication.get_failed_logins(user).data.failures)


def clear_failed_logins():
    authentication.clear_failed_logins(user)
    expect(0, authentication.get_failed_logins(user).data.failures)


call("getFailedLogins", get_failed_logins)
call("clearFailedLogins", clear_failed_logins)

login(new_email, PASSWORD + "3")
sessions = call("listSessions", lambda: own_sessions.list_sessions("me"))
call(
    "endSession",
    lambda: own_sessions.end_session("me", next(each.id for each in sessions.data if not each.current)),
)


def end_other_sessions():
    own_sessions.end_other_sessions("me")
    expect(1, own_sessions.list_sessions("me").meta.total)


call("endOtherSessions", end_other_sessions)

next_key = call("rotateSigningKey", lambda: keys.rotate_signing_key().data)
call(
    "listSigningKeys",
    lambda: expect("next", {each.kid: each.state for each in keys.list_signing_keys().data}[next_key.kid]),
)
call("deleteSigningKey", lambda: keys.delete_signing_key(next_key.kid))

call("deleteUser", lambda: expect(True, users.delete_user(user).success))


def logout():
    authentication.logout()
    expect("invalid_token", problem(lambda: users.get_user("me")).code)


call("logout", logout)
sys.exit(failures > 0)
