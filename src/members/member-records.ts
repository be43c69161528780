import type { Queryable, Transaction } from '../storage/database.ts';
import type { MemberKind } from './caller.ts';
import type { CallbackSelection, LocationCallback, Member, MemberNumber, MemberRows } from './member-book.ts';

export const MEMBER_COLUMNS = [
  'id',
  'kind',
  'locationId',
  'firstName',
  'lastName',
  'displayName',
  'email',
  'extension',
  'ecbnSelected',
  'ecbnMemberId',
  'elinEnabled',
  'elinForWebexAppEnabled',
] as const;
export const NUMBER_COLUMNS = ['number', 'locationId', 'memberId', 'isPrimary', 'active', 'isMain'] as const;
export const CALLBACK_COLUMNS = ['locationId', 'selected', 'memberId', 'elinExpiryMinutes'] as const;

type MemberRow = Omit<Member, 'kind' | 'ecbnSelected'> & { kind: string; ecbnSelected: string };
type CallbackRow = Omit<LocationCallback, 'selected'> & { selected: string };

// The columns hold nothing else: the migration checks both enumerations.
export const toMember = (row: MemberRow): Member => ({
  ...row,
  kind: row.kind as MemberKind,
  ecbnSelected: row.ecbnSelected as CallbackSelection,
});
export const toCallback = (row: CallbackRow): LocationCallback => ({
  ...row,
  selected: row.selected as LocationCallback['selected'],
});

/** Everything one organization has; null when it has nothing. */
export async function selectMemberRows(db: Queryable, organizationId: string): Promise<MemberRows | null> {
  const members = await db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .execute();
  const numbers = await db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .execute();
  const callbacks = await db
    .selectFrom('locationCallbacks')
    .select(CALLBACK_COLUMNS)
    .where('organizationId', '=', organizationId)
    .execute();
  if (members.length + numbers.length + callbacks.length === 0) return null;
  return { members: members.map(toMember), numbers, callbacks: callbacks.map(toCallback) };
}

/** Everything, by organization. */
export async function selectAllMemberRows(db: Queryable): Promise<ReadonlyMap<string, MemberRows>> {
  const all = new Map<string, { members: Member[]; numbers: MemberNumber[]; callbacks: LocationCallback[] }>();
  function of(organizationId: string) {
    const known = all.get(organizationId) ?? { members: [], numbers: [], callbacks: [] };
    all.set(organizationId, known);
    return known;
  }
  for (const { organizationId, ...row } of await db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .select('organizationId')
    .execute()) {
    of(organizationId).members.push(toMember(row));
  }
  for (const { organizationId, ...row } of await db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .select('organizationId')
    .execute()) {
    of(organizationId).numbers.push(row);
  }
  for (const { organizationId, ...row } of await db
    .selectFrom('locationCallbacks')
    .select(CALLBACK_COLUMNS)
    .select('organizationId')
    .execute()) {
    of(organizationId).callbacks.push(toCallback(row));
  }
  return all;
}

export type MemberFilter = {
  /** Only these locations; undefined = all. */
  locationIds: readonly string[] | undefined;
  kind: MemberKind | undefined;
  start: number;
  max: number;
};

/** One page by display name. */
export async function selectMembers(db: Queryable, organizationId: string, filter: MemberFilter): Promise<Member[]> {
  let query = db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .orderBy('displayName')
    .orderBy('id')
    .limit(filter.max)
    .offset(filter.start);
  if (filter.locationIds) query = query.where('locationId', 'in', filter.locationIds);
  if (filter.kind) query = query.where('kind', '=', filter.kind);
  return (await query.execute()).map(toMember);
}

export async function selectMember(db: Queryable, organizationId: string, id: string): Promise<Member | undefined> {
  const row = await db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && toMember(row);
}

export async function selectMembersById(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<Member[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toMember);
}

/** False when the extension or the e-mail address is taken. */
export async function insertMember(tx: Transaction, organizationId: string, member: Member): Promise<boolean> {
  const inserted = await tx
    .insertInto('members')
    .values({ ...member, organizationId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** How many members and numbers stand at a location. */
export async function countAtLocation(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<{ members: number; numbers: number }> {
  const members = await db
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirstOrThrow();
  const numbers = await db
    .selectFrom('memberNumbers')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirstOrThrow();
  return { members: Number(members.count), numbers: Number(numbers.count) };
}

export type NumberFilter = {
  locationIds: readonly string[] | undefined;
  number: string | undefined;
  memberId: string | undefined;
  start: number;
  max: number;
};

/** One page by number. */
export async function selectNumbers(
  db: Queryable,
  organizationId: string,
  filter: NumberFilter,
): Promise<MemberNumber[]> {
  let query = db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .orderBy('number')
    .limit(filter.max)
    .offset(filter.start);
  if (filter.locationIds) query = query.where('locationId', 'in', filter.locationIds);
  if (filter.number !== undefined) query = query.where('number', '=', filter.number);
  if (filter.memberId !== undefined) query = query.where('memberId', '=', filter.memberId);
  return query.execute();
}

/** The numbers of these members, whatever location they stand at. */
export async function selectNumbersOfMembers(
  db: Queryable,
  organizationId: string,
  memberIds: readonly string[],
): Promise<MemberNumber[]> {
  if (memberIds.length === 0) return [];
  return db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('memberId', 'in', memberIds)
    .orderBy('number')
    .execute();
}

/** Whoever holds a number, in any organization, locked until commit. */
export async function lockNumber(
  tx: Transaction,
  number: string,
): Promise<(MemberNumber & { organizationId: string }) | undefined> {
  return tx
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .select('organizationId')
    .where('number', '=', number)
    .forUpdate()
    .executeTakeFirst();
}

/** False when somebody holds the number already. */
export async function insertNumber(tx: Transaction, organizationId: string, number: MemberNumber): Promise<boolean> {
  const inserted = await tx
    .insertInto('memberNumbers')
    .values({ ...number, organizationId })
    .onConflict((conflict) => conflict.column('number').doNothing())
    .returning('number')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function assignNumber(
  tx: Transaction,
  organizationId: string,
  number: string,
  memberId: string,
): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ memberId, isPrimary: true, active: true })
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .execute();
}

/** Takes the main number of a location away, so that another can be set. */
export async function clearMainNumber(tx: Transaction, organizationId: string, locationId: string): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ isMain: false })
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .where('isMain', '=', true)
    .execute();
}

export async function setMainNumber(tx: Transaction, organizationId: string, number: string): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ isMain: true })
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .execute();
}
