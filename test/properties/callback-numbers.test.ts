/** What the API shows of a member's callback number is what its call carries, whatever is stored. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { CallerIdentity, StepContext } from '../../src/calls/decision.ts';
import { withoutLocation } from '../../src/calls/steps/attach-location.ts';
import { chooseCallback } from '../../src/calls/steps/choose-callback.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createMembers, type Members } from '../../src/members/members.ts';
import type { PlaceLocation } from '../../src/places/places.ts';
import type { Database } from '../../src/storage/database.ts';
import { newId } from '../../src/support/ids.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addLocation } from '../support/add-location.ts';
import { addOrganization, openTestDatabase, silentLogger } from '../support/alerts-fixture.ts';

let database: Database;
let members: Members;
let line = 0;

before(async () => {
  database = await openTestDatabase();
  members = createMembers({
    database,
    clock: createManualClock(),
    addresses: createAddresses(),
    audit: createAudit({ database, clock: createManualClock() }),
    logger: silentLogger,
    snapshotFolder: undefined,
    places: {
      readLocationAddresses: () => Promise.reject(new Error('no emergency address is asked for here')),
      location: () => undefined,
      emergencyAddress: () => undefined,
      findElins: () => Promise.resolve([]),
      getLocation: (_scope, id) => Promise.resolve({ id, name: 'Somewhere' } as PlaceLocation),
    },
  });
});

after(() => database.close());

const somebody = fc.nat({ max: 4 });
const numberLine = fc.record({ active: fc.boolean(), isMain: fc.boolean() });
const person = fc.record({
  kind: fc.constantFrom('PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'),
  at: fc.nat({ max: 1 }),
  selected: fc.constantFrom('DIRECT_LINE', 'LOCATION_ECBN', 'LOCATION_MEMBER_NUMBER', 'NONE'),
  chosen: fc.option(somebody),
  line: fc.option(numberLine),
});
const world = fc.record({
  people: fc.array(person, { minLength: 1, maxLength: 5 }),
  main: fc.tuple(fc.option(fc.boolean()), fc.option(fc.boolean())),
  setting: fc.tuple(fc.option(fc.option(somebody)), fc.option(fc.option(somebody))),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const nextNumber = () => `+1303555${String(line++).padStart(4, '0')}`;

/** Stores a world as it is, also what no use case would store any more; gives the ids of its members and its numbers. */
async function store({ people, main, setting }: World, { organizationId }: Scope, locations: readonly string[]) {
  const { db } = database;
  const ids = people.map(() => newId());
  const rows = people.map(({ kind, at, selected, chosen }, index) => ({
    id: ids[index] ?? '',
    organizationId,
    kind,
    locationId: locations[at] ?? '',
    firstName: 'A',
    lastName: 'B',
    displayName: 'A B',
    email: null,
    extension: String(100 + index),
    ecbnSelected: selected,
    ecbnMemberId: chosen === null ? null : (ids[chosen] ?? null),
    elinEnabled: false,
    elinForWebexAppEnabled: false,
  }));
  await db.insertInto('members').values(rows).execute();

  const withMain = new Set<string>();
  const numbers = rows.flatMap(({ id, locationId }, index) => {
    const own = people[index]?.line;
    if (!own) return [];
    const isMain = own.isMain && !withMain.has(locationId);
    if (isMain) withMain.add(locationId);
    const { active } = own;
    return [{ number: nextNumber(), organizationId, locationId, memberId: id, isPrimary: true, active, isMain }];
  });
  const unassigned = locations.flatMap((locationId, at) => {
    const active = main[at];
    if (typeof active !== 'boolean' || withMain.has(locationId)) return [];
    const nobody = { memberId: null, isPrimary: false };
    return [{ number: nextNumber(), organizationId, locationId, ...nobody, active, isMain: true }];
  });
  const all = [...numbers, ...unassigned];
  if (all.length > 0) await db.insertInto('memberNumbers').values(all).execute();

  const settings = locations.flatMap((locationId, at) => {
    const named = setting[at];
    if (named === undefined || named === null) return [];
    const selected = 'LOCATION_MEMBER_NUMBER';
    return [{ organizationId, locationId, selected, memberId: ids[named] ?? null, elinExpiryMinutes: 60 }];
  });
  if (settings.length > 0) await db.insertInto('locationCallbacks').values(settings).execute();
  return { ids, numbers: new Map(all.map((row) => [row.number, row])) };
}

/** The number that a call of this extension carries to the PSAP, by the step that every call goes through. */
function carried(organizationId: string, extension: string): string | null {
  const known = members.findInOrganization(organizationId, extension);
  assert.ok(known, `extension ${extension} is not known`);
  const caller = { number: extension, displayName: null, memberId: null, memberKind: null, locationId: null };
  const identity: CallerIdentity = {
    organizationId,
    trunkId: null,
    trunk: null,
    caller: { ...caller, asserted: null },
    known,
    standing: null,
  };
  return chooseCallback({} as StepContext, identity, withoutLocation(identity)).value.number;
}

test('the callback number that the API shows is the one that a call carries', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(world, async (stored) => {
      const scope = await addOrganization(database);
      const locations = [await addLocation(database, scope), await addLocation(database, scope)];
      const { ids, numbers } = await store(stored, scope, locations);
      await members.snapshots[0]?.apply([
        { sequence: compared, kind: 'members', organizationId: scope.organizationId },
      ]);
      for (const [index, id] of ids.entries()) {
        const view = await members.readMemberCallbacks(scope, id);
        const shown = {
          DIRECT_LINE: view.directLine.effective,
          LOCATION_ECBN: view.locationEcbn.effective,
          LOCATION_MEMBER_NUMBER: view.locationMember?.effective,
          NONE: view.fallback,
        }[view.selected];
        const number = carried(scope.organizationId, String(100 + index));
        assert.equal(shown?.number, number);
        // Only an active number is ever shown as what is used.
        if (number !== null) {
          const row = numbers.get(number);
          assert.deepEqual([row?.active, row?.locationId], [true, view.locationId]);
        }
        compared += 1;
      }
    }),
    { numRuns: 40, seed: 36 },
  );
  assert.ok(compared > 60);
});
