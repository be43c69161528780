import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { PlaceLocation } from '../places/places.ts';
import type { RestorableKind } from '../storage/kept-removals.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { MEMBER_KINDS, type MemberKind } from './caller.ts';
import type { Member } from './member-book.ts';
import { selectMember } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';

/** How each kind of member is remembered once it is removed. */
export const REMOVED_KIND: Readonly<Record<MemberKind, RestorableKind>> = {
  PEOPLE: 'person',
  PLACE: 'workspace',
  VIRTUAL_LINE: 'virtual-line',
  HUNT_GROUP: 'hunt-group',
};

/**
 * The member and its location, if the scope may use that. Throws `gone` for one that was removed, `not-found` for one of
 * another organization or kind, and in the same words for one at a location that is not the administrator's.
 */
export async function requireMember(
  deps: Pick<MembersDeps, 'database' | 'places'>,
  scope: Scope,
  id: string,
  kind?: MemberKind,
): Promise<{ member: Member; location: PlaceLocation }> {
  const { organizationId } = scope;
  const { db } = deps.database;
  const member = isUuid(id) ? await selectMember(db, organizationId, id) : undefined;
  if (!member || (kind !== undefined && member.kind !== kind)) {
    let gone = false;
    for (const one of kind ? [kind] : MEMBER_KINDS) {
      gone ||= await wasRemoved(db, { organizationId, kind: REMOVED_KIND[one], id });
    }
    throw missing(gone, `${nounOf(kind)} ${id}`);
  }
  if (scope.locationIds?.has(member.locationId) === false) throw missing(false, `${nounOf(kind)} ${id}`);
  return { member, location: await deps.places.getLocation(scope, member.locationId) };
}

const nounOf = (kind: MemberKind | undefined): string => (kind ? REMOVED_KIND[kind].replace('-', ' ') : 'member');
