import type { Queryable, Transaction } from '../storage/database.ts';
import type { LocationCallback, Member, MemberNumber, MemberRows } from './member-book.ts';
import {
  CALLBACK_COLUMNS,
  MEMBER_COLUMNS,
  NUMBER_COLUMNS,
  selectMembersById,
  toCallback,
  toMember,
} from './member-records.ts';

/**
 * The member, locked until the transaction ends: `changing` keeps everybody else from changing it, `staying` keeps it where it
 * is and holds up nobody who does the same, so that two members can choose each other at once.
 */
export async function lockMember(
  tx: Transaction,
  organizationId: string,
  id: string,
  lock: 'changing' | 'staying',
): Promise<Member | undefined> {
  const query = tx
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id);
  const row = await (lock === 'changing' ? query.forNoKeyUpdate() : query.forKeyShare()).executeTakeFirst();
  return row && toMember(row);
}

/** The callback setting of a member, as stored. */
export type MemberCallbackSetting = Pick<
  Member,
  'ecbnSelected' | 'ecbnMemberId' | 'elinEnabled' | 'elinForWebexAppEnabled'
>;

export async function updateMemberSettings(
  tx: Transaction,
  organizationId: string,
  id: string,
  settings: MemberCallbackSetting,
): Promise<void> {
  await tx
    .updateTable('members')
    .set(settings)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function selectLocationCallback(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<LocationCallback | undefined> {
  const row = await db
    .selectFrom('locationCallbacks')
    .select(CALLBACK_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirst();
  return row && toCallback(row);
}

export async function upsertLocationCallback(
  tx: Transaction,
  organizationId: string,
  callback: LocationCallback,
): Promise<void> {
  const { locationId, ...setting } = callback;
  await tx
    .insertInto('locationCallbacks')
    .values({ organizationId, locationId, ...setting })
    .onConflict((conflict) => conflict.columns(['organizationId', 'locationId']).doUpdateSet(setting))
    .execute();
}

/** The main number of a location and the first numbers of these members. */
async function selectCallableNumbers(
  db: Queryable,
  organizationId: string,
  locationId: string,
  memberIds: readonly string[],
): Promise<MemberNumber[]> {
  return db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where((eb) => {
      const main = eb.and([eb('locationId', '=', locationId), eb('isMain', '=', true)]);
      if (memberIds.length === 0) return main;
      return eb.or([main, eb.and([eb('memberId', 'in', memberIds), eb('isPrimary', '=', true)])]);
    })
    .execute();
}

/** All that decides about callback numbers at a location and of the members named: a small part of the member book. */
export async function selectCallbackRows(
  db: Queryable,
  organizationId: string,
  locationId: string,
  member?: Member,
): Promise<MemberRows> {
  const setting = await selectLocationCallback(db, organizationId, locationId);
  const named = [member?.id, member?.ecbnMemberId, setting?.memberId].filter((id) => typeof id === 'string');
  const numbers = await selectCallableNumbers(db, organizationId, locationId, [...new Set(named)]);
  const owners = numbers.map((number) => number.memberId).filter((id) => id !== null);
  const members = await selectMembersById(db, organizationId, [...new Set([...named, ...owners])]);
  return { members, numbers, callbacks: setting ? [setting] : [] };
}

/** How many other members chose this one for their callbacks. */
export async function countDependents(db: Queryable, organizationId: string, memberId: string): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId)
    .where('ecbnSelected', '=', 'LOCATION_MEMBER_NUMBER')
    .where('ecbnMemberId', '=', memberId)
    .where('id', '!=', memberId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
