import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { type Audit, createAudit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import type { NewToken } from './manage-tokens.ts';

const ACTOR = { organizationId: null, tokenId: 'test', trackingId: 'test' };
const clock = createManualClock();
const logger = createLogger('silent');
let database: Database;
let accounts: Accounts;
let audit: Audit;
let organizationId: string;

before(async () => {
  database = await openMigratedDatabase(logger);
  audit = createAudit({ database, clock });
  accounts = createAccounts({ database, clock, logger, audit });
  organizationId = (await accounts.createOrganization(ACTOR, { name: 'Example' })).id;
});

after(() => database.close());

/** The scope of a request with a new token. */
async function askAs(token: Omit<NewToken, 'organizationId' | 'label'>): Promise<Scope> {
  const issued = await accounts.issueToken(ACTOR, { ...token, organizationId, label: 'test' });
  return scopeOf(issued.token);
}

function scopeOf(token: string): Promise<Scope> {
  return accounts.authenticate({ authorization: `Bearer ${token}`, organizationId: undefined, trackingId: 'test' });
}

test('a token never holds more than the one that asked for it', async () => {
  const admin = await askAs({ role: 'fullAdmin', scopes: ['waymark:read', 'waymark:write'] });
  const label = 'made';
  for (const role of ['operator', 'partnerAdmin'] as const) {
    await assert.rejects(accounts.createToken(admin, { role, label }), { kind: 'forbidden' });
  }
  const scopes = ['waymark:read', 'spark-admin:telephony_config_write'] as const;
  await assert.rejects(accounts.createToken(admin, { role: 'fullAdmin', label, scopes }), { kind: 'forbidden' });
  const { token } = await accounts.createToken(admin, { role: 'fullAdmin', label });
  assert.deepEqual([...(await scopeOf(token)).scopes].sort(), ['waymark:read', 'waymark:write']);
});

test('a token never outlives the one that asked for it', async () => {
  const admin = await askAs({ role: 'fullAdmin', lifetimeSeconds: 3_600 });
  const wanted = { role: 'readOnlyAdmin', label: 'made' } as const;
  await assert.rejects(accounts.createToken(admin, { ...wanted, lifetimeSeconds: 3_601 }), {
    kind: 'forbidden',
    fields: [{ path: 'lifetimeSeconds', message: 'the asking token ends in 3600 seconds' }],
  });
  const endsAt = (created: { expiresAt: Date | null }) => created.expiresAt?.getTime();
  assert.equal(endsAt(await accounts.createToken(admin, wanted)), admin.expiresAtMs);
  const shorter = await accounts.createToken(admin, { ...wanted, lifetimeSeconds: 60 });
  assert.equal(endsAt(shorter), clock.nowMs() + 60_000);
  const lasting = await askAs({ role: 'fullAdmin' });
  assert.equal((await accounts.createToken(lasting, wanted)).expiresAt, null);
});

test('a revoked or expired token opens nothing', async () => {
  const admin = await askAs({ role: 'fullAdmin' });
  const made = await accounts.createToken(admin, { role: 'readOnlyAdmin', label: 'made' });
  await accounts.revokeToken(admin, made.id);
  const [entry] = await audit.list(admin.organizationId, { max: 1 });
  assert.deepEqual(
    [entry?.action, entry?.subject, entry?.before],
    ['token.revoked', `token ${made.id}`, { label: 'made' }],
  );
  await assert.rejects(scopeOf(made.token), { kind: 'unauthenticated' });
  await assert.rejects(accounts.revokeToken(admin, made.id), { kind: 'not-found' });
  await assert.rejects(accounts.revokeToken(admin, 'no id'), { kind: 'not-found' });
  const short = await accounts.createToken(admin, { role: 'readOnlyAdmin', label: 'short', lifetimeSeconds: 60 });
  clock.advance(60_000);
  await assert.rejects(scopeOf(short.token), { kind: 'unauthenticated' });
});

test('tokens are listed in pages, by role and by state', async () => {
  const operator = await askAs({ role: 'operator' });
  const { id } = await accounts.createOrganization(ACTOR, { name: 'Listing' });
  const scope = { ...operator, organizationId: id };
  const made: string[] = [];
  for (const [role, lifetimeSeconds] of [
    ['fullAdmin', undefined],
    ['readOnlyAdmin', 60],
    ['readOnlyAdmin', undefined],
  ] as const) {
    made.push((await accounts.createToken(scope, { role, label: `${role} ${made.length}`, lifetimeSeconds })).id);
  }
  const [first = '', second = '', third = ''] = made;
  const ids = async (filter: Parameters<Accounts['listTokens']>[1]) =>
    (await accounts.listTokens(scope, filter)).map((token) => token.id);
  assert.deepEqual(await ids({}), made);
  assert.deepEqual(await ids({ start: 1, max: 1 }), [second]);
  assert.deepEqual(await ids({ role: 'readOnlyAdmin' }), [second, third]);
  assert.deepEqual(await ids({ state: 'active' }), made);
  clock.advance(60_000);
  await accounts.revokeToken(scope, first);
  assert.deepEqual(await ids({ state: 'active' }), [third]);
  assert.deepEqual(await ids({ state: 'expired' }), [second]);
  assert.deepEqual(await ids({ state: 'revoked' }), [first]);
  const states = (await accounts.listTokens(scope)).map(({ state }) => state);
  assert.deepEqual(states, ['revoked', 'expired', 'active']);
});

test('a token can be made to end earlier by everybody, later only by who has what it gives', async () => {
  const admin = await askAs({ role: 'fullAdmin' });
  const narrow = await askAs({ role: 'fullAdmin', scopes: ['waymark:write'] });
  const ending = await askAs({ role: 'fullAdmin', lifetimeSeconds: 600 });
  const { id } = await accounts.createToken(admin, { role: 'fullAdmin', label: 'target', lifetimeSeconds: 3_600 });
  const inSeconds = (seconds: number): Date => new Date(clock.nowMs() + seconds * 1_000);
  const changed = await accounts.changeToken(narrow, id, { expiresAt: inSeconds(1_800), label: 'renamed' });
  assert.deepEqual([changed.label, changed.expiresAt, changed.state], ['renamed', inSeconds(1_800), 'active']);
  for (const expiresAt of [inSeconds(1_801), null]) {
    await assert.rejects(accounts.changeToken(narrow, id, { expiresAt }), { kind: 'forbidden' });
    await assert.rejects(accounts.changeToken(ending, id, { expiresAt }), { kind: 'forbidden' });
  }
  await assert.rejects(accounts.changeToken(admin, id, { expiresAt: inSeconds(0) }), { kind: 'invalid' });
  assert.equal((await accounts.changeToken(admin, id, { expiresAt: null })).expiresAt, null);
  assert.equal((await accounts.changeToken(narrow, id, { label: 'again' })).expiresAt, null, 'stays');
  await assert.rejects(accounts.changeToken(admin, 'no id', {}), { kind: 'not-found' });
  const foreign = await accounts.createOrganization(ACTOR, { name: 'Foreign' });
  const stranger = { ...admin, organizationId: foreign.id };
  await assert.rejects(accounts.changeToken(stranger, id, { label: 'taken' }), { kind: 'not-found' });
  await accounts.revokeToken(admin, id);
  await assert.rejects(accounts.changeToken(admin, id, { expiresAt: inSeconds(60) }), { kind: 'conflict' });
});

test('a rotated token: the new one gives the same, the old one works for the overlap', async () => {
  const admin = await askAs({ role: 'fullAdmin' });
  const made = await accounts.createToken(admin, { role: 'readOnlyAdmin', label: 'rotated', lifetimeSeconds: 3_600 });
  const rotated = await accounts.rotateToken(admin, made.id, { overlapSeconds: 600 });
  assert.deepEqual(rotated.expiresAt, made.expiresAt);
  assert.deepEqual(rotated.replaced, { id: made.id, expiresAt: new Date(clock.nowMs() + 600_000) });
  const [before, after] = [await scopeOf(made.token), await scopeOf(rotated.token)];
  const gives = (scope: Scope) => ({ ...scope, tokenId: '', expiresAtMs: 0 });
  assert.deepEqual(gives(after), gives(before));
  assert.notEqual(rotated.token, made.token);
  const listed = (await accounts.listTokens(admin)).find(({ id }) => id === rotated.id);
  assert.equal(listed?.replaces, made.id);
  await assert.rejects(accounts.rotateToken(admin, made.id), { kind: 'conflict' }, 'once');
  clock.advance(600_000);
  await assert.rejects(scopeOf(made.token), { kind: 'unauthenticated' });
  await scopeOf(rotated.token);
  const again = await accounts.rotateToken(admin, rotated.id, { overlapSeconds: 0 });
  await assert.rejects(scopeOf(rotated.token), { kind: 'unauthenticated' });
  await scopeOf(again.token);
  // The overlap never makes the old one last longer.
  const late = await accounts.rotateToken(admin, again.id, { overlapSeconds: 30 * 86_400 });
  assert.deepEqual(late.replaced.expiresAt, made.expiresAt);
});

test('rotation is no way up, and of two at once one succeeds', async () => {
  const admin = await askAs({ role: 'fullAdmin' });
  const narrow = await askAs({ role: 'fullAdmin', scopes: ['waymark:write'] });
  const ending = await askAs({ role: 'fullAdmin', lifetimeSeconds: 60 });
  const { id } = await accounts.createToken(admin, { role: 'fullAdmin', label: 'strong' });
  const operatorToken = await accounts.issueToken(ACTOR, { organizationId, role: 'operator', label: 'operator' });
  await assert.rejects(accounts.rotateToken(narrow, id), { kind: 'forbidden' });
  await assert.rejects(accounts.rotateToken(ending, id), { kind: 'forbidden' });
  await assert.rejects(accounts.rotateToken(admin, operatorToken.id), { kind: 'forbidden' });
  for (const overlapSeconds of [-1, 31 * 86_400, Number.NaN]) {
    await assert.rejects(accounts.rotateToken(admin, id, { overlapSeconds }), { kind: 'invalid' });
  }
  const results = await Promise.allSettled([1, 2].map(() => accounts.rotateToken(admin, id)));
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('partner administrators get their partner', async () => {
  const { id: partnerId } = await accounts.createPartner(ACTOR, { name: 'Reseller', isDefault: false });
  const { id: otherPartner } = await accounts.createPartner(ACTOR, { name: 'Other', isDefault: false });
  const home = await accounts.createOrganization(ACTOR, { name: 'Reseller home', partnerId });
  const customer = await accounts.createOrganization(ACTOR, { name: 'Customer', partnerId });
  const orphan = await accounts.createOrganization(ACTOR, { name: 'Of nobody' });
  const operator = await askAs({ role: 'operator' });
  const wanted = { role: 'partnerAdmin', label: 'partner' } as const;
  const reach = (token: string, id: string) =>
    accounts.authenticate({ authorization: `Bearer ${token}`, organizationId: id, trackingId: 'test' });

  const byOrganization = await accounts.createToken({ ...operator, organizationId: home.id }, wanted);
  const partner = await scopeOf(byOrganization.token);
  assert.equal(partner.partnerId, partnerId);
  assert.equal((await reach(byOrganization.token, customer.id)).organizationId, customer.id);
  await assert.rejects(reach(byOrganization.token, orphan.id), { kind: 'forbidden' });

  const inOrphan = { ...operator, organizationId: orphan.id };
  await assert.rejects(accounts.createToken(inOrphan, wanted), { kind: 'invalid' });
  await assert.rejects(accounts.createToken(inOrphan, { ...wanted, partnerId: 'nobody' }), { kind: 'invalid' });
  await assert.rejects(accounts.createToken(inOrphan, { ...wanted, role: 'fullAdmin', partnerId }), {
    kind: 'invalid',
  });
  const named = await accounts.createToken(inOrphan, { ...wanted, partnerId });
  assert.equal((await reach(named.token, customer.id)).organizationId, customer.id);

  const second = await accounts.createToken(partner, wanted);
  assert.equal((await scopeOf(second.token)).partnerId, partnerId);
  await assert.rejects(accounts.createToken(partner, { ...wanted, partnerId: otherPartner }), { kind: 'invalid' });
  const atCustomer = await reach(byOrganization.token, customer.id);
  await assert.rejects(accounts.createToken(atCustomer, wanted), { kind: 'forbidden' });
  await accounts.rotateToken(partner, second.id);
  await assert.rejects(accounts.rotateToken({ ...partner, partnerId: otherPartner }, byOrganization.id), {
    kind: 'forbidden',
  });
});

test('when a token was last used is written, at most once a minute', async () => {
  const admin = await askAs({ role: 'fullAdmin' });
  const { id, token } = await accounts.createToken(admin, { role: 'readOnlyAdmin', label: 'used' });
  const lastUsed = async (): Promise<number | undefined> => {
    await accounts.settleTokenUse();
    return (await accounts.listTokens(admin)).find((one) => one.id === id)?.lastUsedAt?.getTime();
  };
  assert.equal(await lastUsed(), undefined);
  await scopeOf(token);
  const firstMs = clock.nowMs();
  assert.equal(await lastUsed(), firstMs);
  clock.advance(59_999);
  await scopeOf(token);
  assert.equal(await lastUsed(), firstMs);
  clock.advance(1);
  await scopeOf(token);
  assert.equal(await lastUsed(), firstMs + 60_000);
});
