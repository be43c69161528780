import type { MemberKind } from './caller.ts';

/** Contract section 6, `selected` of a member: where the callback number comes from. */
export type CallbackSelection = 'DIRECT_LINE' | 'LOCATION_ECBN' | 'LOCATION_MEMBER_NUMBER' | 'NONE';

export type Member = {
  id: string;
  kind: MemberKind;
  locationId: string;
  firstName: string;
  /** `.` for workspaces, empty for hunt groups. */
  lastName: string;
  displayName: string;
  email: string | null;
  extension: string | null;
  ecbnSelected: CallbackSelection;
  /** The member whose number is used with LOCATION_MEMBER_NUMBER. */
  ecbnMemberId: string | null;
  elinEnabled: boolean;
  elinForWebexAppEnabled: boolean;
};

export type MemberNumber = {
  /** E.164. */
  number: string;
  locationId: string;
  /** null = assigned to nobody. */
  memberId: string | null;
  isPrimary: boolean;
  active: boolean;
  /** The main number of its location. */
  isMain: boolean;
};

/** A location's emergency callback setting. */
export type LocationCallback = {
  locationId: string;
  selected: 'LOCATION_NUMBER' | 'LOCATION_MEMBER_NUMBER';
  memberId: string | null;
  elinExpiryMinutes: number;
};

/** What one organization has, as stored. */
export type MemberRows = {
  members: readonly Member[];
  numbers: readonly MemberNumber[];
  callbacks: readonly LocationCallback[];
};

/** One organization's members and numbers, indexed for calls. */
export type MemberBook = {
  members: ReadonlyMap<string, Member>;
  numbers: ReadonlyMap<string, MemberNumber>;
  /** Member id to the number that is shown and called back. */
  primaryNumbers: ReadonlyMap<string, MemberNumber>;
  /** Extension to member; null where several locations use the same extension. */
  byExtension: ReadonlyMap<string, Member | null>;
  mainNumbers: ReadonlyMap<string, MemberNumber>;
  callbacks: ReadonlyMap<string, LocationCallback>;
};

export function createMemberBook(rows: MemberRows): MemberBook {
  const byExtension = new Map<string, Member | null>();
  for (const member of rows.members) {
    if (member.extension === null) continue;
    byExtension.set(member.extension, byExtension.has(member.extension) ? null : member);
  }
  const primaryNumbers = new Map<string, MemberNumber>();
  const mainNumbers = new Map<string, MemberNumber>();
  for (const number of rows.numbers) {
    if (number.isPrimary && number.memberId !== null) primaryNumbers.set(number.memberId, number);
    if (number.isMain) mainNumbers.set(number.locationId, number);
  }
  return {
    members: new Map(rows.members.map((member) => [member.id, member])),
    numbers: new Map(rows.numbers.map((number) => [number.number, number])),
    primaryNumbers,
    byExtension,
    mainNumbers,
    callbacks: new Map(rows.callbacks.map((callback) => [callback.locationId, callback])),
  };
}
