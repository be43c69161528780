/**
 * Places in memory follow changes by reading what those touched, and nothing else: after any changes, in any order and several at
 * once, they are what a node has that reads everything anew.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { KyselyPlugin } from 'kysely';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import { type BringBack, createRemovals, type Removals } from '../../src/removals/removals.ts';
import { type Change, createChangeFeed, readFeedPosition } from '../../src/storage/change-feed.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import type { Snapshot } from '../../src/storage/snapshot.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const RUNS = 6;
const clock = createManualClock();

type World = {
  places: Places;
  removals: Removals;
  scopes: readonly Scope[];
  /** Of whatever ever was there, by organization. */
  sites: string[][];
  buildings: string[][];
  rooms: string[][];
};

/** A step: what to do, in which organization, to which of the things that ever were there. */
type Step = { act: Act; organization: number; one: number; other: number; text: number };

const pick = (ids: readonly string[], number: number): string => ids[number % Math.max(1, ids.length)] ?? 'none';
const streets = ['100 Main St', '7 Oak Ave', '5½ Elm St'];
const address = (number: number) => ({
  address1: streets[number % streets.length] ?? '',
  city: 'Dallas',
  state: 'TX',
  postalCode: '75201',
  country: 'US',
});
/** The same as the contract names them for buildings. */
const buildingAddress = (number: number) => {
  const { address1, city, state, postalCode, country } = address(number);
  return { addressLine1: address1, city, stateOrProvince: state, zipOrPostalCode: postalCode, country };
};
const elin = (number: number): string => `+1214555${String(100 + (number % 12)).padStart(4, '0')}`;

type Play = (world: World, scope: Scope, step: Step) => Promise<unknown>;

const PLAYS = {
  async 'make a location'({ places, sites }, scope, { organization, one, text }) {
    const made = await places.createLocation(scope, {
      name: `Site ${text % 9}`,
      timeZone: 'America/Chicago',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: address(one),
    });
    sites[organization]?.push(made.id);
  },
  'change a location': ({ places, sites }, scope, { organization, one, text }) =>
    places.updateLocation(scope, pick(sites[organization] ?? [], one), {
      name: `${text % 2 === 0 ? 'site' : 'Über'} ${text % 9}`,
      address: address(text),
    }),
  'turn calling on': ({ places, sites }, scope, { organization, one }) =>
    places.enableCalling(scope, pick(sites[organization] ?? [], one)),
  'remove a location': ({ places, sites }, scope, { organization, one }) =>
    places.removeLocation(scope, pick(sites[organization] ?? [], one)),
  async 'make a building'({ places, sites, buildings }, scope, { organization, one, text }) {
    const at = pick(sites[organization] ?? [], one);
    const own = text % 2 === 0 ? {} : { address: buildingAddress(text) };
    const made = await places.createBuilding(scope, at, { alertingEmail: `b${text % 3}@example.com`, ...own });
    buildings[organization]?.push(made.id);
  },
  'change a building': ({ places, buildings }, scope, { organization, one, text }) =>
    places.updateBuildingById(scope, pick(buildings[organization] ?? [], one), { address: buildingAddress(text) }),
  'remove a building': ({ places, buildings }, scope, { organization, one }) =>
    places.removeBuilding(scope, pick(buildings[organization] ?? [], one)),
  'move a building': ({ places, buildings, sites }, scope, { organization, one, other }) =>
    places.moveBuilding(scope, pick(buildings[organization] ?? [], one), pick(sites[organization] ?? [], other)),
  'merge buildings': ({ places, buildings }, scope, { organization, one, other }) => {
    const ids = buildings[organization] ?? [];
    return places.mergeBuildings(scope, pick(ids, one), pick(ids, other), { sameNames: 'merge' });
  },
  async 'make a room'({ places, sites, rooms }, scope, { organization, one, other, text }) {
    const made = await places.createResponseLocation(scope, {
      locationId: pick(sites[organization] ?? [], one),
      name: `Room ${text % 5}`,
      detail: { FLR: String(other % 3) },
      elins: text % 3 === 0 ? [elin(other)] : [],
    });
    rooms[organization]?.push(made.id);
  },
  'change a room': ({ places, rooms }, scope, { organization, one, other, text }) =>
    places.updateResponseLocation(scope, pick(rooms[organization] ?? [], one), {
      name: `Room ${text % 5}`,
      elins: text % 2 === 0 ? [elin(other)] : [],
    }),
  'remove a room': ({ places, rooms }, scope, { organization, one }) =>
    places.removeResponseLocation(scope, pick(rooms[organization] ?? [], one)),
  'move a room': ({ places, rooms, sites }, scope, { organization, one, other, text }) =>
    places.moveResponseLocation(scope, pick(rooms[organization] ?? [], one), {
      locationId: pick(sites[organization] ?? [], other),
      floor: String(text % 3),
    }),
  'merge rooms': ({ places, rooms }, scope, { organization, one, other }) =>
    places.mergeResponseLocations(scope, pick(rooms[organization] ?? [], one), pick(rooms[organization] ?? [], other)),
  'rename a floor': ({ places, buildings }, scope, { organization, one, other, text }) =>
    places.renameFloor(scope, pick(buildings[organization] ?? [], one), {
      from: String(other % 3),
      to: String(text % 3),
    }),
  async 'import rooms'({ places }, scope, { one, text }) {
    const [head = '', ...lines] = (await places.exportResponseLocations(scope)).trimEnd().split('\r\n');
    const kept = lines.filter((_, line) => line !== one % Math.max(1, lines.length));
    await places.importResponseLocations(scope, [head, ...kept, ''].join('\r\n'), { replace: text % 2 === 0 });
  },
  async 'bring something back'({ removals }, scope, { one }) {
    const gone = await removals.listRemoved(scope, { start: 0, max: 100 });
    const thing = gone[one % Math.max(1, gone.length)];
    if (thing) await removals.restoreRemoved(scope, thing.id);
  },
} satisfies Record<string, Play>;

type Act = keyof typeof PLAYS;

/** Much of what is asked for cannot be done, and says so; answers whether it was done. */
async function play(world: World, step: Step): Promise<boolean> {
  const scope = world.scopes[step.organization];
  assert.ok(scope);
  try {
    await PLAYS[step.act](world, scope, step);
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

const small = fc.nat({ max: 11 });
const step: fc.Arbitrary<Step> = fc.record({
  // What there is to change has to be made: making comes up more often.
  act: fc.constantFrom(...(Object.keys(PLAYS) as Act[]), 'make a building' as const, 'make a room' as const),
  organization: fc.nat({ max: 1 }),
  one: small,
  other: small,
  text: small,
});
/** Rounds of steps that are taken at once. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 16 });

describe('places in memory', { skip }, () => {
  let cluster: PostgresCluster;
  let database: Database;

  before(async () => {
    cluster = await startPostgresCluster();
    database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
    await database.migrate();
  });

  after(async () => {
    await database.close();
    cluster.remove();
  });

  const addresses = createAddresses();

  function openPlaces(read = database): { places: Places; snapshot: Snapshot<unknown> } {
    const audit = createAudit({ database, clock });
    const deps = { database: read, audit, clock, addresses, logger: silentLogger, snapshotFolder: undefined };
    const places = createPlaces(deps);
    const [snapshot] = places.snapshots;
    assert.ok(snapshot);
    return { places, snapshot };
  }

  async function openWorld(): Promise<World> {
    const { places } = openPlaces();
    const bringBackPlace: BringBack = (tx, { organizationId, id }, putBack) =>
      places.bringBackPlace(tx, organizationId, id, putBack);
    const noMember = (): Promise<void> => Promise.reject(new Error('nothing of that kind is removed here'));
    const bringBack = {
      location: bringBackPlace,
      building: bringBackPlace,
      'response-location': bringBackPlace,
      person: noMember,
      workspace: noMember,
      'virtual-line': noMember,
      'hunt-group': noMember,
      'alert-recipient': noMember,
      'alert-group': noMember,
      'alert-rule': noMember,
      'alert-connection': noMember,
      number: noMember,
      trunk: noMember,
    };
    const removals = createRemovals({ database, clock, audit: createAudit({ database, clock }), bringBack });
    // What earlier runs left is in nobody's way.
    await database.executeSql('update elins set number = gen_random_uuid()::text');
    const scopes = [await addOrganization(database), await addOrganization(database)];
    const world: World = { places, removals, scopes, sites: [[], []], buildings: [[], []], rooms: [[], []] };
    for (const organization of [0, 1]) {
      const make = async (act: Act, one: number, number: number): Promise<void> => {
        const step = { act, organization, one, other: organization * 6 + number, text: number };
        assert.ok(await play(world, step), `${act} ${number}`);
      };
      for (let one = 0; one < 4; one++) await make('make a location', one, one);
      for (let one = 0; one < 3; one++) await make('make a building', one, one);
      for (let number = 0; number < 5; number++) await make('make a room', number % 3, number);
    }
    return world;
  }

  async function changesSince(position: number): Promise<Change[]> {
    const rows = await database.db
      .selectFrom('changeFeed')
      .selectAll()
      .where('sequence', '>', String(position))
      .orderBy('sequence')
      .execute();
    return rows.map((row) => ({ ...row, sequence: Number(row.sequence), kind: row.kind as Change['kind'] }));
  }

  async function readAnew(): Promise<unknown> {
    const { snapshot } = openPlaces();
    await snapshot.loadFromDatabase();
    return snapshot.current();
  }

  test('follow every kind of change', async () => {
    const world = await openWorld();
    const node = openPlaces();
    await node.snapshot.loadFromDatabase();
    let position = await readFeedPosition(database.db);
    // Sites 0 to 2 have a building each, with rooms 0 and 3, 1 and 4, 2; the name of each room is its number.
    const acts: readonly (readonly [Act, one: number, other: number, text: number])[] = [
      ['make a location', 0, 0, 8],
      ['change a location', 0, 0, 6],
      ['turn calling on', 3, 0, 0],
      ['make a building', 3, 0, 1],
      ['change a building', 1, 0, 2],
      ['make a room', 3, 10, 3],
      ['change a room', 4, 11, 2],
      ['rename a floor', 0, 0, 2],
      ['move a room', 1, 3, 1],
      ['merge rooms', 0, 5, 0],
      ['move a building', 1, 4, 0],
      ['merge buildings', 2, 1, 0],
      ['remove a room', 3, 0, 0],
      ['remove a building', 0, 0, 0],
      ['bring something back', 0, 0, 0],
      ['import rooms', 1, 0, 0],
      ['remove a location', 1, 0, 0],
      ['bring something back', 0, 0, 0],
    ];
    for (const [act, one, other, text] of acts) {
      // What was removed last is what comes back.
      clock.advance(1_000);
      assert.ok(await play(world, { act, organization: 0, one, other, text }), `${act} is done`);
      const changes = await changesSince(position);
      position = await readFeedPosition(database.db);
      assert.notDeepEqual(node.snapshot.current(), await readAnew(), `${act} changes something`);
      await node.snapshot.apply(changes);
      assert.deepEqual(node.snapshot.current(), await readAnew(), `after: ${act}`);
    }
    assert.deepEqual([...new Set(acts.map(([act]) => act))].sort(), Object.keys(PLAYS).sort());
  });

  test('are of one moment when a node starts, whatever is merged while it reads', async () => {
    const world = await openWorld();
    const position = await readFeedPosition(database.db);
    let mayMerge = true;
    const mergesAfterBuildings: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        const hasBuildings = result.rows.some((row) => 'alerting_email' in row || 'alertingEmail' in row);
        if (hasBuildings && mayMerge) {
          mayMerge = false;
          const merge = { act: 'merge buildings', organization: 0, one: 0, other: 1, text: 0 } as const;
          assert.ok(await play(world, merge));
        }
        return result;
      },
    };
    const node = openPlaces({ ...database, db: database.db.withPlugin(mergesAfterBuildings) });
    await node.snapshot.loadFromDatabase();
    assert.equal(mayMerge, false);
    await node.snapshot.apply(await changesSince(position));
    assert.deepEqual(node.snapshot.current(), await readAnew());
  });

  test('find what a later change moved on before that one has come in', async () => {
    const world = await openWorld();
    const [organizationId = ''] = world.scopes.map((scope) => scope.organizationId);
    const node = openPlaces();
    await node.snapshot.loadFromDatabase();
    const position = await readFeedPosition(database.db);
    const [moved = ''] = world.rooms[0] ?? [];
    assert.ok(await play(world, { act: 'change a room', organization: 0, one: 3, other: 0, text: 1 }));
    assert.ok(await play(world, { act: 'move a room', organization: 0, one: 0, other: 2, text: 2 }));
    const [first, second] = await changesSince(position);
    assert.ok(first && second);
    await node.snapshot.apply([first]);
    assert.equal(node.places.responseLocation(organizationId, moved)?.locationId, world.sites[0]?.[2]);
    assert.deepEqual(node.snapshot.current(), await readAnew());
    await node.snapshot.apply([second]);
    assert.deepEqual(node.snapshot.current(), await readAnew());
  });

  test('are what the database has, whenever all changes have come in', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        const world = await openWorld();
        const node = openPlaces();
        const feed = createChangeFeed({ database, logger: silentLogger, pollMs: 3_600_000 });
        feed.subscribe((changes) => node.snapshot.apply(changes));
        const position = await readFeedPosition(database.db);
        await node.snapshot.loadFromDatabase();
        feed.start(position);
        try {
          for (const [round, steps] of all.entries()) {
            await Promise.all(steps.map((one) => play(world, one)));
            await feed.catchUp();
            assert.deepEqual(node.snapshot.current(), await readAnew(), `after round ${round}`);
          }
        } finally {
          await feed.stop();
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  test('of a node that is late lose nothing that is there, whichever change comes in, and are right in the end', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, rounds, async (earlier, later) => {
        const world = await openWorld();
        for (const steps of earlier) for (const one of steps) await play(world, one);
        const node = openPlaces();
        await node.snapshot.loadFromDatabase();
        const position = await readFeedPosition(database.db);
        for (const steps of later) for (const one of steps) await play(world, one);
        const fresh = openPlaces();
        await fresh.snapshot.loadFromDatabase();
        const known = world.scopes.flatMap(({ organizationId }, organization) =>
          (world.rooms[organization] ?? [])
            .filter((id) => node.places.responseLocation(organizationId, id) !== undefined)
            .filter((id) => fresh.places.responseLocation(organizationId, id) !== undefined)
            .map((id) => ({ organizationId, id })),
        );
        for (const change of await changesSince(position)) {
          await node.snapshot.apply([change]);
          for (const { organizationId, id } of known) {
            assert.ok(node.places.responseLocation(organizationId, id), `${id} was there and is there`);
          }
        }
        assert.deepEqual(node.snapshot.current(), fresh.snapshot.current());
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
