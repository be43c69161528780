import { sql } from 'kysely';
import { anyId, anyText, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { type SortedBy, sorted } from '../storage/sorted.ts';
import type { Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { MemberKind } from './caller.ts';
import type { MemberNumber } from './member-book.ts';
import { NUMBER_COLUMNS } from './member-records.ts';

/** A number, or an extension of somebody who has no number, with its owner. */
export type NumberEntry = Omit<MemberNumber, 'number' | 'memberId'> & {
  /** E.164; null = an extension alone. */
  number: string | null;
  isTollFree: boolean;
  isServiceNumber: boolean;
  /** null = assigned to nobody. */
  owner: {
    id: string;
    kind: MemberKind;
    firstName: string;
    lastName: string;
    displayName: string;
    extension: string | null;
    elinEnabled: boolean;
  } | null;
};

export type NumberFilter = {
  /** Only these locations; undefined = all. */
  locationIds: readonly string[] | undefined;
  /** E.164. */
  number: string | undefined;
  /** Part of a number, or of its owner's name in any case. */
  text: string | undefined;
  extension: string | undefined;
  /** true = without owner, false = with one. */
  available: boolean | undefined;
  ownerKind: MemberKind | undefined;
  ownerId: string | undefined;
  active: boolean | undefined;
  sort?: SortWord<NumberColumn> | undefined;
};

export type NumberColumn = 'number' | 'owner' | 'location' | 'active';

const ORDERS: Readonly<Record<NumberColumn, readonly SortedBy[]>> = {
  number: [],
  owner: [sql`coalesce(sort_key(owner.display_name), '') collate "C"`],
  location: [sql`(select sort_key(l.name_key) from locations l where l.id = held.location_id) collate "C"`],
  active: ['held.active'],
};

const OWNER_COLUMNS = [
  'owner.id as ownerId',
  'owner.kind',
  'owner.firstName',
  'owner.lastName',
  'owner.displayName',
  'owner.extension',
  'owner.elinEnabled',
] as const;

type OwnerRow = {
  ownerId: string;
  kind: string;
  firstName: string;
  lastName: string;
  displayName: string;
  extension: string | null;
  elinEnabled: boolean;
};

function toOwner({ ownerId, kind, ...owner }: OwnerRow): NonNullable<NumberEntry['owner']> {
  return { id: ownerId, kind: kind as MemberKind, ...owner };
}

function filteredNumbers(db: Queryable, organizationId: string, filter: NumberFilter) {
  let query = db
    .selectFrom('memberNumbers as held')
    .leftJoin('members as owner', (join) =>
      join.onRef('owner.id', '=', 'held.memberId').onRef('owner.organizationId', '=', 'held.organizationId'),
    )
    .where('held.organizationId', '=', organizationId);
  if (filter.locationIds) query = query.where('held.locationId', '=', anyId(filter.locationIds));
  if (filter.number !== undefined) query = query.where('held.number', '=', filter.number);
  if (filter.text !== undefined) {
    const part = partPattern(filter.text);
    query = query.where((eb) => eb.or([eb('held.number', 'like', part), eb('owner.displayName', 'ilike', part)]));
  }
  if (filter.extension !== undefined) query = query.where('owner.extension', '=', filter.extension);
  if (filter.available !== undefined) query = query.where('held.memberId', filter.available ? 'is' : 'is not', null);
  if (filter.ownerKind !== undefined) query = query.where('owner.kind', '=', filter.ownerKind);
  if (filter.ownerId !== undefined) query = query.where('held.memberId', '=', filter.ownerId);
  if (filter.active !== undefined) query = query.where('held.active', '=', filter.active);
  return query;
}

/** One page, by number unless told. */
export async function selectNumberPage(
  db: Queryable,
  organizationId: string,
  filter: NumberFilter,
  window: Window,
): Promise<NumberEntry[]> {
  const selected = filteredNumbers(db, organizationId, filter).select([
    'held.number',
    'held.locationId',
    'held.isPrimary',
    'held.active',
    'held.isMain',
    'held.isTollFree',
    'held.isServiceNumber',
    ...OWNER_COLUMNS,
  ]);
  const rows = await sorted(selected, filter.sort ?? 'number', ORDERS, ['held.number'])
    .limit(window.max)
    .offset(window.start)
    .execute();
  return rows.map(({ number, locationId, isPrimary, active, isMain, isTollFree, isServiceNumber, ...owner }) => ({
    number,
    locationId,
    isPrimary,
    active,
    isMain,
    isTollFree,
    isServiceNumber,
    // A left join gives all of the owner or none of it.
    owner: owner.ownerId === null ? null : toOwner(owner as OwnerRow),
  }));
}

export async function countNumbers(db: Queryable, organizationId: string, filter: NumberFilter): Promise<number> {
  const { count } = await filteredNumbers(db, organizationId, filter)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** One page, by extension, of members that have an extension and no number. */
export async function selectExtensionPage(
  db: Queryable,
  organizationId: string,
  filter: NumberFilter,
  window: Window,
): Promise<NumberEntry[]> {
  // An extension has an owner and works as long as its owner is there.
  if (filter.number !== undefined || filter.available === true || filter.active === false) return [];
  let query = db
    .selectFrom('members as owner')
    .select(['owner.locationId', ...OWNER_COLUMNS])
    .where('owner.organizationId', '=', organizationId)
    .where('owner.extension', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('memberNumbers as held')
            .select('held.number')
            .whereRef('held.memberId', '=', 'owner.id')
            .where('held.isPrimary', '=', true),
        ),
      ),
    )
    .orderBy('owner.extension')
    .orderBy('owner.id')
    .limit(window.max)
    .offset(window.start);
  if (filter.locationIds) query = query.where('owner.locationId', '=', anyId(filter.locationIds));
  if (filter.text !== undefined) {
    query = query.where('owner.displayName', 'ilike', partPattern(filter.text));
  }
  if (filter.extension !== undefined) query = query.where('owner.extension', '=', filter.extension);
  if (filter.ownerKind !== undefined) query = query.where('owner.kind', '=', filter.ownerKind);
  if (filter.ownerId !== undefined) query = query.where('owner.id', '=', filter.ownerId);
  return (await query.execute()).map(({ locationId, ...owner }) => ({
    number: null,
    locationId,
    isPrimary: true,
    active: true,
    isMain: false,
    isTollFree: false,
    isServiceNumber: false,
    owner: toOwner(owner),
  }));
}

/** These numbers of a location with who owns them, locked until commit. */
export async function lockNumbersAt(
  tx: Transaction,
  organizationId: string,
  locationId: string,
  numbers: readonly string[],
): Promise<MemberNumber[]> {
  return tx
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .where('number', '=', anyText(numbers))
    .orderBy('number')
    .forUpdate()
    .execute();
}

/** The numbers of a member, locked until commit. */
export async function lockNumbersOf(
  tx: Transaction,
  organizationId: string,
  memberId: string,
): Promise<MemberNumber[]> {
  return tx
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('memberId', '=', memberId)
    .orderBy('number')
    .forUpdate()
    .execute();
}

/** Inserts those that nobody holds and gives them. */
export async function insertNumbers(
  tx: Transaction,
  organizationId: string,
  numbers: readonly (MemberNumber & Pick<NumberEntry, 'isTollFree' | 'isServiceNumber'>)[],
): Promise<string[]> {
  const rows = await tx
    .insertInto('memberNumbers')
    .values(numbers.map((number) => ({ ...number, organizationId })))
    .onConflict((conflict) => conflict.column('number').doNothing())
    .returning('number')
    .execute();
  return rows.map((row) => row.number);
}

export async function setNumbersActive(
  tx: Transaction,
  organizationId: string,
  numbers: readonly string[],
  active: boolean,
): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ active })
    .where('organizationId', '=', organizationId)
    .where('number', '=', anyText(numbers))
    .execute();
}

export async function deleteNumbers(
  tx: Transaction,
  organizationId: string,
  numbers: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('memberNumbers')
    .where('organizationId', '=', organizationId)
    .where('number', '=', anyText(numbers))
    .execute();
}

/** Takes numbers away from their owner; they stay at their location, assigned to nobody. */
export async function freeNumbers(tx: Transaction, organizationId: string, numbers: readonly string[]): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ memberId: null, isPrimary: false })
    .where('organizationId', '=', organizationId)
    .where('number', '=', anyText(numbers))
    .execute();
}

/** Numbers go with their owner to another location. */
export async function moveNumbers(
  tx: Transaction,
  organizationId: string,
  numbers: readonly string[],
  locationId: string,
): Promise<void> {
  await tx
    .updateTable('memberNumbers')
    .set({ locationId })
    .where('organizationId', '=', organizationId)
    .where('number', '=', anyText(numbers))
    .execute();
}

/**
 * Those of these numbers that the organization cannot use as ELINs, and why: somebody has them, a location is reached on them, or another
 * organization holds them.
 */
export async function selectUsedNumbers(
  tx: Transaction,
  organizationId: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (numbers.length === 0) return new Map();
  const held = await tx
    .selectFrom('memberNumbers')
    .select(['number', 'organizationId', 'memberId', 'isMain'])
    .where('number', '=', anyText(numbers))
    .orderBy('number')
    .execute();
  const used = new Map<string, string>();
  for (const { number, organizationId: holder, memberId, isMain } of held) {
    if (holder !== organizationId) used.set(number, 'is in use');
    else if (memberId !== null) used.set(number, 'is the number of a person, workspace, line or hunt group');
    else if (isMain) used.set(number, 'is the main number of a location');
  }
  return used;
}

/** Gives a free number to a member of the same location; false where it is not free, or not there. */
export async function giveNumberBack(
  tx: Transaction,
  organizationId: string,
  { number, memberId, isPrimary }: { number: string; memberId: string; isPrimary: boolean },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('memberNumbers')
    .set({ memberId, isPrimary })
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .where('memberId', 'is', null)
    .where('locationId', '=', (eb) => eb.selectFrom('members').select('locationId').where('id', '=', memberId))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
