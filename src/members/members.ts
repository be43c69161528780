import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import { createAddNumbers, type NewNumbers } from './add-numbers.ts';
import { type Caller, callerOfMember, callerOfNumber, type MemberKind } from './caller.ts';
import { createCreateMember, type NewMember } from './create-member.ts';
import type { CallbackDependencies, LocationCallbacks, MemberCallbacks } from './describe-callbacks.ts';
import {
  createListMembers,
  type ListMembersRequest,
  type ListNumbersRequest,
  type MemberWithNumbers,
  type NumberWithOwner,
} from './list-members.ts';
import type { LocationCallback, Member } from './member-book.ts';
import { countAtLocation } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { membersSnapshot } from './members-snapshot.ts';
import { createReadCallbacks, type Named } from './read-callbacks.ts';
import { createUpdateCallbacks, type LocationCallbackChange, type MemberCallbackChange } from './update-callbacks.ts';

export type { Caller, MemberKind } from './caller.ts';
export type { Callback, CallbackQuality, CallbackRule } from './choose-callback.ts';
export type { NewMember } from './create-member.ts';
export type {
  CallbackDependencies,
  CallbackSource,
  LocationCallbacks,
  MemberCallbacks,
} from './describe-callbacks.ts';
export type { MemberWithNumbers, NumberWithOwner } from './list-members.ts';
export type { LocationCallback, Member, MemberNumber } from './member-book.ts';
export type { MembersDeps } from './members-deps.ts';

/** People, workspaces, virtual lines, hunt groups, their numbers, and where emergency calls are called back. */
export type Members = {
  createMember(scope: Scope, wanted: NewMember): Promise<Member>;
  addNumbers(scope: Scope, wanted: NewNumbers): Promise<{ added: string[] }>;
  listMembers(scope: Scope, request?: ListMembersRequest): Promise<MemberWithNumbers[]>;
  listNumbers(scope: Scope, request?: ListNumbersRequest): Promise<NumberWithOwner[]>;
  /** `kind`: a member of any other kind is not found. */
  updateMemberCallback(
    scope: Scope,
    memberId: string,
    change: MemberCallbackChange,
    kind?: MemberKind,
  ): Promise<Member>;
  updateLocationCallback(scope: Scope, locationId: string, change: LocationCallbackChange): Promise<LocationCallback>;
  /** Callback settings and what a call carries by them (contract section 6). */
  readMemberCallbacks(scope: Scope, memberId: string, kind?: MemberKind): Promise<Named<MemberCallbacks>>;
  readCallbackDependencies(scope: Scope, memberId: string, kind?: MemberKind): Promise<CallbackDependencies>;
  readLocationCallbacks(scope: Scope, locationId: string): Promise<Named<LocationCallbacks>>;

  /** Who still uses a location, in words (`3 members, 1 number`); null = nobody. Asked before it is removed. */
  describeLocationUse(db: Queryable, organizationId: string, locationId: string): Promise<string | null>;

  // From memory: synchronous, never throw, never touch the database.
  /** Whose number this is; numbers are unique over all organizations. */
  findByNumber(e164: string): Caller | undefined;
  /** As findByNumber within one organization; an extension counts where only one location uses it. */
  findInOrganization(organizationId: string, numberOrExtension: string): Caller | undefined;
  readonly snapshots: readonly Snapshot<unknown>[];
};

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

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
    ...createReadCallbacks(deps),
    async describeLocationUse(db, organizationId, locationId) {
      const { members, numbers } = await countAtLocation(db, organizationId, locationId);
      const parts = [counted(members, 'member'), counted(numbers, 'number')].filter((part) => part !== '');
      return parts.length === 0 ? null : parts.join(', ');
    },
    findByNumber(e164) {
      const organizationId = snapshot.current().holders.get(e164);
      return organizationId === undefined ? undefined : findInOrganization(organizationId, e164);
    },
    findInOrganization,
    snapshots: [snapshot],
  };
}
