import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDependencies, describeLocationCallbacks, describeMemberCallbacks } from './describe-callbacks.ts';
import { createMemberBook, type LocationCallback, type Member, type MemberNumber } from './member-book.ts';

const MAIN = '+14085550100';
const DESK = '+14085550101';
const LOBBY = '+14085550102';
const SALES = '+14085550103';

function member(id: string, of: Partial<Member> = {}): Member {
  return {
    id,
    kind: 'PEOPLE',
    locationId: 'here',
    firstName: id,
    lastName: '',
    displayName: id,
    email: null,
    extension: null,
    ecbnSelected: 'DIRECT_LINE',
    ecbnMemberId: null,
    elinEnabled: false,
    elinForWebexAppEnabled: false,
    ...of,
  };
}

function number(text: string, memberId: string | null, of: Partial<MemberNumber> = {}): MemberNumber {
  return {
    number: text,
    locationId: 'here',
    memberId,
    isPrimary: memberId !== null,
    active: true,
    isMain: text === MAIN,
    ...of,
  };
}

const off = { active: false };
const main = number(MAIN, null);
const desk = number(DESK, 'ada');
const lobby = number(LOBBY, 'lobby');
const sales = number(SALES, 'sales');
const LOBBY_PHONE = member('lobby', { kind: 'PLACE', lastName: '.' });
const SALES_GROUP = member('sales', { kind: 'HUNT_GROUP' });
const lobbyForAll: LocationCallback = {
  locationId: 'here',
  selected: 'LOCATION_MEMBER_NUMBER',
  memberId: 'lobby',
  elinExpiryMinutes: 90,
};

type Expected = [number: string | null, quality: string, level: string, value: string | null];
type Case = {
  what: string;
  ada?: Partial<Member>;
  others?: Member[];
  numbers: MemberNumber[];
  callbacks?: LocationCallback[];
  directLine: Expected;
  locationEcbn: Expected;
  locationMember?: Expected;
  fallback?: [string | null, string];
};

const GOOD = 'RECOMMENDED';
const SO_SO = 'NOT_RECOMMENDED';
const BAD = 'INVALID';
const naming = (ecbnMemberId: string | null): Partial<Member> => ({
  ecbnSelected: 'LOCATION_MEMBER_NUMBER',
  ecbnMemberId,
});

const CASES: readonly Case[] = [
  {
    what: 'a direct line',
    numbers: [main, desk],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'an extension alone',
    ada: { ecbnSelected: 'LOCATION_ECBN', extension: '101' },
    numbers: [main],
    directLine: [null, BAD, 'LOCATION_NUMBER', MAIN],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'an inactive direct line: shown, invalid, and what is used instead',
    numbers: [main, { ...desk, ...off }],
    directLine: [DESK, BAD, 'LOCATION_NUMBER', MAIN],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'a location with a member of its own for callbacks',
    others: [LOBBY_PHONE],
    numbers: [main, { ...desk, ...off }, lobby],
    callbacks: [lobbyForAll],
    directLine: [DESK, BAD, 'LOCATION_ECBN', LOBBY],
    locationEcbn: [LOBBY, GOOD, 'LOCATION_ECBN', LOBBY],
  },
  {
    what: 'a location whose callback member has an inactive number',
    ada: { ecbnSelected: 'LOCATION_ECBN' },
    others: [LOBBY_PHONE],
    numbers: [main, desk, { ...lobby, ...off }],
    callbacks: [lobbyForAll],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [LOBBY, BAD, 'DIRECT_LINE', DESK],
  },
  {
    what: 'a location whose callback member was removed',
    ada: { ecbnSelected: 'LOCATION_ECBN' },
    numbers: [main],
    callbacks: [{ ...lobbyForAll, memberId: null }],
    directLine: [null, BAD, 'LOCATION_NUMBER', MAIN],
    locationEcbn: [null, BAD, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'another member’s number',
    ada: naming('lobby'),
    others: [LOBBY_PHONE],
    numbers: [main, desk, lobby],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [LOBBY, GOOD, 'LOCATION_MEMBER_NUMBER', LOBBY],
  },
  {
    what: 'a hunt group’s number is not recommended',
    ada: naming('sales'),
    others: [SALES_GROUP],
    numbers: [main, sales],
    directLine: [null, BAD, 'LOCATION_NUMBER', MAIN],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [SALES, SO_SO, 'LOCATION_MEMBER_NUMBER', SALES],
  },
  {
    what: 'another member with an inactive number',
    ada: naming('lobby'),
    others: [LOBBY_PHONE],
    numbers: [main, desk, { ...lobby, ...off }],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [LOBBY, BAD, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'another member without any number',
    ada: naming('lobby'),
    others: [LOBBY_PHONE],
    numbers: [desk],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [null, BAD, 'DIRECT_LINE', DESK],
    locationMember: [null, BAD, 'DIRECT_LINE', DESK],
  },
  {
    what: 'another member that was removed',
    ada: naming(null),
    numbers: [main, desk],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [null, BAD, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'another member that moved away sends no help elsewhere',
    ada: naming('lobby'),
    others: [{ ...LOBBY_PHONE, locationId: 'elsewhere' }],
    numbers: [main, desk, { ...lobby, locationId: 'elsewhere' }],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [null, BAD, 'LOCATION_NUMBER', MAIN],
  },
  {
    what: 'two members that chose each other: each the other’s own number, never round in circles',
    ada: naming('lobby'),
    others: [{ ...LOBBY_PHONE, ...naming('ada') }],
    numbers: [main, desk, lobby],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [LOBBY, GOOD, 'LOCATION_MEMBER_NUMBER', LOBBY],
  },
  {
    what: 'a member that chose itself',
    ada: naming('ada'),
    numbers: [main, desk],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    locationMember: [DESK, GOOD, 'LOCATION_MEMBER_NUMBER', DESK],
  },
  {
    what: 'nothing selected: the default says what a call carries',
    ada: { ecbnSelected: 'NONE' },
    numbers: [{ ...main, ...off }, desk],
    directLine: [DESK, GOOD, 'DIRECT_LINE', DESK],
    locationEcbn: [MAIN, BAD, 'DIRECT_LINE', DESK],
    fallback: [DESK, GOOD],
  },
  {
    what: 'no active number anywhere',
    numbers: [
      { ...main, ...off },
      { ...desk, ...off },
    ],
    directLine: [DESK, BAD, 'NONE', null],
    locationEcbn: [MAIN, BAD, 'NONE', null],
    fallback: [null, BAD],
  },
];

for (const situation of CASES) {
  test(`callback settings of a member: ${situation.what}`, () => {
    const ada = member('ada', situation.ada);
    const book = createMemberBook({
      members: [ada, ...(situation.others ?? [])],
      numbers: situation.numbers,
      callbacks: situation.callbacks ?? [],
    });
    const view = describeMemberCallbacks(book, ada);
    const shown = (source: (typeof view)['directLine'] | null) =>
      source && [source.number, source.quality, source.effective.rule, source.effective.number];
    assert.deepEqual(shown(view.directLine), situation.directLine);
    assert.deepEqual(shown(view.locationEcbn), situation.locationEcbn);
    assert.deepEqual(shown(view.locationMember), situation.locationMember ?? null);
    assert.deepEqual(view.fallback && [view.fallback.number, view.fallback.quality], situation.fallback ?? null);
    const selected = {
      DIRECT_LINE: view.directLine.effective,
      LOCATION_ECBN: view.locationEcbn.effective,
      LOCATION_MEMBER_NUMBER: view.locationMember?.effective,
      NONE: view.fallback,
    }[view.selected];
    assert.deepEqual(view.effective, selected);
  });
}

const shownAtLocation = (numbers: MemberNumber[], setting?: LocationCallback) => {
  const book = createMemberBook({ members: [LOBBY_PHONE], numbers, callbacks: setting ? [setting] : [] });
  const { selected, location, locationMember, elinExpiryMinutes } = describeLocationCallbacks(book, 'here');
  const shown = (source: typeof location | null) =>
    source && [source.number, source.quality, source.effective.rule, source.effective.number];
  return { selected, location: shown(location), member: shown(locationMember), elinExpiryMinutes };
};

test('callback setting of a location: its main number unless told, an hour for an ELIN', () => {
  assert.deepEqual(shownAtLocation([main]), {
    selected: 'LOCATION_NUMBER',
    location: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    member: null,
    elinExpiryMinutes: 60,
  });
  assert.deepEqual(shownAtLocation([]).location, [null, BAD, 'NONE', null]);
  assert.deepEqual(shownAtLocation([{ ...main, ...off }]).location, [MAIN, BAD, 'NONE', null]);
});

test('callback setting of a location: a member’s number, or the main number while that is of no use', () => {
  assert.deepEqual(shownAtLocation([main, lobby], lobbyForAll), {
    selected: 'LOCATION_MEMBER_NUMBER',
    location: [MAIN, SO_SO, 'LOCATION_NUMBER', MAIN],
    member: [LOBBY, GOOD, 'LOCATION_MEMBER_NUMBER', LOBBY],
    elinExpiryMinutes: 90,
  });
  assert.deepEqual(shownAtLocation([main, { ...lobby, ...off }], lobbyForAll).member, [
    LOBBY,
    BAD,
    'LOCATION_NUMBER',
    MAIN,
  ]);
  assert.deepEqual(shownAtLocation([main], { ...lobbyForAll, memberId: null }).member, [
    null,
    BAD,
    'LOCATION_NUMBER',
    MAIN,
  ]);
});

test('who relies on a member', () => {
  const of = (subject: Member, numbers: MemberNumber[], setting?: LocationCallback) => {
    const book = createMemberBook({ members: [subject], numbers, callbacks: setting ? [setting] : [] });
    const { isLocationDefault, isSelfDefault } = describeDependencies(book, subject, 0);
    return [isLocationDefault, isSelfDefault];
  };
  assert.deepEqual(of(member('lobby'), [lobby, main], lobbyForAll), [true, true]);
  assert.deepEqual(of(member('ada'), [desk, main], lobbyForAll), [false, true]);
  assert.deepEqual(of(member('ada', { ecbnSelected: 'LOCATION_ECBN' }), [desk, main]), [false, false]);
  assert.deepEqual(of(member('ada', naming('ada')), [desk, main]), [false, true]);
  assert.deepEqual(of(member('ada', naming('lobby')), [desk, main]), [false, false]);
  // The main number is a member's: whoever is called back on it reaches that member.
  assert.deepEqual(of(member('sales', { ecbnSelected: 'LOCATION_ECBN' }), [{ ...main, memberId: 'sales' }]), [
    true,
    false,
  ]);
});
