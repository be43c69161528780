/** Accounts on a real PostgreSQL, where requests really meet: races, and the migration of accounts that were there before. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import type { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import { newId, sha256Hex } from '../../src/support/ids.ts';
import { type AccountsWorld, openAccountsWorld, PASSWORD } from '../support/accounts-world.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

let cluster: PostgresCluster;
let world: AccountsWorld;

before(async () => {
  cluster = await startPostgresCluster();
  world = await openAccountsWorld({ databaseUrl: await cluster.createDatabase() });
});

after(async () => {
  await world.close();
  cluster.remove();
});

/** How many were let through; all others were refused as conflicts. */
async function winners(work: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(work);
  for (const result of results) {
    if (result.status === 'rejected')
      assert.equal((result.reason as ProblemError).kind, 'conflict', String(result.reason));
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('of many organizations that take one account at once exactly one gets it', async () => {
  const partner: Scope = { ...(await world.organization('Home')), role: 'partnerAdmin', partnerId: world.reseller.id };
  for (let round = 0; round < 5; round += 1) {
    const email = `race${round}@b.example`;
    const wanted = { email, customerName: 'Shop' };
    const { companyId, secret } = await world.e911.createDetachedAccount(partner, wanted);
    await world.acceptLastInvitation();
    const scopes = await Promise.all([1, 2, 3, 4].map((number) => world.organization(`Taker ${round}.${number}`)));
    for (const scope of scopes) await world.e911.createAccount(scope, { email: `own${round}@b.example` });
    const settings = { enabled: true, companyId, secret, externalTenantEnabled: true, email, password: PASSWORD };
    const count = await winners(scopes.map((scope) => world.e911.updateServiceSettings(scope, settings)));
    assert.equal(count, 1);
    const accounts = await Promise.all(scopes.map((scope) => world.e911.readAccount(scope.organizationId)));
    assert.equal(accounts.filter((account) => account?.companyId === companyId).length, 1);
    assert.ok(
      accounts.every((account) => account !== undefined),
      'who lost kept its own',
    );
  }
});

test('of many rotations of one token at once exactly one succeeds', async () => {
  const { organizationId } = await world.organization('Rotating');
  const wanted = { organizationId, role: 'fullAdmin', label: 'asker' } as const;
  const { token, id } = await world.accounts.issueToken(world.actor, wanted);
  const scope = await world.accounts.authenticate({
    authorization: `Bearer ${token}`,
    organizationId: undefined,
    trackingId: 'test',
  });
  assert.equal(await winners(Array.from({ length: 8 }, () => world.accounts.rotateToken(scope, id))), 1);
  assert.equal((await world.accounts.listTokens(scope, { state: 'active' })).length, 2);
});

test('secrets that rotate at once leave the newest and the one before it', async () => {
  const scope = await world.organization('Secrets');
  const { secret: first, companyId } = await world.e911.createAccount(scope, { email: 'a@b.example' });
  const rotated = await Promise.all([1, 2, 3].map(() => world.e911.rotateSecret(scope)));
  await world.catchUp();
  const known = world.e911.heldCredentials(companyId);
  const secrets = [first, ...rotated.map(({ secret }) => secret)].map(sha256Hex);
  const open = [known?.secretHash, known?.previousSecretHash];
  assert.equal(new Set(open).size, 2);
  assert.ok(open.every((hash) => hash !== undefined && secrets.includes(hash)));
  assert.ok(!open.includes(sha256Hex(first)));
});

test('accounts and administrators of before are kept by the migration', async () => {
  const pool = new Pool({ connectionString: await cluster.createDatabase() });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const entries = Object.entries(migrations).filter(([name]) => name <= '0011-accounts');
  for (const [name, migration] of entries) {
    if (name === '0011-accounts') {
      const [partner, organization] = [newId(), newId()];
      for (const statement of [
        sql`insert into partners (id, name, redsky_org_id, is_default) values (${partner}, 'Platform', 'p', true)`,
        sql`insert into organizations (id, name) values (${organization}, 'Before')`,
        sql`insert into e911_accounts values (${organization}, 'company', 'redsky', 'wxc', ${partner}, true, false, 'hash', false)`,
        sql`insert into e911_admins (id, organization_id, email) values (${newId()}, ${organization}, 'a@b.example')`,
      ]) {
        await statement.execute(db);
      }
    }
    await migration.up(db);
  }
  const { rows } = await sql`
    select a.company_id, email, o.name, previous_secret_hash, former_organization_id from e911_admins
    join e911_accounts a using (company_id) join organizations o on o.id = a.organization_id`.execute(db);
  assert.deepEqual(rows, [
    {
      company_id: 'company',
      email: 'a@b.example',
      name: 'Before',
      previous_secret_hash: null,
      former_organization_id: null,
    },
  ]);
  await db.destroy();
});
