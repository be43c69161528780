/** Members and numbers as resources: what is kept of them, who may see and change them, and what others rely on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { addLocation } from '../../test/support/add-location.ts';
import { addOrganization, openTestDatabase, silentLogger } from '../../test/support/alerts-fixture.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { type Audit, createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { PlaceLocation } from '../places/places.ts';
import type { Database } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMembers, type Members } from './members.ts';

let database: Database;
let audit: Audit;
let members: Members;
const locations = new Map<string, string>();
const revokedFor: string[] = [];
let line = 0;

/** A number that no other test uses. */
const nextNumber = () => `+1214555${String(1_000 + line++)}`;

before(async () => {
  database = await openTestDatabase();
  audit = createAudit({ database, clock: createManualClock() });
  members = createMembers({
    database,
    clock: createManualClock(),
    addresses: createAddresses(),
    audit,
    logger: silentLogger,
    snapshotFolder: undefined,
    revokeTokensOfPerson(_tx, _scope, personId) {
      revokedFor.push(personId);
      return Promise.resolve();
    },
    places: {
      readLocationAddresses: () => Promise.reject(new Error('no emergency address is asked for here')),
      location: () => undefined,
      emergencyAddress: () => undefined,
      findElins: () => Promise.resolve([]),
      getLocation(scope, id) {
        if (locations.get(id) !== scope.organizationId) {
          return Promise.reject(new ProblemError('not-found', 'no such location'));
        }
        if (scope.locationIds?.has(id) === false) return Promise.reject(new ProblemError('not-found', 'not yours'));
        return Promise.resolve({ id } as PlaceLocation);
      },
    },
  });
});

after(() => database.close());

/** An organization with two locations. */
async function addSite() {
  const scope = await addOrganization(database);
  const here = await addLocation(database, scope);
  const there = await addLocation(database, scope);
  locations.set(here, scope.organizationId).set(there, scope.organizationId);
  const add = (of: Partial<Parameters<Members['createMember']>[1]> = {}) =>
    members.createMember(scope, { kind: 'PEOPLE', locationId: here, firstName: 'Ada', lastName: 'Byron', ...of });
  const numbersOf = async (id: string) => (await members.readMember(scope, id)).numbers.map(({ number }) => number);
  const follow = () =>
    members.snapshots[0]?.apply([{ sequence: 0, kind: 'members', organizationId: scope.organizationId }]);
  const inventory = async (request: Parameters<Members['listNumbers']>[1] = {}) =>
    (await members.listNumbers(scope, request)).map(({ number, owner }) => number ?? owner?.extension);
  return { scope, here, there, add, numbersOf, follow, inventory };
}

async function lastEntry(scope: Scope) {
  const [entry] = await database.db
    .selectFrom('auditEntries')
    .select(['action', 'subject', 'before', 'after'])
    .where('organizationId', '=', scope.organizationId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .execute();
  return entry;
}

const conflict = (message: RegExp) => (error: ProblemError) => {
  assert.equal(error.kind, 'conflict', error.message);
  assert.match(error.message, message);
  return true;
};

const invalid = (path: string) => (error: ProblemError) => {
  assert.equal(error.kind, 'invalid', error.message);
  assert.ok(
    error.fields.some((field) => field.path === path),
    `${path}: ${JSON.stringify(error.fields)}`,
  );
  return true;
};

test('each kind keeps what is its own', async () => {
  const { scope, add } = await addSite();
  const number = nextNumber();
  const ada = await add({ email: 'ada@b.example', roles: ['cm9sZQ'], phoneNumber: number, extension: '1001' });
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby', supportedDevices: 'phones', callingType: 'none' });
  const front = await add({ kind: 'VIRTUAL_LINE', firstName: 'Front', lastName: 'Desk', extension: '1002' });
  const group = await add({
    kind: 'HUNT_GROUP',
    firstName: 'Reception',
    extension: '1003',
    enabled: false,
    callPolicies: { policy: 'WEIGHTED', noAnswer: { numberOfRings: 5 } },
    agents: [{ memberId: front.id, weight: '60' }, { memberId: ada.id, weight: '40' }, { memberId: lobby.id }],
  });
  const person = await members.readMember(scope, ada.id, 'PEOPLE');
  assert.deepEqual(person.roles, ['cm9sZQ']);
  assert.deepEqual(
    person.numbers.map((held) => [held.number, held.isPrimary, held.active]),
    [[number, true, true]],
  );
  assert.deepEqual(person.agents, []);
  const place = await members.readMember(scope, lobby.id, 'PLACE');
  assert.deepEqual([place.supportedDevices, place.callingType, place.lastName], ['phones', 'none', '.']);
  const hunt = await members.readMember(scope, group.id, 'HUNT_GROUP');
  assert.equal(hunt.enabled, false);
  assert.deepEqual(hunt.callPolicies, { policy: 'WEIGHTED', noAnswer: { numberOfRings: 5 } });
  assert.deepEqual(
    hunt.agents.map(({ memberId, weight, kind }) => [memberId, weight, kind]),
    [
      [front.id, '60', 'VIRTUAL_LINE'],
      [ada.id, '40', 'PEOPLE'],
      [lobby.id, null, 'PLACE'],
    ],
  );
  await assert.rejects(members.readMember(scope, ada.id, 'PLACE'), { kind: 'not-found' });
});

test('fields that cannot be are named', async () => {
  const { scope, here, add } = await addSite();
  const group = await add({ kind: 'HUNT_GROUP', firstName: 'G', extension: '20' });
  const refused: [Parameters<typeof add>[0], string][] = [
    [{ kind: 'VIRTUAL_LINE', firstName: 'x'.repeat(31), extension: '21' }, 'firstName'],
    [{ kind: 'VIRTUAL_LINE', lastName: '', extension: '21' }, 'lastName'],
    [{ kind: 'VIRTUAL_LINE' }, 'phoneNumber'],
    [{ kind: 'HUNT_GROUP' }, 'phoneNumber'],
    [{ extension: '911' }, 'extension'],
    [{ extension: '933' }, 'extension'],
    [{ firstName: 'A\u0007da' }, 'firstName'],
    [{ email: 'a@b.example\r\nBcc: c@d.example' }, 'email'],
    [{ roles: Array.from({ length: 33 }, () => 'r') }, 'roles'],
    [{ kind: 'HUNT_GROUP', extension: '21', callPolicies: { a: 'x'.repeat(17_000) } }, 'callPolicies'],
    [{ kind: 'HUNT_GROUP', extension: '21', agents: [{ memberId: newId() }] }, 'agents.0.id'],
    [{ kind: 'HUNT_GROUP', extension: '21', agents: [{ memberId: group.id }] }, 'agents.0.id'],
    [{ agents: [] }, 'agents'],
  ];
  for (const [of, path] of refused) await assert.rejects(add(of), invalid(path), path);
  await assert.rejects(add({ extension: '1' }), invalid('extension'));
  await assert.rejects(members.addNumbers(scope, { locationId: here, phoneNumbers: [] }), invalid('phoneNumbers'));
  assert.equal((await members.listMembers(scope)).length, 1);
});

test('a change says what it changed, and what it leaves out stays', async () => {
  const { scope, add, numbersOf } = await addSite();
  const [first, second] = [nextNumber(), nextNumber()];
  const { id } = await add({ phoneNumber: first, extension: '30', email: 'a@b.example' });
  await members.updateMember(scope, id, { lastName: 'Lovelace' });
  const { displayName, email, extension } = await members.readMember(scope, id);
  assert.deepEqual([displayName, email, extension], ['Ada Lovelace', 'a@b.example', '30']);
  assert.deepEqual(await lastEntry(scope), {
    action: 'member.updated',
    subject: `member ${id}`,
    before: { lastName: 'Byron', displayName: 'Ada Byron' },
    after: { lastName: 'Lovelace', displayName: 'Ada Lovelace' },
  });
  await members.updateMember(scope, id, { displayName: 'The Countess' });
  await members.updateMember(scope, id, { firstName: 'Augusta', phoneNumber: second });
  assert.equal((await members.readMember(scope, id)).displayName, 'The Countess');
  assert.deepEqual(await numbersOf(id), [second]);
  const before = await lastEntry(scope);
  await members.updateMember(scope, id, { firstName: 'Augusta', phoneNumber: second, extension: '30' });
  assert.deepEqual(await lastEntry(scope), before);
  await members.updateMember(scope, id, { phoneNumber: null, extension: null, email: null });
  assert.deepEqual(await numbersOf(id), []);
  // What was taken away is in the inventory of the location, and can be given to somebody else there.
  const other = await add({ phoneNumber: first });
  assert.deepEqual(await numbersOf(other.id), [first]);
});

test('what is taken is a conflict that names the field', async () => {
  const { scope, add } = await addSite();
  const number = nextNumber();
  await add({ phoneNumber: number, extension: '40', email: 'a@b.example' });
  const { id } = await add({ extension: '41' });
  for (const [changes, path] of [
    [{ extension: '40' }, 'extension'],
    [{ email: 'A@B.example' }, 'email'],
    [{ phoneNumber: number }, 'phoneNumber'],
  ] as const) {
    await assert.rejects(members.updateMember(scope, id, changes), (error: ProblemError) => {
      assert.deepEqual([error.kind, error.fields[0]?.path], ['conflict', path]);
      return true;
    });
  }
  assert.equal((await members.readMember(scope, id)).extension, '41');
});

test('who moves takes its numbers along, to calls at once', async () => {
  const { scope, here, there, add, follow } = await addSite();
  const [number, main] = [nextNumber(), nextNumber()];
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [main], mainNumber: main });
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby', phoneNumber: nextNumber() });
  const { id } = await add({ phoneNumber: number });
  await members.updateMemberCallback(scope, id, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: lobby.id });
  await members.updateMember(scope, id, { locationId: there });
  await follow();
  assert.equal(members.findByNumber(number)?.locationId, there);
  assert.deepEqual(members.findByNumber(number)?.callback.number, number);
  assert.deepEqual(
    (await members.listNumbers(scope, { locationId: there })).map((entry) => entry.number),
    [number],
  );
  const desk = await add({ phoneNumber: main });
  await assert.rejects(members.updateMember(scope, desk.id, { locationId: there }), conflict(/main number/));
  await assert.rejects(members.updateMember(scope, desk.id, { phoneNumber: nextNumber() }), conflict(/main number/));
  await assert.rejects(members.updateMember(scope, id, { locationId: newId() }), { kind: 'not-found' });
});

test('nobody loses the number on which it is called back without being asked', async () => {
  const { scope, here, there, add } = await addSite();
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby', phoneNumber: nextNumber() });
  const ada = await add({ phoneNumber: nextNumber() });
  await members.updateMemberCallback(scope, ada.id, {
    selected: 'LOCATION_MEMBER_NUMBER',
    locationMemberId: lobby.id,
  });
  await assert.rejects(members.removeMember(scope, lobby.id), conflict(/Ada Byron/));
  await assert.rejects(members.updateMember(scope, lobby.id, { locationId: there }), conflict(/Ada Byron/));
  await assert.rejects(members.updateMember(scope, lobby.id, { phoneNumber: null }), conflict(/Ada Byron/));
  // Another number rings the same phone.
  await members.updateMember(scope, lobby.id, { phoneNumber: nextNumber() });
  await members.updateMemberCallback(scope, ada.id, { selected: 'DIRECT_LINE' });
  const setting = { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: lobby.id } as const;
  await members.updateLocationCallback(scope, here, setting);
  await assert.rejects(members.removeMember(scope, lobby.id), conflict(new RegExp(here)));
  await members.updateLocationCallback(scope, here, { selected: 'LOCATION_NUMBER' });
  await members.removeMember(scope, lobby.id);
});

test('many dependents are counted, a few named', async () => {
  const { scope, add } = await addSite();
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby', phoneNumber: nextNumber() });
  for (let place = 0; place < 7; place++) {
    const { id } = await add({ firstName: `P${place}`, lastName: '' });
    await members.updateMemberCallback(scope, id, {
      selected: 'LOCATION_MEMBER_NUMBER',
      locationMemberId: lobby.id,
    });
  }
  await assert.rejects(members.removeMember(scope, lobby.id), conflict(/: P0, P1, P2, P3, P4, 2 more;/));
});

test('who is removed is gone: numbers stay with the location, agents and tokens end', async () => {
  const { scope, here, add, follow, inventory } = await addSite();
  const number = nextNumber();
  const { id } = await add({ phoneNumber: number, extension: '50' });
  const group = await add({ kind: 'HUNT_GROUP', firstName: 'G', extension: '51', agents: [{ memberId: id }] });
  await members.removeMember(scope, id, 'PEOPLE');
  assert.deepEqual(revokedFor.slice(-1), [id]);
  assert.deepEqual((await members.readMember(scope, group.id)).agents, []);
  assert.deepEqual(await inventory({ numberType: 'NUMBER', available: true }), [number]);
  for (const kind of ['PEOPLE', undefined] as const) {
    await assert.rejects(members.readMember(scope, id, kind), { kind: 'gone' });
    await assert.rejects(members.updateMember(scope, id, {}, kind), { kind: 'gone' });
    await assert.rejects(members.removeMember(scope, id, kind), { kind: 'gone' });
  }
  const { scope: stranger } = await addSite();
  await assert.rejects(members.readMember(stranger, id, 'PEOPLE'), { kind: 'not-found' });
  await follow();
  assert.equal(members.findByNumber(number)?.memberId, null);
  assert.equal(members.findByNumber(number)?.locationId, here);
  const entry = await lastEntry(scope);
  assert.equal(entry?.action, 'member.removed');
  assert.deepEqual((entry?.before as { numbers: string[] } | undefined)?.numbers, [number]);
});

test('the main number of a location is never left with nobody, nor out of service', async () => {
  const { scope, here, add, inventory } = await addSite();
  const [main, other] = [nextNumber(), nextNumber()];
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [main, other], mainNumber: main });
  const desk = await add({ phoneNumber: main });
  const all = { locationId: here, phoneNumbers: [main] };
  await assert.rejects(members.removeMember(scope, desk.id), conflict(/main number/));
  await assert.rejects(members.activateNumbers(scope, { ...all, active: false }), conflict(/main number/));
  await assert.rejects(members.removeNumbers(scope, all), conflict(/main number/));
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [other], mainNumber: other });
  const [changed] = await audit.list(scope.organizationId, { max: 1 });
  assert.deepEqual(changed?.before, { mainNumber: main });
  await assert.rejects(members.removeNumbers(scope, all), conflict(/Ada Byron/));
  await assert.rejects(members.activateNumbers(scope, { ...all, active: false }), conflict(/Ada Byron/));
  await members.removeMember(scope, desk.id);
  await members.activateNumbers(scope, { ...all, active: false });
  assert.deepEqual(await inventory({ active: false }), [main]);
  await members.removeNumbers(scope, all);
  assert.deepEqual(await inventory(), [other]);
  await assert.rejects(members.removeNumbers(scope, all), invalid('phoneNumbers.0'));
});

test('an inactive number stays inactive when it is assigned, and nobody is called back on it', async () => {
  const { scope, here, add, follow } = await addSite();
  const number = nextNumber();
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [number], active: false });
  await add({ phoneNumber: number });
  await follow();
  assert.equal(members.findByNumber(number)?.callback.number, null);
  await members.activateNumbers(scope, { locationId: here, phoneNumbers: [number], active: true });
  await follow();
  assert.equal(members.findByNumber(number)?.callback.number, number);
});

test('members by every filter and page by page', async () => {
  const { scope, here, there, add } = await addSite();
  const number = nextNumber();
  const ids: string[] = [];
  for (const [firstName, locationId] of [
    ['Cleo', here],
    ['Ada', here],
    ['Adam', there],
    ['100%', here],
  ] as const) {
    const email = `${firstName.replace('%', '')}@b.example`;
    ids.push((await add({ firstName, lastName: '', locationId, email })).id);
  }
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby', callingType: 'none' });
  const line = await add({ kind: 'VIRTUAL_LINE', phoneNumber: number, extension: '60' });
  const names = async (request: Parameters<Members['listMembers']>[1]) =>
    (await members.listMembers(scope, request)).map(({ displayName }) => displayName);
  const people = { kind: 'PEOPLE' } as const;
  assert.deepEqual(new Set(await names(people)), new Set(['Cleo', 'Ada', 'Adam', '100%']));
  assert.deepEqual(await names({ ...people, nameBegin: 'aDA' }), ['Ada', 'Adam']);
  assert.deepEqual(await names({ ...people, namePart: 'DAM' }), ['Adam']);
  assert.deepEqual(await names({ ...people, namePart: '0%' }), ['100%']);
  assert.deepEqual(await names({ ...people, name: 'ada' }), ['Ada']);
  assert.deepEqual(await names({ ...people, email: 'CLEO@b.example' }), ['Cleo']);
  assert.deepEqual(await names({ ...people, ids: [ids[2] ?? '', lobby.id, 'nobody'] }), ['Adam']);
  assert.deepEqual(await names({ ...people, locationId: [there, newId()] }), ['Adam']);
  assert.deepEqual(await names({ callingType: 'none' }), ['Lobby']);
  assert.deepEqual(await names({ phoneNumbers: [number, nextNumber()] }), [line.displayName]);
  assert.deepEqual(await names({ extension: '60' }), [line.displayName]);
  assert.deepEqual(await names({ ids: [] }), []);
  const pages: string[] = [];
  for (let start = 0; start < 8; start += 2) pages.push(...(await names({ start, max: 2 })));
  assert.deepEqual(pages, await names({}));
  assert.equal(pages.length, 6);
});

test('numbers by every filter, then extensions, page by page', async () => {
  const { scope, here, there, add, inventory } = await addSite();
  const [a, b, c] = [nextNumber(), nextNumber(), nextNumber()];
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [b, a], active: false, serviceNumber: true });
  const ada = await add({ phoneNumber: c, extension: '72' });
  await add({ kind: 'PLACE', firstName: 'Lobby', extension: '71' });
  await add({ kind: 'VIRTUAL_LINE', locationId: there, extension: '70' });
  await add({ kind: 'PLACE', firstName: 'Without' });
  assert.deepEqual(await inventory(), [a, b, c, '70', '71']);
  assert.deepEqual(await inventory({ numberType: 'NUMBER' }), [a, b, c]);
  assert.deepEqual(await inventory({ numberType: 'EXTENSION' }), ['70', '71']);
  assert.deepEqual(await inventory({ available: true }), [a, b]);
  assert.deepEqual(await inventory({ available: false }), [c, '70', '71']);
  assert.deepEqual(await inventory({ active: true }), [c, '70', '71']);
  assert.deepEqual(await inventory({ ownerKind: 'PLACE' }), ['71']);
  assert.deepEqual(await inventory({ ownerId: ada.id }), [c]);
  assert.deepEqual(await inventory({ ownerId: 'nobody' }), []);
  assert.deepEqual(await inventory({ extension: '72' }), [c]);
  assert.deepEqual(await inventory({ number: b }), [b]);
  assert.deepEqual(await inventory({ locationId: there }), ['70']);
  for (const max of [1, 2, 3, 4]) {
    const pages: unknown[] = [];
    for (let start = 0; start < 8; start += max) pages.push(...(await inventory({ start, max })));
    assert.deepEqual(pages, [a, b, c, '70', '71'], `pages of ${max}`);
  }
  const [entry] = await members.listNumbers(scope, { number: a });
  assert.deepEqual([entry?.isServiceNumber, entry?.isTollFree, entry?.active], [true, false, false]);
});

test('organizations see and change nothing of each other', async () => {
  const mine = await addSite();
  const { scope } = await addSite();
  const number = nextNumber();
  const { id } = await mine.add({ phoneNumber: number, extension: '80' });
  assert.deepEqual(await members.listMembers(scope, { ids: [id] }), []);
  assert.deepEqual(await members.listMembers(scope, { phoneNumbers: [number] }), []);
  assert.deepEqual(await members.listNumbers(scope, { number }), []);
  assert.deepEqual(await members.listNumbers(scope, { ownerId: id }), []);
  for (const work of [
    () => members.readMember(scope, id),
    () => members.updateMember(scope, id, { firstName: 'Eve' }),
    () => members.removeMember(scope, id),
    () => members.addNumbers(scope, { locationId: mine.here, phoneNumbers: [nextNumber()] }),
    () => members.removeNumbers(scope, { locationId: mine.here, phoneNumbers: [number] }),
    () => members.activateNumbers(scope, { locationId: mine.here, phoneNumbers: [number], active: false }),
  ]) {
    await assert.rejects(work(), { kind: 'not-found' });
  }
  assert.equal((await members.readMember(mine.scope, id)).firstName, 'Ada');
});

test('who removed something is told by name to their own, and of others by what they are', async () => {
  const { scope, add } = await addSite();
  const removedBy = async (who: Scope) => {
    const { id } = await add({});
    await members.removeMember(who, id);
    const found = await sql<{ by: string }>`select removed_by as by from kept_removals where id = ${id}`.execute(
      database.db,
    );
    return found.rows[0]?.by;
  };
  const label = 'Secret project of a reseller';
  assert.equal(await removedBy({ ...scope, label: 'Front desk' }), 'Front desk');
  const outside = { ...scope, label, homeOrganizationId: newId() };
  assert.equal(await removedBy({ ...outside, role: 'partnerAdmin' }), 'a partner');
  assert.equal(await removedBy({ ...outside, role: 'operator' }), 'the operator of the platform');
});

test('a location administrator stays within its locations', async () => {
  const { scope, here, there, add } = await addSite();
  const number = nextNumber();
  const near = await add({});
  const far = await add({ locationId: there, phoneNumber: number });
  const mine: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([here]) };
  for (const work of [
    () => members.readMember(mine, far.id),
    () => members.updateMember(mine, far.id, { firstName: 'Eve' }),
    () => members.updateMember(mine, near.id, { locationId: there }),
    () => members.removeMember(mine, far.id),
    () => members.removeNumbers(mine, { locationId: there, phoneNumbers: [number] }),
  ]) {
    await assert.rejects(work(), { kind: 'not-found' });
  }
  assert.deepEqual(
    (await members.listMembers(mine)).map(({ id }) => id),
    [near.id],
  );
  // Of whom a hunt group rings elsewhere one learns nothing, and takes nobody out unseen.
  const agents = [{ memberId: far.id, weight: '60' }, { memberId: near.id }];
  const group = await add({ kind: 'HUNT_GROUP', firstName: 'Desk', extension: '77', agents });
  const idsOf = async (who: Scope) => (await members.readMember(who, group.id)).agents.map(({ memberId }) => memberId);
  assert.deepEqual([await idsOf(mine), await idsOf(scope)], [[near.id], [far.id, near.id]]);
  await members.updateMember(mine, group.id, { agents: [] });
  assert.deepEqual([await idsOf(mine), await idsOf(scope)], [[], [far.id]]);
  await assert.rejects(members.updateMember(mine, group.id, { agents: [{ memberId: far.id }] }), { kind: 'invalid' });
  await members.updateMember(mine, group.id, { agents: [{ memberId: near.id }] });
  assert.deepEqual(await idsOf(scope), [near.id, far.id]);
  await members.removeMember(scope, group.id);
  assert.deepEqual(await members.listNumbers(mine, { ownerId: far.id }), []);
  await members.updateMember(mine, near.id, { firstName: 'Eve' });
});

test('whose token asks', async () => {
  const { scope, add } = await addSite();
  const { id } = await add({});
  const lobby = await add({ kind: 'PLACE', firstName: 'Lobby' });
  assert.equal((await members.readOwnPerson({ ...scope, personId: id }))?.id, id);
  // Whatever organization it acts for, and whatever locations it is bound to.
  const elsewhere: Scope = { ...scope, personId: id, organizationId: newId(), locationIds: new Set() };
  assert.equal((await members.readOwnPerson(elsewhere))?.id, id);
  assert.equal(await members.readOwnPerson(scope), undefined);
  assert.equal(await members.readOwnPerson({ ...scope, personId: lobby.id }), undefined);
  assert.equal(await members.readOwnPerson({ ...scope, personId: newId() }), undefined);
});
