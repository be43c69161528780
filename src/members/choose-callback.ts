import type { CallbackSelection, Member, MemberBook, MemberNumber } from './member-book.ts';

/** Contract section 6, quality: `INVALID` = inactive or absent. */
export type CallbackQuality = 'RECOMMENDED' | 'NOT_RECOMMENDED' | 'INVALID';

/** Contract section 6, effectiveLevel: which rule gave the number, after fallback. */
export type CallbackRule = 'DIRECT_LINE' | 'LOCATION_ECBN' | 'LOCATION_MEMBER_NUMBER' | 'LOCATION_NUMBER' | 'NONE';

/** The number on which a PSAP calls back (ECBN). */
export type Callback = {
  /** E.164; null when neither the member nor the location has an active number. */
  number: string | null;
  quality: CallbackQuality;
  rule: CallbackRule;
  /** Why this number, as a sentence for traces. */
  reason: string;
};

/** Whose callback number is wanted. */
export type CallbackSubject = {
  locationId: string;
  selected: CallbackSelection;
  /** The member named with LOCATION_MEMBER_NUMBER. */
  ecbnMemberId: string | null;
  own: MemberNumber | undefined;
};

/** A member as the rules see it, calling from `asserted`, or from its first number. */
export function callbackSubject(book: MemberBook, member: Member, asserted?: MemberNumber): CallbackSubject {
  return {
    locationId: member.locationId,
    selected: member.ecbnSelected,
    ecbnMemberId: member.ecbnMemberId,
    own: asserted?.active ? asserted : book.primaryNumbers.get(member.id),
  };
}

/** Contract section 6, quality: a user's or workspace's active number is recommended, any other active one is not. */
export function numberQuality(book: MemberBook, number: MemberNumber | undefined): CallbackQuality {
  if (!number?.active) return 'INVALID';
  const kind = number.memberId === null ? undefined : book.members.get(number.memberId)?.kind;
  return kind === 'PEOPLE' || kind === 'PLACE' ? 'RECOMMENDED' : 'NOT_RECOMMENDED';
}

const SENTENCES: Readonly<Record<CallbackRule, string>> = {
  DIRECT_LINE: 'the caller’s own number',
  LOCATION_ECBN: 'the emergency callback number set for the location',
  LOCATION_MEMBER_NUMBER: 'the number of the member chosen for the caller',
  LOCATION_NUMBER: 'the main number of the location',
  NONE: 'neither the caller nor the location has an active number',
};

type Source = { rule: CallbackRule; number: MemberNumber | undefined };
type Candidate = { rule: CallbackRule; number: MemberNumber };

function usable({ rule, number }: Source): Candidate | undefined {
  return number?.active ? { rule, number } : undefined;
}

/** The number of a member of the same location: a member elsewhere would send help elsewhere. */
export function memberNumber(book: MemberBook, memberId: string | null, locationId: string): MemberNumber | undefined {
  if (memberId === null || book.members.get(memberId)?.locationId !== locationId) return undefined;
  return book.primaryNumbers.get(memberId);
}

function locationSetting(book: MemberBook, locationId: string): Source {
  const setting = book.callbacks.get(locationId);
  return setting?.selected === 'LOCATION_MEMBER_NUMBER'
    ? { rule: 'LOCATION_ECBN', number: memberNumber(book, setting.memberId, locationId) }
    : { rule: 'LOCATION_NUMBER', number: book.mainNumbers.get(locationId) };
}

/** The number that a selection names, active or not, before any fallback. */
export function selectedSource(book: MemberBook, subject: CallbackSubject): Source {
  switch (subject.selected) {
    case 'DIRECT_LINE':
      return { rule: 'DIRECT_LINE', number: subject.own };
    case 'LOCATION_ECBN':
      return locationSetting(book, subject.locationId);
    case 'LOCATION_MEMBER_NUMBER':
      return { rule: 'LOCATION_MEMBER_NUMBER', number: memberNumber(book, subject.ecbnMemberId, subject.locationId) };
    case 'NONE':
      return { rule: 'NONE', number: undefined };
  }
}

/**
 * The callback number by the rules of contract section 6: what is selected if it is usable, else the location's callback
 * number, else the member's own number, else the location's main number.
 */
export function chooseCallback(book: MemberBook, subject: CallbackSubject): Callback {
  const selected = usable(selectedSource(book, subject));
  const chosen =
    selected ??
    usable(locationSetting(book, subject.locationId)) ??
    usable({ rule: 'DIRECT_LINE', number: subject.own }) ??
    usable({ rule: 'LOCATION_NUMBER', number: book.mainNumbers.get(subject.locationId) });
  if (!chosen) return { number: null, quality: 'INVALID', rule: 'NONE', reason: SENTENCES.NONE };
  const fallback =
    selected || subject.selected === 'NONE' ? '' : `; ${subject.selected} is selected but has no active number`;
  return {
    number: chosen.number.number,
    quality: numberQuality(book, chosen.number),
    rule: chosen.rule,
    reason: `${SENTENCES[chosen.rule]}${fallback}`,
  };
}
