import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { changeBetweenReads } from '../../test/support/change-between-reads.ts';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import type { CivicAddress } from '../domain/civic-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Shape } from '../domain/shape.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { PlaceReferences } from './place.ts';
import { createPlaces, type Places, type ResponseLocation } from './places.ts';

const logger = createLogger('silent');
const clock = createManualClock();
const MEMBER_NUMBER = '+12145550100';
let database: Database;
let places: Places;
let references: PlaceReferences = { wireMapElements: 0, deviceOverrides: 0 };
let counted: readonly string[] = [];

function openPlaces(of: Database): Places {
  return createPlaces({
    database: of,
    audit: createAudit({ database: of, clock }),
    clock,
    logger,
    addresses: createAddresses(),
    snapshotFolder: undefined,
    selectUsedNumbers: (_tx, _organizationId, numbers) =>
      Promise.resolve(
        new Map(
          numbers.filter((number) => number === MEMBER_NUMBER).map((number) => [number, 'is the number of a person']),
        ),
      ),
    countReferences(_tx, _organizationId, ids) {
      counted = ids;
      return Promise.resolve(references);
    },
  });
}

before(async () => {
  database = await openMigratedDatabase(logger);
  places = openPlaces(database);
});

after(() => database.close());

type World = { scope: Scope; sites: string[]; buildings: string[] };

/** An organization with three sites; the first two have a building. */
async function newWorld(): Promise<World> {
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
  const sites: string[] = [];
  const buildings: string[] = [];
  for (const [name, street] of [
    ['Dallas', '100 Main St'],
    ['Annex', '5 Elm St'],
    ['Depot', '7 Oak St'],
  ] as const) {
    const site = await places.createLocation(scope, {
      name,
      timeZone: 'America/Chicago',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: { address1: street, city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
      latitude: '32.78',
      longitude: '-96.8',
    });
    sites.push(site.id);
    if (name === 'Depot') continue;
    const made = await places.createBuilding(scope, site.id, { alertingEmail: `${name.toLowerCase()}@example.com` });
    buildings.push(made.id);
  }
  return { scope, sites, buildings };
}

async function erl(world: World, site: number, name: string, more: Partial<ResponseLocation> = {}): Promise<string> {
  const { detail = { FLR: '1' }, elins, alertEmails } = more;
  const made = await places.createResponseLocation(world.scope, {
    locationId: world.sites[site] ?? '',
    name,
    detail,
    elins,
    alertEmails,
  });
  return made.id;
}

/** What HELD and calls read, after the change was announced. */
async function inMemory(world: World): Promise<Places> {
  const { organizationId } = world.scope;
  const [snapshot] = places.snapshots;
  await snapshot?.apply([{ sequence: 1, kind: 'places', organizationId }]);
  assert.ok(places.locationsOf(organizationId).length > 0);
  return places;
}

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail('no problem');
}

async function actions(world: World): Promise<string[]> {
  const rows = await database.db
    .selectFrom('auditEntries')
    .select('action')
    .where('organizationId', '=', world.scope.organizationId)
    .orderBy('sequence')
    .execute();
  return rows.map(({ action }) => action);
}

test('ELINs are stored in one form, listed, found, and lead to one place only', async () => {
  const world = await newWorld();
  const other = await newWorld();
  const { scope } = world;
  const first = await erl(world, 0, 'East', { elins: ['(214) 555-0181', '+12145550182', '+12145550181'] });
  assert.deepEqual((await places.getResponseLocation(scope, first)).elins, ['+12145550181', '+12145550182']);
  assert.deepEqual((await inMemory(world)).responseLocation(scope.organizationId, first)?.elins, [
    '+12145550181',
    '+12145550182',
  ]);
  const second = await erl(world, 0, 'West');
  const listed = await places.listElins(scope, { number: '0182' });
  assert.deepEqual(
    listed.items.map(({ number, responseLocationName, locationId }) => [number, responseLocationName, locationId]),
    [['+12145550182', 'East', world.sites[0]]],
  );
  assert.equal((await places.listElins(other.scope, {})).total, 0);
  assert.equal((await places.listResponseLocations(scope, { text: '5550181' })).items[0]?.id, first);

  const taken = await problemOf(places.updateResponseLocation(scope, second, { elins: ['+12145550181'] }));
  assert.deepEqual([taken.kind, taken.fields[0]?.path], ['conflict', 'elins']);
  assert.match(taken.message, new RegExp(first));
  const foreign = await problemOf(erl(other, 0, 'East', { elins: ['+12145550181'] }));
  assert.equal(foreign.kind, 'conflict');
  assert.doesNotMatch(foreign.message, new RegExp(first), 'nothing is told of another organization');
  const member = await problemOf(places.updateResponseLocation(scope, second, { elins: [MEMBER_NUMBER] }));
  assert.match(member.message, /is the number of a person/);

  await places.updateResponseLocation(scope, first, { elins: ['+12145550182'] });
  await places.updateResponseLocation(scope, second, { elins: ['+12145550181'] });
  assert.deepEqual((await places.getResponseLocation(scope, first)).elins, ['+12145550182']);
  await places.removeResponseLocation(scope, second);
  await erl(other, 0, 'East', { elins: ['+12145550181'] });
});

test('a move keeps the id and all that names it; a dry run tells the same and stores nothing', async () => {
  const world = await newWorld();
  const { scope } = world;
  const id = await erl(world, 0, 'Lab', { detail: { FLR: '1', ROOM: '12' } });
  references = { wireMapElements: 3, deviceOverrides: 1 };
  const move = { locationId: world.sites[1], floor: '4' };
  const dry = await places.moveResponseLocation(scope, id, move, { dryRun: true });
  assert.deepEqual([dry.dryRun, dry.references, counted], [true, references, [id]]);
  assert.equal((await places.getResponseLocation(scope, id)).locationId, world.sites[0]);
  assert.deepEqual((await actions(world)).at(-1), 'response-location.created');
  const real = await places.moveResponseLocation(scope, id, move);
  assert.deepEqual({ ...real, dryRun: true }, dry);
  assert.equal(real.after.id, id);
  const { civic } = (await inMemory(world)).responseLocation(scope.organizationId, id) ?? assert.fail();
  assert.deepEqual([civic.HNO, civic.RD, civic.FLR, civic.ROOM], ['5', 'Elm', '4', '12']);
  assert.deepEqual((await actions(world)).at(-1), 'response-location.moved');

  await erl(world, 0, 'Lab');
  const clash = await problemOf(places.moveResponseLocation(scope, id, { locationId: world.sites[0] }));
  assert.deepEqual([clash.kind, clash.fields[0]?.path], ['conflict', 'name']);
  await places.moveResponseLocation(scope, id, { locationId: world.sites[0], name: 'Lab 2' });
});

test('a merged response location leads to its survivor, also through a second merge and the survivor’s move', async () => {
  const world = await newWorld();
  const { scope } = world;
  const a = await erl(world, 0, 'A', { elins: ['+12145550191'], alertEmails: ['a@example.com', 'Both@example.com'] });
  const b = await erl(world, 1, 'B', { elins: ['+12145550192'], alertEmails: ['both@example.com'] });
  const c = await erl(world, 1, 'C');
  references = { wireMapElements: 2, deviceOverrides: 0 };
  const dry = await places.mergeResponseLocations(scope, a, b, { dryRun: true });
  assert.equal((await places.getResponseLocation(scope, a)).id, a);
  const done = await places.mergeResponseLocations(scope, a, b);
  assert.deepEqual({ ...done, dryRun: true }, { ...dry, survivor: done.survivor });
  assert.deepEqual(done.moved, {
    wireMapElements: 2,
    deviceOverrides: 0,
    elins: ['+12145550191'],
    alertEmails: ['a@example.com'],
    mergedIds: [],
  });
  assert.deepEqual(done.survivor.elins, ['+12145550191', '+12145550192']);
  assert.deepEqual(done.survivor.alertEmails, ['both@example.com', 'a@example.com']);
  const gone = await problemOf(places.getResponseLocation(scope, a));
  assert.deepEqual([gone.kind, gone.fields], ['gone', [{ path: 'mergedInto', message: b }]]);
  assert.equal((await problemOf(places.mergeResponseLocations(scope, a, c))).kind, 'gone');
  assert.equal((await problemOf(places.mergeResponseLocations(scope, c, a))).kind, 'gone');
  assert.equal((await places.listResponseLocations(scope, {})).total, 2);
  await erl(world, 0, 'A');

  await places.mergeResponseLocations(scope, b, c);
  await places.moveResponseLocation(scope, c, { locationId: world.sites[0], floor: '9' });
  const memory = await inMemory(world);
  for (const id of [a, b, c]) {
    assert.equal(memory.responseLocation(scope.organizationId, id)?.id, c);
    assert.equal(memory.responseLocation(scope.organizationId, id)?.civic.HNO, '100');
  }
  await places.snapshots[0]?.loadFromDatabase();
  assert.equal(places.responseLocation(scope.organizationId, a)?.id, c, 'also on a node that starts');
  assert.deepEqual((await places.getResponseLocation(scope, c)).mergedIds, [a, b].sort());
  await places.removeResponseLocation(scope, c);
  for (const id of [a, b, c]) assert.equal((await problemOf(places.getResponseLocation(scope, id))).kind, 'gone');
  const trail = await actions(world);
  assert.equal(trail.filter((action) => action === 'response-location.merged').length, 2);
});

test('a building moves with all that is in it, and keeps its address', async () => {
  const world = await newWorld();
  const { scope } = world;
  const inside = await erl(world, 0, 'East');
  const [building = ''] = world.buildings;
  const [dallas = '', annex = '', depot = ''] = world.sites;
  const full = await problemOf(places.moveBuilding(scope, building, annex));
  assert.deepEqual([full.kind, full.fields[0]?.path], ['conflict', 'locationId']);
  const dry = await places.moveBuilding(scope, building, depot, { dryRun: true });
  assert.equal((await places.getBuilding(scope, dallas)).id, building);
  const moved = await places.moveBuilding(scope, building, depot);
  assert.deepEqual({ ...moved, dryRun: true }, dry);
  assert.equal(moved.moved.responseLocations, 1);
  assert.equal(moved.after.postalAddress.address1, '100 Main St', 'a house stays in its street');
  assert.match(moved.notes.join('\n'), /no building from now on/);
  const known = (await inMemory(world)).responseLocation(scope.organizationId, inside);
  assert.deepEqual([known?.locationId, known?.civic.HNO], [depot, '100']);
  assert.equal((await problemOf(places.moveBuilding(scope, building, depot))).fields[0]?.path, 'locationId');
  await places.moveBuilding(scope, building, dallas);
});

test('merged buildings: response locations follow, those of one name on request, alerts go on, the old id leads on', async () => {
  const world = await newWorld();
  const { scope } = world;
  const [from = '', into = ''] = world.buildings;
  const lobby = await erl(world, 0, 'Lobby', { elins: ['+12145550171'] });
  const east = await erl(world, 0, 'East');
  const other = await erl(world, 1, 'lobby');
  const refused = await problemOf(places.mergeBuildings(scope, from, into));
  assert.deepEqual([refused.kind, refused.fields.length, refused.fields[0]?.path], ['conflict', 1, 'sameNames']);
  const dry = await places.mergeBuildings(scope, from, into, { sameNames: 'merge', dryRun: true });
  assert.equal((await places.getBuildingById(scope, from)).id, from);
  const done = await places.mergeBuildings(scope, from, into, { sameNames: 'merge' });
  assert.deepEqual({ ...done, dryRun: true }, dry);
  assert.deepEqual(done.moved.responseLocations, [east]);
  assert.deepEqual(done.moved.mergedResponseLocations, [{ id: lobby, into: other }]);
  const memory = await inMemory(world);
  assert.equal(memory.buildingById(scope.organizationId, from)?.id, into);
  assert.equal(memory.responseLocation(scope.organizationId, lobby)?.id, other);
  assert.deepEqual(memory.responseLocation(scope.organizationId, east)?.alertEmails, ['dallas@example.com']);
  assert.deepEqual(memory.responseLocation(scope.organizationId, other)?.elins, ['+12145550171']);
  const gone = await problemOf(places.getBuildingById(scope, from));
  assert.deepEqual([gone.kind, gone.fields[0]?.message], ['gone', into]);
  // Once more, into a new one: the first id leads there too.
  const third = await places.createBuilding(scope, world.sites[2] ?? '', { alertingEmail: 'c@example.com' });
  await places.mergeBuildings(scope, into, third.id);
  assert.equal((await inMemory(world)).buildingById(scope.organizationId, from)?.id, third.id);
  assert.equal((await problemOf(places.getBuildingById(scope, from))).fields[0]?.message, third.id);
  assert.equal((await problemOf(places.mergeBuildings(scope, third.id, third.id))).fields[0]?.path, 'into');
});

test('a merge that would lose an address or a number is refused', async () => {
  const world = await newWorld();
  const { scope } = world;
  const emails = (from: number) => Array.from({ length: 100 }, (_, at) => `a${from + at}@example.com`);
  const full = await erl(world, 0, 'Full', { alertEmails: emails(0) });
  const other = await erl(world, 0, 'Other', { alertEmails: ['one@example.com'] });
  assert.equal((await problemOf(places.mergeResponseLocations(scope, other, full))).kind, 'conflict');
  const [from = '', into = ''] = world.buildings;
  const lost = await problemOf(places.mergeBuildings(scope, from, into));
  assert.match(lost.message, /dallas@example\.com would be lost/);
  assert.equal((await places.getBuildingById(scope, from)).id, from, 'nothing was merged');
  const numbers = (from: number) =>
    Array.from({ length: 50 }, (_, at) => `+1972555${String(from + at).padStart(4, '0')}`);
  const many = await erl(world, 0, 'Many', { elins: numbers(1_000) });
  const one = await erl(world, 0, 'One', { elins: numbers(2_000).slice(0, 1) });
  assert.match((await problemOf(places.mergeResponseLocations(scope, one, many))).message, /more than 50 ELINs/);
});

test('floors are what response locations name; renaming one takes all along, onto another makes one of two', async () => {
  const world = await newWorld();
  const { scope } = world;
  const [building = ''] = world.buildings;
  const ids = [];
  for (const [name, FLR] of [
    ['a', '10'],
    ['b', '2'],
    ['c', '2'],
    ['d', '3rd'],
  ] as const) {
    ids.push(await erl(world, 0, name, { detail: { FLR, ROOM: name } }));
  }
  const floors = async () =>
    (await places.listFloors(scope, building)).map(({ floor, responseLocations }) => `${floor}:${responseLocations}`);
  assert.deepEqual(await floors(), ['2:2', '3rd:1', '10:1']);
  assert.equal((await places.listResponseLocations(scope, { buildingId: building, floor: '3RD' })).total, 1);
  const names = { from: '3rd', to: '2' };
  const dry = await places.renameFloor(scope, building, names, { dryRun: true });
  assert.deepEqual(dry, { dryRun: true, ...names, responseLocations: [ids[3]], alreadyThere: 2 });
  assert.deepEqual(await floors(), ['2:2', '3rd:1', '10:1']);
  await places.renameFloor(scope, building, names);
  assert.deepEqual(await floors(), ['2:3', '10:1']);
  assert.equal((await places.getResponseLocation(scope, ids[3] ?? '')).civic.ROOM, 'd');
  assert.equal((await problemOf(places.renameFloor(scope, building, names))).fields[0]?.path, 'from');
});

test('a file: diff, all rows or none, and what is exported changes nothing when it comes back', async () => {
  const world = await newWorld();
  const { scope } = world;
  const east = await erl(world, 0, 'East', { elins: ['+12145550161'], alertEmails: ['e@example.com'] });
  const polygon: Shape = {
    type: 'polygon',
    exterior: [
      { latitude: 32.1, longitude: -96.1 },
      { latitude: 32.2, longitude: -96.1 },
      { latitude: 32.2, longitude: -96.2 },
    ],
  };
  const store = await places.createResponseLocation(scope, {
    locationId: world.sites[1] ?? '',
    name: 'Store, "cold"',
    detail: { FLR: 'B1', LOC: 'left, then\nright'.replace('\n', ' ') },
    shape: polygon,
  });
  const exported = await places.exportResponseLocations(scope);
  const same = await places.importResponseLocations(scope, exported, { replace: true });
  assert.deepEqual(same.counts, { added: 0, changed: 0, unchanged: 2, removed: 0, errors: 0 });

  const csv =
    'Location,name,FLR,latitude,longitude,radiusMeters,elins\r\n' +
    'dallas,EAST,7,,,,+12145550162\r\n' +
    'Annex,Dock,1,32.5,-96.5,25,+12145550161 (214) 555-0163\r\n'.replace('(214) 555-0163', '+1-214-555-0163');
  const dry = await places.importResponseLocations(scope, csv, { dryRun: true, replace: true });
  assert.deepEqual(dry.counts, { added: 1, changed: 1, unchanged: 0, removed: 1, errors: 0 });
  assert.deepEqual(dry.changed[0], { id: east, location: 'Dallas', name: 'EAST', fields: ['name', 'detail', 'elins'] });
  assert.deepEqual(dry.removed[0], { id: store.id, location: 'Annex', name: 'Store, "cold"' });
  assert.equal(await places.exportResponseLocations(scope), exported, 'a dry run stores nothing');

  const done = await places.importResponseLocations(scope, csv);
  assert.deepEqual(done.counts, { added: 1, changed: 1, unchanged: 0, removed: 0, errors: 0 });
  const changed = await places.getResponseLocation(scope, east);
  assert.deepEqual([changed.detail, changed.elins], [{ FLR: '7' }, ['+12145550162']]);
  assert.deepEqual(changed.alertEmails, ['e@example.com'], 'a column that is not there changes nothing');
  const [dock] = (await places.listResponseLocations(scope, { name: 'dock' })).items;
  assert.deepEqual(dock?.shape, { type: 'circle', center: { latitude: 32.5, longitude: -96.5 }, radiusMeters: 25 });
  assert.deepEqual(dock?.elins, ['+12145550161', '+12145550163'], 'one number went from one to the other');
  assert.equal((await actions(world)).at(-1), 'response-location.imported');

  const swapped = `id,name\n${east},Dock\n${dock?.id},East\n`.replace('Dock', 'Door');
  await places.importResponseLocations(scope, swapped);
  const back = await places.importResponseLocations(
    scope,
    `id,location,name\n${east},Annex,East\n${dock?.id},Annex,Door\n`,
  );
  assert.equal(back.counts.changed, 2, 'two rows may change names with each other');
  const all = await places.exportResponseLocations(scope);
  assert.equal((await places.importResponseLocations(scope, all)).counts.unchanged, 3);
});

test('a point in a file may have an altitude, and nothing else beside it', async () => {
  const world = await newWorld();
  const header = 'location,name,latitude,longitude,altitudeMeters,radiusMeters,shape\n';
  await places.importResponseLocations(world.scope, `${header}Dallas,Roof,32.5,-96.5,181.25,,\n`);
  const [roof] = (await places.listResponseLocations(world.scope, { name: 'roof' })).items;
  const position = { latitude: 32.5, longitude: -96.5 };
  assert.deepEqual(roof?.shape, { type: 'point', position, altitudeMeters: 181.25 });
  const csv = await places.exportResponseLocations(world.scope);
  assert.equal((await places.importResponseLocations(world.scope, csv)).counts.unchanged, 1);
  for (const [cells, column] of [
    ['32.5,-96.5,high,,', 'altitudeMeters'],
    ['32.5,-96.5,90000,,', 'shape'],
    ['32.5,-96.5,10,5,', 'altitudeMeters'],
    [',,10,,', 'altitudeMeters'],
    ['32.5,-96.5,,,"{""type"":""point""}"', 'shape'],
    [',,,,"{""type"":""cube""}"', 'shape'],
    [',,,,not json', 'shape'],
  ] as const) {
    const { errors } = await places.importResponseLocations(world.scope, `${header}Dallas,x,${cells}\n`, {
      dryRun: true,
    });
    assert.ok(
      errors.some((error) => error.column === column),
      `${cells}: ${JSON.stringify(errors)}`,
    );
  }
});

test('a faulty file: every row at fault with line and column, nothing stored', async () => {
  const world = await newWorld();
  const other = await newWorld();
  const { scope } = world;
  const kept = await erl(world, 0, 'East', { elins: ['+12145550151'] });
  const merged = await erl(world, 0, 'Gone');
  await places.mergeResponseLocations(scope, merged, kept);
  const foreign = await erl(other, 0, 'Theirs');
  const before = await places.exportResponseLocations(scope);
  const rows: [row: string, column: string, message: RegExp][] = [
    [',Nowhere,a,1,,,,,', 'location', /there is no location Nowhere/],
    [',Depot,a,1,,,,,', 'location', /has no building/],
    [',,a,1,,,,,', 'location', /is required/],
    [',Dallas,,1,,,,,', 'name', /is required/],
    [`${foreign},Dallas,a,1,,,,,`, 'id', /there is no emergency response location/],
    [`${merged},Dallas,a,1,,,,,`, 'id', new RegExp(`was merged into ${kept}`)],
    [',Dallas,b,1,91,0,,,', 'shape', /outside the earth/],
    [',Dallas,c,1,12,,,,', 'longitude', /is required/],
    [',Dallas,d,1,x,3,,,', 'latitude', /is not a number/],
    [',Dallas,e,1,,,5,,', 'radiusMeters', /needs latitude/],
    [',Dallas,f,1,,,,12,', 'elins', /is not a telephone number/],
    [`,Dallas,g,1,,,,${MEMBER_NUMBER},`, 'elins', /is the number of a person/],
    [',Dallas,h,1,,,,+12145550151,', 'elins', new RegExp(`leads to emergency response location ${kept}`)],
    [',Dallas,i,1,,,,,nobody', 'alertEmails', /is not an e-mail address/],
    [`,Dallas,i,1,,,,,desk@${'é'.repeat(130)}.com`, 'alertEmails', /is longer than 254 bytes/],
    [',Dallas,j,1,,', '', /6 cells instead of 9/],
    [`,Dallas,k,${'x'.repeat(300)},,,,,`, 'FLR', /longer than 256/],
    [',Dallas,l,1,,,,,', '', /^$/],
    [',dallas,L,1,,,,,', 'name', /the same as in line 19/],
  ];
  const csv = `id,location,name,FLR,latitude,longitude,radiusMeters,elins,alertEmails\n${rows.map(([row]) => row).join('\n')}\n`;
  const dry = await places.importResponseLocations(scope, csv, { dryRun: true });
  for (const [place, [row, column, message]] of rows.entries()) {
    const own = dry.errors.filter(({ line }) => line === place + 2);
    if (message.source === '^$') assert.deepEqual(own, [], row);
    else
      assert.ok(
        own.some((one) => one.column === column && message.test(one.message)),
        `${row}: ${JSON.stringify(own)}`,
      );
  }
  const problem = await problemOf(places.importResponseLocations(scope, csv));
  assert.equal(problem.kind, 'invalid');
  assert.ok(problem.fields.some(({ path }) => path === '2:location'));
  assert.equal(await places.exportResponseLocations(scope), before);

  for (const [text, kind] of [
    ['', 'malformed'],
    ['id,location,name\n"x', 'malformed'],
    ['name,\uFFFD\n', 'malformed'],
    ['name,HNO\nx,1\n', 'invalid'],
    ['name,Room Number\nx,1\n', 'invalid'],
    ['name,name\nx,y\n', 'invalid'],
    [`name\n${'x\n'.repeat(20_001)}`, 'too-large'],
  ] as const) {
    assert.equal((await problemOf(places.importResponseLocations(scope, text))).kind, kind, text.slice(0, 40));
  }
  const misplaced = await problemOf(places.importResponseLocations(scope, 'name,HNO\nx,1\n'));
  assert.match(misplaced.fields[0]?.message ?? '', /told by the building/);
});

test('bad input is told by field', async () => {
  const world = await newWorld();
  const { scope } = world;
  const id = await erl(world, 0, 'East');
  const wrong = (value: object) => value as unknown as CivicAddress;
  for (const [work, path] of [
    [() => erl(world, 0, 'x', { detail: wrong({ HNO: '1' }) }), 'detail.HNO'],
    [() => erl(world, 0, 'x', { detail: wrong({ PC: '75201' }) }), 'detail.PC'],
    [() => erl(world, 0, 'x', { detail: wrong({ FLOOR: '1' }) }), 'detail.FLOOR'],
    [() => erl(world, 0, 'x', { detail: wrong({ FLR: 1 }) }), 'detail.FLR'],
    [() => erl(world, 0, 'x', { detail: { ROOM: 'a\u0007b' } }), 'detail.ROOM'],
    [() => erl(world, 0, 'x', { elins: ['911'.repeat(20)] }), 'elins.0'],
    [() => erl(world, 0, 'x', { elins: Array.from({ length: 51 }, (_, at) => `+1214555${1_000 + at}`) }), 'elins'],
    [() => erl(world, 0, 'x', { alertEmails: ['a@b'] }), 'alertEmails.0'],
    [() => places.moveResponseLocation(scope, id, {}), 'locationId'],
    [() => places.moveResponseLocation(scope, id, { floor: ' ' }), 'floor'],
    [() => places.moveResponseLocation(scope, id, { detail: wrong({ RD: 'Main' }) }), 'detail.RD'],
    [() => places.mergeResponseLocations(scope, id, id.toUpperCase()), 'into'],
    [() => places.renameFloor(scope, world.buildings[0] ?? '', { from: '1', to: '' }), 'to'],
  ] as const) {
    const problem = await problemOf(work());
    assert.ok(
      problem.fields.some((field) => field.path === path),
      `${path}: ${JSON.stringify(problem.fields)}`,
    );
  }
  for (const work of [
    () => places.moveResponseLocation(scope, id, { locationId: randomUUID() }),
    () => places.moveResponseLocation(scope, 'no-id', { floor: '1' }),
    () => places.mergeResponseLocations(scope, id, randomUUID()),
    () => places.moveBuilding(scope, randomUUID(), world.sites[2] ?? ''),
    () => places.mergeBuildings(scope, world.buildings[0] ?? '', "'; drop table buildings; --"),
    () => places.listFloors(scope, randomUUID()),
  ]) {
    assert.equal((await problemOf(work())).kind, 'not-found');
  }
  const misplaced = await problemOf(erl(world, 0, 'x', { detail: wrong({ HNO: '1' }) }));
  assert.match(misplaced.fields[0]?.message ?? '', /belongs to another part of the address/);
});

test('an administrator of some locations moves and merges only there, and another organization nothing', async () => {
  const world = await newWorld();
  const other = await newWorld();
  const mine = await erl(world, 0, 'Mine');
  const foreign = await erl(world, 1, 'Elsewhere');
  const site: Scope = { ...world.scope, role: 'locationAdmin', locationIds: new Set([world.sites[0] ?? '']) };
  for (const work of [
    () => places.moveResponseLocation(site, mine, { locationId: world.sites[1] }),
    () => places.moveResponseLocation(site, foreign, { floor: '2' }),
    () => places.mergeResponseLocations(site, mine, foreign),
    () => places.moveBuilding(site, world.buildings[0] ?? '', world.sites[2] ?? ''),
    () => places.mergeBuildings(site, world.buildings[1] ?? '', world.buildings[0] ?? ''),
  ]) {
    assert.equal((await problemOf(work())).kind, 'not-found');
  }
  const refused = await problemOf(places.importResponseLocations(site, `id,name\n${foreign},Renamed\n`));
  assert.equal(refused.kind, 'forbidden');
  for (const work of [
    () => places.mergeResponseLocations(other.scope, mine, foreign),
    () => places.moveBuilding(other.scope, world.buildings[0] ?? '', other.sites[2] ?? ''),
    () => places.renameFloor(other.scope, world.buildings[0] ?? '', { from: '1', to: '2' }),
  ]) {
    assert.equal((await problemOf(work())).kind, 'not-found');
  }
});

test('CSV: a place that is there all the while is in the export once, though others are renamed between its pages', async () => {
  const { scope, sites } = await newWorld();
  const names = Array.from({ length: 1_200 }, (_, nth) => `Room ${String(nth).padStart(4, '0')}`);
  await places.importResponseLocations(
    scope,
    ['Location,name', ...names.map((name) => `Dallas,${name}`)].join('\n'),
    {},
  );
  const first = names.slice(0, 10);
  const busy = openPlaces(
    changeBetweenReads(database, 1_000, () =>
      database.db
        .updateTable('responseLocations')
        .set({ name: sql<string>`'Z ' || name`, nameKey: sql<string>`'z ' || name_key` })
        .where('organizationId', '=', scope.organizationId)
        .where('name', 'in', first)
        .execute(),
    ),
  );
  const csv = await busy.exportResponseLocations(scope, { locationId: sites[0] });
  const told = (csv.match(/Room \d{4}/g) ?? []).toSorted();
  assert.deepEqual(told, names);
  assert.match(csv, /Z Room 0009/, 'as they are called by the time they are read');
});
