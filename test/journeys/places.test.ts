/** Places at the doors of a running platform: what was issued and mapped before a move or a merge leads on after it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeHeldAnswer } from '../../src/wire/held/held.ts';
import { preferredLocation } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { callFrom, followLocationUri } from '../support/journey-steps.ts';
import {
  type CallDetail,
  eventually,
  listAllCalls,
  openClient,
  type PlatformClient,
} from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';
import { assertValid } from '../support/xml-schemas.ts';

type Erl = { id: string; locationId: string; buildingId: string; elins: string[]; alertEmails: string[] };
type Building = { id: string; locationId: string };

const WAIT_MS = 20_000;
const MAC = '02:00:5e:00:47:01';

let platform: TimedPlatform;
let client: PlatformClient;
let operator: PlatformClient;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
  operator = openClient(platform.http, platform.firstRun.tokens.operator);
});
after(() => platform.stop());

async function held(mac: string): Promise<{ uri: string; civic: Readonly<Record<string, string | undefined>> }> {
  const response = await fetch(`${platform.http}/held/c/${platform.firstRun.companyId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/held+xml' },
    body:
      '<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType>civic locationURI</locationType>' +
      `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${mac.replaceAll(':', '-')}</mac></device></locationRequest>`,
  });
  const xml = await response.text();
  assertValid('held', xml);
  const answer = decodeHeldAnswer(xml);
  assert.ok(answer.type === 'locationResponse' && answer.presence && answer.locationUriSet, xml);
  return {
    uri: answer.locationUriSet.uris[0] ?? '',
    civic: preferredLocation(answer.presence)?.civic ?? {},
  };
}

async function civicAt(uri: string): Promise<Readonly<Record<string, string | undefined>>> {
  const { status, xml } = await followLocationUri(uri);
  assert.equal(status, 200, xml);
  const answer = decodeHeldAnswer(xml);
  assert.ok(answer.type === 'locationResponse' && answer.presence);
  return preferredLocation(answer.presence)?.civic ?? {};
}

async function elementAt(id: string): Promise<string> {
  return (await client.must<{ responseLocationId: string }>('GET', `/api/wire-map/${id}`)).responseLocationId;
}

test('floor, building, location, merge: every reference that was given out leads on', async () => {
  const { items: buildings } = await client.must<{ items: Building[] }>('GET', '/api/buildings');
  const [first, second] = buildings;
  assert.ok(first && second);
  const make = (locationId: string, name: string, more: object): Promise<Erl> =>
    client.must<Erl>('POST', '/api/response-locations', { locationId, name, ...more });
  const old = await make(first.locationId, 'Old lab', {
    detail: { FLR: '8', ROOM: '801', SEAT: '4', LMK: 'by the stairs' },
    elins: ['+15125550190'],
    alertEmails: ['lab@example.com'],
  });
  const fresh = await make(second.locationId, 'New lab', { detail: { FLR: '2', ROOM: '201' } });
  const element = await client.must<{ id: string }>('POST', '/api/wire-map', {
    kind: 'mac',
    value: MAC,
    responseLocationId: old.id,
  });
  await client.must('PUT', '/api/devices/02:00:5e:00:47:02/override', { responseLocationId: old.id });
  const before = await held(MAC);
  assert.deepEqual([before.civic['FLR'], before.civic['SEAT'], before.civic['LMK']], ['8', '4', 'by the stairs']);

  // A floor gets another name.
  const floors = `/api/buildings/${first.id}/floors`;
  await client.must('POST', `${floors}/rename`, { from: '8', to: 'Mezzanine' });
  assert.equal((await civicAt(before.uri))['FLR'], 'Mezzanine');

  // The room moves to another building: first only asked, then done.
  const move = { locationId: second.locationId, floor: '3' };
  const path = `/api/response-locations/${old.id}`;
  const dry = await client.must<{ references: object; after: Erl }>('POST', `${path}/move?dryRun=true`, move);
  assert.deepEqual(dry.references, { wireMapElements: 1, deviceOverrides: 1 });
  assert.equal((await client.must<Erl>('GET', path)).locationId, first.locationId);
  const moved = await client.must<{ after: Erl }>('POST', `${path}/move`, move);
  assert.equal(moved.after.buildingId, second.id);
  const elsewhere = await civicAt(before.uri);
  assert.deepEqual([elsewhere['FLR'], elsewhere['ROOM']], ['3', '801']);
  assert.notEqual(elsewhere['RD'], before.civic['RD']);

  // What leads to a place is nobody's telephone, and the other way round.
  const person = { kind: 'PEOPLE', locationId: first.locationId, firstName: 'Elin', extension: '4711' };
  const refused = await client.ask('POST', '/api/members', { ...person, phoneNumber: '+15125550190' });
  assert.equal(refused.status, 409);
  const callerNumber = String(platform.firstRun.examples?.callerNumber);
  assert.equal((await client.ask('PATCH', path, { elins: [callerNumber] })).status, 409);

  // Two that are one.
  const merge = { into: fresh.id };
  const asked = await client.must<{ moved: object }>('POST', `${path}/merge?dryRun=true`, merge);
  const merged = await client.must<{ moved: object; survivor: Erl }>('POST', `${path}/merge`, merge);
  assert.deepEqual(merged.moved, asked.moved);
  assert.deepEqual(merged.survivor.elins, ['+15125550190']);
  assert.equal((await civicAt(before.uri))['ROOM'], '201');
  const after = await held(MAC);
  assert.equal(after.civic['ROOM'], '201');
  assert.equal(await elementAt(element.id), fresh.id);
  const { items } = await client.must<{ items: { id: string }[] }>(
    'GET',
    `/api/wire-map?responseLocationId=${fresh.id}`,
  );
  assert.deepEqual(
    items.map(({ id }) => id),
    [element.id],
  );
  const device = await client.must<{ override: { responseLocationId: string } }>(
    'GET',
    '/api/devices/02:00:5e:00:47:02',
  );
  assert.equal(device.override.responseLocationId, fresh.id);
  assert.equal((await held('02:00:5e:00:47:02')).civic['ROOM'], '201');
  const gone = await client.ask('GET', path);
  assert.equal(gone.status, 410);
  assert.match(JSON.stringify(gone.body), new RegExp(`mergedInto: ${fresh.id}|merged into ${fresh.id}`));

  // The wire map goes on as it was: exported by the survivor's name, judged, and gone back on.
  const csv = await (
    await fetch(`${platform.http}/api/wire-map/export`, {
      headers: { authorization: `Bearer ${platform.firstRun.tokens.fullAdmin}` },
    })
  ).text();
  assert.match(csv, new RegExp(`mac,${MAC},,[^,]+,New lab,`));
  const lint = await client.must<{ findings: { rule: string; element: string }[] }>('GET', '/api/wire-map/lint');
  assert.ok(!lint.findings.some(({ rule, element: about }) => rule === 'orphan' && about === 'New lab'));
  await client.must('DELETE', `/api/wire-map/${element.id}`);
  await client.must('POST', '/api/wire-map/undo', {});
  assert.equal((await held(MAC)).civic['ROOM'], '201', 'what comes back names the old one, and leads to the new one');

  // A call from there: those of the merged one are told.
  const call = await callFrom(
    { sipPort: platform.sip.port },
    {
      dialed: '911',
      from: platform.firstRun.examples?.callerNumber ?? '',
      geolocation: before.uri,
    },
  );
  const record = await eventually('the call', WAIT_MS, async () =>
    (await listAllCalls(operator)).find((one) => one.callId === call.callId && one.outcome === 'completed'),
  );
  assert.equal(record.location?.erlId, fresh.id);
  const { receipts } = await eventually('the alerts', WAIT_MS, async () => {
    const detail = await client.must<CallDetail>('GET', `/api/calls/${record.id}`);
    return detail.receipts.some(({ recipient }) => recipient === 'lab@example.com') ? detail : undefined;
  });
  assert.ok(receipts.length > 1, 'and those of the building');

  // The whole building.
  const into = await client.ask<{ moved: { responseLocations: string[] } }>(
    'POST',
    `/api/buildings/${second.id}/merge`,
    { into: first.id, sameNames: 'merge' },
  );
  assert.equal(into.status, 200, JSON.stringify(into.body));
  assert.ok(into.body.moved.responseLocations.includes(fresh.id));
  assert.equal((await civicAt(before.uri))['RD'], before.civic['RD']);
  assert.equal((await client.ask('GET', `/api/buildings/${second.id}`)).status, 410);
  const again = await client.must<Building>('POST', '/api/buildings', {
    locationId: second.locationId,
    alertingEmail: 'desk@example.com',
  });
  await client.must('PATCH', `/api/buildings/${again.id}`, { alertingEmail: 'other@example.com' });
  const found = await client.must<{ items: Building[] }>('GET', `/api/buildings?locationId=${second.locationId}`);
  assert.deepEqual(
    found.items.map(({ id }) => id),
    [again.id],
  );
  assert.equal((await client.ask('DELETE', `/api/buildings/${again.id}`)).status, 204);
  assert.equal((await client.ask('GET', `/api/buildings/${again.id}`)).status, 410);

  const { items: trail } = await client.must<{ items: { action: string; detail: object | null }[] }>(
    'GET',
    '/api/audit',
  );
  for (const action of ['response-location.merged', 'building.merged', 'response-location.moved']) {
    assert.ok(trail.find((entry) => entry.action === action)?.detail, `${action} tells what was moved`);
  }
});

test('shapes reach PIDF-LO, and a file of response locations goes out and comes back', async () => {
  const [location] = (await client.must<{ items: Building[] }>('GET', '/api/buildings')).items;
  const place = { latitude: 30.25, longitude: -97.75 };
  const shapes = [
    { type: 'point', position: place },
    { type: 'point', position: place, altitudeMeters: 161.5 },
    { type: 'circle', center: place, radiusMeters: 12 },
    { type: 'ellipse', center: place, semiMajorMeters: 20, semiMinorMeters: 10, orientationDegrees: 45 },
    {
      type: 'arc-band',
      center: place,
      innerRadiusMeters: 5,
      outerRadiusMeters: 9,
      startAngleDegrees: 10,
      openingAngleDegrees: 90,
    },
    { type: 'polygon', exterior: [place, { ...place, latitude: 30.26 }, { latitude: 30.26, longitude: -97.76 }] },
  ];
  for (const [at, shape] of shapes.entries()) {
    const made = await client.must<Erl>('POST', '/api/response-locations', {
      locationId: location?.locationId,
      name: `Shape ${at}`,
      detail: { LOC: shape.type },
      shape,
    });
    const mac = `02:00:5e:00:48:0${at}`;
    await client.must('POST', '/api/wire-map', { kind: 'mac', value: mac, responseLocationId: made.id });
    const { uri } = await held(mac);
    const answer = decodeHeldAnswer((await followLocationUri(uri)).xml);
    assert.ok(answer.type === 'locationResponse' && answer.presence);
    assert.deepEqual(
      answer.presence.locations.map((one) => one.shape).find((one) => one !== undefined),
      shape,
    );
  }
  const authorization = `Bearer ${platform.firstRun.tokens.fullAdmin}`;
  const exported = await fetch(`${platform.http}/api/response-locations/export`, { headers: { authorization } });
  assert.match(exported.headers.get('content-type') ?? '', /^text\/csv/);
  const csv = await exported.text();
  const same = await client.must<{ counts: Record<string, number> }>(
    'POST',
    '/api/response-locations/import?replace=true&dryRun=true',
    csv,
    'text/csv',
  );
  assert.equal(same.counts['changed'], 0);
  assert.equal(same.counts['removed'], 0);
  const wrong = await client.ask(
    'POST',
    '/api/response-locations/import',
    'location,name,FLR\nNowhere,x,1\n',
    'text/csv',
  );
  assert.equal(wrong.status, 400);
  assert.match(JSON.stringify(wrong.body), /2:location/);
});
