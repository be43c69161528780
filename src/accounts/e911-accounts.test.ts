import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verify } from '@node-rs/argon2';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAudit } from '../audit/audit.ts';
import type { MailJob } from '../domain/mail-job.ts';
import type { Scope } from '../domain/scope.ts';
import type { Change } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { newId, sha256Hex } from '../support/ids.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { createAccounts } from './accounts.ts';
import { INVITATION_LIFETIME_MS } from './create-e911-account.ts';
import { createE911Accounts, type E911Accounts } from './e911-accounts.ts';
import { createSignInTrail } from './sign-in-trail.ts';

const PASSWORD = 'correct horse battery';
const GRACE_MS = 7 * 86_400_000;
const clock = createManualClock();
const logger = createLogger('silent');
const mails: MailJob[] = [];
let failMail = false;
let database: Database;
let accounts: E911Accounts;
let createOrganization: (name: string) => Promise<Scope>;
let reseller: { id: string; redskyOrgId: string };
let standard: { id: string };

function scopeOf(organizationId: string): Scope {
  return {
    organizationId,
    homeOrganizationId: organizationId,
    tokenId: 'test',
    trackingId: 'test',
    role: 'fullAdmin',
    scopes: new Set(),
  };
}

/** The token of the newest invitation, as its reader copies it from the link. */
function invitationToken(): string {
  const token = /https:\/\/e911\.example\/invite#(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1];
  assert.ok(token);
  return token;
}

const accept = (token: string, password = PASSWORD, remoteAddress = newId()) =>
  accounts.acceptInvitation({ token, password, remoteAddress, trackingId: 'test' });

before(async () => {
  database = await openMigratedDatabase(logger);
  const audit = createAudit({ database, clock });
  const management = createAccounts({ database, audit, clock, logger });
  accounts = createE911Accounts({
    database,
    audit,
    clock,
    logger,
    snapshotFolder: undefined,
    trail: createSignInTrail({ database, audit, clock, logger, metrics: createMetrics({ processMetrics: false }) }),
    secretGraceMs: GRACE_MS,
    invitationLink: (token) => `https://e911.example/invite#${token}`,
    enqueueMail(_tx, mail) {
      if (failMail) return Promise.reject(new Error('queue is down'));
      mails.push(mail);
      return Promise.resolve();
    },
  });
  const operator = { organizationId: null, tokenId: 'test', trackingId: 'test' };
  standard = await management.createPartner(operator, { name: 'Platform', isDefault: true });
  reseller = await management.createPartner(operator, { name: 'Reseller', isDefault: false });
  createOrganization = async (name) => scopeOf((await management.createOrganization(operator, { name })).id);
});

after(() => database.close());

test('an account has ids, a secret stored as hash, an invited administrator, and an audit entry', async () => {
  const scope = await createOrganization('Prairie Foods');
  assert.equal(await accounts.readAccount(scope.organizationId), undefined);
  const created = await accounts.createAccount(scope, { email: ' ada@prairie.example ' });
  const account = await accounts.readAccount(scope.organizationId);
  assert.equal(account?.companyId, created.companyId);
  assert.equal(account?.redskyOrgId, created.redskyOrgId);
  assert.equal(account?.secretHash, sha256Hex(created.secret));
  assert.equal(account?.partnerId, standard.id);
  assert.equal(account?.orgPrefix, 'wxc');
  assert.equal(account?.adminExists, true);
  assert.equal(mails.at(-1)?.to, 'ada@prairie.example');
  assert.match(mails.at(-1)?.subject ?? '', /Prairie Foods/);
  const [entry] = await createAudit({ database, clock }).list(scope.organizationId, { max: 1 });
  assert.equal(entry?.action, 'account.created');
  assert.doesNotMatch(JSON.stringify(entry), new RegExp(created.secret));
});

test('partner and prefix have effects; unknown ones are refused by name', async () => {
  const scope = await createOrganization('Wholesale Customer');
  for (const [request, path] of [
    [{ email: 'a@b.example', partnerRedskyOrgId: newId() }, 'partnerRedskyOrgId'],
    [{ email: 'a@b.example', orgPrefix: 'abc' }, 'orgPrefix'],
    [{ email: 'nobody' }, 'email'],
    [{ email: `${' '.repeat(8_000)}a@b.example` }, 'email'],
    [{ email: `a@${'b'.repeat(300)}.example` }, 'email'],
  ] as const) {
    await assert.rejects(accounts.createAccount(scope, request), (error: Error & { fields?: { path: string }[] }) => {
      assert.equal(error.fields?.[0]?.path, path);
      return true;
    });
  }
  await accounts.createAccount(scope, {
    email: 'a@b.example',
    orgPrefix: 'wxc-whs',
    partnerRedskyOrgId: reseller.redskyOrgId,
  });
  const account = await accounts.readAccount(scope.organizationId);
  assert.equal(account?.partnerId, reseller.id);
  assert.equal(account?.orgPrefix, 'wxc-whs');
});

test('a second account is a conflict, also when both are asked for at once, and sends no second mail', async () => {
  const scope = await createOrganization('Twice');
  const sent = mails.length;
  const results = await Promise.allSettled([1, 2].map(() => accounts.createAccount(scope, { email: 'a@b.example' })));
  assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
  const rejected = results.find((result) => result.status === 'rejected');
  assert.equal((rejected?.reason as { kind: string } | undefined)?.kind, 'conflict');
  assert.equal(mails.length, sent + 1);
});

test('an account whose invitation cannot be queued is not created', async () => {
  const scope = await createOrganization('No Queue');
  failMail = true;
  await assert.rejects(accounts.createAccount(scope, { email: 'a@b.example' }), /queue is down/);
  failMail = false;
  assert.equal(await accounts.readAccount(scope.organizationId), undefined);
  await accounts.createAccount(scope, { email: 'a@b.example' });
});

test('an invitation sets a password once', async () => {
  const scope = await createOrganization('Invited');
  await accounts.createAccount(scope, { email: 'invited@b.example' });
  const token = invitationToken();
  await assert.rejects(accept(token, 'too short'), { kind: 'invalid' });
  await assert.rejects(accept('wrong'), { kind: 'not-found' });
  assert.deepEqual(await accept(token), { organizationId: scope.organizationId, email: 'invited@b.example' });
  await assert.rejects(accept(token), { kind: 'gone' });
  const row = await database.db
    .selectFrom('e911Admins')
    .selectAll()
    .where('email', '=', 'invited@b.example')
    .executeTakeFirstOrThrow();
  assert.match(row.passwordHash ?? '', /^\$argon2id\$/);
  assert.ok(await verify(row.passwordHash ?? '', PASSWORD));
  assert.notEqual(row.invitationHash, token);
});

test('an invitation expires', async () => {
  await accounts.createAccount(await createOrganization('Late'), { email: 'late@b.example' });
  const token = invitationToken();
  clock.advance(INVITATION_LIFETIME_MS);
  await assert.rejects(accept(token), { kind: 'gone' });
});

test('guessing invitations is slowed down per address, and only for a while', async () => {
  const guess = () => accept('guess', PASSWORD, '192.0.2.7');
  for (let attempt = 0; attempt < 10; attempt++) await assert.rejects(guess(), { kind: 'not-found' });
  await assert.rejects(guess(), { kind: 'too-many-requests', retryAfterSeconds: 900 });
  await assert.rejects(accept('guess', PASSWORD, '192.0.2.8'), { kind: 'not-found' });
  clock.advance(900_000);
  await assert.rejects(guess(), { kind: 'not-found' });
});

test('the snapshot follows the announced changes', async () => {
  const [snapshot] = accounts.snapshots;
  assert.ok(snapshot);
  await snapshot.loadFromDatabase();
  const scope = await createOrganization('Remembered');
  const created = await accounts.createAccount(scope, { email: 'a@b.example' });
  assert.equal(accounts.account(scope.organizationId), undefined);
  const rows = await database.db
    .selectFrom('changeFeed')
    .selectAll()
    .where('organizationId', '=', scope.organizationId)
    .execute();
  await snapshot.apply(rows.map((row) => ({ ...row, sequence: Number(row.sequence) }) as Change));
  assert.equal(accounts.account(scope.organizationId)?.companyId, created.companyId);
  assert.equal(accounts.heldCredentials(created.companyId)?.organizationId, scope.organizationId);
  assert.equal(accounts.heldCredentials('unknown'), undefined);
});
