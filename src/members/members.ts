import type { Scope } from '../domain/scope.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import { createAddNumbers, type NewNumbers } from './add-numbers.ts';
import { type Caller, callerOfMember, callerOfNumber } from './caller.ts';
import { createCreateMember, type NewMember } from './create-member.ts';
import {
  createListMembers,
  type ListMembersRequest,
  type ListNumbersRequest,
  type MemberWithNumbers,
} from './list-members.ts';
import type { LocationCallback, Member, MemberNumber } from './member-book.ts';
import type { MembersDeps } from './members-deps.ts';
import { membersSnapshot } from './members-snapshot.ts';
import { createUpdateCallbacks, type LocationCallbackChange, type MemberCallbackChange } from './update-callbacks.ts';

export type { Caller, MemberKind } from './caller.ts';
export type { Callback, CallbackQuality, CallbackRule } from './choose-callback.ts';
export type { NewMember } from './create-member.ts';
export type { MemberWithNumbers } from './list-members.ts';
export type { LocationCallback, Member, MemberNumber } from './member-book.ts';
export type { MembersDeps } from './members-deps.ts';

/** People, workspaces, virtual lines, hunt groups, their numbers, and where emergency calls are called back. */
export type Members = {
  createMember(scope: Scope, wanted: NewMember): Promise<Member>;
  addNumbers(scope: Scope, wanted: NewNumbers): Promise<{ added: string[] }>;
  listMembers(scope: Scope, request?: ListMembersRequest): Promise<MemberWithNumbers[]>;
  listNumbers(scope: Scope, request?: ListNumbersRequest): Promise<MemberNumber[]>;
  updateMemberCallback(scope: Scope, memberId: string, change: MemberCallbackChange): Promise<Member>;
  updateLocationCallback(scope: Scope, locationId: string, change: LocationCallbackChange): Promise<LocationCallback>;

  // From memory: synchronous, never throw, never touch the database.
  /** Whose number this is; numbers are unique over all organizations. */
  findByNumber(e164: string): Caller | undefined;
  /** As findByNumber within one organization; an extension counts where only one location uses it. */
  findInOrganization(organizationId: string, numberOrExtension: string): Caller | undefined;
  readonly snapshots: readonly Snapshot<unknown>[];
};

export function createMembers(deps: MembersDeps): Members {
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    membersSnapshot(deps.database.db),
  );

  function findInOrganization(organizationId: string, numberOrExtension: string): Caller | undefined {
    const book = snapshot.current().books.get(organizationId);
    if (!book) return undefined;
    const number = book.numbers.get(numberOrExtension);
    if (number) return callerOfNumber(organizationId, book, number);
    const member = book.byExtension.get(numberOrExtension);
    return member ? callerOfMember(organizationId, book, member) : undefined;
  }

  return {
    createMember: createCreateMember(deps),
    addNumbers: createAddNumbers(deps),
    ...createListMembers(deps),
    ...createUpdateCallbacks(deps),
    findByNumber(e164) {
      const organizationId = snapshot.current().holders.get(e164);
      return organizationId === undefined ? undefined : findInOrganization(organizationId, e164);
    },
    findInOrganization,
    snapshots: [snapshot],
  };
}
