import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addLocation } from '../../test/support/add-location.ts';
import { addOrganization, openTestDatabase, silentLogger } from '../../test/support/alerts-fixture.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { PlaceLocation } from '../places/places.ts';
import type { Database } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMembers, type Members } from './members.ts';

let database: Database;
let members: Members;
const elins: { number: string; organizationId: string; responseLocationId: string }[] = [];
const locations = new Map<string, string>();
let areaCode = 0;

/** A number that no other test uses. */
const nextNumber = () => `+1${201 + Math.floor(areaCode / 100)}55501${String(areaCode++ % 100).padStart(2, '0')}`;

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
      findElins: (_db, numbers) => Promise.resolve(elins.filter(({ number }) => numbers.includes(number))),
      getLocation(scope, id) {
        if (scope.locationIds?.has(id) === false) return Promise.reject(new ProblemError('not-found', 'not yours'));
        if (locations.get(id) !== scope.organizationId)
          return Promise.reject(new ProblemError('not-found', 'no such location'));
        return Promise.resolve({ id } as PlaceLocation);
      },
    },
  });
});

after(() => database.close());

async function applyChanges(...scopes: Scope[]): Promise<void> {
  await members.snapshots[0]?.apply(
    scopes.map((scope, sequence) => ({ sequence, kind: 'members', organizationId: scope.organizationId })),
  );
}

/** An organization with two locations, and a person at the first of them. */
async function addSite() {
  const scope = await addOrganization(database);
  const here = await addLocation(database, scope);
  const there = await addLocation(database, scope);
  locations.set(here, scope.organizationId).set(there, scope.organizationId);
  const person = (of: object = {}) => ({
    kind: 'PEOPLE' as const,
    locationId: here,
    firstName: 'Ada',
    lastName: 'Byron',
    ...of,
  });
  return { scope, here, there, person };
}

test('a member is found by number and extension, within its organization and across all', async () => {
  const { scope, here, person } = await addSite();
  const phoneNumber = nextNumber();
  const { id } = await members.createMember(scope, person({ phoneNumber, extension: '101', email: 'ada@b.example' }));
  assert.equal(members.findByNumber(phoneNumber), undefined);
  await applyChanges(scope);
  const caller = members.findByNumber(phoneNumber);
  assert.deepEqual(caller, {
    organizationId: scope.organizationId,
    memberId: id,
    kind: 'PEOPLE',
    displayName: 'Ada Byron',
    number: phoneNumber,
    extension: '101',
    locationId: here,
    callback: {
      number: phoneNumber,
      quality: 'RECOMMENDED',
      rule: 'DIRECT_LINE',
      reason: 'the caller’s own number',
    },
    hasOwnNumber: true,
    mayUseElin: false,
  });
  assert.deepEqual(members.findInOrganization(scope.organizationId, phoneNumber), caller);
  assert.deepEqual(members.findInOrganization(scope.organizationId, '101'), caller);
  const { scope: other } = await addSite();
  assert.equal(members.findInOrganization(other.organizationId, phoneNumber), undefined);
  assert.equal(members.findInOrganization(other.organizationId, '101'), undefined);
  assert.equal(members.findByNumber('101'), undefined);
});

test('numbers and ELINs keep apart: what somebody has, is reached on, or belongs to others', async () => {
  const { scope, here, person } = await addSite();
  const { scope: other, here: elsewhere } = await addSite();
  const [assigned, main, free, elin] = [nextNumber(), nextNumber(), nextNumber(), nextNumber()];
  await members.createMember(scope, person({ phoneNumber: assigned }));
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [main, free], mainNumber: main });
  const used = (organizationId: string) =>
    database.db
      .transaction()
      .execute((tx) => members.selectUsedNumbers(tx, organizationId, [assigned, main, free, nextNumber()]));
  assert.deepEqual(
    [...(await used(scope.organizationId))],
    [
      [assigned, 'is the number of a person, workspace, line or hunt group'],
      [main, 'is the main number of a location'],
    ],
  );
  assert.deepEqual(
    [...(await used(other.organizationId))],
    [assigned, main, free].sort().map((number) => [number, 'is in use']),
  );

  elins.push({ number: elin, organizationId: scope.organizationId, responseLocationId: 'erl' });
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [elin] });
  const refused = (path: string) => (error: unknown) =>
    error instanceof ProblemError && error.kind === 'conflict' && error.fields[0]?.path === path;
  await assert.rejects(members.createMember(scope, person({ phoneNumber: elin })), refused('phoneNumber'));
  await assert.rejects(
    members.addNumbers(scope, { locationId: here, phoneNumbers: [elin], mainNumber: elin }),
    refused('mainNumber'),
  );
  elins.push({ number: '+12015559999', organizationId: scope.organizationId, responseLocationId: 'erl' });
  await assert.rejects(
    members.addNumbers(other, { locationId: elsewhere, phoneNumbers: ['+12015559999'] }),
    refused('phoneNumbers'),
  );
});

test('an extension that two locations use names nobody', async () => {
  const { scope, there, person } = await addSite();
  await members.createMember(scope, person({ extension: '200' }));
  await members.createMember(scope, person({ extension: '200', locationId: there }));
  await applyChanges(scope);
  assert.equal(members.findInOrganization(scope.organizationId, '200'), undefined);
});

test('what is taken is a conflict and stores nothing', async () => {
  const { scope, person } = await addSite();
  const phoneNumber = nextNumber();
  await members.createMember(scope, person({ phoneNumber, extension: '101', email: 'ada@b.example' }));
  const { scope: other, person: stranger } = await addSite();
  const conflict = { kind: 'conflict' };
  await assert.rejects(members.createMember(other, stranger({ phoneNumber })), conflict);
  await assert.rejects(members.createMember(scope, person({ phoneNumber })), conflict);
  await assert.rejects(members.createMember(scope, person({ extension: '101' })), conflict);
  await assert.rejects(members.createMember(scope, person({ email: 'ADA@b.example' })), conflict);
  assert.equal((await members.listMembers(scope)).length, 1);
  assert.deepEqual(await members.listMembers(other), []);
});

test('bad fields are named', async () => {
  const { scope, person } = await addSite();
  for (const [of, path] of [
    [{ firstName: ' ' }, 'firstName'],
    [{ lastName: 'x'.repeat(200) }, 'lastName'],
    [{ phoneNumber: 'twelve' }, 'phoneNumber'],
    [{ extension: '1' }, 'extension'],
    [{ email: 'nobody' }, 'email'],
  ] as const) {
    await assert.rejects(members.createMember(scope, person(of)), (error: ProblemError) => {
      assert.equal(error.kind, 'invalid');
      assert.equal(error.fields[0]?.path, path);
      return true;
    });
  }
  await assert.rejects(members.createMember(scope, person({ locationId: newId() })), { kind: 'not-found' });
});

test('members and numbers are found by part of a name, an e-mail address or a number, and by an extension', async () => {
  const { scope, here } = await addSite();
  const [desk, spare] = [nextNumber(), nextNumber()];
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [desk, spare] });
  const email = `percent_sign@${newId()}.example.com`;
  const ada = {
    kind: 'PEOPLE',
    firstName: 'Ada',
    lastName: '100% Sure',
    email,
    phoneNumber: desk,
    extension: '7001',
  } as const;
  await members.createMember(scope, { ...ada, locationId: here });
  await members.createMember(scope, { kind: 'PLACE', locationId: here, firstName: 'Lobby', extension: '7002' });
  const found = async (text: string): Promise<string[]> =>
    (await members.listMembers(scope, { text })).map(({ firstName }) => firstName);
  assert.deepEqual(await found('sURE'), ['Ada']);
  assert.deepEqual(await found('T_SIGN@'), ['Ada']);
  assert.deepEqual(await found(desk.slice(3)), ['Ada']);
  assert.deepEqual(await found('7002'), ['Lobby']);
  assert.deepEqual(await found('700'), [], 'an extension as a whole');
  assert.deepEqual(await found('%'), ['Ada'], 'no pattern of ours');
  const numbers = async (text: string): Promise<(string | null)[]> =>
    (await members.listNumbers(scope, { text, numberType: 'NUMBER' })).map(({ number }) => number);
  assert.deepEqual(await numbers(spare.slice(2)), [spare]);
  assert.deepEqual(await numbers('ada'), [desk]);
  assert.deepEqual(await numbers('%'), [desk], 'of the owner');
  assert.deepEqual(
    (await members.listNumbers(scope, { text: 'lobby' })).map(({ owner }) => owner?.extension),
    ['7002'],
  );
});

test('numbers of a location: ignored when there already, refused when elsewhere, one of them main', async () => {
  const { scope, here, there } = await addSite();
  const [first, second] = [nextNumber(), nextNumber()];
  const wanted = { locationId: here, phoneNumbers: [first, second], mainNumber: first };
  assert.deepEqual(await members.addNumbers(scope, wanted), { added: [first, second] });
  assert.deepEqual(await members.addNumbers(scope, { ...wanted, mainNumber: second }), { added: [] });
  await assert.rejects(members.addNumbers(scope, { ...wanted, locationId: there }), { kind: 'conflict' });
  const numbers = await members.listNumbers(scope);
  assert.deepEqual(
    numbers.map((number) => [number.number, number.isMain]),
    [
      [first, false],
      [second, true],
    ],
  );
  await members.createMember(scope, { kind: 'PLACE', locationId: here, firstName: 'Lobby', phoneNumber: first });
  const [taken] = await members.listNumbers(scope, { number: first });
  assert.equal(taken?.owner?.displayName, 'Lobby');
  assert.equal(taken?.owner?.lastName, '.');
  await applyChanges(scope);
  assert.equal(members.findByNumber(second)?.callback.rule, 'LOCATION_NUMBER');
  assert.equal(await members.describeLocationUse(database.db, scope.organizationId, here), '1 member, 2 numbers');
  assert.equal(await members.describeLocationUse(database.db, scope.organizationId, there), null);
});

test('callback settings are stored, checked and used', async () => {
  const { scope, here, there, person } = await addSite();
  const [own, shared] = [nextNumber(), nextNumber()];
  const ada = await members.createMember(scope, person({ phoneNumber: own }));
  const lobby = await members.createMember(scope, {
    kind: 'PLACE',
    locationId: here,
    firstName: 'Lobby',
    phoneNumber: shared,
  });
  const far = await members.createMember(scope, { kind: 'PLACE', locationId: there, firstName: 'Far' });
  const callback = async () => {
    await applyChanges(scope);
    return members.findByNumber(own)?.callback;
  };
  const choose = (locationMemberId?: string) =>
    members.updateMemberCallback(scope, ada.id, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId });
  await assert.rejects(choose(), { kind: 'invalid' });
  await assert.rejects(choose(far.id), { kind: 'invalid' });
  await assert.rejects(members.updateMemberCallback(scope, newId(), {}), { kind: 'not-found' });
  await choose(lobby.id);
  assert.deepEqual([(await callback())?.number, (await callback())?.rule], [shared, 'LOCATION_MEMBER_NUMBER']);
  await members.updateMemberCallback(scope, ada.id, { selected: 'LOCATION_ECBN', elinEnabled: true });
  await members.updateLocationCallback(scope, here, {
    selected: 'LOCATION_MEMBER_NUMBER',
    locationMemberId: lobby.id,
  });
  assert.deepEqual([(await callback())?.number, (await callback())?.rule], [shared, 'LOCATION_ECBN']);
  await assert.rejects(
    members.updateLocationCallback(scope, here, { selected: 'LOCATION_NUMBER', elinExpiryTimeMinutes: 9 }),
    { kind: 'invalid' },
  );
  await assert.rejects(
    members.updateLocationCallback(scope, newId(), { selected: 'LOCATION_NUMBER', elinExpiryTimeMinutes: 9 }),
    {
      kind: 'not-found',
    },
  );
  const stored = await members.listMembers(scope, { kind: 'PEOPLE' });
  assert.equal(stored[0]?.elinEnabled, true);
  assert.equal(stored[0]?.ecbnMemberId, null);
});

test('a location administrator sees and changes only its locations', async () => {
  const { scope, here, there, person } = await addSite();
  await members.createMember(scope, person({ phoneNumber: nextNumber() }));
  const far = await members.createMember(scope, person({ locationId: there, phoneNumber: nextNumber() }));
  const mine: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([here]) };
  assert.equal((await members.listMembers(mine)).length, 1);
  assert.deepEqual(await members.listMembers(mine, { locationId: there }), []);
  assert.deepEqual(await members.listMembers(scope, { locationId: "no' id" }), []);
  assert.deepEqual(await members.listNumbers(scope, { locationId: '' }), []);
  assert.equal((await members.listNumbers(mine)).length, 1);
  await assert.rejects(members.updateMemberCallback(mine, far.id, { selected: 'NONE' }), { kind: 'not-found' });
});

test('an index built piece by piece answers as one built at once', async () => {
  const { scope, person } = await addSite();
  const phoneNumber = nextNumber();
  await members.createMember(scope, person({ phoneNumber }));
  await applyChanges(scope);
  const incremental = members.findByNumber(phoneNumber);
  await members.snapshots[0]?.loadFromDatabase();
  assert.deepEqual(members.findByNumber(phoneNumber), incremental);
});
