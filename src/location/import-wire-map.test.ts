import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { wholeText } from '../../test/support/whole-text.ts';
import { openWireMapWorld, problemOf, type WireMapWorld } from '../../test/support/wire-map-world.ts';
import type { Scope } from '../domain/scope.ts';
import type { ImportJob } from './import-jobs.ts';
import type { WireMapImport } from './import-wire-map.ts';
import type { LintReport } from './lint-wire-map.ts';
import { createSeenKeys } from './seen-keys.ts';

let world: WireMapWorld;

before(async () => {
  world = await openWireMapWorld();
});

after(async () => {
  await world.stopWireMapImports();
  await world.close();
});

async function countElements(scope: Scope): Promise<number> {
  for (let start = 0; ; start += 1_000) {
    const { items, hasMore } = await world.listElements(scope, { start, max: 1_000 });
    if (!hasMore) return start + items.length;
  }
}

function added(report: WireMapImport): string[] {
  return report.added.map(({ kind, value, port }) => [kind, value, port].filter(Boolean).join(' ')).sort();
}

function findings({ findings: list }: LintReport): string[] {
  return list.map(({ rule, element, line }) => `${rule}: ${element}${line === undefined ? '' : ` (${line})`}`).sort();
}

function errors(report: WireMapImport): string[] {
  return report.errors.map(({ line, column }) => `${line}:${column}`);
}

const lines = (...rows: string[]): string => `${rows.join('\r\n')}\r\n`;

test('a file in the manner of Microsoft Teams: subnets, access points with *, switches, ports, and planted faults', async () => {
  const scope = await world.organization();
  const header = 'Subnet,MaskBits,BSSID,ChassisID,PortIDSubType,PortID,Description,CompanyName,Location,City';
  const csv = lines(
    header,
    '10.1.2.0,24,,,,,west,Dallas HQ,Floor 2,Dallas',
    '10.1.3.0,,,,,,,Dallas HQ,Floor 3,Dallas',
    ',,AA-BB-CC-DD-EE-F*,,,,,Dallas HQ,Floor 2,Dallas',
    ',,AA-BB-CC-DD-EE-F7,,,,,Dallas HQ,Floor 3,Dallas',
    ',,,00-1B-00-00-00-01,,,,,Floor 2,Dallas',
    ',,,00-1B-00-00-00-01,5,Gi1/0/1,,,Floor 2,Dallas',
    ',,,00-1B-00-00-00-02,5,Gi1/0/1,,,Floor 3,Dallas',
    ',,,00-1B-00-00-00-01,5,Gi1/0/1,,,Floor 2,Dallas',
    ',,,,,,,Annex,Lobby,Dallas',
    '10.1.300.0,24,,,,,,,Floor 2,Dallas',
    ',,AA-BB-CC-DD-EE-**F,,,,,,Floor 2,Dallas',
    '10.9.0.0,16,,,,,,,Lobby,Dallas',
    '10.8.0.0,255.0.255.0,,,,,,,Floor 2,Dallas',
  );
  const report = await world.importWireMap(scope, csv, { dryRun: true });
  assert.equal(report.format, 'teams');
  assert.deepEqual(errors(report), ['10:', '11:Subnet', '12:BSSID', '13:CompanyName', '14:Subnet']);
  assert.deepEqual(added(report), [
    'bssid aa:bb:cc:dd:ee:f*',
    'bssid aa:bb:cc:dd:ee:f7',
    'ip-range 10.1.2.0/24',
    'ip-range 10.1.3.0/24',
    'switch-chassis 00:1b:00:00:00:01',
    'switch-port 00:1b:00:00:00:01 gi1/0/1',
    'switch-port 00:1b:00:00:00:02 gi1/0/1',
  ]);
  assert.deepEqual(findings(report.lint), [
    'duplicate: ChassisID (9)',
    'mask-across-floors: access point aa:bb:cc:dd:ee:f7',
    'orphan: Lobby',
    'orphan: Lobby',
    'orphan: Store',
    'port-without-switch: switch 00:1b:00:00:00:02',
    'prefix-assumed: Subnet (3)',
    'private-range-without-gate: 10.1.2.0/24',
    'private-range-without-gate: 10.1.3.0/24',
  ]);
  assert.equal((await problemOf(world.importWireMap(scope, csv))).kind, 'invalid');
  assert.equal((await world.listElements(scope, {})).items.length, 0);
});

test('a corrected file of Microsoft Teams: applied, undone to the same bytes, applied again to the same bytes', async () => {
  const scope = await world.organization();
  await world.importWireMap(scope, lines('kind,value,erl,description', 'ip-range,10.1.2.0/24,Floor 3,"west, old"'));
  const exported = await wholeText(world.exportWireMap(scope));
  const csv = lines(
    'Subnet,MaskBits,BSSID,ChassisID,PortIDSubType,PortID,Description,CompanyName,Location,City',
    '10.1.2.0,24,,,,,west,Dallas HQ,Floor 2,Dallas',
    ',,AA-BB-CC-DD-EE-F*,,,,,Dallas HQ,Floor 2,Dallas',
    ',,,00-1B-00-00-00-01,5,Gi1/0/1,,,Floor 2,Dallas',
  );
  const report = await world.importWireMap(scope, csv, { replace: true });
  assert.deepEqual(report.counts, { added: 2, changed: 1, unchanged: 0, removed: 0, errors: 0 });
  const applied = await wholeText(world.exportWireMap(scope));
  const { items } = await world.listElements(scope, { kind: 'ip-range' });
  await world.undoWireMap(scope);
  assert.equal(await wholeText(world.exportWireMap(scope)), exported);
  const { items: before } = await world.listElements(scope, { kind: 'ip-range' });
  assert.deepEqual(
    [items[0]?.id, items[0]?.createdAt],
    [before[0]?.id, before[0]?.createdAt],
    'it is the same element',
  );
  await world.importWireMap(scope, csv);
  assert.equal(await wholeText(world.exportWireMap(scope)), applied);
});

test('a file in the manner of Cisco Emergency Responder: diff, lint, apply, undo, the same bytes', async () => {
  const scope = await world.organization();
  await world.createAddressRange(scope, { range: '203.0.113.0/24' });
  await world.importWireMap(
    scope,
    lines('kind,value,erl,description', 'ip-range,10.1.2.0/24,Floor 2,kept', 'mac,cc:cc:cc:cc:cc:01,Floor 3,'),
  );
  await world.follow(scope);
  const exported = await wholeText(world.exportWireMap(scope));
  const csv = lines(
    'Switch IP Address,Port Identifier,Subnet ID,Subnet Mask,MAC Address,ERL Name,Site,Description',
    '192.0.2.10,GigabitEthernet1/0/1,,,,Floor 2,Dallas HQ,',
    '192.0.2.10,GigabitEthernet1/0/2,,,,Floor 3,Dallas HQ,',
    ',,10.1.2.0,255.255.255.0,,Floor 3,Dallas HQ,moved',
    ',,10.1.2.128-10.1.3.127,,,Floor 2,Dallas HQ,',
    ',,,,CC-CC-CC-CC-CC-01,Floor 3,Dallas HQ,',
    ',,,,CC-CC-CC-CC-CC-02,Lobby,Annex,',
  );
  const report = await world.importWireMap(scope, csv);
  assert.equal(report.format, 'cer');
  assert.equal(report.revision, 2, 'by which it is taken back');
  assert.deepEqual(report.counts, { added: 4, changed: 1, unchanged: 1, removed: 0, errors: 0 });
  assert.equal(report.changed[0]?.before.description, 'kept');
  assert.equal(report.changed[0].after.description, 'moved');
  assert.deepEqual(findings(report.lint), [
    'orphan: Lobby',
    'orphan: Store',
    'overlapping-ranges: 10.1.2.128-10.1.3.127',
    'port-without-switch: switch 192.0.2.10',
  ]);
  await world.follow(scope);
  assert.deepEqual(findings(await world.lintWireMap(scope)), findings(report.lint));
  assert.notEqual(await wholeText(world.exportWireMap(scope)), exported);

  const undone = await world.undoWireMap(scope);
  assert.deepEqual(undone.counts, { added: 0, changed: 1, removed: 4 });
  assert.equal(await wholeText(world.exportWireMap(scope)), exported);
  await world.follow(scope);
  assert.equal(world.snapshot.current().get(scope.organizationId)?.find('mac', 'cc:cc:cc:cc:cc:02'), undefined);
  const versions = await world.listWireMapVersions(scope);
  assert.deepEqual(
    versions.items.map(({ revision, action }) => `${revision} ${action}`),
    ['3 wire-map.undone', '2 wire-map.imported', '1 wire-map.imported'],
  );
  const newest = new Date(versions.items[0]?.madeAt ?? '');
  const made = async (window: { since?: Date; until?: Date }) => (await world.listWireMapVersions(scope, window)).total;
  const after = new Date(newest.getTime() + 1);
  assert.deepEqual([await made({ until: after }), await made({ since: after })], [3, 0]);
  await world.undoWireMap(scope, 2);
  assert.match(await wholeText(world.exportWireMap(scope)), /cc:cc:cc:cc:cc:02/);
  await world.undoWireMap(scope, 0);
  assert.equal((await world.listElements(scope, {})).items.length, 0);
});

test('a file in the manner of RedSky, and lists of access points', async () => {
  const scope = await world.organization();
  const redsky = await world.importWireMap(
    scope,
    lines(
      'Building,Location,Chassis ID,Port ID,BSSID,IP Start,IP End,Description',
      'Dallas HQ,Lobby,closet-1,,,,,',
      'Dallas HQ,Lobby,closet-1,7,,,,',
      'Annex,Lobby,,,aa:bb:cc:00:00:01,,,',
      'Annex,Store,,,,10.2.0.10,10.2.0.99,store',
    ),
  );
  assert.equal(redsky.format, 'redsky');
  assert.deepEqual(added(redsky), [
    'bssid aa:bb:cc:00:00:01',
    'ip-range 10.2.0.10-10.2.0.99',
    'switch-chassis closet-1',
    'switch-port closet-1 7',
  ]);
  const mist = await world.importWireMap(
    scope,
    lines(
      'Name,MAC,Model,Serial,Site,Map',
      'AP-1,5c5b35000010,AP43,A1,Dallas HQ,Floor 2',
      'AP-2,5c5b35000020,AP43,A2,Nowhere,Floor 2',
    ),
    { dryRun: true },
  );
  assert.equal(mist.format, 'access-points');
  assert.deepEqual(added(mist), ['bssid 5c:5b:35:00:00:1*']);
  assert.deepEqual(errors(mist), ['3:Site']);
  const meraki = await world.importWireMap(
    scope,
    lines(
      'Name,Serial,MAC address,Model,Network,BSSIDs,ERL',
      'AP-3,Q2,e0:cb:bc:00:00:30,MR46,Dallas HQ,e2:cb:bc:00:00:31;e2:cb:bc:00:00:32,Floor 3',
    ),
    { dryRun: true },
  );
  assert.deepEqual(added(meraki), ['bssid e2:cb:bc:00:00:31', 'bssid e2:cb:bc:00:00:32']);
  assert.equal((await problemOf(world.importWireMap(scope, 'a,b\n1,2\n', { format: 'teams' }))).kind, 'malformed');
  assert.equal((await problemOf(world.importWireMap(scope, 'a,b\n1,2\n', { format: 'excel' }))).kind, 'invalid');
});

async function ended(scope: Scope, { id }: ImportJob): Promise<ImportJob> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const job = await world.getWireMapImport(scope, id);
    if (job.state === 'checked' || job.state === 'applied' || job.state === 'failed') return job;
    await pause(20);
  }
  throw new Error('the import did not end');
}

const upload = (text: string): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(text)]);

test('a large file is read beside the request: checked, applied as it was checked, one at a time', async () => {
  const scope = await world.organization();
  const stranger = await world.organization();
  const rows = Array.from(
    { length: 5_000 },
    (_, place) =>
      `mac,cc:cc:cc:cc:${(place >> 8).toString(16).padStart(2, '0')}:${(place & 255).toString(16).padStart(2, '0')},Floor 2`,
  );
  const csv = lines('kind,value,erl', ...rows);
  const started = await world.startWireMapImport(scope, upload(csv));
  assert.equal((await problemOf(world.startWireMapImport(scope, upload(csv)))).kind, 'locked');
  assert.equal((await problemOf(world.getWireMapImport(stranger, started.id))).kind, 'not-found');
  const checked = await ended(scope, started);
  assert.equal(checked.state, 'checked');
  assert.equal(checked.percent, 100);
  assert.equal(checked.report?.counts.added, 5_000);
  assert.equal((await world.listElements(scope, {})).items.length, 0);
  await world.applyWireMapImport(scope, started.id);
  const applied = await ended(scope, started);
  assert.equal(applied.state, 'applied');
  assert.equal(applied.report?.applied, true);
  assert.equal(await countElements(scope), 5_000);
  assert.equal((await problemOf(world.applyWireMapImport(scope, started.id))).kind, 'conflict');

  const faulty = await ended(
    scope,
    await world.startWireMapImport(scope, upload(lines('kind,value,erl', ...rows, 'mac,zz,Floor 2')), {
      dryRun: false,
    }),
  );
  assert.equal(faulty.state, 'failed');
  assert.deepEqual(faulty.problem?.fields, [{ path: '5002:value', message: 'is not a MAC address' }]);
  const replaced = await ended(
    scope,
    await world.startWireMapImport(scope, upload(lines('kind,value,erl', 'mac,cc:cc:cc:cc:00:01,Floor 2')), {
      dryRun: false,
      replace: true,
    }),
  );
  assert.deepEqual(replaced.report?.counts, { added: 0, changed: 0, unchanged: 1, removed: 4_999, errors: 0 });
  await world.undoWireMap(scope);
  assert.equal(await countElements(scope), 5_000);
});

test('three bad rows of many are told with line and column, and nothing is stored', async () => {
  const scope = await world.organization();
  const rows = Array.from(
    { length: 12_000 },
    (_, place) => `switch-port,closet,${place},Dallas HQ,Floor 2,"port ${place}"`,
  );
  rows[99] = 'switch-port,closet,,Dallas HQ,Floor 2,';
  rows[5_999] = 'switch-port,closet,x,Dallas HQ,Floor 9,';
  rows[11_999] = 'ip-range,10.0.0.300/24,,Dallas HQ,Floor 2,';
  const csv = lines('kind,value,port,location,erl,description', ...rows);
  const told = ['101:port', '6001:erl', '12001:value'];
  const checked = await ended(scope, await world.startWireMapImport(scope, upload(csv)));
  assert.equal(checked.state, 'checked');
  assert.deepEqual(checked.report?.counts, { added: 11_997, changed: 0, unchanged: 0, removed: 0, errors: 3 });
  assert.deepEqual(
    checked.report.errors.map(({ line, column }) => `${line}:${column}`),
    told,
  );
  assert.equal((await problemOf(world.applyWireMapImport(scope, checked.id))).kind, 'conflict');
  const failed = await ended(scope, await world.startWireMapImport(scope, upload(csv), { dryRun: false }));
  assert.equal(failed.state, 'failed');
  assert.deepEqual(
    failed.problem?.fields.map(({ path }) => path),
    told,
  );
  assert.equal((await world.listElements(scope, {})).items.length, 0);
  assert.equal((await world.listWireMapVersions(scope)).total, 0);
  const left = await world.database.db.selectFrom('wireMapImportBatches').select('batch').execute();
  assert.deepEqual(left, [], 'nothing of files with faults is kept');
});

test('a byte order mark, line ends of every kind, quoted line breaks, and ranges wider than anybody has', async () => {
  const scope = await world.organization();
  await world.createAddressRange(scope, { range: '203.0.113.0/24' });
  const csv =
    '\uFEFFkind,value,erl,description\r\n' +
    'mac,cc:cc:cc:cc:cc:01,Floor 2,"a ""desk"", west"\n' +
    '\r\n' +
    '"mac","cc:cc:cc:cc:cc:02","Floor 3",\r\n' +
    'mac,cc:cc:cc:cc:cc:03,Floor 2,"two\nlines"\n' +
    'ip-range,0.0.0.0/0,Floor 2,\n' +
    'ip-range,10.0.0.0/8,Floor 3,\n' +
    'ip-range,::/0,Floor 2,\n' +
    'ip-range,2001:db8::/32,Floor 3,\n' +
    'mac,zz,Floor 2,';
  const report = await world.importWireMap(scope, csv, { dryRun: true });
  assert.deepEqual(
    errors(report),
    ['6:description', '11:value'],
    'lines as an editor counts them, at the end of the row',
  );
  assert.deepEqual(added(report), [
    'ip-range 0.0.0.0/0',
    'ip-range 10.0.0.0/8',
    'ip-range 2001:db8::/32',
    'ip-range ::/0',
    'mac cc:cc:cc:cc:cc:01',
    'mac cc:cc:cc:cc:cc:02',
  ]);
  assert.equal(report.added.find(({ value }) => value.endsWith('01'))?.description, 'a "desk", west');
  assert.deepEqual(
    findings(report.lint).filter((one) => one.startsWith('range-too-wide')),
    ['range-too-wide: 0.0.0.0/0', 'range-too-wide: ::/0'],
  );
  const oldMac = await world.importWireMap(scope, 'kind,value,erl\rmac,cc:cc:cc:cc:cc:04,Floor 2\r', { dryRun: true });
  assert.deepEqual(added(oldMac), ['mac cc:cc:cc:cc:cc:04']);
});

test('keys that were named before are told with their line', () => {
  const seen = createSeenKeys();
  for (let line = 2; line < 5_000; line += 1) assert.equal(seen.add(`key ${line}`, 'content', line), undefined);
  assert.deepEqual(seen.add('key 4000', 'content', 9_999), { line: 4_000, isSame: true });
  assert.deepEqual(seen.add('key 2', 'other', 9_999), { line: 2, isSame: false });
});

test('whoever says what stands in which column need not name the columns as anybody does', async () => {
  const scope = await world.organization();
  const csv = lines(
    'Closet,If,Where,Site,x',
    '00-1B-00-00-00-01,Gi1/0/1,Floor 2,Dallas HQ,?',
    '00-1B-00-00-00-02,,Lobby,Annex,?',
  );
  await assert.rejects(world.importWireMap(scope, csv, { dryRun: true }), { kind: 'malformed' });
  const columns = 'chassis:1,port:2,erl:3,location:4';
  const report = await world.importWireMap(scope, csv, { dryRun: true, columns });
  assert.deepEqual(added(report), ['switch-chassis 00:1b:00:00:00:02', 'switch-port 00:1b:00:00:00:01 gi1/0/1']);
  assert.deepEqual(report.columns, { chassis: 1, port: 2, erl: 3, location: 4 });
  const faulty = await world.importWireMap(scope, csv, { dryRun: true, columns: 'mac:1,erl:3,location:5' });
  assert.deepEqual(errors(faulty), ['2:x', '3:x'], 'faults are told by the names of the header');
  const own = await world.importWireMap(scope, lines('a,b,c', 'Store,mac,02-00-5E-00-00-01'), {
    dryRun: true,
    columns: 'erl:1,kind:2,value:3',
  });
  assert.deepEqual(added(own), ['mac 02:00:5e:00:00:01']);
  for (const wrong of ['chassis', 'chassis:0', 'room:1,erl:2', 'erl:1,erl:2', 'erl:1;mac:2']) {
    await assert.rejects(world.importWireMap(scope, csv, { dryRun: true, columns: wrong }), { kind: 'invalid' }, wrong);
  }
  for (const wrong of ['mac:1', 'mac:1,erl:9', 'kind:1,erl:3']) {
    await assert.rejects(
      world.importWireMap(scope, csv, { dryRun: true, columns: wrong }),
      { kind: 'malformed' },
      wrong,
    );
  }
});

test('an answer tells what a header was read as', async () => {
  const scope = await world.organization();
  const { columns } = await world.importWireMap(scope, lines('Description,MAC Address,BSSID,ERL Name'), {
    dryRun: true,
  });
  assert.deepEqual(columns, { description: 1, mac: 2, bssid: 3, erl: 4 });
});
