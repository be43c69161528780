import type { Scope } from '../domain/scope.ts';
import { countDependents, selectCallbackRows } from './callback-records.ts';
import type { MemberKind } from './caller.ts';
import {
  type CallbackDependencies,
  describeDependencies,
  describeLocationCallbacks,
  describeMemberCallbacks,
  type LocationCallbacks,
  type MemberCallbacks,
} from './describe-callbacks.ts';
import { createMemberBook } from './member-book.ts';
import type { MembersDeps } from './members-deps.ts';
import { requireMember } from './require-member.ts';

/** With the name of the location that it is about. */
export type Named<Callbacks> = Callbacks & { locationName: string };

/** Callback settings as stored this moment, described by the rules that calls follow. All throw `not-found`, `gone`, `forbidden`. */
export function createReadCallbacks(deps: MembersDeps) {
  const { db } = deps.database;
  return {
    async readMemberCallbacks(scope: Scope, memberId: string, kind?: MemberKind): Promise<Named<MemberCallbacks>> {
      const { member, location } = await requireMember(deps, scope, memberId, kind);
      const rows = await selectCallbackRows(db, scope.organizationId, member.locationId, member);
      return { ...describeMemberCallbacks(createMemberBook(rows), member), locationName: location.name };
    },

    async readCallbackDependencies(scope: Scope, memberId: string, kind?: MemberKind): Promise<CallbackDependencies> {
      const { member } = await requireMember(deps, scope, memberId, kind);
      const rows = await selectCallbackRows(db, scope.organizationId, member.locationId, member);
      const count = await countDependents(db, scope.organizationId, member.id);
      return describeDependencies(createMemberBook(rows), member, count);
    },

    async readLocationCallbacks(scope: Scope, locationId: string): Promise<Named<LocationCallbacks>> {
      const location = await deps.places.getLocation(scope, locationId);
      const rows = await selectCallbackRows(db, scope.organizationId, locationId);
      return { ...describeLocationCallbacks(createMemberBook(rows), locationId), locationName: location.name };
    },
  };
}
