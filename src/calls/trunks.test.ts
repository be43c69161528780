import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { createSnapshot } from '../storage/snapshot.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createTrunkManagement } from './manage-trunks.ts';
import { ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from './testing/fake-lookups.ts';
import { TRUNK_DEFAULTS, type Trunk } from './trunk.ts';
import { canonicalBlock, createTrunkIndex } from './trunk-index.ts';
import { trunkSnapshotDefinition } from './trunk-records.ts';

const logger = createLogger('silent');
let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
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
  const trunks = createTrunkManagement({
    database,
    audit: createAudit({ database, clock: systemClock }),
    clock: systemClock,
  });
  const snapshot = createSnapshot({ folder: undefined, logger }, trunkSnapshotDefinition(database.db));
  const mine = scopeOf(ORGANIZATION_ID);
  const theirs = scopeOf(OTHER_ORGANIZATION_ID);
  const created = await trunks.createTrunk(mine, { name: 'Dallas', addresses: ['192.0.2.77/24', '2001:DB8::1'] });
  assert.deepEqual(created.addresses, ['192.0.2.0/24', '2001:db8::1']);
  await trunks.createTrunk(theirs, { name: 'Chicago', addresses: ['192.0.2.9'], port: 5080 });

  assert.equal(snapshot.isLoaded, false);
  await snapshot.loadFromDatabase();
  assert.equal(snapshot.isLoaded, true);
  const find = (address: string, port: number): string | undefined => {
    const match = snapshot.current().find({ address, port });
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
  const trunks = createTrunkManagement({
    database,
    audit: createAudit({ database, clock: systemClock }),
    clock: systemClock,
  });
  const scope = scopeOf(ORGANIZATION_ID);
  await trunks.createTrunk(scope, { name: 'One', addresses: ['198.51.100.1'] });
  const refused = (wanted: Parameters<typeof trunks.createTrunk>[1], kind: string, path: string) =>
    assert.rejects(trunks.createTrunk(scope, wanted), isProblem(kind, path), path);
  await refused({ name: ' ', addresses: ['198.51.100.2'] }, 'invalid', 'name');
  await refused({ name: 'x', addresses: [] }, 'invalid', 'addresses');
  await refused({ name: 'x', addresses: ['198.51.100.2', '198.51.100.300'] }, 'invalid', 'addresses.1');
  await refused({ name: 'x', addresses: ['10.0.0.0/33'] }, 'invalid', 'addresses.0');
  await refused({ name: 'x', addresses: ['0.0.0.0/0'] }, 'invalid', 'addresses.0');
  await refused({ name: 'x', addresses: ['2000::/8'] }, 'invalid', 'addresses.0');
  await refused({ name: 'x', addresses: ['198.51.100.2'], port: 70_000 }, 'invalid', 'port');
  await refused({ name: 'x', tlsNames: ['sbc.example.com'], port: 5061 }, 'invalid', 'port');
  await refused({ name: 'x', tlsNames: ['*.example.com'] }, 'invalid', 'tlsNames.0');
  await refused({ name: 'x', tlsNames: ['sip:alice@example.com'] }, 'invalid', 'tlsNames.0');
  await refused({ name: 'x', tlsNames: ['192.0.2.1'] }, 'invalid', 'tlsNames.0');
  const peer = { name: 'x', addresses: ['198.51.100.2'] };
  await refused({ ...peer, mode: 'forward' as 'proxy' }, 'invalid', 'mode');
  await refused({ ...peer, identityHeaders: [] }, 'invalid', 'identityHeaders');
  await refused({ ...peer, identityHeaders: ['From', 'Contact'] }, 'invalid', 'identityHeaders.1');
  await refused({ ...peer, deviceHeader: 'Device' }, 'invalid', 'deviceHeader');
  await refused({ ...peer, deviceHeader: 'X-Two Words' }, 'invalid', 'deviceHeader');
  await refused({ ...peer, callbackHeaders: ['X-Callback'] }, 'invalid', 'callbackHeaders.0');
  await refused({ ...peer, callbackHeaders: [] }, 'invalid', 'callbackHeaders');
  await refused({ ...peer, isMonitored: true }, 'invalid', 'isMonitored');
  await refused({ ...peer, contactUri: 'tel:+12145550100' }, 'invalid', 'contactUri');
  await refused({ ...peer, contactUri: 'sip:sbc.example.com?Route=x' }, 'invalid', 'contactUri');
  await refused({ name: 'One', addresses: ['198.51.100.2'] }, 'conflict', 'name');
  const other = createTrunkManagement({
    database,
    audit: createAudit({ database, clock: systemClock }),
    clock: systemClock,
  });
  await assert.rejects(
    other.createTrunk(scopeOf(OTHER_ORGANIZATION_ID), { name: 'Two', addresses: ['198.51.100.1'] }),
    isProblem('conflict', 'addresses'),
  );
});

test('a contact inside is refused where the operator lists no network for it', async () => {
  const mayReach = (address: string): boolean => address === '203.0.113.9';
  const audit = createAudit({ database, clock: systemClock });
  const trunks = createTrunkManagement({ database, audit, clock: systemClock, mayReach });
  const scope = scopeOf(ORGANIZATION_ID);
  const peer = { name: 'Inside', addresses: ['203.0.113.77'] };
  await assert.rejects(
    trunks.createTrunk(scope, { ...peer, contactUri: 'sip:127.0.0.1:6379;transport=tcp' }),
    isProblem('invalid', 'contactUri'),
  );
  const { id } = await trunks.createTrunk(scope, { ...peer, contactUri: 'sip:203.0.113.9' });
  await assert.rejects(
    trunks.updateTrunk(scope, id, { contactUri: 'sip:10.0.0.1' }),
    isProblem('invalid', 'contactUri'),
  );
});

test('a trunk says what it wants, and is changed field by field', async () => {
  const trunks = createTrunkManagement({
    database,
    audit: createAudit({ database, clock: systemClock }),
    clock: systemClock,
  });
  const scope = scopeOf(ORGANIZATION_ID);
  const plain = await trunks.createTrunk(scope, { name: 'Plain', addresses: ['203.0.113.1'], port: 5070 });
  assert.deepEqual(plain, {
    id: plain.id,
    organizationId: ORGANIZATION_ID,
    name: 'Plain',
    addresses: ['203.0.113.1'],
    port: 5070,
    tlsNames: [],
    ...TRUNK_DEFAULTS,
  });
  const changed = await trunks.updateTrunk(scope, plain.id.toUpperCase(), {
    addresses: [],
    port: null,
    tlsNames: ['sip:SBC.Example.com', 'sbc.example.com'],
    mode: 'redirect',
    identityHeaders: ['x-Caller', 'from'],
    deviceHeader: 'x-Device-Id',
    callbackHeaders: ['from', 'P-Asserted-Identity'],
    isMonitored: true,
    contactUri: 'sips:sbc.example.com',
  });
  assert.deepEqual(changed, {
    id: plain.id,
    organizationId: ORGANIZATION_ID,
    name: 'Plain',
    addresses: [],
    port: null,
    tlsNames: ['sbc.example.com'],
    mode: 'redirect',
    identityHeaders: ['X-Caller', 'From'],
    deviceHeader: 'X-Device-Id',
    callbackHeaders: ['From', 'P-Asserted-Identity'],
    isMonitored: true,
    contactUri: 'sips:sbc.example.com',
  });
  assert.deepEqual(await trunks.getTrunk(scope, plain.id), changed);
  // Undefined is absent, null takes away.
  const renamed = await trunks.updateTrunk(scope, plain.id, { name: 'Named', mode: undefined, deviceHeader: null });
  assert.deepEqual(renamed, { ...changed, name: 'Named', deviceHeader: null });

  const other = scopeOf(OTHER_ORGANIZATION_ID);
  await assert.rejects(trunks.updateTrunk(other, plain.id, { name: 'Mine' }), isProblem('not-found'));
  await assert.rejects(trunks.getTrunk(other, plain.id), isProblem('not-found'));
  await assert.rejects(trunks.updateTrunk(scope, plain.id, { tlsNames: [] }), isProblem('invalid', 'addresses'));
  await assert.rejects(
    trunks.createTrunk(other, { name: 'Theirs', tlsNames: ['sbc.example.com'] }),
    isProblem('conflict', 'tlsNames'),
  );
  const names = async (request: Parameters<typeof trunks.listTrunks>[1]) =>
    (await trunks.listTrunks(scope, request)).map(({ name }) => name);
  assert.deepEqual(await names({ mode: 'redirect' }), ['Named']);
  assert.deepEqual(await names({ text: 'SBC.' }), ['Named']);
  assert.deepEqual(await names({ text: '100%' }), []);
  assert.deepEqual(await names({ start: 1, max: 1 }), (await names({})).slice(1, 2));

  const snapshot = createSnapshot({ folder: undefined, logger }, trunkSnapshotDefinition(database.db));
  await snapshot.loadFromDatabase();
  assert.deepEqual(snapshot.current().byId(plain.id), renamed);
  assert.deepEqual(
    snapshot
      .current()
      .ofOrganization(OTHER_ORGANIZATION_ID)
      .map(({ name }) => name),
    ['Chicago'],
  );
});

test('a name in the certificate tells the trunk, whatever the address; without one the address does', () => {
  const trunk = (id: string, organizationId: string, tlsNames: string[], addresses: string[] = []): Trunk => ({
    ...TRUNK_DEFAULTS,
    id,
    organizationId,
    name: id,
    addresses,
    port: null,
    tlsNames,
  });
  const index = createTrunkIndex([
    trunk('a', '1', ['sbc.example.com']),
    trunk('b', '2', ['sbc.example.org'], ['192.0.2.0/24']),
  ]);
  const found = (names: string[] | undefined, address = '192.0.2.1'): string => {
    const match = index.find({ address, port: 5061, names });
    return match.kind === 'one' ? match.trunk.id : match.kind;
  };
  assert.equal(found(['other.example.com', 'sip:SBC.example.com']), 'a');
  assert.equal(found(['SBC.EXAMPLE.ORG.'], '198.51.100.1'), 'b');
  assert.equal(found(['sbc.example.com', 'sbc.example.org']), 'ambiguous');
  assert.equal(found(['stranger.example']), 'b');
  assert.equal(found(['stranger.example'], '198.51.100.1'), 'none');
  assert.equal(found(undefined), 'b');
});

test('a connection comes from any port: there a trunk is known by its address, unless several organizations have it', () => {
  const trunk = (id: string, organizationId: string, port: number | null, addresses = ['192.0.2.1']): Trunk => ({
    ...TRUNK_DEFAULTS,
    id,
    organizationId,
    name: id,
    addresses,
    port,
    tlsNames: [],
  });
  const found = (trunks: Trunk[], port: number, isStream: boolean): string => {
    const match = createTrunkIndex(trunks).find({ address: '192.0.2.1', port, isStream });
    return match.kind === 'one' ? match.trunk.id : match.kind;
  };
  const alone = [trunk('a', '1', 5060)];
  assert.equal(found(alone, 49_152, false), 'none', 'a datagram shows its port');
  assert.equal(found(alone, 49_152, true), 'a');
  const shared = [...alone, trunk('b', '2', 5080)];
  assert.equal(found(shared, 49_152, true), 'ambiguous');
  assert.equal(found(shared, 5080, true), 'b');
  assert.equal(found([...alone, trunk('b', '2', null)], 49_152, true), 'b');
  assert.equal(found([...alone, trunk('wide', '2', null, ['192.0.2.0/24'])], 49_152, true), 'wide');
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
    tlsNames: [],
    ...TRUNK_DEFAULTS,
  });
  assert.equal(createTrunkIndex([trunk('a', '1'), trunk('b', '1')]).find({ address: '10.9.9.9', port: 1 }).kind, 'one');
  assert.equal(
    createTrunkIndex([trunk('a', '1'), trunk('b', '2')]).find({ address: '10.9.9.9', port: 1 }).kind,
    'ambiguous',
  );
  assert.equal(createTrunkIndex([]).find({ address: '10.9.9.9', port: 1 }).kind, 'none');
});
