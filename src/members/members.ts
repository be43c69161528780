import type { StoredAddress } from '../addresses/address-data.ts';
import type { UncheckedAddress } from '../addresses/addresses.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { KeptRemoval } from '../storage/kept-removals.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import { counted } from '../support/counted.ts';
import { createAddNumbers, type NewNumbers } from './add-numbers.ts';
import { createBringBackMember } from './bring-back-member.ts';
import { createBringBackNumber } from './bring-back-number.ts';
import { type Caller, callerOfMember, callerOfNumber, type MemberKind } from './caller.ts';
import { createChangeNumbers, type NumbersOfLocation } from './change-numbers.ts';
import { createCreateMember, type NewMember } from './create-member.ts';
import {
  type CallbackDependencies,
  DEFAULT_ELIN_EXPIRY_MINUTES,
  type LocationCallbacks,
  type MemberCallbacks,
} from './describe-callbacks.ts';
import { createFindEmergencyPlace } from './find-emergency-place.ts';
import { createListMembers, type ListMembersRequest } from './list-members.ts';
import { createListNumbers, type ListNumbersRequest } from './list-numbers.ts';
import { createNumberAddressManagement, type NumberAddresses } from './manage-number-addresses.ts';
import type { LocationCallback, Member } from './member-book.ts';
import { countAtLocation } from './member-records.ts';
import type { MemberDetail, MemberExtras, MemberResource } from './member-resource.ts';
import type { MembersDeps } from './members-deps.ts';
import { membersSnapshot } from './members-snapshot.ts';
import type { EmergencyPlace } from './number-address.ts';
import { numberAddressSnapshotDefinition } from './number-address-snapshot.ts';
import { type NumberEntry, selectUsedNumbers } from './number-records.ts';
import { createReadCallbacks, type Named } from './read-callbacks.ts';
import { createReadMember } from './read-member.ts';
import { createRemoveMember } from './remove-member.ts';
import { createSetMainNumber } from './set-main-number.ts';
import { createUpdateCallbacks, type LocationCallbackChange, type MemberCallbackChange } from './update-callbacks.ts';
import { createUpdateMember, type MemberChanges } from './update-member.ts';

export type { Caller, MemberKind } from './caller.ts';
export type { Callback, CallbackQuality, CallbackRule } from './choose-callback.ts';
export type { NewMember } from './create-member.ts';
export type {
  CallbackDependencies,
  CallbackSource,
  LocationCallbacks,
  MemberCallbacks,
} from './describe-callbacks.ts';
export type { NumberAddresses } from './manage-number-addresses.ts';
export type { LocationCallback, Member, MemberNumber } from './member-book.ts';
export type { CallingType, MemberDetail, MemberExtras, MemberResource, SupportedDevices } from './member-resource.ts';
export type { MemberColumn } from './member-resource-records.ts';
export type { MembersDeps } from './members-deps.ts';
export type { EmergencyPlace, NumberAddress } from './number-address.ts';
export type { NumberColumn, NumberEntry } from './number-records.ts';
export type { MemberChanges } from './update-member.ts';

/** People, workspaces, virtual lines, hunt groups, their numbers, and where emergency calls are called back. */
export type Members = {
  createMember(scope: Scope, wanted: NewMember): Promise<Member & MemberExtras>;
  listMembers(scope: Scope, request?: ListMembersRequest): Promise<MemberResource[]>;
  /** `kind`, here and below: a member of any other kind is not found. */
  readMember(scope: Scope, memberId: string, kind?: MemberKind): Promise<MemberDetail>;
  /** The person whose token asks; undefined where the token is a program's. */
  readOwnPerson(scope: Scope): Promise<MemberDetail | undefined>;
  updateMember(scope: Scope, memberId: string, changes: MemberChanges, kind?: MemberKind): Promise<void>;
  removeMember(scope: Scope, memberId: string, kind?: MemberKind): Promise<void>;
  /** Puts a removed member back by `putBack` and gives it the numbers it had. Throws `conflict`. */
  bringBackMember(
    tx: Transaction,
    removal: Pick<KeptRemoval, 'organizationId' | 'id' | 'detail'>,
    putBack: () => Promise<void>,
  ): Promise<void>;
  /** Puts a removed number back by `putBack`. Throws `conflict`. */
  bringBackNumber(
    tx: Transaction,
    removal: Pick<KeptRemoval, 'organizationId' | 'id'>,
    putBack: () => Promise<void>,
  ): Promise<void>;
  addNumbers(scope: Scope, wanted: NewNumbers): Promise<{ added: string[] }>;
  listNumbers(scope: Scope, request?: ListNumbersRequest): Promise<NumberEntry[]>;
  activateNumbers(scope: Scope, wanted: NumbersOfLocation & { active: boolean }): Promise<void>;
  removeNumbers(scope: Scope, wanted: NumbersOfLocation): Promise<void>;
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

  /** A number's own emergency address (contract section 7); null takes it away. */
  setNumberAddress(scope: Scope, number: string, given: UncheckedAddress | null): Promise<void>;
  readNumberAddresses(scope: Scope, number: string): Promise<NumberAddresses>;

  /** In the transaction of a larger change: one of the location's numbers becomes its main number. */
  setMainNumber(tx: Transaction, scope: Scope, locationId: string, phoneNumber: string, path: string): Promise<void>;

  /** Those of these numbers that the organization cannot use as ELINs, and why, in words. */
  selectUsedNumbers(
    tx: Transaction,
    organizationId: string,
    numbers: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /** Who still uses a location, in words (`3 members, 1 number`); null = nobody. Asked before it is removed. */
  describeLocationUse(db: Queryable, organizationId: string, locationId: string): Promise<string | null>;

  // From memory: synchronous, never throw, never touch the database.
  /** Whose number this is; numbers are unique over all organizations. */
  findByNumber(e164: string): Caller | undefined;
  /** As findByNumber within one organization; an extension counts where only one location uses it. */
  findInOrganization(organizationId: string, numberOrExtension: string): Caller | undefined;
  /** The main number of a location. */
  mainNumber(organizationId: string, locationId: string): string | undefined;
  /** How long an ELIN of a location stays with who made an emergency call. */
  elinExpiryMinutes(organizationId: string, locationId: string): number;
  /** Where help goes for a number or extension at a location; undefined = neither has an emergency address. */
  findEmergencyPlace(organizationId: string, locationId: string, number?: string): EmergencyPlace | undefined;
  /** The same by the id of a number's own address, with where the number stands now; undefined = no such address. */
  placeOfNumberAddress(
    organizationId: string,
    addressId: string,
  ): { locationId: string; place: EmergencyPlace | undefined } | undefined;
  /** Own emergency addresses of numbers, of all organizations, to be looked at again. */
  storedAddresses(): Iterable<StoredAddress>;
  readonly snapshots: readonly Snapshot<unknown>[];
};

export function createMembers(deps: MembersDeps): Members {
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    membersSnapshot(deps.database.db),
  );

  const numberAddresses = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    numberAddressSnapshotDefinition({ db: deps.database.db, addresses: deps.addresses }),
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
    listMembers: createListMembers(deps),
    ...createReadMember(deps),
    updateMember: createUpdateMember(deps),
    removeMember: createRemoveMember(deps),
    bringBackMember: createBringBackMember(deps),
    bringBackNumber: createBringBackNumber(deps),
    listNumbers: createListNumbers(deps),
    ...createChangeNumbers(deps),
    ...createUpdateCallbacks(deps),
    ...createReadCallbacks(deps),
    setMainNumber: createSetMainNumber(deps),
    selectUsedNumbers,
    ...createNumberAddressManagement(deps),
    ...createFindEmergencyPlace({
      index: () => numberAddresses.current(),
      places: deps.places,
      locationOfNumber: (organizationId, number) =>
        snapshot.current().books.get(organizationId)?.numbers.get(number)?.locationId,
    }),
    async describeLocationUse(db, organizationId, locationId) {
      const { members, numbers } = await countAtLocation(db, organizationId, locationId);
      const parts = [
        ...(members > 0 ? [counted(members, 'member')] : []),
        ...(numbers > 0 ? [counted(numbers, 'number')] : []),
      ];
      return parts.length === 0 ? null : parts.join(', ');
    },
    findByNumber(e164) {
      const organizationId = snapshot.current().holders.get(e164);
      return organizationId === undefined ? undefined : findInOrganization(organizationId, e164);
    },
    findInOrganization,
    mainNumber: (organizationId, locationId) =>
      snapshot.current().books.get(organizationId)?.mainNumbers.get(locationId)?.number,
    elinExpiryMinutes: (organizationId, locationId) =>
      snapshot.current().books.get(organizationId)?.callbacks.get(locationId)?.elinExpiryMinutes ??
      DEFAULT_ELIN_EXPIRY_MINUTES,
    *storedAddresses() {
      for (const [organizationId, { byNumber }] of numberAddresses.current()) {
        for (const { number, postalAddress } of byNumber.values()) {
          if (postalAddress === null) continue;
          yield { organizationId, kind: 'number-emergency-address', subjectId: number, address: postalAddress };
        }
      }
    },
    snapshots: [snapshot, numberAddresses],
  };
}
