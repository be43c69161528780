import {
  type Callback,
  type CallbackQuality,
  callbackSubject,
  chooseCallback,
  memberNumber,
  numberQuality,
  selectedSource,
} from './choose-callback.ts';
import type { CallbackSelection, LocationCallback, Member, MemberBook, MemberNumber } from './member-book.ts';

/** One place that a callback number can come from (contract section 6, Info), and what a call carries if it is selected. */
export type CallbackSource = {
  /** E.164, active or not; null when there is none. */
  number: string | null;
  /** Of `number`, before any fallback. */
  quality: CallbackQuality;
  /** The member behind the number; null = assigned to nobody. */
  holder: Member | null;
  /** What a call carries with this selected, after fallback. */
  effective: Callback;
};

/** The callback settings of a member, and what they lead to. */
export type MemberCallbacks = {
  memberId: string;
  locationId: string;
  selected: CallbackSelection;
  directLine: CallbackSource;
  locationEcbn: CallbackSource;
  /** Of the member that is named for it; null while LOCATION_MEMBER_NUMBER is not selected. */
  locationMember: CallbackSource | null;
  /** What a call carries when nothing is selected; null while the selection leads to a number. */
  fallback: Callback | null;
  /** What a call of this member carries now. */
  effective: Callback;
  elinEnabled: boolean;
  elinForWebexAppEnabled: boolean;
};

/** The callback setting of a location, and what it leads to. */
export type LocationCallbacks = {
  locationId: string;
  selected: LocationCallback['selected'];
  /** The location's main number. */
  location: CallbackSource;
  /** Of the member that is named for it; null while LOCATION_MEMBER_NUMBER is not selected. */
  locationMember: CallbackSource | null;
  /** Minutes. */
  elinExpiryMinutes: number;
};

/** Who relies on a member for emergency callbacks (contract section 6, Deps). */
export type CallbackDependencies = {
  /** The location's callback number is this member's. */
  isLocationDefault: boolean;
  /** The member is called back on its own number. */
  isSelfDefault: boolean;
  /** Other members that chose this one. */
  dependentCount: number;
};

/** Contract section 8: an ELIN is kept for an hour unless told. */
export const DEFAULT_ELIN_EXPIRY_MINUTES = 60;

/** The callback settings of a member, by the very rules that a call follows. */
export function describeMemberCallbacks(book: MemberBook, member: Member): MemberCallbacks {
  const subject = callbackSubject(book, member);
  function source(selected: CallbackSelection, holder?: Member | null): CallbackSource {
    const { number } = selectedSource(book, { ...subject, selected });
    return {
      number: number?.number ?? null,
      quality: numberQuality(book, number),
      holder: holder ?? book.members.get(number?.memberId ?? '') ?? null,
      effective: chooseCallback(book, { ...subject, selected }),
    };
  }
  const named = book.members.get(member.ecbnMemberId ?? '');
  const effective = chooseCallback(book, subject);
  const unsettled = member.ecbnSelected === 'NONE' || effective.number === null;
  return {
    memberId: member.id,
    locationId: member.locationId,
    selected: member.ecbnSelected,
    directLine: source('DIRECT_LINE', member),
    locationEcbn: source('LOCATION_ECBN'),
    locationMember:
      member.ecbnSelected === 'LOCATION_MEMBER_NUMBER' ? source('LOCATION_MEMBER_NUMBER', named ?? null) : null,
    fallback: unsettled ? chooseCallback(book, { ...subject, selected: 'NONE' }) : null,
    effective,
    elinEnabled: member.elinEnabled,
    elinForWebexAppEnabled: member.elinForWebexAppEnabled,
  };
}

/** The callback setting of a location: what its members are called back on who have nothing better. */
export function describeLocationCallbacks(book: MemberBook, locationId: string): LocationCallbacks {
  const setting = book.callbacks.get(locationId);
  const main = book.mainNumbers.get(locationId);
  const source = (number: MemberNumber | undefined, selected: 'NONE' | 'LOCATION_MEMBER_NUMBER', holder?: Member) => ({
    number: number?.number ?? null,
    quality: numberQuality(book, number),
    holder: holder ?? book.members.get(number?.memberId ?? '') ?? null,
    // The location falls back on its main number alone: a member's own number is no other member's.
    effective: chooseCallback(
      { ...book, callbacks: new Map() },
      { locationId, selected, ecbnMemberId: setting?.memberId ?? null, own: undefined },
    ),
  });
  const named = book.members.get(setting?.memberId ?? '');
  return {
    locationId,
    selected: setting?.selected ?? 'LOCATION_NUMBER',
    location: source(main, 'NONE'),
    locationMember:
      setting?.selected === 'LOCATION_MEMBER_NUMBER'
        ? source(memberNumber(book, setting.memberId, locationId), 'LOCATION_MEMBER_NUMBER', named)
        : null,
    elinExpiryMinutes: setting?.elinExpiryMinutes ?? DEFAULT_ELIN_EXPIRY_MINUTES,
  };
}

/** Who relies on a member. `dependentCount` is counted by the caller: the book may hold this location's part only. */
export function describeDependencies(book: MemberBook, member: Member, dependentCount: number): CallbackDependencies {
  const setting = book.callbacks.get(member.locationId);
  const isChosen = member.ecbnSelected === 'LOCATION_MEMBER_NUMBER' && member.ecbnMemberId === member.id;
  return {
    isLocationDefault:
      setting?.selected === 'LOCATION_MEMBER_NUMBER'
        ? setting.memberId === member.id
        : book.mainNumbers.get(member.locationId)?.memberId === member.id,
    isSelfDefault: member.ecbnSelected === 'DIRECT_LINE' || isChosen,
    dependentCount,
  };
}
