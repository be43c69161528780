import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountsWorld, openAccountsWorld, PASSWORD } from '../../../test/support/accounts-world.ts';
import type { Scope } from '../../domain/scope.ts';
import { newId } from '../../support/ids.ts';
import { SESSION_IDLE_MS } from './sessions.ts';

const EMAIL = 'admin@sessions.example';
const HOUR_MS = 3_600_000;

let world: AccountsWorld;
let scope: Scope;

const from = () => ({ remoteAddress: newId(), trackingId: 'test' });
const isRefused = { kind: 'unauthenticated' };

before(async () => {
  world = await openAccountsWorld();
  scope = await world.organization('Sessions');
  await world.e911.createAccount(scope, { email: EMAIL });
  await world.acceptLastInvitation();
});

after(() => world.close());

async function makeToken(lifetimeSeconds?: number): Promise<{ id: string; token: string }> {
  const asker: Scope = { ...scope, scopes: new Set(['spark-admin:telephony_config_read']) };
  return world.accounts.createToken(asker, {
    role: 'fullAdmin',
    label: 'Console',
    scopes: ['spark-admin:telephony_config_read'],
    ...(lifetimeSeconds !== undefined && { lifetimeSeconds }),
  });
}

test('an administrator signs in with a password and acts for the organization of the account', async () => {
  const { secret, endsAt } = await world.sessions.begin({ email: EMAIL.toUpperCase(), password: PASSWORD }, from());
  const holder = await world.sessions.holderOf(secret);
  assert.deepEqual(
    [holder.organizationId, holder.role, holder.expiresAtMs, holder.sessionEndsAtMs],
    [scope.organizationId, 'fullAdmin', null, endsAt.getTime()],
  );
  const asked = { authorization: undefined, session: secret, organizationId: undefined, trackingId: 'test' };
  assert.equal((await world.accounts.authenticate(asked)).organizationId, scope.organizationId);
  assert.equal((await world.lastAudit(scope))?.action, 'session.begun');
  await world.sessions.end(secret, from());
  assert.equal((await world.lastAudit(scope))?.action, 'session.ended');
  await assert.rejects(world.sessions.holderOf(secret), isRefused);
});

test('an access token opens a session that ends when it is revoked', async () => {
  const { id, token } = await makeToken();
  const { secret } = await world.sessions.begin({ accessToken: token }, from());
  const holder = await world.sessions.holderOf(secret);
  assert.deepEqual([holder.tokenId, [...holder.scopes]], [id, ['spark-admin:telephony_config_read']]);
  await world.accounts.revokeToken(scope, id);
  await assert.rejects(world.sessions.holderOf(secret), isRefused);
});

test('who is signed in makes tokens that last as long as the credentials may, not as long as the session', async () => {
  const { token, id } = await makeToken();
  const begun = await world.sessions.begin({ accessToken: token }, from());
  const asked = { authorization: undefined, session: begun.secret, organizationId: undefined, trackingId: 'test' };
  const asker = await world.accounts.authenticate(asked);
  const made = await world.accounts.createToken(asker, { role: 'fullAdmin', label: 'For good' });
  assert.equal(made.expiresAt, null);
  assert.equal((await world.accounts.rotateToken(asker, id)).expiresAt, null);

  const { token: short } = await makeToken(3_600);
  const brief = await world.sessions.begin({ accessToken: short }, from());
  const bound = await world.accounts.authenticate({ ...asked, session: brief.secret });
  const { expiresAt } = await world.accounts.createToken(bound, { role: 'fullAdmin', label: 'Bound' });
  assert.equal(expiresAt?.getTime(), world.clock.nowMs() + HOUR_MS);
});

test('a session lasts no longer than its token, half an hour of silence, or twelve hours', async () => {
  const { token } = await makeToken(3_600);
  const short = await world.sessions.begin({ accessToken: token }, from());
  assert.equal(short.endsAt.getTime(), world.clock.nowMs() + HOUR_MS);

  const idle = await world.sessions.begin({ email: EMAIL, password: PASSWORD }, from());
  world.clock.advance(SESSION_IDLE_MS);
  await assert.rejects(world.sessions.holderOf(idle.secret), isRefused);

  const long = await world.sessions.begin({ email: EMAIL, password: PASSWORD }, from());
  for (let minutes = 20; minutes < 12 * 60; minutes += 20) {
    world.clock.advance(20 * 60_000);
    await world.sessions.holderOf(long.secret);
    // Noted beside the request.
    await new Promise((resolve) => setImmediate(resolve));
    await world.database.db.selectFrom('sessions').select('id').execute();
  }
  world.clock.advance(20 * 60_000);
  await assert.rejects(world.sessions.holderOf(long.secret), isRefused);
});

test('one answer for every wrong way in, and not many of them', async () => {
  const stranger = from();
  const wrong = [
    { email: EMAIL, password: 'not this one' },
    { email: 'nobody@sessions.example', password: PASSWORD },
    { accessToken: 'unknown' },
  ];
  for (const signIn of wrong) await assert.rejects(world.sessions.begin(signIn, stranger), isRefused);
  for (let left = 17; left > 0; left--) {
    await assert.rejects(world.sessions.begin({ accessToken: 'unknown' }, stranger), isRefused);
  }
  await assert.rejects(world.sessions.begin({ email: EMAIL, password: PASSWORD }, stranger), {
    kind: 'too-many-requests',
  });
  await world.sessions.begin({ email: EMAIL, password: PASSWORD }, from());
});

test('an organization hears that somebody was refused as one of its own, and not without end', async () => {
  const refused = async () => {
    await world.trail.settled();
    return world.audit.list(scope.organizationId, { max: 1_000, action: 'sign-in.refused' });
  };
  world.clock.advance(HOUR_MS);
  const earlier = (await refused()).length;
  const { id, token } = await makeToken();
  await world.accounts.revokeToken(scope, id);
  const stranger = from();
  await assert.rejects(world.sessions.begin({ accessToken: token }, stranger), isRefused);
  await assert.rejects(world.sessions.begin({ email: EMAIL, password: 'guessed' }, stranger), isRefused);
  await assert.rejects(world.sessions.begin({ email: 'x@sessions.example', password: 'guessed' }, stranger), isRefused);
  const entries = (await refused()).slice(0, -earlier || undefined);
  assert.deepEqual(
    new Set(
      entries.map(
        ({ actor, detail, remoteAddress }) => `${actor} ${String(Reflect.get(detail, 'reason'))} ${remoteAddress}`,
      ),
    ),
    new Set(['revoked-token', 'wrong-password'].map((reason) => `nobody ${reason} ${stranger.remoteAddress}`)),
  );
  assert.ok(!JSON.stringify(entries).includes('guessed') && !JSON.stringify(entries).includes(token));
  for (let guess = 0; guess < 20; guess += 1) {
    await assert.rejects(world.sessions.begin({ email: EMAIL, password: 'guessed' }, from()), isRefused);
  }
  assert.equal((await refused()).length - earlier, 10);
  assert.match(await world.metrics.text(), /waymark_sign_ins_total\{by="password",outcome="wrong-password"\} \d\d/);
});

test('what is stored opens nothing', async () => {
  const { secret } = await world.sessions.begin({ email: EMAIL, password: PASSWORD }, from());
  const rows = await world.database.db.selectFrom('sessions').selectAll().execute();
  assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(secret));
  for (const { secretHash } of rows) await assert.rejects(world.sessions.holderOf(secretHash), isRefused);
});
