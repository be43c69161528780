import { type Callback, callbackSubject, chooseCallback } from './choose-callback.ts';
import type { Member, MemberBook, MemberNumber } from './member-book.ts';

export const MEMBER_KINDS = ['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'] as const;

/** Contract section 6, memberType: a person, a workspace, a virtual line, a hunt group. */
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** Who calls, and on which number the PSAP calls back. */
export type Caller = {
  organizationId: string;
  /** null: the number is known but assigned to nobody, such as the main number of a location. */
  memberId: string | null;
  kind: MemberKind | null;
  /** Empty when nobody has the number. */
  displayName: string;
  /** E.164. */
  number?: string;
  extension?: string;
  locationId: string;
  callback: Callback;
  /** It can be called on an active number of its own, not only on an extension. */
  hasOwnNumber: boolean;
  /** Its emergency calls may carry an ELIN (contract section 6, elinEnabled); null where no member is behind the number. */
  mayUseElin: boolean | null;
};

/** The caller that a member is, calling from its own number or, without one, from its extension. */
export function callerOfMember(
  organizationId: string,
  book: MemberBook,
  member: Member,
  asserted = book.primaryNumbers.get(member.id),
): Caller {
  return {
    organizationId,
    memberId: member.id,
    kind: member.kind,
    displayName: member.displayName,
    ...(asserted && { number: asserted.number }),
    ...(member.extension !== null && { extension: member.extension }),
    locationId: member.locationId,
    callback: chooseCallback(book, callbackSubject(book, member, asserted)),
    hasOwnNumber: asserted?.active === true || book.primaryNumbers.get(member.id)?.active === true,
    mayUseElin: member.elinEnabled,
  };
}

/** The caller behind a number: its owner, or at least the organization and location that hold the number. */
export function callerOfNumber(organizationId: string, book: MemberBook, number: MemberNumber): Caller {
  const member = number.memberId === null ? undefined : book.members.get(number.memberId);
  if (member) return callerOfMember(organizationId, book, member, number);
  return {
    organizationId,
    memberId: null,
    kind: null,
    displayName: '',
    number: number.number,
    locationId: number.locationId,
    callback: chooseCallback(book, {
      locationId: number.locationId,
      selected: 'LOCATION_ECBN',
      ecbnMemberId: null,
      own: number,
    }),
    hasOwnNumber: number.active,
    mayUseElin: null,
  };
}
