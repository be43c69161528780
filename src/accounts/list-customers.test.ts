import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountsWorld, openAccountsWorld } from '../../test/support/accounts-world.ts';

let world: AccountsWorld;

before(async () => {
  world = await openAccountsWorld();
});

after(() => world.close());

const namesOf = (rows: readonly { name: string }[]): string[] => rows.map(({ name }) => name);

test('a partner sees its customers, by themselves and through their E911 accounts; the operator everybody', async () => {
  const own = await world.organization('Own office', world.reseller.id);
  await world.organization('Bakery 100%', world.reseller.id);
  const byAccount = await world.organization('Clinic');
  await world.e911.createAccount(byAccount, {
    email: 'clinic@customers.example',
    partnerRedskyOrgId: world.reseller.redskyOrgId,
  });
  await world.organization('Stranger', world.platformPartner.id);
  const partner = world.scopeOf(own.organizationId, 'partnerAdmin', world.reseller.id);
  const operator = world.scopeOf(own.organizationId, 'operator');

  assert.deepEqual(namesOf(await world.accounts.listCustomers(partner, {})), ['Bakery 100%', 'Clinic', 'Own office']);
  assert.deepEqual(namesOf(await world.accounts.listCustomers(partner, { start: 1, max: 1 })), ['Clinic']);
  assert.deepEqual(namesOf(await world.accounts.listCustomers(partner, { text: 'OFFICE' })), ['Own office']);
  assert.deepEqual(namesOf(await world.accounts.listCustomers(partner, { text: '0%' })), ['Bakery 100%']);
  assert.deepEqual(namesOf(await world.accounts.listCustomers(partner, { text: '_' })), [], 'no pattern of its own');
  assert.ok(namesOf(await world.accounts.listCustomers(operator, {})).includes('Stranger'));
  for (const role of ['fullAdmin', 'partnerAdmin'] as const) {
    await assert.rejects(world.accounts.listCustomers(world.scopeOf(own.organizationId, role), {}), {
      kind: 'forbidden',
    });
  }
});
