import { requireE164 } from '../domain/phone-number.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Transaction } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import type { MemberKind } from './caller.ts';
import type { Member } from './member-book.ts';
import { assignNumber, insertMember, insertNumber, lockNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';

export type NewMember = {
  kind: MemberKind;
  locationId: string;
  /** A person's first name; the whole name of a workspace or hunt group. */
  firstName: string;
  lastName?: string | null | undefined;
  displayName?: string | null | undefined;
  email?: string | null | undefined;
  /** Any usual spelling of a North American or international number. */
  phoneNumber?: string | null | undefined;
  /** 2 to 10 digits, unique at the location. */
  extension?: string | null | undefined;
};

const MAX_NAME = 128;
const MAX_EMAIL = 254;
const EXTENSION = /^\d{2,10}$/;

function readName(text: string | null | undefined, path: string): string {
  const name = (text ?? '').trim();
  if (name.length > MAX_NAME) throw invalidField(path, `expected at most ${MAX_NAME} characters`);
  return name;
}

function readMember(wanted: NewMember): Member {
  const firstName = readName(wanted.firstName, 'firstName');
  if (firstName === '') throw invalidField('firstName', 'is required');
  // The contract prints `.` as the last name of a place.
  const lastName = wanted.kind === 'PLACE' ? '.' : readName(wanted.lastName, 'lastName');
  const fullName = wanted.kind === 'PLACE' ? firstName : `${firstName} ${lastName}`.trim();
  const extension = wanted.extension ?? null;
  if (extension !== null && !EXTENSION.test(extension)) throw invalidField('extension', 'expected 2 to 10 digits');
  const email = wanted.email?.trim() || null;
  if (email !== null && (email.length > MAX_EMAIL || !/^[^\s@]+@[^\s@]+$/.test(email))) {
    throw invalidField('email', 'expected an e-mail address');
  }
  return {
    id: newId(),
    kind: wanted.kind,
    locationId: wanted.locationId,
    firstName,
    lastName,
    displayName: readName(wanted.displayName, 'displayName') || fullName,
    email,
    extension,
    ecbnSelected: wanted.phoneNumber ? 'DIRECT_LINE' : 'LOCATION_ECBN',
    ecbnMemberId: null,
    elinEnabled: false,
    elinForWebexAppEnabled: false,
  };
}

/** Gives the member a number that nobody has: a new one, or one that the organization holds unassigned at the location. */
async function giveNumber(tx: Transaction, organizationId: string, member: Member, number: string): Promise<void> {
  const held = await lockNumber(tx, number);
  if (held?.organizationId === organizationId && held.memberId === null && held.locationId === member.locationId) {
    await assignNumber(tx, organizationId, number, member.id);
    return;
  }
  const taken = new ProblemError('conflict', `the number ${number} is already in use`);
  if (held) throw taken;
  const row = {
    number,
    locationId: member.locationId,
    memberId: member.id,
    isPrimary: true,
    active: true,
    isMain: false,
  };
  if (!(await insertNumber(tx, organizationId, row))) throw taken;
}

/**
 * Adds a person, workspace, virtual line or hunt group with its number or extension.
 * Throws `invalid`, `not-found` (location), `conflict` (number, extension or e-mail address taken).
 */
export function createCreateMember(deps: MembersDeps) {
  return async function createMember(scope: Scope, wanted: NewMember): Promise<Member> {
    const { organizationId } = scope;
    const number = wanted.phoneNumber ? requireE164(wanted.phoneNumber, 'phoneNumber') : undefined;
    const member = readMember(wanted);
    await deps.places.getLocation(scope, member.locationId);
    await deps.database.db.transaction().execute(async (tx) => {
      if (!(await insertMember(tx, organizationId, member))) {
        throw new ProblemError('conflict', 'the extension or the e-mail address is already in use');
      }
      if (number !== undefined) await giveNumber(tx, organizationId, member, number);
      await deps.audit.record(tx, scope, {
        action: 'member.created',
        subject: `member ${member.id}`,
        detail: { kind: member.kind, locationId: member.locationId, number, extension: member.extension },
      });
      await announceChange(tx, 'members', organizationId);
    });
    return member;
  };
}
