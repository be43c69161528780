import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import { createSnapshot } from '../storage/snapshot.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createTrunkManagement } from './manage-trunks.ts';
import { ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from './testing/fake-lookups.ts';
import { canonicalBlock, createTrunkIndex } from './trunk-index.ts';
import { trunkSnapshotDefinition } from './trunk-records.ts';

const logger = createLogger('silent');
let database: Database;

before(async () => {
  database = await openDatabase({ url: undefined, embeddedDir: undefined }, logger);
  await database.migrate();
  for (const id of [ORGANIZATION_ID, OTHER_ORGANIZATION_ID]) {
    await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  }
});

after(() => database.close());

function scopeOf(organizationId: string): Scope {
  return {
    organizationId,
    homeOrganizationId: organizationId,
    tokenId: 'token',
    trackingId: 'tracking',
    role: 'fullAdmin',
    scopes: new Set(),
  };
}

function isProblem(kind: string, path?: string) {
  return (error: unknown): boolean =>
    error instanceof ProblemError && error.kind === kind && (path === undefined || error.fields[0]?.path === path);
}

test('trunks are created, found by source address, listed and removed, each within its organization', async () => {
  const trunks = createTrunkManagement({ database, audit: createAudit({ database, clock: systemClock }) });
  const snapshot = createSnapshot({ folder: undefined, logger }, trunkSnapshotDefinition(database.db));
  const mine = scopeOf(ORGANIZATION_ID);
  const theirs = scopeOf(OTHER_ORGANIZATION_ID);
  const created = await trunks.createTrunk(mine, { name: 'Dallas', addresses: ['192.0.2.77/24', '2001:DB8::1'] });
  assert.deepEqual(created.addresses, ['192.0.2.0/24', '2001:db8::1']);
  await trunks.createTrunk(theirs, { name: 'Chicago', addresses: ['192.0.2.9'], port: 5080 });

  await snapshot.loadFromDatabase();
  const find = (address: string, port: number): string | undefined => {
    const match = snapshot.current().find(address, port);
    return match.kind === 'one' ? match.trunk.name : undefined;
  };
  assert.equal(find('192.0.2.200', 5060), 'Dallas');
  assert.equal(find('192.0.2.9', 5080), 'Chicago', 'the narrower block');
  assert.equal(find('192.0.2.9', 5060), 'Dallas', 'another port');
  assert.equal(find('::ffff:192.0.2.9', 5060), 'Dallas');
  assert.equal(find('2001:db8:0::1', 5060), 'Dallas');
  assert.equal(find('198.51.100.1', 5060), undefined);

  assert.deepEqual(
    (await trunks.listTrunks(theirs)).map(({ name }) => name),
    ['Chicago'],
  );
  await assert.rejects(trunks.removeTrunk(theirs, created.id), isProblem('not-found'));
  await trunks.removeTrunk(mine, created.id);
  await assert.rejects(trunks.removeTrunk(mine, created.id), isProblem('gone'));
  await assert.rejects(trunks.removeTrunk(theirs, created.id), isProblem('not-found'));
  await snapshot.apply([{ sequence: 1, kind: 'trunks', organizationId: ORGANIZATION_ID }]);
  assert.equal(find('192.0.2.200', 5060), undefined);
});

test('wrong and taken values are refused by field', async () => {
  const trunks = createTrunkManagement({ database, audit: createAudit({ database, clock: systemClock }) });
  const scope = scopeOf(ORGANIZATION_ID);
  await trunks.createTrunk(scope, { name: 'One', addresses: ['198.51.100.1'] });
  const refused = (wanted: Parameters<typeof trunks.createTrunk>[1], kind: string, path: string) =>
    assert.rejects(trunks.createTrunk(scope, wanted), isProblem(kind, path), path);
  await refused({ name: ' ', addresses: ['198.51.100.2'] }, 'invalid', 'name');
  await refused({ name: 'x', addresses: [] }, 'invalid', 'addresses');
  await refused({ name: 'x', addresses: ['198.51.100.2', '198.51.100.300'] }, 'invalid', 'addresses.1');
  await refused({ name: 'x', addresses: ['10.0.0.0/33'] }, 'invalid', 'addresses.0');
  await refused({ name: 'x', addresses: ['198.51.100.2'], port: 70_000 }, 'invalid', 'port');
  await refused({ name: 'One', addresses: ['198.51.100.2'] }, 'conflict', 'name');
  const other = createTrunkManagement({ database, audit: createAudit({ database, clock: systemClock }) });
  await assert.rejects(
    other.createTrunk(scopeOf(OTHER_ORGANIZATION_ID), { name: 'Two', addresses: ['198.51.100.1'] }),
    isProblem('conflict', 'addresses'),
  );
});

test('blocks are compared as numbers, never as text', () => {
  assert.equal(canonicalBlock('10.1.2.3/8'), '10.0.0.0/8');
  assert.equal(canonicalBlock('::ffff:10.1.2.3'), '10.1.2.3');
  assert.equal(canonicalBlock('2001:db8:ffff::/33'), '2001:db8:8000::/33');
  for (const wrong of ['', '10.1', '10.0.0.0/-1', '10.0.0.0/8x', 'host', '1::/129']) {
    assert.equal(canonicalBlock(wrong), undefined, wrong);
  }
  const trunk = (id: string, organizationId: string, port: number | null = null) => ({
    id,
    organizationId,
    name: id,
    addresses: ['10.0.0.0/8'],
    port,
  });
  assert.equal(createTrunkIndex([trunk('a', '1'), trunk('b', '1')]).find('10.9.9.9', 1).kind, 'one');
  assert.equal(createTrunkIndex([trunk('a', '1'), trunk('b', '2')]).find('10.9.9.9', 1).kind, 'ambiguous');
  assert.equal(createTrunkIndex([]).find('10.9.9.9', 1).kind, 'none');
});
