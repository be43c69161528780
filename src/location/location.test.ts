import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { wholeText } from '../../test/support/whole-text.ts';
import { assertValid } from '../../test/support/xml-schemas.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { createPlaces, type Places, type ResponseLocation } from '../places/places.ts';
import type { Change } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { sha256Hex } from '../support/ids.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { decodeHeldAnswer, HELD_ERROR_CODES } from '../wire/held/held.ts';
import { decodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import { createHeldEndpoint, type HeldHttpAnswer } from './held-endpoint.ts';
import { HELD_ERRORS } from './held-problems.ts';
import { createLocation, type Location } from './location.ts';
import type { LocationUris } from './location-uris.ts';

const PUBLIC_URL = 'https://lis.example.com/';
const RETENTION_MS = 180 * 86_400_000;
const logger = createLogger('silent');
const addresses = createAddresses();
const clock = createManualClock();
let database: Database;
let folder: string;
let places: Places;
let location: Location;
let mine: Site;
let other: Site;

type Site = { scope: Scope; locationId: string; floor3: ResponseLocation; lobby: ResponseLocation; companyId: string };

const secretRequired = new Set<string>();
const companies = new Map<string, string>();
const SECRET = 'correct horse';
const REPLACED_SECRET = 'battery staple';
const replaced = new Set<string>();
const CERTIFICATE = 'c0'.repeat(32);

function makeLocation(): Location {
  return createLocation({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    snapshotFolder: folder,
    accounts: {
      heldCredentials(companyId) {
        const organizationId = companies.get(companyId);
        if (organizationId === undefined) return undefined;
        return {
          organizationId,
          secretHash: sha256Hex(SECRET),
          previousSecretHash: replaced.has(organizationId) ? sha256Hex(REPLACED_SECRET) : undefined,
          secretRequired: secretRequired.has(organizationId),
          certificates: new Set([CERTIFICATE]),
        };
      },
    },
    addresses,
    addressRetentionMs: RETENTION_MS,
    places,
    findMemberTarget: (organizationId, number) =>
      organizationId === mine.scope.organizationId && number === '+12145550123'
        ? { kind: 'location', id: mine.locationId }
        : undefined,
    members: { findEmergencyPlace: () => undefined, placeOfNumberAddress: () => undefined },
    publicUrl: () => PUBLIC_URL,
  });
}

async function makeSite(): Promise<Site> {
  const id = randomUUID();
  await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  const scope: Scope = {
    organizationId: id,
    homeOrganizationId: id,
    tokenId: 'token',
    trackingId: 'track',
    role: 'fullAdmin',
    scopes: new Set(),
  };
  const site = await places.createLocation(scope, {
    name: 'Dallas HQ',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '12½ Main St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
    latitude: 32.78,
    longitude: -96.8,
  });
  await places.createBuilding(scope, site.id, { alertingEmail: 'desk@example.com' });
  const floor3 = await places.createResponseLocation(scope, {
    locationId: site.id,
    name: 'Floor 3',
    detail: { FLR: '3', ROOM: '312' },
  });
  const lobby = await places.createResponseLocation(scope, {
    locationId: site.id,
    name: 'Lobby',
    detail: { LOC: 'Lobby' },
  });
  const companyId = randomUUID();
  companies.set(companyId, id);
  return { scope, locationId: site.id, floor3, lobby, companyId };
}

/** What the platform does when the change feed moves. */
async function catchUp(): Promise<void> {
  const organizations = [mine.scope.organizationId, other.scope.organizationId];
  const kinds = ['locations', 'wire-map', 'location-uris'] as const;
  const changes: Change[] = kinds.flatMap((kind) =>
    organizations.map((organizationId) => ({ sequence: 1, kind, organizationId })),
  );
  for (const snapshot of [...places.snapshots, ...location.snapshots]) await snapshot.apply(changes);
}

before(async () => {
  database = await openMigratedDatabase(logger);
  folder = await mkdtemp(join(tmpdir(), 'waymark-location-'));
  places = createPlaces({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    addresses,
    snapshotFolder: folder,
  });
  mine = await makeSite();
  other = await makeSite();
  location = makeLocation();
  for (const snapshot of [...places.snapshots, ...location.snapshots]) await snapshot.loadFromDatabase();
});

after(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail('no problem');
}

async function storedElements(scope: Scope): Promise<string[]> {
  const { items } = await location.listElements(scope, { max: 1_000 });
  return items.map(({ kind, value, port, responseLocationId }) => [kind, value, port, responseLocationId].join(' '));
}

async function clearWireMap(scope: Scope): Promise<void> {
  await location.importWireMap(scope, 'kind,value,erl\n', { replace: true });
}

test('elements are stored in one spelling, found again, changed and removed', async () => {
  const { scope, floor3, lobby } = mine;
  const port = await location.createElement(scope, {
    kind: 'switch-port',
    value: '001B.0000.0001',
    port: 'Gi1/0/12',
    responseLocationId: floor3.id,
    description: 'North closet',
  });
  assert.deepEqual([port.value, port.port], ['00:1b:00:00:00:01', 'gi1/0/12']);
  const again = await problemOf(
    location.createElement(scope, {
      kind: 'switch-port',
      value: '00-1B-00-00-00-01',
      port: 'gi1/0/12',
      responseLocationId: lobby.id,
    }),
  );
  assert.equal(again.kind, 'conflict');
  const range = await location.createElement(scope, {
    kind: 'ip-range',
    value: '10.1.2.0-10.1.2.255',
    responseLocationId: floor3.id,
  });
  assert.equal(range.value, '10.1.2.0/24');
  assert.deepEqual(await location.getElement(scope, port.id), port);
  assert.equal((await location.listElements(scope, { text: 'NORTH' })).items[0]?.id, port.id);
  assert.equal((await location.listElements(scope, { kind: 'ip-range' })).items.length, 1);
  assert.equal(
    (await location.listElements(scope, { responseLocationId: floor3.id, start: 1, max: 1 })).items.length,
    1,
  );
  const moved = await location.updateElement(scope, port.id, { responseLocationId: lobby.id, port: 'Gi1/0/13' });
  assert.deepEqual([moved.responseLocationId, moved.port, moved.description], [lobby.id, 'gi1/0/13', 'North closet']);
  assert.equal(
    (await problemOf(places.removeResponseLocation(scope, lobby.id))).kind,
    'conflict',
    'the wire map names it',
  );
  await location.removeElement(scope, port.id);
  for (const attempt of [
    () => location.getElement(scope, port.id),
    () => location.updateElement(scope, port.id, {}),
    () => location.removeElement(scope, port.id),
  ]) {
    assert.equal((await problemOf(attempt())).kind, 'gone');
  }
  assert.equal((await problemOf(location.getElement(other.scope, port.id))).kind, 'not-found', 'no hint to others');
  await clearWireMap(scope);
});

test('what cannot be an element names its field', async () => {
  const { scope, floor3 } = mine;
  const cases: readonly [Parameters<Location['createElement']>[1], string][] = [
    [{ kind: 'router', value: 'x', responseLocationId: floor3.id }, 'kind'],
    [{ kind: 'bssid', value: 'nonsense', responseLocationId: floor3.id }, 'value'],
    [{ kind: 'ip-range', value: '10.0.0.0/40', responseLocationId: floor3.id }, 'value'],
    [{ kind: 'switch-port', value: 'closet', responseLocationId: floor3.id }, 'port'],
    [{ kind: 'mac', value: 'aabbccddeeff', port: '1', responseLocationId: floor3.id }, 'port'],
    [{ kind: 'mac', value: 'aabbccddeeff', responseLocationId: other.floor3.id }, 'responseLocationId'],
    [{ kind: 'mac', value: 'aabbccddeeff', responseLocationId: 'nonsense' }, 'responseLocationId'],
  ];
  for (const [input, path] of cases) {
    const problem = await problemOf(location.createElement(scope, input));
    assert.deepEqual([problem.kind, problem.fields[0]?.path], ['invalid', path]);
  }
  assert.deepEqual(await storedElements(scope), []);
});

test('another organization cannot see, change or remove an element', async () => {
  const element = await location.createElement(mine.scope, {
    kind: 'mac',
    value: 'aabbccddeeff',
    responseLocationId: mine.lobby.id,
  });
  for (const attempt of [
    () => location.getElement(other.scope, element.id),
    () => location.updateElement(other.scope, element.id, { description: 'x' }),
    () => location.removeElement(other.scope, element.id),
  ]) {
    assert.equal((await problemOf(attempt())).kind, 'not-found');
  }
  assert.equal((await location.listElements(other.scope, {})).items.length, 0);
  assert.equal(await wholeText(location.exportWireMap(other.scope)), 'kind,value,port,location,erl,description\r\n');
  await clearWireMap(mine.scope);
});

const GOOD_CSV = `\uFEFFKind,Value,Port,ERL,Description
switch-port,00-1B-00-00-00-01,Gi1/0/12,Floor 3,"closet, north"
switch-chassis,Closet 3,,floor  3,
bssid,AA:AA:AA:AA:AA:01,,Lobby,

ip-range,10.1.2.0/24,,Floor 3,
ip-range,2001:db8::/64,,Lobby,
`;

test('a file is compared, applied as a whole, and applied again changes nothing', async () => {
  const { scope, floor3, lobby } = mine;
  const dry = await location.importWireMap(scope, GOOD_CSV, { dryRun: true });
  assert.deepEqual(dry.counts, { added: 5, changed: 0, unchanged: 0, removed: 0, errors: 0 });
  assert.equal(dry.applied, false);
  assert.deepEqual(await storedElements(scope), []);

  const first = await location.importWireMap(scope, GOOD_CSV);
  assert.equal(first.applied, true);
  assert.deepEqual(await storedElements(scope), [
    `bssid aa:aa:aa:aa:aa:01  ${lobby.id}`,
    `ip-range 10.1.2.0/24  ${floor3.id}`,
    `ip-range 2001:db8::/64  ${lobby.id}`,
    `switch-chassis closet 3  ${floor3.id}`,
    `switch-port 00:1b:00:00:00:01 gi1/0/12 ${floor3.id}`,
  ]);
  const second = await location.importWireMap(scope, GOOD_CSV);
  assert.deepEqual(second.counts, { added: 0, changed: 0, unchanged: 5, removed: 0, errors: 0 });

  const exported = await wholeText(location.exportWireMap(scope));
  assert.match(exported, /switch-port,00:1b:00:00:00:01,gi1\/0\/12,Dallas HQ,Floor 3,"closet, north"/);
  assert.equal((await location.importWireMap(scope, exported, { replace: true, dryRun: true })).counts.unchanged, 5);

  const change = 'kind,value,erl\nbssid,aaaaaaaaaa01,Floor 3\nmac,cc-cc-cc-cc-cc-01,Lobby\n';
  const report = await location.importWireMap(scope, change, { replace: true });
  assert.deepEqual(report.counts, { added: 1, changed: 1, unchanged: 0, removed: 4, errors: 0 });
  assert.equal(report.changed[0]?.before.responseLocationId, lobby.id);
  assert.deepEqual(await storedElements(scope), [
    `bssid aa:aa:aa:aa:aa:01  ${floor3.id}`,
    `mac cc:cc:cc:cc:cc:01  ${lobby.id}`,
  ]);
  const audit = await createAudit({ database, clock }).list(scope.organizationId, { max: 1 });
  assert.deepEqual(audit[0]?.detail, { ...report.counts, replace: true });
  await clearWireMap(scope);
});

test('a file that is half good changes nothing, and every fault has its line and column', async () => {
  const { scope, lobby } = mine;
  await location.createElement(scope, { kind: 'mac', value: 'aabbccddee01', responseLocationId: lobby.id });
  const csv = [
    'kind,value,port,location,erl,description',
    'mac,aa:bb:cc:dd:ee:02,,,Lobby,fine',
    'mac,AABBCCDDEE02,,,Lobby,twice',
    'bssid,zz,,,Lobby,',
    'switch-port,closet,,,Lobby,',
    'router,1,,,Lobby,',
    'mac,aa:bb:cc:dd:ee:03,,,Attic,',
    `mac,aa:bb:cc:dd:ee:04,,,${other.lobby.id},`,
    'mac,aa:bb:cc:dd:ee:05,,Nowhere,Lobby,',
    'mac,aa:bb:cc:dd:ee:06',
    'ip-range,10.0.0.9-10.0.0.1,,,Lobby,',
    `mac,aa:bb:cc:dd:ee:07,,,Lobby,${'x'.repeat(300)}`,
  ].join('\n');
  const expected = [
    '3:value',
    '4:value',
    '5:port',
    '6:kind',
    '7:erl',
    '8:erl',
    '9:location',
    '10:',
    '11:value',
    '12:description',
  ];
  const dry = await location.importWireMap(scope, csv, { dryRun: true });
  assert.deepEqual(
    dry.errors.map(({ line, column }) => `${line}:${column}`),
    expected,
  );
  assert.deepEqual(dry.counts, { added: 1, changed: 0, unchanged: 0, removed: 0, errors: 10 });
  const problem = await problemOf(location.importWireMap(scope, csv));
  assert.equal(problem.kind, 'invalid');
  assert.deepEqual(
    problem.fields.map(({ path }) => path),
    expected,
  );
  assert.deepEqual(await storedElements(scope), [`mac aa:bb:cc:dd:ee:01  ${lobby.id}`]);
  await clearWireMap(scope);
});

test('files that are no wire map are refused as a whole', async () => {
  const { scope } = mine;
  const cases: readonly [string, string][] = [
    ['', 'malformed'],
    ['kind,value\nmac,aabbccddee01\n', 'malformed'],
    ['kind,value,erl,colour\n', 'malformed'],
    ['kind,value,erl,erl\n', 'malformed'],
    ['kind,value,erl\n"mac,aabb', 'malformed'],
    ['kind,value,erl\nmac,\uFFFD,Lobby\n', 'malformed'],
    [`kind,value,erl\nmac,${'a'.repeat(20_000)},Lobby\n`, 'malformed'],
    [`kind,value,erl\n${'x'.repeat(10 * 1024 * 1024)}`, 'too-large'],
    [`kind,value,erl\n${'a,b,c\n'.repeat(200_001)}`, 'too-large'],
  ];
  for (const [csv, kind] of cases) {
    assert.equal((await problemOf(location.importWireMap(scope, csv))).kind, kind, csv.slice(0, 40));
  }
  assert.deepEqual(await storedElements(scope), []);
});

test('an ERL name that two locations use needs the location', async () => {
  const { scope } = mine;
  const second = await places.createLocation(scope, {
    name: 'Annex',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '1 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
  });
  await places.createBuilding(scope, second.id, { alertingEmail: 'desk@example.com' });
  const lobby = await places.createResponseLocation(scope, { locationId: second.id, name: 'LOBBY', detail: {} });
  const vague = await location.importWireMap(scope, 'kind,value,erl\nmac,aabbccddee01,Lobby\n', { dryRun: true });
  assert.equal(vague.errors[0]?.column, 'location');
  const csv = 'kind,value,erl,location\nmac,aabbccddee01,Lobby,annex\nmac,aabbccddee02,Lobby,Dallas HQ\n';
  assert.equal((await location.importWireMap(scope, csv, { dryRun: true })).added[0]?.responseLocationId, lobby.id);
  await places.removeResponseLocation(scope, lobby.id);
  await places.removeLocation(scope, second.id);
});

test('addresses of the organization', async () => {
  const { scope, locationId } = mine;
  const range = await location.createAddressRange(scope, {
    range: '203.0.113.7/24',
    locationId,
    description: 'uplink',
  });
  assert.equal(range.range, '203.0.113.0/24');
  assert.equal((await problemOf(location.createAddressRange(scope, { range: '203.0.113.0/24' }))).kind, 'conflict');
  assert.equal((await problemOf(location.createAddressRange(scope, { range: '203' }))).fields[0]?.path, 'range');
  for (const everybody of ['0.0.0.0/0', '0.0.0.0/1', '1.0.0.0-200.0.0.0', '::/0', '2000::/3']) {
    const refused = await problemOf(location.createAddressRange(scope, { range: everybody }));
    assert.match(refused.fields[0]?.message ?? '', /wider than the addresses of one organization/, everybody);
  }
  assert.equal(
    (await problemOf(location.createAddressRange(other.scope, { range: '10.0.0.0/8', locationId }))).kind,
    'not-found',
  );
  assert.deepEqual(await location.listAddressRanges(scope), [range]);
  assert.deepEqual(await location.listAddressRanges(other.scope), []);
  assert.equal((await problemOf(location.removeAddressRange(other.scope, range.id))).kind, 'not-found');
  await location.removeAddressRange(scope, range.id);
  assert.equal((await problemOf(location.removeAddressRange(scope, range.id))).kind, 'gone');
  assert.equal((await problemOf(location.removeAddressRange(other.scope, range.id))).kind, 'not-found');
});

const HELD = 'urn:ietf:params:xml:ns:geopriv:held';
const DEVICE = `<device xmlns="${HELD}:id"><ip v="4">10.1.2.3</ip><mac>CC-CC-CC-CC-CC-09</mac></device>`;
const LLDP = `<lm:measurements xmlns:lm="urn:ietf:params:xml:ns:geopriv:lm">
  <lldp xmlns="urn:ietf:params:xml:ns:geopriv:lm:lldp"><chassis type="4">001b00000001</chassis><port type="5">${Buffer.from('Gi1/0/12').toString('hex')}</port></lldp>
</lm:measurements>`;
const WIFI = `<lm:measurements xmlns:lm="urn:ietf:params:xml:ns:geopriv:lm">
  <wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi"><ap serving="true"><bssid>AA-AA-AA-AA-AA-01</bssid></ap></wifi>
</lm:measurements>`;

function requestXml(content = '', attributes = ''): string {
  return `<?xml version="1.0"?><locationRequest xmlns="${HELD}" ${attributes}>${content}</locationRequest>`;
}

function held(
  body: string | Uint8Array,
  options: {
    companyId?: string;
    authorization?: string;
    source?: string;
    method?: string;
    waitedMs?: number;
    certificate?: string;
  } = {},
): HeldHttpAnswer {
  const answer = location.held.handleHeld({
    method: options.method ?? 'POST',
    companyId: options.companyId ?? (options.authorization === undefined ? mine.companyId : undefined),
    headers: { authorization: options.authorization, 'content-type': 'application/json' },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    sourceAddress: options.source ?? '203.0.113.10',
    clientCertificate: options.certificate,
    receivedMs: clock.monotonicMs() - (options.waitedMs ?? 0),
  });
  if (answer.contentType.startsWith('application/held+xml')) assertValid('held', answer.body);
  return answer;
}

function dereference(uri: string, options: { method?: string; accept?: string; body?: string } = {}): HeldHttpAnswer {
  const answer = location.held.handleDereference({
    method: options.method ?? 'GET',
    reference: uri.slice(uri.lastIndexOf('/') + 1),
    headers: { accept: options.accept },
    body: Buffer.from(options.body ?? ''),
  });
  if (answer.status === 200)
    assertValid(answer.contentType.startsWith('application/held') ? 'held' : 'pidf-lo', answer.body);
  return answer;
}

function responseOf(answer: HeldHttpAnswer) {
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/held+xml;charset=utf-8');
  assert.equal(answer.headers?.['cache-control'], 'private, no-store');
  const read = decodeHeldAnswer(answer.body);
  if (read.type === 'error') return assert.fail(`${read.code} ${read.message}`);
  return { ...read, civic: read.presence?.locations[0]?.civic, shape: read.presence?.locations[0]?.shape };
}

function errorOf(answer: HeldHttpAnswer): string {
  assert.equal(answer.status, 200);
  const read = decodeHeldAnswer(answer.body);
  return read.type === 'error' ? read.code : assert.fail('no error');
}

test('HELD: a phone finds its floor and gets a URI that dereferences', async () => {
  const { scope, floor3 } = mine;
  await location.importWireMap(scope, GOOD_CSV);
  await location.createAddressRange(scope, { range: '203.0.113.0/24', locationId: mine.locationId });
  await catchUp();

  const found = responseOf(held(requestXml(DEVICE + LLDP)));
  assert.equal(found.civic?.FLR, '3');
  assert.equal(found.civic?.HNS, '½');
  assert.equal(found.civic?.ROOM, '312');
  assert.deepEqual(found.shape, { type: 'point', position: { latitude: 32.78, longitude: -96.8 } });
  assert.equal(found.presence?.locations[0]?.method, 'Wiremap');
  assert.match(found.presence?.entity ?? '', /^pres:[0-9a-f]{24}@lis\.example\.com$/);
  const [uri = ''] = found.locationUriSet?.uris ?? [];
  assert.match(uri, /^https:\/\/lis\.example\.com\/held\/l\/[\w-]{98}$/);
  const aheadMs = (found.locationUriSet?.expires.getTime() ?? 0) - clock.nowMs();
  assert.ok(aheadMs >= 30 * 60_000 && aheadMs <= 24 * 3_600_000, 'RFC 5985 §6.5.2');
  assert.equal(location.isOwnLocationUri(uri), true);

  const resolved = location.resolveLocationUri(uri, clock.nowMs());
  assert.ok(resolved.found);
  assert.deepEqual(resolved.target, { kind: 'erl', id: floor3.id });
  assert.equal(resolved.organizationId, scope.organizationId);

  const got = responseOf(dereference(uri));
  assert.deepEqual(got.civic, found.civic);
  assert.equal(got.locationUriSet, undefined, 'RFC 6753 §3.1');
  const posted = responseOf(
    dereference(uri, { method: 'POST', body: requestXml('<locationType exact="true">civic</locationType>') }),
  );
  assert.deepEqual([posted.civic?.ROOM, posted.shape], ['312', undefined]);

  const kamailio = dereference(uri, { accept: 'application/pidf+xml,application/held+xml;q=0.5' });
  assert.equal(kamailio.contentType, 'application/pidf+xml;charset=utf-8');
  assert.equal(decodePresence(kamailio.body).locations[0]?.civic?.ROOM, '312');
  assert.equal(
    dereference(uri, { accept: 'application/held+xml, application/pidf+xml;q=0.1' }).contentType,
    'application/held+xml;charset=utf-8',
  );
  assert.equal(dereference(uri, { accept: '*/*' }).contentType, 'application/held+xml;charset=utf-8');
});

test('HELD: what is asked for is what is given', () => {
  const ask = (types: string, exact = false) =>
    requestXml(`<locationType exact="${exact}">${types}</locationType>${DEVICE}`);
  const civic = responseOf(held(ask('civic')));
  assert.deepEqual([civic.civic?.FLR, civic.shape, civic.locationUriSet], ['3', undefined, undefined]);
  const geodetic = responseOf(held(ask('geodetic', true)));
  assert.deepEqual([geodetic.civic, geodetic.shape?.type], [undefined, 'point']);
  const reference = responseOf(held(ask('locationURI', true)));
  assert.deepEqual([reference.presence, reference.locationUriSet?.uris.length], [undefined, 1]);
  const both = held(ask('civic geodetic')).body;
  assert.ok(
    both.includes('<civicAddress') && both.indexOf('<civicAddress') < both.indexOf('Point'),
    'in the order asked for',
  );
  const routing = responseOf(
    held(requestXml(`<locationType exact="false">any</locationType>${DEVICE}`, 'responseTime="emergencyRouting"')),
  );
  assert.ok(routing.civic && routing.shape && routing.locationUriSet);
});

test('HELD: exactly these types, each of them, or an error (RFC 5985 §6.2.1)', () => {
  const exactly = (types: string) => held(requestXml(`<locationType exact="true">${types}</locationType>${DEVICE}`));
  const forms = (answer: HeldHttpAnswer) => {
    const { civic, shape, locationUriSet } = responseOf(answer);
    return [civic !== undefined, shape !== undefined, locationUriSet !== undefined];
  };
  assert.deepEqual(forms(exactly('civic')), [true, false, false]);
  assert.deepEqual(forms(exactly('civic locationURI')), [true, false, true]);
  assert.deepEqual(forms(exactly('geodetic civic locationURI')), [true, true, true]);
  assert.deepEqual(forms(exactly('any')), [true, true, true], 'with any, exact means nothing');
  assert.equal(errorOf(exactly('civic hologram')), 'cannotProvideLiType');
  assert.equal(
    errorOf(held(requestXml('<locationType exact="true">civic</locationType>'), { source: '198.51.100.7' })),
    'locationUnknown',
    'a device that is not found is not found in any form',
  );

  const [uri = ''] = responseOf(held(requestXml(DEVICE))).locationUriSet?.uris ?? [];
  const follow = (types: string, exact: boolean) =>
    dereference(uri, {
      method: 'POST',
      body: requestXml(`<locationType exact="${exact}">${types}</locationType>`, 'responseTime="1"'),
    });
  assert.deepEqual(forms(follow('locationURI', false)), [true, true, false], 'ignored (RFC 6753 §3.1)');
  assert.equal(errorOf(follow('locationURI', true)), 'cannotProvideLiType', 'rejected (RFC 6753 §3.1)');
  assert.equal(errorOf(follow('civic locationURI', true)), 'cannotProvideLiType');
  assert.deepEqual(forms(follow('civic', true)), [true, false, false]);
  const nothing = dereference(uri, { method: 'POST', body: requestXml(DEVICE) });
  assert.deepEqual(forms(nothing), [true, true, false], 'identities of RFC 6155 mean nothing here');
  assert.equal(errorOf(dereference(uri, { method: 'POST', body: '<locationRequest' })), 'xmlError');
  assert.equal(errorOf(dereference(uri, { method: 'POST', body: `<x xmlns="${HELD}"/>` })), 'unsupportedMessage');
});

test('HELD: the document says how it may be used, how it was found, and which form comes first', () => {
  const bodyOf = (types: string, content = DEVICE + LLDP) =>
    held(requestXml(`<locationType>${types}</locationType>${content}`)).body;
  const geodeticFirst = bodyOf('geodetic civic');
  assert.equal(
    geodeticFirst.split('<tuple ').length - 1,
    1,
    'one place, the coarse form first (RFC 5491 §3 rules 6 and 7)',
  );
  assert.ok(geodeticFirst.indexOf('Point') < geodeticFirst.indexOf('<civicAddress'));
  const civicFirst = decodeHeldAnswer(bodyOf('civic geodetic'));
  assert.ok(civicFirst.type === 'locationResponse');
  assert.deepEqual(
    civicFirst.presence?.locations.map(({ civic, shape }) => [civic !== undefined, shape !== undefined]),
    [
      [true, false],
      [false, true],
    ],
    'a tuple each (rule 2)',
  );
  for (const { retransmissionAllowed, retentionExpiry, source, method, timestamp } of civicFirst.presence?.locations ??
    []) {
    assert.equal(retransmissionAllowed, false, 'RFC 4119 §2.2.2');
    const keptMs = (retentionExpiry?.getTime() ?? 0) - clock.nowMs();
    assert.ok(keptMs > 86_340_000 && keptMs <= 86_400_000, `a day from now: ${keptMs}`);
    assert.deepEqual([source, method], [['device'], 'Wiremap'], 'RFC 7105 §4.4');
    assert.equal(timestamp?.getTime(), clock.nowMs());
  }
  assert.doesNotMatch(bodyOf('civic'), /confidence/, 'of areas only');
  assert.doesNotMatch(bodyOf('any', DEVICE), /lmsrc/, 'an address is nothing that the device measured');

  const measuredAt = new Date(clock.nowMs() - 20 * 3_600_000).toISOString();
  const yesterday = bodyOf('any', LLDP.replace('<lm:measurements ', `<lm:measurements time="${measuredAt}" `));
  const read = decodeHeldAnswer(yesterday);
  assert.ok(read.type === 'locationResponse');
  const [old] = read.presence?.locations ?? [];
  assert.equal(old?.timestamp?.toISOString(), measuredAt);
  assert.ok(
    (old?.retentionExpiry?.getTime() ?? 0) - clock.nowMs() > 86_340_000,
    'counted from now, not from the timestamp',
  );

  const [uri = ''] = read.locationUriSet?.uris ?? [];
  const [followed] = decodePresence(dereference(uri, { accept: 'application/pidf+xml' }).body).locations;
  assert.deepEqual([followed?.source, followed?.retransmissionAllowed], [['device'], false]);
});

test('HELD: an area has its confidence, known or not (RFC 7459 §4.2)', async () => {
  const { scope, floor3 } = mine;
  const shape = { type: 'circle', center: { latitude: 32.78, longitude: -96.8 }, radiusMeters: 12 } as const;
  await places.updateResponseLocation(scope, floor3.id, { shape });
  await catchUp();
  const byAddress = responseOf(held(requestXml(DEVICE))).presence?.locations[0];
  assert.deepEqual([byAddress?.shape?.type, byAddress?.confidencePercent], ['circle', 80]);
  const issued = location.issueLocationUri(scope.organizationId, { kind: 'erl', id: floor3.id });
  const [followed] = decodePresence(dereference(issued?.uri ?? '', { accept: 'application/pidf+xml' }).body).locations;
  assert.deepEqual(
    [followed?.confidencePercent, followed?.confidenceUnknown, followed?.source],
    [undefined, true, undefined],
  );
  await places.updateResponseLocation(scope, floor3.id, { shape: null });
  await catchUp();
});

test('HELD: who is named by nothing that can be found by gets badIdentifier, and is never where the asker is', () => {
  const named = (inner: string, more = '') =>
    held(requestXml(`<device xmlns="${HELD}:id" xmlns:x="urn:x">${inner}</device>${more}`));
  for (const inner of [
    '<x:badge>4711</x:badge>',
    '<mac>no mac</mac>',
    '<ip v="4">300.1.1.1</ip><msisdn>12</msisdn>',
    '<udpport>5060</udpport>',
    '<tcpport>70000</tcpport>',
  ]) {
    const answer = named(inner);
    assert.equal(errorOf(answer), 'badIdentifier', inner);
    assert.match(answer.body, /<requiredIdentifiers [^>]*>ip mac uri</);
  }
  assert.equal(responseOf(named('<x:badge>4711</x:badge>', LLDP)).civic?.FLR, '3', 'what is measured still tells');
  assert.equal(responseOf(named('<x:badge>4711</x:badge><udpport>9</udpport><ip v="4">10.1.2.3</ip>')).civic?.FLR, '3');
  assert.equal(errorOf(named('<uri>sip:nobody@example.com</uri>')), 'locationUnknown', 'known tomorrow, perhaps');
  assert.equal(responseOf(named('')).civic?.RD, 'Main', 'nobody named: the asker');
});

test('HELD: responseTime is a budget (RFC 5985 §6.1)', () => {
  const waiting = (responseTime: string, waitedMs: number) =>
    held(requestXml(DEVICE, `responseTime="${responseTime}"`), { waitedMs });
  assert.equal(errorOf(waiting('2000', 2_001)), 'timeout');
  assert.equal(responseOf(waiting('2000', 2_000)).civic?.FLR, '3');
  assert.equal(responseOf(waiting('8', 900)).civic?.FLR, '3', 'RFC 6155 §2.2 writes 8 for 8 seconds');
  assert.equal(errorOf(waiting('8', 1_001)), 'timeout');
  for (const purpose of ['emergencyRouting', 'emergencyDispatch', 'soon']) {
    assert.equal(responseOf(waiting(purpose, 60_000)).civic?.FLR, '3', `${purpose}: no time is too late`);
  }
});

test('HELD: Wi-Fi, addresses, numbers, the site, and nobody', () => {
  assert.equal(responseOf(held(requestXml(DEVICE + WIFI))).civic?.LOC, 'Lobby');
  const byAddress = held(requestXml(DEVICE));
  assert.equal(responseOf(byAddress).civic?.FLR, '3');
  assert.match(
    byAddress.body,
    /<device xmlns="[^"]*"><ip v="4">10\.1\.2\.3<\/ip><\/device>/,
    'RFC 6155 §2.2: what it went by',
  );
  assert.doesNotMatch(held(requestXml()).body, /<device/, 'the source address alone');
  assert.equal(errorOf(held(requestXml(DEVICE), { source: '198.51.100.7' })), 'locationUnknown');
  const kamailio = requestXml(
    `<locationType exact="false">geodetic</locationType><device xmlns="${HELD}:id"><uri>sip:+12145550123@example.com</uri></device>`,
    'responseTime="emergencyRouting"',
  );
  const byNumber = responseOf(held(kamailio, { source: '127.0.0.1' }));
  assert.equal(byNumber.presence?.locations[0]?.method, 'Manual');
  assert.equal(byNumber.shape?.type, 'point');
  assert.equal(responseOf(held(requestXml())).civic?.RD, 'Main', 'a phone that names nothing, at its site');
  assert.equal(errorOf(held(requestXml(), { source: '198.51.100.7' })), 'locationUnknown');
  assert.equal(errorOf(held(requestXml(), { source: '::ffff:198.51.100.7' })), 'locationUnknown');
  assert.equal(responseOf(held(requestXml(), { source: '::ffff:203.0.113.10' })).civic?.RD, 'Main');
  assert.equal(
    errorOf(held(requestXml(DEVICE + LLDP), { companyId: other.companyId })),
    'locationUnknown',
    'another organization’s switch',
  );
});

test('HELD: errors travel in HTTP 200, bounded and valid', () => {
  assert.equal(errorOf(held('<locationRequest')), 'xmlError');
  assert.equal(errorOf(held('')), 'xmlError');
  assert.equal(errorOf(held(Buffer.from([0xff, 0xfe, 0x00]))), 'xmlError');
  assert.equal(errorOf(held(`<!DOCTYPE x [<!ENTITY a "b">]>${requestXml()}`)), 'xmlError');
  assert.equal(errorOf(held('<a>'.repeat(100_000))), 'requestError');
  assert.equal(errorOf(held('<a>'.repeat(1_000))), 'unsupportedMessage');
  assert.equal(errorOf(held(requestXml('<a>'.repeat(100)))), 'xmlError');
  assert.equal(errorOf(held(`<other xmlns="${HELD}"/>`)), 'unsupportedMessage');
  assert.equal(
    errorOf(held(requestXml(`<locationType exact="true">foo</locationType>${DEVICE}`))),
    'cannotProvideLiType',
  );
  const wrongMethod = held('', { method: 'GET' });
  assert.deepEqual([wrongMethod.status, wrongMethod.headers?.['allow']], [405, 'POST']);
});

test('HELD: a location without a position has no geodetic form', async () => {
  const { scope, locationId } = mine;
  await places.updateLocation(scope, locationId, { latitude: null, longitude: null });
  await catchUp();
  assert.equal(
    errorOf(held(requestXml(`<locationType exact="true">geodetic</locationType>${DEVICE}`))),
    'cannotProvideLiType',
  );
  assert.equal(
    responseOf(held(requestXml(`<locationType>geodetic</locationType>${DEVICE}`))).civic?.FLR,
    '3',
    'another form when willing',
  );
  await places.updateLocation(scope, locationId, { latitude: 32.78, longitude: -96.8 });
  await catchUp();
});

test('HELD: credentials of decision 7', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const { companyId, scope } = mine;
  const ask = requestXml(DEVICE);
  const status = (options: Parameters<typeof held>[1]) => held(ask, { source: '203.0.113.77', ...options }).status;
  assert.equal(status({ companyId }), 200);
  assert.equal(status({ companyId: companyId.toUpperCase() }), 200);
  assert.equal(status({ authorization: basic(`${companyId}:${SECRET}`) }), 200);
  assert.equal(status({ authorization: basic(`${companyId}:`) }), 200);
  assert.equal(status({ authorization: `Bearer ${companyId}` }), 200);
  assert.equal(status({ authorization: `bearer ${companyId}` }), 200);
  assert.equal(status({ companyId, authorization: basic(`${companyId}:${SECRET}`) }), 200);

  const refused = held(ask, { companyId: randomUUID(), source: '203.0.113.78' });
  assert.equal(refused.status, 401);
  assert.match(refused.headers?.['www-authenticate'] ?? '', /^Basic realm="HELD"/);
  assert.equal(status({ authorization: basic(`${companyId}:wrong`) }), 401);
  assert.equal(status({ authorization: basic(`${other.companyId}:${SECRET}`), companyId }), 401);
  assert.equal(status({ authorization: 'Digest x' }), 401);
  assert.equal(status({ authorization: 'x'.repeat(10_000) }), 401);

  secretRequired.add(scope.organizationId);
  assert.equal(status({ companyId }), 401);
  assert.equal(status({ authorization: `Bearer ${companyId}` }), 401);
  assert.equal(status({ authorization: basic(`${companyId}:${SECRET}`) }), 200);
  assert.equal(status({ companyId, certificate: CERTIFICATE }), 200, 'decision 45: it stands for the secret');
  assert.equal(status({ authorization: `Bearer ${companyId}`, certificate: CERTIFICATE }), 200);
  assert.equal(status({ companyId, certificate: 'd0'.repeat(32) }), 401);
  assert.equal(
    status({ authorization: basic(`${companyId}:wrong`), certificate: CERTIFICATE }),
    401,
    'a secret is meant',
  );
  assert.equal(status({ companyId: randomUUID(), certificate: CERTIFICATE }), 401, 'not for the company id');
  secretRequired.delete(scope.organizationId);
  const withReplaced = { authorization: basic(`${companyId}:${REPLACED_SECRET}`) };
  assert.equal(status(withReplaced), 401);
  replaced.add(scope.organizationId);
  assert.equal(status(withReplaced), 200, 'the secret before, in its grace time');
  assert.equal(status({ authorization: basic(`${companyId}:${SECRET}`) }), 200);
  assert.equal(status({ authorization: basic(`${companyId}:${REPLACED_SECRET}x`) }), 401);
  replaced.delete(scope.organizationId);
});

test('HELD: too many wrong credentials are turned away cheaply, the right ones never', () => {
  const source = '203.0.113.99';
  const wrong = () => held(requestXml(DEVICE), { companyId: 'guess', source });
  const statuses = Array.from({ length: 25 }, () => wrong().status);
  assert.deepEqual(statuses, [...Array<number>(20).fill(401), ...Array<number>(5).fill(429)]);
  assert.equal(wrong().headers?.['retry-after'], '60');
  assert.equal(held(requestXml(DEVICE), { source }).status, 200);
  clock.advance(60_000);
  assert.equal(wrong().status, 401);
});

test('the example of the README', async () => {
  const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');
  const csv = /```csv\n([^`]*)```/.exec(readme)?.[1] ?? '';
  const report = await location.importWireMap(mine.scope, csv, { replace: true });
  assert.deepEqual(
    [report.counts.errors, report.counts.added + report.counts.changed + report.counts.unchanged],
    [0, 5],
  );
  await catchUp();
  const question = /<\?xml[^']*<\/locationRequest>/.exec(readme)?.[0] ?? '';
  const found = responseOf(held(question));
  assert.equal(found.civic?.FLR, '3');
  assert.equal(found.locationUriSet?.uris.length, 1);
});

test('HELD: every error code has its cause', () => {
  const failing = createHeldEndpoint({
    accounts: {
      heldCredentials: () => ({
        organizationId: 'x',
        secretHash: '',
        previousSecretHash: undefined,
        secretRequired: false,
        certificates: new Set<string>(),
      }),
    },
    locateDevice: () => {
      throw new TypeError('a fault of ours');
    },
    locationUris: {} as LocationUris,
    notes: { noteRequest: () => undefined, noteUriUse: () => undefined },
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    publicUrl: () => PUBLIC_URL,
  });
  const request = { method: 'POST', companyId: 'x', headers: {}, body: Buffer.from(requestXml()), sourceAddress: '' };
  const broken = failing.handleHeld(request);
  assert.equal(errorOf(broken), 'generalLisError');
  assert.doesNotMatch(broken.body, /fault of ours/, 'what went wrong inside is told to us alone');

  const seen = new Set(Object.values(HELD_ERRORS));
  // Made by the door itself; notLocatable never: a device that is told so must not ask again (§6.3), and a wire map may know
  // it tomorrow.
  for (const code of HELD_ERROR_CODES)
    assert.ok(seen.has(code) || code === 'badIdentifier' || code === 'notLocatable', code);
});

test('location URIs: live, until they expire or are revoked, or their place is gone', async () => {
  const { scope, lobby } = mine;
  const issued = location.issueLocationUri(scope.organizationId, { kind: 'erl', id: lobby.id }, null, 31 * 60_000);
  assert.ok(issued);
  await places.updateResponseLocation(scope, lobby.id, { detail: { LOC: 'Lobby, east door' } });
  await catchUp();
  assert.equal(responseOf(dereference(issued.uri)).civic?.LOC, 'Lobby, east door', 'the address as of now');

  const nowMs = clock.nowMs();
  assert.equal(location.resolveLocationUri(issued.uri, issued.expires.getTime() - 1).found, true);
  assert.deepEqual(location.resolveLocationUri(issued.uri, issued.expires.getTime()), {
    found: false,
    reason: 'expired',
  });
  for (const foreign of ['https://elsewhere.example/held/l/x', 'sip:x@y', 'nonsense', '', `${issued.uri}x`]) {
    assert.deepEqual(location.resolveLocationUri(foreign, nowMs), { found: false, reason: 'unknown' });
  }
  assert.equal(location.isOwnLocationUri('https://elsewhere.example/held/l/x'), false);

  assert.equal((await problemOf(location.revokeLocationUri(other.scope, issued.uri))).kind, 'not-found');
  await location.revokeLocationUri(scope, issued.uri);
  await location.revokeLocationUri(scope, issued.uri);
  await catchUp();
  await location.revokeLocationUri(scope, issued.uri);
  assert.deepEqual(location.resolveLocationUri(issued.uri, nowMs), { found: false, reason: 'revoked' });
  assert.equal(errorOf(dereference(issued.uri)), 'locationUnknown');
  assert.equal(errorOf(dereference(issued.uri, { accept: 'application/pidf+xml' })), 'locationUnknown');
  assert.equal(dereference(issued.uri, { method: 'PUT' }).status, 405);

  const gone = location.issueLocationUri(scope.organizationId, { kind: 'erl', id: randomUUID() });
  assert.deepEqual(location.resolveLocationUri(gone?.uri ?? '', nowMs), { found: false, reason: 'unknown' });
  const site = location.issueLocationUri(scope.organizationId, { kind: 'location', id: mine.locationId });
  const resolved = location.resolveLocationUri(site?.uri ?? '', nowMs);
  assert.ok(resolved.found);
  assert.equal(resolved.places.erlId, null);
  assert.equal(resolved.value.civic?.RD, 'Main');
});

test('asked lifetimes stay between 30 minutes and 24 hours', () => {
  for (const lifetimeMs of [0, 1, 86_400_000, Number.MAX_SAFE_INTEGER]) {
    const issued = location.issueLocationUri(
      mine.scope.organizationId,
      { kind: 'erl', id: mine.lobby.id },
      null,
      lifetimeMs,
    );
    const aheadMs = (issued?.expires.getTime() ?? 0) - clock.nowMs();
    assert.ok(aheadMs >= 1_800_000 && aheadMs <= 86_400_000, String(aheadMs));
  }
});

test('after a restart without database everything answers as before', async () => {
  await catchUp();
  const before = location.issueLocationUri(mine.scope.organizationId, { kind: 'erl', id: mine.floor3.id });
  assert.ok(before);
  for (const snapshot of location.snapshots) await snapshot.save();
  const restarted = makeLocation();
  assert.equal(
    restarted.issueLocationUri(mine.scope.organizationId, { kind: 'erl', id: mine.floor3.id }),
    null,
    'no key yet',
  );
  for (const snapshot of restarted.snapshots) assert.equal(await snapshot.loadFromDisk(), true, snapshot.name);
  assert.equal(restarted.resolveLocationUri(before.uri, clock.nowMs()).found, true);
  const question = {
    organizationId: mine.scope.organizationId,
    devices: [{ kind: 'ip', version: 4, address: '10.1.2.3' }] as const,
    sourceAddress: '203.0.113.10',
    nowMs: clock.nowMs(),
  };
  const located = restarted.locateDevice(question);
  assert.deepEqual(located, location.locateDevice(question));
  assert.equal(located.found && located.target.id, mine.floor3.id);
  for (const snapshot of restarted.snapshots) await snapshot.loadFromDatabase();
  assert.deepEqual(restarted.locateDevice(question), located);
  assert.equal(restarted.resolveLocationUri(before.uri, clock.nowMs()).found, true, 'the key is the stored one');
});
