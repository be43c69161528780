import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberKind } from './caller.ts';
import { callerOfMember, callerOfNumber } from './caller.ts';
import {
  type CallbackSelection,
  createMemberBook,
  type LocationCallback,
  type Member,
  type MemberNumber,
} from './member-book.ts';

const MAIN = '+14085550100';
const DESK = '+14085550101';
const LOBBY = '+14085550102';

function member(id: string, kind: MemberKind, of: Partial<Member> = {}): Member {
  return {
    id,
    kind,
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

function number(of: Partial<MemberNumber> & { number: string }): MemberNumber {
  return {
    locationId: 'here',
    memberId: null,
    isPrimary: of.memberId !== undefined,
    active: true,
    isMain: false,
    ...of,
  };
}

const ADA = member('ada', 'PEOPLE');
const LOBBY_PHONE = member('lobby', 'PLACE');
const main = number({ number: MAIN, isMain: true });
const desk = number({ number: DESK, memberId: 'ada' });
const lobby = number({ number: LOBBY, memberId: 'lobby' });

type Situation = { members?: Member[]; numbers?: MemberNumber[]; callbacks?: LocationCallback[] };

function callback(subject: Member, situation: Situation) {
  const book = createMemberBook({
    members: situation.members ?? [subject],
    numbers: situation.numbers ?? [],
    callbacks: situation.callbacks ?? [],
  });
  const { number, quality, rule } = callerOfMember('org', book, subject).callback;
  return [number, quality, rule];
}

const selecting = (ecbnSelected: CallbackSelection, ecbnMemberId: string | null = null) =>
  member('ada', 'PEOPLE', { ecbnSelected, ecbnMemberId });
const lobbyForAll: LocationCallback = {
  locationId: 'here',
  selected: 'LOCATION_MEMBER_NUMBER',
  memberId: 'lobby',
  elinExpiryMinutes: 60,
};

test('the direct line is used when it is selected and active', () => {
  assert.deepEqual(callback(ADA, { numbers: [main, desk] }), [DESK, 'RECOMMENDED', 'DIRECT_LINE']);
});

test('without an active line of its own a member falls back to the location', () => {
  assert.deepEqual(callback(ADA, { numbers: [main] }), [MAIN, 'NOT_RECOMMENDED', 'LOCATION_NUMBER']);
  const inactive = { ...desk, active: false };
  assert.deepEqual(callback(ADA, { numbers: [main, inactive] }), [MAIN, 'NOT_RECOMMENDED', 'LOCATION_NUMBER']);
  assert.deepEqual(callback(ADA, { members: [ADA, LOBBY_PHONE], numbers: [main, lobby], callbacks: [lobbyForAll] }), [
    LOBBY,
    'RECOMMENDED',
    'LOCATION_ECBN',
  ]);
});

test('the location’s callback number is used when it is selected, its main number unless told otherwise', () => {
  const subject = selecting('LOCATION_ECBN');
  assert.deepEqual(callback(subject, { numbers: [main, desk] }), [MAIN, 'NOT_RECOMMENDED', 'LOCATION_NUMBER']);
  const all = { members: [subject, LOBBY_PHONE], numbers: [main, desk, lobby], callbacks: [lobbyForAll] };
  assert.deepEqual(callback(subject, all), [LOBBY, 'RECOMMENDED', 'LOCATION_ECBN']);
  const dead = { ...all, numbers: [main, desk, { ...lobby, active: false }] };
  assert.deepEqual(callback(subject, dead), [DESK, 'RECOMMENDED', 'DIRECT_LINE']);
  const ownMissing = { ...all, numbers: [main, { ...lobby, active: false }] };
  assert.deepEqual(callback(subject, ownMissing), [MAIN, 'NOT_RECOMMENDED', 'LOCATION_NUMBER']);
});

test('another member’s number counts only from the same location', () => {
  const subject = selecting('LOCATION_MEMBER_NUMBER', 'lobby');
  const numbers = [main, desk, lobby];
  assert.deepEqual(callback(subject, { members: [subject, LOBBY_PHONE], numbers }), [
    LOBBY,
    'RECOMMENDED',
    'LOCATION_MEMBER_NUMBER',
  ]);
  const elsewhere = member('lobby', 'PLACE', { locationId: 'elsewhere' });
  assert.deepEqual(callback(subject, { members: [subject, elsewhere], numbers }), [
    MAIN,
    'NOT_RECOMMENDED',
    'LOCATION_NUMBER',
  ]);
});

test('a number of anything but a user or workspace is not recommended', () => {
  for (const kind of ['VIRTUAL_LINE', 'HUNT_GROUP'] as const) {
    const subject = member('ada', kind);
    assert.deepEqual(callback(subject, { numbers: [desk] }), [DESK, 'NOT_RECOMMENDED', 'DIRECT_LINE']);
  }
  const owned = { ...main, memberId: 'lobby' };
  const subject = selecting('LOCATION_ECBN');
  assert.deepEqual(callback(subject, { members: [subject, LOBBY_PHONE], numbers: [owned] }), [
    MAIN,
    'RECOMMENDED',
    'LOCATION_NUMBER',
  ]);
});

test('nobody has a number: invalid, never a guess', () => {
  for (const selected of ['DIRECT_LINE', 'LOCATION_ECBN', 'LOCATION_MEMBER_NUMBER', 'NONE'] as const) {
    assert.deepEqual(callback(selecting(selected), { numbers: [{ ...main, active: false }] }), [
      null,
      'INVALID',
      'NONE',
    ]);
  }
});

test('a fallback says what was selected in vain', () => {
  const book = createMemberBook({ members: [ADA], numbers: [main], callbacks: [] });
  assert.match(callerOfMember('org', book, ADA).callback.reason, /DIRECT_LINE is selected but has no active number/);
});

test('a number without owner still tells organization, location and callback', () => {
  const book = createMemberBook({ members: [], numbers: [main], callbacks: [] });
  const caller = callerOfNumber('org', book, main);
  assert.equal(caller.memberId, null);
  assert.equal(caller.locationId, 'here');
  assert.equal(caller.callback.number, MAIN);
});
