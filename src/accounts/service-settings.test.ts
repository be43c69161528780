import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountsWorld, GRACE_MS, openAccountsWorld, PASSWORD } from '../../test/support/accounts-world.ts';
import type { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { newId } from '../support/ids.ts';
import type { ServiceSettings } from './update-service-settings.ts';

let world: AccountsWorld;

before(async () => {
  world = await openAccountsWorld();
});

after(() => world.close());

const put = (scope: Scope, settings: ServiceSettings) => world.e911.updateServiceSettings(scope, settings);

const login = (scope: Scope, email: string, password = PASSWORD, more: { redskyOrgId?: string } = {}) =>
  world.e911.loginAdmin(scope, { email, password, ...more });

const refusedFields = async (work: Promise<unknown>): Promise<string[]> => {
  const error = await work.then(
    () => assert.fail('it was taken'),
    (reason: ProblemError) => reason,
  );
  assert.equal(error.kind, 'invalid', error.message);
  return error.fields.map(({ path }) => path);
};

/** An organization with an account whose administrator has a password. */
async function customer(
  name: string,
  email: string,
): Promise<{ scope: Scope; companyId: string; secret: string; redskyOrgId: string }> {
  const scope = await world.organization(name);
  const created = await world.e911.createAccount(scope, { email });
  await world.acceptLastInvitation();
  return { scope, ...created };
}

/** A reseller's account that no organization uses. */
async function detached(email: string): Promise<{ companyId: string; secret: string; redskyOrgId: string }> {
  const partnerScope = await world.organization(`Reseller of ${email}`, world.reseller.id);
  const created = await world.e911.createDetachedAccount(
    { ...partnerScope, role: 'partnerAdmin', partnerId: world.reseller.id },
    { email, customerName: 'Shop' },
  );
  await world.acceptLastInvitation();
  return created;
}

test('login tells which account it is, and whether it is the organization’s', async () => {
  const own = await customer('Own', 'own@b.example');
  assert.deepEqual(await login(own.scope, 'own@b.example'), {
    accountMatch: true,
    externalTenantEnabled: false,
    companyId: own.companyId,
  });
  assert.equal((await login(own.scope, ' OWN@B.example ')).companyId, own.companyId);
  const entry = await world.lastAudit(own.scope);
  assert.equal(entry?.action, 'account-admin.logged-in');
  assert.doesNotMatch(JSON.stringify(entry), new RegExp(PASSWORD));
  const external = await detached('shop@b.example');
  assert.deepEqual(await login(own.scope, 'shop@b.example'), {
    accountMatch: false,
    externalTenantEnabled: true,
    companyId: external.companyId,
  });
  const without = await world.organization('Without account');
  assert.equal((await login(without, 'own@b.example')).accountMatch, false);
});

test('a bad login has one answer: unknown address, wrong password, password never set, wrong or ambiguous account', async () => {
  const own = await customer('Bad login', 'bad@b.example');
  const invited = await world.organization('Only invited');
  await world.e911.createAccount(invited, { email: 'invited@b.example' });
  const other = await customer('Another', 'bad@b.example');
  const stranger = await world.organization('Stranger');
  const messages = new Set<string>();
  for (const attempt of [
    () => login(own.scope, 'nobody@b.example'),
    () => login(own.scope, 'bad@b.example', 'not the password'),
    () => login(invited, 'invited@b.example'),
    () => login(own.scope, 'bad@b.example', PASSWORD, { redskyOrgId: newId() }),
    () => login(stranger, 'bad@b.example'),
  ]) {
    await assert.rejects(attempt(), (error: ProblemError) => {
      messages.add(JSON.stringify([error.kind, error.message, error.fields]));
      return true;
    });
  }
  assert.equal(messages.size, 1, [...messages].join('\n'));
  // The organization's own account comes first; the others by their id.
  assert.equal((await login(own.scope, 'bad@b.example')).companyId, own.companyId);
  assert.equal((await login(other.scope, 'bad@b.example')).companyId, other.companyId);
  const { redskyOrgId } = other;
  assert.equal((await login(stranger, 'bad@b.example', PASSWORD, { redskyOrgId })).companyId, other.companyId);
  assert.deepEqual(await refusedFields(login(own.scope, '')), ['email']);
  assert.deepEqual(await refusedFields(login(own.scope, 'bad@b.example', 'x'.repeat(257))), ['password']);
});

test('guessing is slowed down by account, also for the right password, and only for a while', async () => {
  const { scope } = await customer('Guessed', 'guessed@b.example');
  for (let count = 0; count < 10; count += 1) {
    await assert.rejects(login(scope, 'Guessed@b.example', `guess ${count}`), { kind: 'invalid' });
  }
  const tooMany = { kind: 'too-many-requests', retryAfterSeconds: 900 };
  await assert.rejects(login(scope, 'guessed@b.example'), tooMany);
  await assert.rejects(login(scope, 'guessed@b.example', PASSWORD, { redskyOrgId: newId() }), tooMany);
  world.clock.advance(900_000);
  await login(scope, 'guessed@b.example');
});

test('guessing is slowed down by organization, whatever account it is aimed at; right logins are no guesses', async () => {
  const { scope } = await customer('One organization', 'one@b.example');
  for (let count = 0; count < 50; count += 1) await login(scope, 'one@b.example');
  for (let count = 0; count < 30; count += 1) {
    await assert.rejects(login(scope, `nobody${count}@b.example`), { kind: 'invalid' });
  }
  await assert.rejects(login(scope, 'one@b.example'), { kind: 'too-many-requests' });
});

test('a stranger’s guesses lock nobody out, and a partner gets no more of them by naming its customers', async () => {
  const { scope, companyId, secret } = await customer('Victim', 'victim@b.example');
  const partner = await world.organization('Guessing partner', world.reseller.id);
  const customers = [partner, await world.organization('First'), await world.organization('Second')];
  const guesses = customers.map(({ organizationId }) => ({ ...partner, organizationId }));
  for (let count = 0; count < 10; count += 1) {
    const asker = guesses[count % guesses.length] ?? partner;
    await assert.rejects(login(asker, 'victim@b.example', `guess ${count}`), { kind: 'invalid' });
    await assert.rejects(put(asker, { enabled: true, companyId, secret: 'guess' }), { kind: 'invalid' });
  }
  for (const asker of guesses) {
    await assert.rejects(login(asker, 'victim@b.example', 'guess'), { kind: 'too-many-requests' });
    await assert.rejects(put(asker, { enabled: true, companyId, secret }), { kind: 'too-many-requests' });
  }
  assert.equal((await login(scope, 'victim@b.example')).companyId, companyId);
  await put(scope, { enabled: true, companyId, secret });
});

test('a crowd of logins does not fill the thread pool: a few wait, the rest are told to come back', async () => {
  const { scope } = await customer('Crowd', 'crowd@b.example');
  const results = await Promise.allSettled(Array.from({ length: 30 }, () => login(scope, `${newId()}@b.example`)));
  const kinds = results.map((result) => (result.status === 'rejected' ? (result.reason as ProblemError).kind : 'in'));
  assert.ok(kinds.includes('too-many-requests'), kinds.join());
  assert.ok(kinds.filter((kind) => kind === 'invalid').length >= 8, kinds.join());
  await login(scope, 'crowd@b.example');
});

test('the service is switched off and on; nothing else changes, and HELD goes on', async () => {
  const { scope, companyId } = await customer('Switching', 'switch@b.example');
  const before = await world.e911.readAccount(scope.organizationId);
  await put(scope, { enabled: false });
  await world.catchUp();
  assert.equal(world.e911.account(scope.organizationId)?.enabled, false);
  assert.equal(world.e911.heldCredentials(companyId)?.organizationId, scope.organizationId, 'decision 8');
  const entry = await world.lastAudit(scope);
  assert.equal(entry?.action, 'account.settings-changed');
  const state = { companyId, enabled: true, externalTenantEnabled: false };
  assert.deepEqual([entry?.before, entry?.after], [state, { ...state, enabled: false }]);
  await put(scope, { enabled: true, companyId: null, secret: null, email: null, password: null });
  assert.deepEqual(await world.e911.readAccount(scope.organizationId), before);
});

test('settings need an account, or bring one', async () => {
  const scope = await world.organization('Nothing yet');
  await assert.rejects(put(scope, { enabled: true }), { kind: 'conflict' });
  assert.deepEqual(await refusedFields(put(scope, { enabled: true, secret: 'x' })), ['companyId']);
  assert.deepEqual(await refusedFields(put(scope, { enabled: true, companyId: newId() })), ['secret']);
  const credentials = { enabled: true, externalTenantEnabled: true };
  assert.deepEqual(await refusedFields(put(scope, credentials)), ['email', 'password']);
  assert.deepEqual(await refusedFields(put(scope, { ...credentials, email: 'a@b.example' })), ['password']);
});

test('a reseller’s account is taken with its secret and its administrator’s password, and by nothing less', async () => {
  const scope = await world.organization('Taking');
  const { companyId, secret } = await detached('taken@b.example');
  assert.equal(world.e911.heldCredentials(companyId), undefined, 'nobody’s phones');
  const wanted = { enabled: true, companyId, secret };
  const admin = { externalTenantEnabled: true, email: 'taken@b.example', password: PASSWORD };
  assert.deepEqual(await refusedFields(put(scope, { ...wanted, ...admin, secret: 'wrong' })), ['secret']);
  assert.deepEqual(await refusedFields(put(scope, { ...wanted, ...admin, companyId: newId() })), ['secret']);
  assert.deepEqual(await refusedFields(put(scope, { ...wanted, externalTenantEnabled: false })), [
    'externalTenantEnabled',
  ]);
  assert.deepEqual(await refusedFields(put(scope, wanted)), ['email', 'password']);
  assert.deepEqual(await refusedFields(put(scope, { ...wanted, ...admin, password: 'wrong' })), ['email']);
  await customer('Elsewhere', 'elsewhere@b.example');
  assert.deepEqual(await refusedFields(put(scope, { ...wanted, ...admin, email: 'elsewhere@b.example' })), ['email']);
  assert.equal(await world.e911.readAccount(scope.organizationId), undefined);

  await put(scope, { ...wanted, ...admin });
  const account = await world.e911.readAccount(scope.organizationId);
  assert.equal(account?.companyId, companyId);
  assert.equal(account?.externalTenantEnabled, true);
  assert.equal(account?.partnerId, world.reseller.id);
  await world.catchUp();
  assert.equal(world.e911.heldCredentials(companyId)?.organizationId, scope.organizationId);
  assert.equal((await login(scope, 'taken@b.example')).accountMatch, true);
  const entry = await world.lastAudit(scope);
  assert.doesNotMatch(JSON.stringify(entry), new RegExp(`${secret}|${PASSWORD}`));

  // Whose it is now nobody else takes, even with all that proves it.
  const other = await world.organization('Too late');
  await assert.rejects(put(other, { ...wanted, ...admin }), { kind: 'conflict' });
  await put(scope, { ...wanted, enabled: false });
  assert.equal((await world.e911.readAccount(scope.organizationId))?.enabled, false);
});

test('the account given up: its phones are heard for the grace time, and it can be taken back', async () => {
  const { scope, companyId: oldId, secret: oldSecret } = await customer('Changing', 'changing@b.example');
  const { companyId, secret } = await detached('next@b.example');
  const admin = { externalTenantEnabled: true, email: 'next@b.example', password: PASSWORD };
  await put(scope, { enabled: true, companyId: companyId.toUpperCase(), secret, ...admin });
  const validUntil = new Date(world.clock.nowMs() + GRACE_MS).toISOString();
  assert.deepEqual(await world.e911.listFormerAccounts(scope), [{ companyId: oldId, validUntil }]);
  const heard = async (): Promise<(string | undefined)[]> => {
    await world.catchUp();
    return [oldId, companyId].map((id) => world.e911.heldCredentials(id)?.organizationId);
  };
  const id = scope.organizationId;
  assert.deepEqual(await heard(), [id, id]);
  assert.equal((await world.lastAudit(scope))?.action, 'account.adopted');
  await assert.rejects(login(scope, 'changing@b.example', 'wrong'), { kind: 'invalid' });
  assert.equal((await login(scope, 'changing@b.example')).accountMatch, false, 'its administrator went with it');

  world.clock.advance(GRACE_MS);
  assert.deepEqual(await heard(), [undefined, id]);
  assert.deepEqual(await world.e911.listFormerAccounts(scope), []);

  await put(scope, { enabled: true, companyId: oldId, secret: oldSecret });
  assert.deepEqual(await heard(), [id, id], 'now the other one is in its grace time');
  await world.e911.endGrace(scope);
  assert.deepEqual(await heard(), [id, undefined]);

  // Taken by another organization, its phones belong there at once.
  const other = await world.organization('Next user');
  await put(other, { enabled: true, companyId, secret, ...admin });
  assert.deepEqual(await heard(), [id, other.organizationId]);
});

test('of two organizations that take an account at once one gets it', async () => {
  const { companyId, secret } = await detached('race@b.example');
  const admin = { externalTenantEnabled: true, email: 'race@b.example', password: PASSWORD };
  const scopes = [await world.organization('First'), await world.organization('Second')];
  const results = await Promise.allSettled(
    scopes.map((scope) => put(scope, { enabled: true, companyId, secret, ...admin })),
  );
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((result) => result.status === 'rejected');
  assert.equal((refused?.reason as ProblemError | undefined)?.kind, 'conflict');
});

test('secrets are not guessed: attempts are counted by company and altogether', async () => {
  const scope = await world.organization('Secrets');
  const { companyId } = await detached('guarded@b.example');
  const guess = (id: string) => put(scope, { enabled: true, companyId: id, secret: newId() });
  for (let count = 0; count < 10; count += 1) await assert.rejects(guess(companyId), { kind: 'invalid' });
  await assert.rejects(guess(companyId), { kind: 'too-many-requests' });
  // What was refused counts for the organization too.
  for (let count = 0; count < 19; count += 1) await assert.rejects(guess(newId()), { kind: 'invalid' });
  await assert.rejects(guess(newId()), { kind: 'too-many-requests' });
});

test('accounts without organization: a partner’s own only, in pages', async () => {
  const home = await world.organization('Reseller home', world.reseller.id);
  const partner: Scope = { ...home, role: 'partnerAdmin', partnerId: world.reseller.id };
  const other: Scope = { ...home, role: 'partnerAdmin', partnerId: world.platformPartner.id };
  const operator: Scope = { ...home, role: 'operator' };
  const request = { email: 'a@b.example', customerName: 'Shop' };
  await assert.rejects(world.e911.createDetachedAccount(home, request), { kind: 'forbidden' });
  assert.deepEqual(
    await refusedFields(
      world.e911.createDetachedAccount(partner, { ...request, partnerRedskyOrgId: world.platformPartner.redskyOrgId }),
    ),
    ['partnerRedskyOrgId'],
  );
  assert.deepEqual(await refusedFields(world.e911.createDetachedAccount(partner, { ...request, customerName: ' ' })), [
    'customerName',
  ]);
  const { companyId } = await world.e911.createDetachedAccount(operator, {
    ...request,
    partnerRedskyOrgId: world.platformPartner.redskyOrgId,
  });
  const page = { start: 0, max: 1_000 };
  const ids = async (scope: Scope) => (await world.e911.listDetachedAccounts(scope, page)).map((one) => one.companyId);
  assert.ok(!(await ids(partner)).includes(companyId));
  assert.ok((await ids(other)).includes(companyId));
  assert.deepEqual(await ids(home), []);
  const all = await ids(operator);
  assert.ok(all.includes(companyId) && all.length > 1);
  const [, second] = await world.e911.listDetachedAccounts(operator, { start: 0, max: 2 });
  assert.deepEqual(await world.e911.listDetachedAccounts(operator, { start: 1, max: 1 }), [second]);
});
