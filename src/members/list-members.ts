import type { Scope } from '../domain/scope.ts';
import { isUuid } from '../support/ids.ts';
import type { MemberKind } from './caller.ts';
import type { Member, MemberNumber } from './member-book.ts';
import { selectMembers, selectMembersById, selectNumbers, selectNumbersOfMembers } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';

export type ListMembersRequest = {
  locationId?: string | undefined;
  kind?: MemberKind | undefined;
  /** Offset, 0 unless told. */
  start?: number | undefined;
  /** At most 1,001: a page of 1,000, and one more that tells whether there is another. */
  max?: number | undefined;
};

export type ListNumbersRequest = Omit<ListMembersRequest, 'kind'> & {
  /** E.164. */
  number?: string | undefined;
  memberId?: string | undefined;
};

export type MemberWithNumbers = Member & { numbers: MemberNumber[] };

export type NumberWithOwner = MemberNumber & { owner: Member | null };

const MAX_PAGE = 1_001;

/** The locations to show: the one asked for, within those a location administrator may see. */
function visibleLocations(scope: Scope, locationId: string | undefined): readonly string[] | undefined {
  if (locationId === undefined) return scope.locationIds && [...scope.locationIds];
  if (!isUuid(locationId)) return [];
  return scope.locationIds?.has(locationId) === false ? [] : [locationId];
}

function page(request: { start?: number | undefined; max?: number | undefined }) {
  return { start: Math.max(0, request.start ?? 0), max: Math.min(MAX_PAGE, Math.max(1, request.max ?? MAX_PAGE)) };
}

/** Members and numbers as stored, page by page. */
export function createListMembers(deps: MembersDeps) {
  const { db } = deps.database;
  return {
    async listMembers(scope: Scope, request: ListMembersRequest = {}): Promise<MemberWithNumbers[]> {
      const locationIds = visibleLocations(scope, request.locationId);
      if (locationIds?.length === 0) return [];
      const members = await selectMembers(db, scope.organizationId, {
        locationIds,
        kind: request.kind,
        ...page(request),
      });
      const numbers = await selectNumbersOfMembers(
        db,
        scope.organizationId,
        members.map((member) => member.id),
      );
      const ofMember = Map.groupBy(numbers, (number) => number.memberId);
      return members.map((member) => ({ ...member, numbers: ofMember.get(member.id) ?? [] }));
    },

    async listNumbers(scope: Scope, request: ListNumbersRequest = {}): Promise<NumberWithOwner[]> {
      const locationIds = visibleLocations(scope, request.locationId);
      if (locationIds?.length === 0) return [];
      const numbers = await selectNumbers(db, scope.organizationId, {
        locationIds,
        number: request.number,
        memberId: request.memberId,
        ...page(request),
      });
      const ownerIds = numbers.map((number) => number.memberId).filter((id) => id !== null);
      const owners = await selectMembersById(db, scope.organizationId, [...new Set(ownerIds)]);
      const byId = new Map(owners.map((owner) => [owner.id, owner]));
      return numbers.map((number) => ({ ...number, owner: byId.get(number.memberId ?? '') ?? null }));
    },
  };
}
