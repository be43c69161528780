import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAudit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import type { NewToken } from './manage-tokens.ts';

const ACTOR = { organizationId: null, tokenId: 'test', trackingId: 'test' };
const clock = createManualClock();
const logger = createLogger('silent');
let database: Database;
let accounts: Accounts;
let organizationId: string;

before(async () => {
  database = await openDatabase({ url: undefined, embeddedDir: undefined }, logger);
  await database.migrate();
  accounts = createAccounts({ database, clock, logger, audit: createAudit({ database, clock }) });
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
  await assert.rejects(scopeOf(made.token), { kind: 'unauthenticated' });
  await assert.rejects(accounts.revokeToken(admin, made.id), { kind: 'not-found' });
  await assert.rejects(accounts.revokeToken(admin, 'no id'), { kind: 'not-found' });
  const short = await accounts.createToken(admin, { role: 'readOnlyAdmin', label: 'short', lifetimeSeconds: 60 });
  clock.advance(60_000);
  await assert.rejects(scopeOf(short.token), { kind: 'unauthenticated' });
});
