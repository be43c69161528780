/** Contract section 6 over HTTP: emergency callback numbers of members and locations. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MemberKind } from '../../../src/members/members.ts';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { encodeResourceId } from '../../../src/wire/webex/resource-id.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';
import { type Answer, type Client, NEW_LOCATION, startWebexDoor, type WebexDoor } from '../../support/webex-door.ts';

const SEGMENTS = {
  PEOPLE: ['people', 'personId'],
  PLACE: ['workspaces', 'workspaceId'],
  VIRTUAL_LINE: ['virtualLines', 'virtualLineId'],
  HUNT_GROUP: ['huntGroups', 'huntGroupId'],
} as const satisfies Record<MemberKind, readonly [string, string]>;
const WITH_SETTINGS = ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'] as const;

let door: WebexDoor;
let line = 0;
const nextNumber = () => `+1214555${String(1000 + line++)}`;

before(async () => {
  door = await startWebexDoor();
});

after(() => door.close());

function assertStatus(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, answer.text);
  return answer;
}

function assertProblem(answer: Answer, status: number, words: RegExp): void {
  assertStatus(answer, status);
  const { errors } = answer.body as { errors: { description: string }[] };
  assert.match(errors.map(({ description }) => description).join('\n'), words);
}

const address = (kind: MemberKind, id: string) =>
  `telephony/config/${SEGMENTS[kind][0]}/${encodeResourceId(kind, id)}/emergencyCallbackNumber`;

/** GET, with the answer as the published document has it; `memberType` has more values than that (decision 36). */
async function read(client: Client, kind: MemberKind, id: string, suffix = ''): Promise<Record<string, unknown>> {
  const answer = assertStatus(await client('GET', address(kind, id) + suffix), 200);
  const [segment, parameter] = SEGMENTS[kind];
  const key = `GET /telephony/config/${segment}/{${parameter}}/emergencyCallbackNumber${suffix}`;
  const { responses } = webexOperations[key as keyof typeof webexOperations] as { responses: Record<string, object> };
  const body = structuredClone(answer.body);
  const named = body['locationMemberInfo'] as { memberType?: string } | undefined;
  if (named?.memberType === 'VIRTUAL_LINE' || named?.memberType === 'HUNT_GROUP') delete named.memberType;
  assertMatchesSchema(responses['200'] ?? {}, body, key);
  assert.deepEqual(unknownFields(responses['200'] ?? {}, body), [], key);
  return answer.body;
}

async function site() {
  const organization = await door.organization();
  const location = await door.places.createLocation(organization.scope, { ...NEW_LOCATION, name: 'Dallas' });
  const elsewhere = await door.places.createLocation(organization.scope, { ...NEW_LOCATION, name: 'Austin' });
  const main = nextNumber();
  await door.members.addNumbers(organization.scope, {
    locationId: location.id,
    phoneNumbers: [main],
    mainNumber: main,
  });
  async function add(kind: MemberKind, of: { number?: string; locationId?: string; extension?: string } = {}) {
    const { number: phoneNumber, locationId = location.id, extension } = of;
    const lastName = kind === 'PEOPLE' || kind === 'VIRTUAL_LINE' ? 'Byron' : undefined;
    const { id } = await door.members.createMember(organization.scope, {
      kind,
      locationId,
      firstName: kind === 'PEOPLE' ? 'Ada' : kind,
      lastName,
      phoneNumber,
      extension,
    });
    return id;
  }
  async function deactivate(number: string) {
    const update = door.database.db.updateTable('memberNumbers').set({ active: false });
    await update.where('number', '=', number).execute();
  }
  return { ...organization, location, elsewhere, main, add, deactivate };
}

test('a person with a direct line: everything that a callback can come from', async () => {
  const { admin, main, add } = await site();
  const number = nextNumber();
  const ada = await add('PEOPLE', { number });
  assert.deepEqual(await read(admin, 'PEOPLE', ada), {
    selected: 'DIRECT_LINE',
    directLineInfo: {
      firstName: 'Ada',
      lastName: 'Byron',
      phoneNumber: number,
      effectiveLevel: 'DIRECT_LINE',
      effectiveValue: number,
      quality: 'RECOMMENDED',
    },
    locationECBNInfo: {
      firstName: 'Dallas',
      lastName: '.',
      phoneNumber: main,
      effectiveLevel: 'LOCATION_NUMBER',
      effectiveValue: main,
      quality: 'NOT_RECOMMENDED',
    },
    elinEnabled: false,
    elinForWebexAppEnabled: false,
  });
});

test('every kind chooses another member, and the answer says whose number is used', async () => {
  const { admin, add } = await site();
  const numbers = { PEOPLE: nextNumber(), PLACE: nextNumber(), VIRTUAL_LINE: nextNumber(), HUNT_GROUP: nextNumber() };
  const chosen = new Map<MemberKind, string>();
  for (const kind of ['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'] as const) {
    chosen.set(kind, await add(kind, { number: numbers[kind] }));
  }
  for (const kind of WITH_SETTINGS) {
    const subject = await add(kind, { extension: String(2000 + line++) });
    for (const [other, id] of chosen) {
      const memberId = encodeResourceId(other, id);
      const put = await admin('PUT', address(kind, subject), {
        selected: 'LOCATION_MEMBER_NUMBER',
        locationMemberId: memberId,
      });
      assert.equal(assertStatus(put, 204).text, '');
      const { selected, locationMemberInfo } = await read(admin, kind, subject);
      assert.equal(selected, 'LOCATION_MEMBER_NUMBER');
      assert.deepEqual(locationMemberInfo, {
        firstName: other === 'PEOPLE' ? 'Ada' : other,
        lastName: other === 'PEOPLE' || other === 'VIRTUAL_LINE' ? 'Byron' : '.',
        memberId,
        memberType: other,
        phoneNumber: numbers[other],
        effectiveLevel: 'LOCATION_MEMBER_NUMBER',
        effectiveValue: numbers[other],
        quality: other === 'PEOPLE' || other === 'PLACE' ? 'RECOMMENDED' : 'NOT_RECOMMENDED',
      });
    }
  }
  for (const [kind, id] of chosen) {
    const dependencies = await read(admin, kind, id, '/dependencies');
    // The last one chosen has all three, the others none.
    assert.deepEqual(dependencies, {
      isLocationEcbnDefault: false,
      isSelfEcbnDefault: true,
      dependentMemberCount: kind === 'HUNT_GROUP' ? 3 : 0,
    });
  }
});

test('what the known client sends: null for what is not given, and only what changes', async () => {
  const { admin, add } = await site();
  const person = await add('PEOPLE', { number: nextNumber() });
  const put = async (kind: MemberKind, id: string, body: unknown) =>
    assertStatus(await admin('PUT', address(kind, id), body), 204);
  await put('PEOPLE', person, { selected: null, elinEnabled: true, locationMemberId: null });
  await put('PEOPLE', person, { selected: null, elinForWebexAppEnabled: true, elinEnabled: null });
  const { selected, elinEnabled, elinForWebexAppEnabled } = await read(admin, 'PEOPLE', person);
  assert.deepEqual([selected, elinEnabled, elinForWebexAppEnabled], ['DIRECT_LINE', true, true]);
  await put('PEOPLE', person, { selected: 'LOCATION_ECBN', locationMemberId: null });
  assert.equal((await read(admin, 'PEOPLE', person))['selected'], 'LOCATION_ECBN');
  const place = await add('PLACE', { number: nextNumber() });
  await put('PLACE', place, { selected: null, elinEnabled: true });
  assert.equal((await read(admin, 'PLACE', place))['elinEnabled'], true);
  assert.equal('elinForWebexAppEnabled' in (await read(admin, 'PLACE', place)), false);
  const virtual = await add('VIRTUAL_LINE', { number: nextNumber() });
  assert.equal('elinEnabled' in (await read(admin, 'VIRTUAL_LINE', virtual)), false);
  for (const body of [{}, { selected: null }]) {
    assertProblem(await admin('PUT', address('VIRTUAL_LINE', virtual), body), 400, /selected/);
  }
  // Null is borne, but no value that the answer offers.
  assertProblem(await admin('PUT', address('PEOPLE', person), { selected: 'NONE' }), 400, /LOCATION_MEMBER_NUMBER$/);
});

test('a member named for callbacks is of the same location; every fault names its field and changes nothing', async () => {
  const { admin, add, elsewhere } = await site();
  const person = await add('PEOPLE', { number: nextNumber() });
  const far = await add('PLACE', { number: nextNumber(), locationId: elsewhere.id });
  const stranger = await site();
  const foreign = await stranger.add('PEOPLE', { number: nextNumber() });
  const choose = (locationMemberId?: string) => ({ selected: 'LOCATION_MEMBER_NUMBER', locationMemberId });
  for (const [body, words] of [
    [choose(), /locationMemberId.*required/],
    [choose(''), /locationMemberId.*required/],
    [choose(encodeResourceId('PLACE', far)), /locationMemberId.*same location/],
    [choose(encodeResourceId('PEOPLE', foreign)), /locationMemberId.*same location/],
    [choose(encodeResourceId('LOCATION', elsewhere.id)), /locationMemberId/],
    [choose('nobody'), /locationMemberId/],
    [{ selected: 'NONE' }, /selected/],
    [{ selected: 'direct_line' }, /selected/],
    [{ elinEnabled: 'yes' }, /elinEnabled/],
  ] as const) {
    assertProblem(await admin('PUT', address('PEOPLE', person), body), 400, words);
  }
  assert.equal((await read(admin, 'PEOPLE', person))['selected'], 'DIRECT_LINE');
});

test('an inactive number is invalid, and the answer says what a call carries instead', async () => {
  const { admin, add, main, deactivate } = await site();
  const [own, shared] = [nextNumber(), nextNumber()];
  const person = await add('PEOPLE', { number: own });
  const lobby = await add('PLACE', { number: shared });
  const body = { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: encodeResourceId('PLACE', lobby) };
  assertStatus(await admin('PUT', address('PEOPLE', person), body), 204);
  await deactivate(shared);
  const of = async (part: string) => {
    const { phoneNumber, effectiveLevel, effectiveValue, quality } = (await read(admin, 'PEOPLE', person))[
      part
    ] as Record<string, unknown>;
    return [phoneNumber, effectiveLevel, effectiveValue, quality];
  };
  assert.deepEqual(await of('locationMemberInfo'), [shared, 'LOCATION_NUMBER', main, 'INVALID']);
  await deactivate(main);
  assert.deepEqual(await of('locationMemberInfo'), [shared, 'DIRECT_LINE', own, 'INVALID']);
  await deactivate(own);
  assert.deepEqual(await of('locationMemberInfo'), [shared, 'NONE', undefined, 'INVALID']);
  assert.deepEqual((await read(admin, 'PEOPLE', person))['defaultInfo'], { quality: 'INVALID' });
});

test('ids of nothing, of another kind and of another organization: 404', async () => {
  const { admin, add, id: organizationId } = await site();
  const stranger = await site();
  const foreign = await stranger.add('PEOPLE', { number: nextNumber() });
  const place = await add('PLACE', { number: nextNumber() });
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const kind of WITH_SETTINGS) {
    for (const id of [unknown, foreign, ...(kind === 'PLACE' ? [] : [place])]) {
      for (const suffix of ['', '/dependencies']) {
        assertProblem(await admin('GET', address(kind, id) + suffix), 404, /there is no/);
      }
      assertProblem(await admin('PUT', address(kind, id), { selected: 'LOCATION_ECBN' }), 404, /there is no/);
    }
  }
  assertProblem(await admin('GET', `${address('HUNT_GROUP', place)}/dependencies`), 404, /there is no/);
  const wrong = encodeResourceId('ORGANIZATION', organizationId);
  assertStatus(await admin('GET', `telephony/config/people/${wrong}/emergencyCallbackNumber`), 404);
  assertStatus(await admin('GET', 'telephony/config/people/%00/emergencyCallbackNumber'), 404);
});

test('published habits of ids: hunt groups by ids of people, virtual lines by VIRTUAL_PROFILE', async () => {
  const { admin, add } = await site();
  const group = await add('HUNT_GROUP', { number: nextNumber() });
  const path = `telephony/config/huntGroups/${encodeResourceId('PEOPLE', group)}/emergencyCallbackNumber/dependencies`;
  assertStatus(await admin('GET', path), 200);
  const virtual = await add('VIRTUAL_LINE', { number: nextNumber() });
  const profile = encodeResourceId('VIRTUAL_PROFILE', virtual);
  assertStatus(await admin('GET', `telephony/config/virtualLines/${profile}/emergencyCallbackNumber`), 200);
});

test('the callback number of a location: read, changed, checked, and followed by its members', async () => {
  const { admin, add, location, elsewhere, main } = await site();
  const path = `telephony/config/locations/${encodeResourceId('LOCATION', location.id)}/features/emergencyCallbackNumber`;
  const key = 'GET /telephony/config/locations/{locationId}/features/emergencyCallbackNumber';
  const schema = webexOperations[key].responses[200];
  const readLocation = async () => {
    const { body } = assertStatus(await admin('GET', path), 200);
    assertMatchesSchema(schema, body, key);
    assert.deepEqual(unknownFields(schema, body), []);
    return body;
  };
  const locationInfo = {
    name: 'Dallas',
    phoneNumber: main,
    effectiveLevel: 'LOCATION_NUMBER',
    effectiveValue: main,
    quality: 'NOT_RECOMMENDED',
  };
  assert.deepEqual(await readLocation(), { selected: 'LOCATION_NUMBER', locationInfo, elinExpiryTimeMinutes: 60 });

  const shared = nextNumber();
  const lobby = await add('PLACE', { number: shared });
  const far = await add('PLACE', { number: nextNumber(), locationId: elsewhere.id });
  const person = await add('PEOPLE', { extension: '101' });
  const locationMemberId = encodeResourceId('PLACE', lobby);
  const choice = { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId, elinExpiryTimeMinutes: 90 };
  for (const [body, words] of [
    [{}, /selected/],
    [{ selected: null }, /selected/],
    [{ selected: 'DIRECT_LINE' }, /selected/],
    [{ ...choice, locationMemberId: null }, /locationMemberId.*required/],
    [{ ...choice, locationMemberId: encodeResourceId('PLACE', far) }, /locationMemberId.*same location/],
    [{ ...choice, elinExpiryTimeMinutes: 9 }, /elinExpiryTimeMinutes/],
    [{ ...choice, elinExpiryTimeMinutes: 1441 }, /elinExpiryTimeMinutes/],
    [{ ...choice, elinExpiryTimeMinutes: 60.5 }, /elinExpiryTimeMinutes/],
  ] as const) {
    assertProblem(await admin('PUT', path, body), 400, words);
  }
  assert.equal(assertStatus(await admin('PUT', path, choice), 204).text, '');
  assert.deepEqual(await readLocation(), {
    selected: 'LOCATION_MEMBER_NUMBER',
    locationInfo,
    locationMemberInfo: {
      firstName: 'PLACE',
      lastName: '.',
      memberId: locationMemberId,
      memberType: 'PLACE',
      phoneNumber: shared,
      effectiveLevel: 'LOCATION_MEMBER_NUMBER',
      effectiveValue: shared,
      quality: 'RECOMMENDED',
    },
    elinExpiryTimeMinutes: 90,
  });
  const { locationECBNInfo } = await read(admin, 'PEOPLE', person);
  assert.deepEqual(locationECBNInfo, {
    firstName: 'PLACE',
    lastName: '.',
    phoneNumber: shared,
    effectiveLevel: 'LOCATION_ECBN',
    effectiveValue: shared,
    quality: 'RECOMMENDED',
  });
  assert.equal((await read(admin, 'PLACE', lobby, '/dependencies'))['isLocationEcbnDefault'], true);
  assertStatus(await admin('PUT', path, { selected: 'LOCATION_NUMBER', locationMemberId: null }), 204);
  const { selected, elinExpiryTimeMinutes } = await readLocation();
  assert.deepEqual([selected, elinExpiryTimeMinutes], ['LOCATION_NUMBER', 90]);
});

test('a location administrator stays within its locations', async () => {
  const { as, add, location, elsewhere } = await site();
  const mine = await as('locationAdmin', { locationIds: [location.id] });
  const near = await add('PEOPLE', { number: nextNumber() });
  const far = await add('PEOPLE', { number: nextNumber(), locationId: elsewhere.id });
  assertStatus(await mine('PUT', address('PEOPLE', near), { selected: 'LOCATION_ECBN' }), 204);
  assertStatus(await mine('GET', address('PEOPLE', near)), 200);
  assertStatus(await mine('PUT', address('PEOPLE', far), { selected: 'LOCATION_ECBN' }), 404);
  assertStatus(await mine('GET', address('PEOPLE', far)), 404);
  const path = `telephony/config/locations/${encodeResourceId('LOCATION', elsewhere.id)}/features/emergencyCallbackNumber`;
  assertStatus(await mine('PUT', path, { selected: 'LOCATION_NUMBER' }), 404);
});

test('changes are in the audit trail, before and after', async () => {
  const { admin, add, id: organizationId } = await site();
  const person = await add('PEOPLE', { number: nextNumber() });
  assertStatus(await admin('PUT', address('PEOPLE', person), { selected: 'LOCATION_ECBN' }), 204);
  const row = await door.database.db
    .selectFrom('auditEntries')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('action', '=', 'member.callback-updated')
    .executeTakeFirstOrThrow();
  const text = JSON.stringify(row);
  assert.match(text, /"before":.*"DIRECT_LINE"/);
  assert.match(text, /"after":.*"LOCATION_ECBN"/);
});
