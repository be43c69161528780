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

export async function assignNumber(
  tx: Transaction,
  organizationId: string,
  number: string,
  memberId: string,
): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ memberId, isPrimary: true })
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .execute();
}

/** Takes the main number of a location away, so that another can be set, and gives it; null where there was none. */
export async function clearMainNumber(
  tx: Transaction,
  organizationId: string,
  locationId: string,
): Promise<string | null> {
  const cleared = await tx
    .updateTable('memberNumbers')
    .set({ isMain: false })
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .where('isMain', '=', true)
    .returning('number')
    .executeTakeFirst();
  return cleared?.number ?? null;
}

export async function setMainNumber(tx: Transaction, organizationId: string, number: string): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ isMain: true })
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .execute();
}
