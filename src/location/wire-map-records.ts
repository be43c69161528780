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
};

// One writer at a time per organization: an import compares with what is stored and must not be overtaken.
const WIRE_MAP_LOCK = 911_000_004;

/** Makes other writers of this organization's wire map wait until the transaction ends. */
export async function lockWireMap(tx: Transaction, organizationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WIRE_MAP_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

export async function insertElement(tx: Transaction, row: ElementRow): Promise<void> {
  await tx.insertInto('wireMapElements').values(row).execute();
}

const BATCH = 500;

/** Writes elements that are new or changed, by key; one statement per 500, taken from `rows` as they are needed. */
export async function upsertElements(tx: Transaction, rows: Iterable<ElementRow>): Promise<void> {
  let batch: ElementRow[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    await upsertBatch(tx, batch);
    batch = [];
  }
  if (batch.length > 0) await upsertBatch(tx, batch);
}

async function upsertBatch(tx: Transaction, rows: readonly ElementRow[]): Promise<void> {
  await tx
    .insertInto('wireMapElements')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'kind', 'value', 'port']).doUpdateSet((eb) => ({
        responseLocationId: eb.ref('excluded.responseLocationId'),
        description: eb.ref('excluded.description'),
        updatedAt: eb.ref('excluded.updatedAt'),
      })),
    )
    .execute();
}

export async function deleteElements(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += BATCH) {
    await tx
      .deleteFrom('wireMapElements')
      .where('organizationId', '=', organizationId)
      .where('id', 'in', ids.slice(start, start + BATCH))
      .execute();
  }
}

export async function updateElementRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: ElementKey & { responseLocationId: string; description: string; updatedAt: Date },
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
