import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountsWorld, openAccountsWorld } from '../../test/support/accounts-world.ts';
import { makeCertificate } from '../../test/support/certificates.ts';

let world: AccountsWorld;

before(async () => {
  world = await openAccountsWorld();
});

after(() => world.close());

const ALL = { start: 0, max: 1_000 };
const phone = makeCertificate({ name: 'phone 1' });

test('a certificate counts for its organization from when it is registered until it is removed', async () => {
  const scope = await world.organization('With certificates');
  const elsewhere = await world.organization('Elsewhere');
  const { companyId } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  const { companyId: otherId } = await world.e911.createAccount(elsewhere, { email: 'a@b.example' });
  const opening = async (id: string): Promise<string[]> => {
    await world.catchUp();
    return [...(world.e911.heldCredentials(id)?.certificates ?? [])];
  };
  assert.deepEqual(await opening(companyId), []);
  const added = await world.e911.addHeldCertificate(scope, { certificate: phone.cert, description: ' reception ' });
  assert.deepEqual(
    [added.fingerprint, added.subject, added.description],
    [phone.fingerprint, 'CN=phone 1', 'reception'],
  );
  assert.ok(Date.parse(added.validUntil ?? '') > Date.now());
  const entry = await world.lastAudit(scope);
  assert.deepEqual(
    [entry?.action, entry?.after],
    ['account.certificate-added', { fingerprint: phone.fingerprint, subject: 'CN=phone 1', description: 'reception' }],
  );
  assert.deepEqual(await opening(companyId), [phone.fingerprint]);
  assert.deepEqual(await opening(otherId), [], 'not for another organization');

  const written = (phone.fingerprint.toUpperCase().match(/../g) ?? []).join(':');
  await assert.rejects(world.e911.addHeldCertificate(scope, { fingerprint: written }), { kind: 'conflict' });
  const second = await world.e911.addHeldCertificate(elsewhere, { fingerprint: written });
  assert.deepEqual([second.fingerprint, second.validUntil], [phone.fingerprint, null], 'each organization for itself');
  assert.deepEqual(await world.e911.listHeldCertificates(scope, ALL), { items: [added], total: 1 });
  assert.deepEqual(await world.e911.listHeldCertificates(scope, { start: 1, max: 1 }), { items: [], total: 1 });

  await assert.rejects(world.e911.removeHeldCertificate(elsewhere, added.id), { kind: 'not-found' });
  await world.e911.removeHeldCertificate(scope, added.id);
  assert.equal((await world.lastAudit(scope))?.action, 'account.certificate-removed');
  await assert.rejects(world.e911.removeHeldCertificate(scope, added.id), { kind: 'gone' });
  await assert.rejects(world.e911.removeHeldCertificate(scope, 'nonsense'), { kind: 'not-found' });
  assert.deepEqual(await opening(companyId), []);
  assert.deepEqual(await opening(otherId), [phone.fingerprint]);
});

test('what is no certificate names its field', async () => {
  const scope = await world.organization('Faulty');
  for (const [input, path] of [
    [{}, 'certificate'],
    [{ certificate: phone.cert, fingerprint: phone.fingerprint }, 'certificate'],
    [{ certificate: 'no PEM' }, 'certificate'],
    [{ certificate: phone.key }, 'certificate'],
    [{ certificate: '' }, 'certificate'],
    [{ fingerprint: phone.fingerprint.slice(2) }, 'fingerprint'],
    [{ fingerprint: 'g'.repeat(64) }, 'fingerprint'],
  ] as const) {
    await assert.rejects(world.e911.addHeldCertificate(scope, input), (error: { kind?: string; fields?: unknown }) => {
      assert.equal(error.kind, 'invalid');
      assert.equal((error.fields as { path: string }[])[0]?.path, path);
      return true;
    });
  }
});
