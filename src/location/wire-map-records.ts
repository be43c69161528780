import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { ElementKey, ElementKind } from './wire-map-element.ts';

export type ElementRow = Selectable<LocationTables['wireMapElements']>;
export type AddressRangeRow = Selectable<LocationTables['addressRanges']>;

export type Window = { start: number; max: number };

export type ElementQuery = {
  kind?: ElementKind | undefined;
  responseLocationId?: string | undefined;
  /** Part of value, port or description, in any case. */
  text?: string | undefined;
  /** Only what was there before and has located nobody since. */
  unseenSince?: Date | undefined;
};

// One writer at a time per organization: an import compares with what is stored and must not be overtaken.
const WIRE_MAP_LOCK = 911_000_004;
const SHORT_WAIT = '10s';
const LONG_WAIT = '60s';
/** An import of a million rows is one transaction. */
const LONG_WORK = '15min';

/**
 * Makes other writers of this organization's wire map wait until the transaction ends; fails with a lock timeout where it
 * waits too long itself. `long` is for imports: more patience, and statements may take their time.
 */
export async function lockWireMap(tx: Transaction, organizationId: string, long: boolean): Promise<void> {
  await sql`select set_config('lock_timeout', ${long ? LONG_WAIT : SHORT_WAIT}, true)`.execute(tx);
  if (long) await sql`select set_config('statement_timeout', ${LONG_WORK}, true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(${WIRE_MAP_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

export async function insertElement(tx: Transaction, row: ElementRow): Promise<void> {
  await tx.insertInto('wireMapElements').values(row).execute();
}

/** Keeps an element as it was until `endedRevision`. */
export async function insertHistory(tx: Transaction, row: ElementRow, endedRevision: number): Promise<void> {
  await tx
    .insertInto('wireMapHistory')
    .values({ ...row, endedRevision })
    .execute();
}

export async function deleteElement(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('wireMapElements').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function updateElementRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: ElementKey & { responseLocationId: string; description: string; updatedAt: Date; revision: number },
): Promise<void> {
  await tx
    .updateTable('wireMapElements')
    .set(values)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function selectElement(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<ElementRow | undefined> {
  return db
    .selectFrom('wireMapElements')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function selectElements(
  db: Queryable,
  organizationId: string,
  filter: ElementQuery,
  window: Window,
): Promise<{ rows: ElementRow[]; total: number }> {
  let query = db.selectFrom('wireMapElements').where('organizationId', '=', organizationId);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.responseLocationId !== undefined) {
    query = query.where('responseLocationId', '=', filter.responseLocationId);
  }
  const { unseenSince } = filter;
  if (unseenSince !== undefined) {
    query = query
      .where('createdAt', '<', unseenSince)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('elementSightings as seen')
              .select('seen.kind')
              .whereRef('seen.organizationId', '=', 'wireMapElements.organizationId')
              .whereRef('seen.kind', '=', 'wireMapElements.kind')
              .whereRef('seen.value', '=', 'wireMapElements.value')
              .whereRef('seen.port', '=', 'wireMapElements.port')
              .where('seen.lastSeenAt', '>=', unseenSince),
          ),
        ),
      );
  }
  if (filter.text !== undefined) {
    const pattern = `%${filter.text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        eb('value', 'like', pattern),
        eb('port', 'like', pattern),
        eb(eb.fn<string>('lower', ['description']), 'like', pattern),
      ]),
    );
  }
  const ordered = query.selectAll().orderBy('kind').orderBy('value').orderBy('port');
  const rows = await ordered.limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

const PAGE = 5_000;

/** Every element of an organization, or of all, by organization, kind, value, port; in pages, so that nobody waits long. */
export async function* readElementPages(db: Queryable, organizationId?: string): AsyncGenerator<ElementRow[]> {
  let last: ElementRow | undefined;
  for (;;) {
    let query = db
      .selectFrom('wireMapElements')
      .selectAll()
      .orderBy('organizationId')
      .orderBy('kind')
      .orderBy('value')
      .orderBy('port')
      .limit(PAGE);
    if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
    if (last !== undefined) {
      const { organizationId: organization, kind, value, port } = last;
      query = query.where((eb) =>
        eb(eb.refTuple('organizationId', 'kind', 'value', 'port'), '>', eb.tuple(organization, kind, value, port)),
      );
    }
    const rows = await query.execute();
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1);
  }
}

/** As much of an element as is needed to find it and where it leads. */
export type LocatedElement = Pick<ElementRow, 'organizationId' | 'kind' | 'value' | 'port' | 'responseLocationId'>;

const SMALL_PAGE = 2_000;

/** The same in smaller pages of what an index needs: reading them must not hold up a call. */
export async function* readElementTargets(db: Queryable, organizationId?: string): AsyncGenerator<LocatedElement[]> {
  let last: LocatedElement | undefined;
  for (;;) {
    let query = db
      .selectFrom('wireMapElements')
      .select(['organizationId', 'kind', 'value', 'port', 'responseLocationId'])
      .orderBy('organizationId')
      .orderBy('kind')
      .orderBy('value')
      .orderBy('port')
      .limit(SMALL_PAGE);
    if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
    if (last !== undefined) {
      const { organizationId: organization, kind, value, port } = last;
      query = query.where((eb) =>
        eb(eb.refTuple('organizationId', 'kind', 'value', 'port'), '>', eb.tuple(organization, kind, value, port)),
      );
    }
    const rows = await query.execute();
    if (rows.length > 0) yield rows;
    if (rows.length < SMALL_PAGE) return;
    last = rows.at(-1);
  }
}

export async function insertAddressRange(tx: Transaction, row: AddressRangeRow): Promise<void> {
  await tx.insertInto('addressRanges').values(row).execute();
}

export async function selectAddressRange(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<AddressRangeRow | undefined> {
  return db
    .selectFrom('addressRanges')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function deleteAddressRange(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('addressRanges').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function selectAddressRanges(db: Queryable, organizationId?: string): Promise<AddressRangeRow[]> {
  let query = db.selectFrom('addressRanges').selectAll().orderBy('range');
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return query.execute();
}
