import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountsWorld, GRACE_MS, openAccountsWorld } from '../../test/support/accounts-world.ts';
import { sha256Hex } from '../support/ids.ts';

let world: AccountsWorld;

before(async () => {
  world = await openAccountsWorld();
});

after(() => world.close());

/** Which of these secrets open the HELD door now, from memory. */
async function opening(companyId: string, secrets: readonly string[]): Promise<boolean[]> {
  await world.catchUp();
  const known = world.e911.heldCredentials(companyId);
  return secrets.map((secret) => [known?.secretHash, known?.previousSecretHash].includes(sha256Hex(secret)));
}

test('the secret before stays good for the grace time, and not a moment longer', async () => {
  const scope = await world.organization('Rotating');
  await assert.rejects(world.e911.rotateSecret(scope), { kind: 'conflict' });
  const { companyId, secret: first } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  assert.equal(await world.e911.previousSecretValidUntil(scope), null);
  const rotated = await world.e911.rotateSecret(scope);
  const until = new Date(world.clock.nowMs() + GRACE_MS).toISOString();
  assert.equal(rotated.companyId, companyId);
  assert.equal(rotated.previousSecretValidUntil, until);
  assert.equal(await world.e911.previousSecretValidUntil(scope), until);
  const secrets = [first, rotated.secret, 'neither'];
  assert.deepEqual(await opening(companyId, secrets), [true, true, false]);
  const entry = await world.lastAudit(scope);
  assert.equal(entry?.action, 'account.secret-rotated');
  assert.doesNotMatch(JSON.stringify(entry), new RegExp(`${rotated.secret}|${sha256Hex(rotated.secret)}`));
  world.clock.advance(GRACE_MS - 1);
  assert.deepEqual(await opening(companyId, secrets), [true, true, false]);
  world.clock.advance(1);
  assert.deepEqual(await opening(companyId, secrets), [false, true, false]);
  assert.equal(await world.e911.previousSecretValidUntil(scope), null);
});

test('a second rotation ends the oldest secret; no grace ends the last one at once', async () => {
  const scope = await world.organization('Twice');
  const { companyId, secret: first } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  const { secret: second } = await world.e911.rotateSecret(scope);
  const { secret: third } = await world.e911.rotateSecret(scope, { graceSeconds: 60 });
  assert.deepEqual(await opening(companyId, [first, second, third]), [false, true, true]);
  const last = await world.e911.rotateSecret(scope, { graceSeconds: 0 });
  assert.equal(last.previousSecretValidUntil, null);
  assert.deepEqual(await opening(companyId, [second, third, last.secret]), [false, false, true]);
  for (const graceSeconds of [-1, Number.NaN, 31 * 86_400]) {
    await assert.rejects(world.e911.rotateSecret(scope, { graceSeconds }), { kind: 'invalid' });
  }
});

test('the grace time can be ended', async () => {
  const scope = await world.organization('Ending');
  await assert.rejects(world.e911.endGrace(scope), { kind: 'not-found' });
  const { companyId, secret: first } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  await assert.rejects(world.e911.endGrace(scope), { kind: 'not-found' });
  const { secret: second } = await world.e911.rotateSecret(scope);
  await world.e911.endGrace(scope);
  assert.deepEqual(await opening(companyId, [first, second]), [false, true]);
  assert.equal((await world.lastAudit(scope))?.action, 'account.grace-ended');
  await assert.rejects(world.e911.endGrace(scope), { kind: 'not-found' });
});

test('an organization can insist on the secret', async () => {
  const scope = await world.organization('Insisting');
  await assert.rejects(world.e911.requireHeldSecret(scope, true), { kind: 'conflict' });
  const { companyId } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  await world.e911.requireHeldSecret(scope, true);
  await world.catchUp();
  assert.equal(world.e911.heldCredentials(companyId)?.secretRequired, true);
  const entry = await world.lastAudit(scope);
  assert.deepEqual([entry?.before, entry?.after], [{ secretRequired: false }, { secretRequired: true }]);
});
