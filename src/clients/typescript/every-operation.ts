/**
 * Calls every operation with a client that openapi-generator made, and prints a line for each.
 *
 * Arguments: the address of the service, the directory of its mails, and the e-mail and password of its admin.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AccountsApi,
  APIKeysApi,
  AuthenticationApi,
  Configuration,
  OperationsApi,
  Permission,
  Problem,
  ProblemFromJSON,
  ReferenceApi,
  ResponseError,
  RolesApi,
  Theme,
  UsersApi,
  UserSort,
  UserStatus,
  ValidationProblem,
  ValidationProblemFromJSON,
} from './client';

const [url, mails, adminEmail, adminPassword] = process.argv.slice(2) as [string, string, string, string];
const PASSWORD = 'a long password of a client';
const usedTokens = new Set<string>();
let failures = 0;

const client = (accessToken?: string) => new Configuration({ basePath: url, accessToken });

async function call<T>(operation: string, action: () => Promise<T>): Promise<T> {
  try {
    const result = await action();
    console.log(`ok ${operation}`);
    return result;
  } catch (e) {
    failures++;
    console.log(`FAILED ${operation}: ${e}`);
    return undefined as T;
  }
}

function expect<T>(expected: T, actual: T): T {
  if (JSON.stringify(expected) !== JSON.stringify(actual)) {
    throw new Error(`expected ${JSON.stringify(expected)} but was ${JSON.stringify(actual)}`);
  }
  return actual;
}

async function problem<T>(action: Promise<unknown>, parse: (json: unknown) => T): Promise<T> {
  try {
    await action;
  } catch (e) {
    if (e instanceof ResponseError) {
      return parse(await e.response.json());
    }
    throw e;
  }
  throw new Error('was not refused');
}

/** The token of a mail to the address that was not used before. */
async function token(address: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    for (const file of readdirSync(mails).sort()) {
      const mail = readFileSync(join(mails, file), 'utf8');
      const found = /lt_[A-Za-z0-9_-]{43}/.exec(mail)?.[0];
      if (mail.includes(`To: ${address}`) && found && !usedTokens.has(found)) {
        usedTokens.add(found);
        return found;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no mail to ${address}`);
}

/** RFC 6238, with the values that authenticator apps take for granted. */
function totp(secret: string): string {
  const bits = [...secret]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash[hash.length - 1]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function main() {
  const anonymous = client();
  const logins = new AuthenticationApi(anonymous);
  const links = new AccountsApi(anonymous);
  const reference = new ReferenceApi(anonymous);
  const operations = new OperationsApi(anonymous);
  const login = async (email: string, password: string) =>
    (await logins.login({ loginRequest: { email, password } })).data;

  await call('getHealth', async () => expect('UP', (await operations.getHealth()).status));
  await call('getLiveness', async () => expect('UP', (await operations.getLiveness()).status));
  await call('getReadiness', async () => expect('UP', (await operations.getReadiness()).status));
  await call('getJwks', async () => expect('RSA', (await logins.getJwks()).keys[0]!.kty));
  await call('getApiDocument', async () => expect('3.1.0', (await reference.getApiDocument()).openapi));
  await call('getProblemType', async () =>
    expect(409, (await reference.getProblemType({ slug: 'email-taken' })).data.status),
  );

  const tokens = await call('login', () => login(adminEmail, adminPassword));
  const refreshed = await call('refreshTokens', () =>
    logins.refreshTokens({ refreshRequest: { refreshToken: tokens.refreshToken } }),
  );
  const admin = client(refreshed.data.accessToken);
  const users = new UsersApi(admin);
  const roles = new RolesApi(admin);
  const accounts = new AccountsApi(admin);
  const authentication = new AuthenticationApi(admin);
  const keys = new OperationsApi(admin);
  await call('getInfo', async () => expect(true, /^\d/.test((await keys.getInfo()).version)));
  const apiKeys = new APIKeysApi(admin);

  const unique = randomUUID();
  const email = `typescript-${unique}@example.com`;
  const createUserRequest = { email, name: 'TypeScript' };
  const userId = await call('createUser', async () => {
    const created = (await users.createUser({ createUserRequest, idempotencyKey: unique })).data;
    const again = (await users.createUser({ createUserRequest, idempotencyKey: unique })).data;
    expect(created.id, again.id);
    expect('pending', created.status);
    return created.id;
  });
  await call('problems', async () => {
    const taken: Problem = await problem(users.createUser({ createUserRequest }), ProblemFromJSON);
    expect('email_taken', taken.code);
    const invalid: ValidationProblem = await problem(
      users.createUser({ createUserRequest: { email: 'x', name: ' ' } }),
      ValidationProblemFromJSON,
    );
    expect('#/email', invalid.errors[0]!.pointer);
    const missing = await problem(users.getUser({ userId: 'usr_01h455vb4pex5vsknk084sn02q' }), ProblemFromJSON);
    expect('user_not_found', missing.code);
    expect('unauthenticated', (await problem(new RolesApi(anonymous).listRoles(), ProblemFromJSON)).code);
  });
  await call('listUsers', async () => {
    const page = await users.listUsers({
      page: 1,
      limit: 1,
      sort: UserSort.CREATED_AT_DESC,
      status: [UserStatus.Pending],
      createdAfter: new Date(Date.now() - 86_400_000),
    });
    expect(userId, page.data[0]!.id);
    expect(1, page.meta.page);
    let walked = 0;
    let cursor: string | null | undefined = '';
    while (typeof cursor === 'string') {
      const step = await users.listUsers({ limit: 1, cursor });
      walked += step.data.length;
      cursor = step.meta.nextCursor;
    }
    expect((await users.listUsers()).meta.total, walked);
  });
  const tag = await call('getUser', async () => (await users.getUserRaw({ userId })).raw.headers.get('ETag')!);
  await call('updateUser', async () => {
    const updateUserRequest = { name: 'New' };
    const stale = users.updateUser({ userId, updateUserRequest, ifMatch: '"v99"' });
    expect('precondition_failed', (await problem(stale, ProblemFromJSON)).code);
    expect('New', (await users.updateUser({ userId, updateUserRequest, ifMatch: tag })).data.name);
    await users.updateUser({ userId, updateUserRequest: { settings: { theme: Theme.Dark } } });
    const read = (await users.getUser({ userId })).data;
    expect('member', read.role);
    expect('dark', read.settings.theme);
  });
  await call('patchUser', async () => {
    await users.patchUser({ userId, patchUserRequest: { settings: { notifications: false } } });
    const { settings } = (await users.getUser({ userId })).data;
    expect('dark', settings.theme);
    expect(false, settings.notifications);
  });

  const name = `typescript-${unique}`;
  await call('createRole', () => roles.createRole({ createRoleRequest: { name, permissions: [Permission.USERS_READ] } }));
  await call('listRoles', async () => expect(true, (await roles.listRoles()).data.some((role) => role.name === name)));
  await call('updateRole', () =>
    roles.updateRole({ name, updateRoleRequest: { description: 'Another description' } }),
  );
  await call('getRole', async () => {
    const role = (await roles.getRole({ name })).data;
    expect('Another description', role.description);
    expect(['users:read'], role.permissions);
  });
  await call('deleteRole', () => roles.deleteRole({ name }));

  const key = await call('createApiKey', () =>
    apiKeys.createApiKey({
      createApiKeyRequest: {
        name: 'Report',
        permissions: [Permission.USERS_READ],
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    }),
  );
  const keyId = key.data.id;
  await call('listApiKeys', async () => {
    await new UsersApi(client(key.data.key)).listUsers();
    const listed = (await apiKeys.listApiKeys()).data[0]!;
    expect(['users:read'], listed.permissions);
    expect(keyId, listed.id);
  });
  await call('getApiKey', async () => expect(keyId, (await apiKeys.getApiKey({ keyId })).data.id));
  await call('deleteApiKey', () => apiKeys.deleteApiKey({ keyId }));

  await call('inviteUser', () => accounts.inviteUser({ userId }));
  await call('activateAccount', async () => {
    await token(email); // of the first invitation, which the second one replaced
    await links.activateAccount({ activateRequest: { token: await token(email), password: PASSWORD } });
  });
  await call('forgotPassword', () => links.forgotPassword({ forgotPasswordRequest: { email } }));
  await call('resetPassword', async () =>
    links.resetPassword({ resetPasswordRequest: { token: await token(email), password: PASSWORD + 2 } }),
  );
  await call('sendPasswordReset', () => accounts.sendPasswordReset({ userId }));
  const own = client((await login(email, PASSWORD + 2)).accessToken);
  const ownAccount = new AccountsApi(own);
  const ownSessions = new AuthenticationApi(own);
  const me = { userId: 'me' };
  const password = PASSWORD + 3;
  await call('changePassword', () =>
    ownAccount.changePassword({
      ...me,
      changePasswordRequest: { currentPassword: PASSWORD + 2, newPassword: password },
    }),
  );
  const newEmail = `new-${email}`;
  await call('changeEmail', () => ownAccount.changeEmail({ ...me, changeEmailRequest: { email: newEmail, password } }));
  await call('confirmEmail', async () => {
    await links.confirmEmail({ confirmEmailRequest: { token: await token(newEmail) } });
    expect(newEmail, (await users.getUser({ userId })).data.email);
  });

  const enrolment = await call('enrolTotp', () => ownSessions.enrolTotp({ ...me, enrolTotpRequest: { password } }));
  const codes = await call('confirmTotp', () =>
    ownSessions.confirmTotp({ ...me, confirmTotpRequest: { code: totp(enrolment.data.secret) } }),
  );
  await call('getTotp', async () => expect(true, (await ownSessions.getTotp(me)).data.enabled));
  await call('disableTotp', () =>
    ownSessions.disableTotp({ ...me, disableTotpRequest: { password, code: codes.data.recoveryCodes[0]! } }),
  );
  await call('removeTotp', () => authentication.removeTotp({ userId }));

  await call('getFailedLogins', async () => {
    const wrong = await problem(login(newEmail, 'a wrong password'), ProblemFromJSON);
    expect('invalid_credentials', wrong.code);
    expect(1, (await authentication.getFailedLogins({ userId })).data.failures);
  });
  await call('clearFailedLogins', async () => {
    await authentication.clearFailedLogins({ userId });
    expect(0, (await authentication.getFailedLogins({ userId })).data.failures);
  });

  await login(newEmail, password);
  const sessions = await call('listSessions', () => ownSessions.listSessions(me));
  await call('endSession', () => {
    const sessionId = sessions.data.find((session) => !session.current)!.id;
    return ownSessions.endSession({ ...me, sessionId });
  });
  await call('endOtherSessions', async () => {
    await ownSessions.endOtherSessions(me);
    expect(1, (await ownSessions.listSessions(me)).meta.total);
  });

  const next = await call('rotateSigningKey', () => keys.rotateSigningKey());
  const kid = next.data.kid;
  await call('listSigningKeys', async () => {
    const listed = (await keys.listSigningKeys()).data.find((each) => each.kid === kid);
    expect('next', listed?.state);
  });
  await call('deleteSigningKey', () => keys.deleteSigningKey({ kid }));

  await call('deleteUser', async () => expect(true, (await users.deleteUser({ userId })).success));
  await call('logout', async () => {
    await authentication.logout();
    expect('invalid_token', (await problem(users.getUser(me), ProblemFromJSON)).code);
  });
}

main()
  .catch((e) => {
    failures++;
    console.log(`FAILED the program: ${e}`);
  })
  .finally(() => process.exit(failures ? 1 : 0));
