import type { Scope } from '../domain/scope.ts';
import { isUuid } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { MemberKind } from './caller.ts';
import type { MemberResource } from './member-resource.ts';
import { type MemberColumn, selectMemberPage, selectNumbersOf } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { type PageRequest, readPage, visibleLocations } from './visible-locations.ts';

export type ListMembersRequest = PageRequest & {
  locationId?: string | readonly string[] | undefined;
  ids?: readonly string[] | undefined;
  kind?: MemberKind | undefined;
  /** In any case. */
  email?: string | undefined;
  /** The display name, in any case. */
  name?: string | undefined;
  /** How the display name begins, in any case. */
  nameBegin?: string | undefined;
  /** Part of the display name, in any case. */
  namePart?: string | undefined;
  /** E.164; members whose first number is one of these. */
  phoneNumbers?: readonly string[] | undefined;
  extension?: string | undefined;
  callingType?: string | undefined;
  /** Part of the name, the e-mail address or a number, in any case; or an extension. */
  text?: string | undefined;
  /** `displayName` unless told. */
  sort?: SortWord<MemberColumn> | undefined;
};

/** Members with their numbers by display name, page by page; two queries whatever the length of the page. */
export function createListMembers(deps: MembersDeps) {
  const { db } = deps.database;
  return async function listMembers(scope: Scope, request: ListMembersRequest = {}): Promise<MemberResource[]> {
    const { organizationId } = scope;
    const locationIds = visibleLocations(scope, request.locationId);
    const ids = request.ids?.filter(isUuid);
    if (locationIds?.length === 0 || ids?.length === 0) return [];
    const members = await selectMemberPage(db, organizationId, {
      locationIds,
      ids,
      kind: request.kind,
      email: request.email,
      name: request.name,
      nameBegin: request.nameBegin,
      namePart: request.namePart,
      phoneNumbers: request.phoneNumbers,
      extension: request.extension,
      callingType: request.callingType,
      text: request.text,
      sort: request.sort,
      ...readPage(request),
    });
    const numbers = await selectNumbersOf(
      db,
      organizationId,
      members.map((member) => member.id),
    );
    const ofMember = Map.groupBy(numbers, (number) => number.memberId);
    return members.map((member) => ({ ...member, numbers: ofMember.get(member.id) ?? [] }));
  };
}
