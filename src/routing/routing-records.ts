import { sql } from 'kysely';
import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { WantedOutline } from './read-outlines.ts';
import type { BoundaryEntry, PsapRow } from './routing-rows.ts';

/** Rows that are read at once: about a millisecond of the thread that answers calls, and of the database beside it. */
const PAGE_ROWS = 100;

/** Part of the name, of a URI or of the mapping that it took over, in any case. */
export type PsapFilter = { text?: string | undefined; sort?: SortWord<PsapColumn> | undefined };

export type PsapColumn = 'name' | 'sourceId' | 'uri' | 'phoneNumber' | 'textTo911' | 'updatedAt';

const ORDERS: Readonly<Record<PsapColumn, readonly SortedBy[]>> = {
  name: [],
  sourceId: [sql`coalesce(source_id, '')`],
  uri: ['uri'],
  phoneNumber: [sql`coalesce(phone_number, '')`],
  textTo911: ['textTo911'],
  updatedAt: ['updatedAt'],
};

/** By name unless told. */
export async function selectPsaps(
  db: Queryable,
  filter: PsapFilter,
  page: { start: number; max: number },
): Promise<PsapRow[]> {
  let query = db.selectFrom('psaps').selectAll();
  if (filter.text !== undefined) {
    const part = partPattern(filter.text);
    query = query.where((eb) =>
      eb.or([eb('name', 'ilike', part), eb('uri', 'ilike', part), eb('sourceId', 'ilike', part)]),
    );
  }
  const ordered = sorted(query, filter.sort ?? 'name', ORDERS, [...byName('name'), 'id']);
  const rows = await ordered.offset(page.start).limit(page.max).execute();
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

/** Every PSAP by id, in pages. */
export async function* selectPsapPages(db: Queryable): AsyncGenerator<PsapRow[]> {
  for (let after: string | undefined; ; ) {
    let query = db.selectFrom('psaps').selectAll().orderBy('id').limit(PAGE_ROWS);
    if (after !== undefined) query = query.where('id', '>', after);
    const rows = await query.execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    yield rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
  }
}

/** The PSAP that already took over a mapping, if it is another one. */
export async function selectPsapOfSource(tx: Transaction, sourceId: string, exceptId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('psaps')
    .select('name')
    .where('sourceId', '=', sourceId)
    .where('id', '!=', exceptId)
    .executeTakeFirst();
  return row?.name ?? null;
}

export async function upsertPsap(tx: Transaction, psap: PsapRow): Promise<void> {
  const { id, ...values } = psap;
  const stored = { ...values, alternateUris: [...values.alternateUris], updatedAt: new Date(values.updatedAt) };
  await tx
    .insertInto('psaps')
    .values({ id, ...stored })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(stored))
    .execute();
}

/** What was removed; undefined when there was none. */
export async function deletePsap(tx: Transaction, id: string): Promise<PsapRow | undefined> {
  const row = await tx.deleteFrom('psaps').where('id', '=', id).returningAll().executeTakeFirst();
  return row && { ...row, updatedAt: row.updatedAt.toISOString() };
}

/** The PSAP, kept from changing until the transaction ends. */
export async function selectPsap(db: Queryable, id: string): Promise<PsapRow | undefined> {
  const row = await db.selectFrom('psaps').selectAll().where('id', '=', id).executeTakeFirst();
  return row && { ...row, updatedAt: row.updatedAt.toISOString() };
}

export async function selectPsapForUpdate(tx: Transaction, id: string): Promise<PsapRow | undefined> {
  const row = await tx.selectFrom('psaps').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && { ...row, updatedAt: row.updatedAt.toISOString() };
}

const ENTRY_COLUMNS = [
  'sourceId',
  'layer',
  'source',
  'serviceUrn',
  'uri',
  'displayName',
  'serviceNumber',
  'updatedAt',
  'version',
  'importId',
] as const;

/** Bytes of outlines that are read at once. */
const PAGE_BYTES = 256 * 1024;

/** A boundary and the size of its outline in bytes. */
export type SizedBoundary = BoundaryEntry & { outlineBytes: number };

/** Texts that boundaries have in common are few; more than that are not looked for. */
const MOST_COMMON_TEXTS = 1_000;

/** One text for all that are equal: what is kept of a layer is what the collector has to move. */
function textsKeptOnce(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size < MOST_COMMON_TEXTS) texts.set(text, text);
    return text;
  };
}

/**
 * Every imported boundary of a service that is in force, without its outline, by sourceId, in pages; `uri` is empty where only a
 * PSAP that took it over can be its destination. What is not asked for is left out here: with one more condition a database without
 * statistics, as it is after an import, would sort the whole table for every page.
 */
export async function* selectBoundaryEntries(db: Queryable): AsyncGenerator<SizedBoundary[]> {
  const once = textsKeptOnce();
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('serviceBoundaries')
      .select([...ENTRY_COLUMNS, 'kind', 'inForce'])
      .select(sql<number>`octet_length(outline)`.as('outlineBytes'))
      .where('sourceId', '>', after)
      .orderBy('sourceId')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.sourceId;
    const served = rows.filter(({ inForce, kind }) => kind === 'service' && inForce);
    yield served.map((row) => ({
      sourceId: row.sourceId,
      layer: once(row.layer),
      source: once(row.source),
      serviceUrn: once(row.serviceUrn),
      uri: row.uri,
      displayName: row.displayName,
      serviceNumber: once(row.serviceNumber),
      version: row.version,
      updatedAt: once(row.updatedAt.toISOString()),
      importId: once(row.importId),
      outlineBytes: row.outlineBytes,
    }));
  }
}

/** A piece of an outline: where it stands among the boundaries asked for, and from which of its bytes on. */
export type OutlinePiece = { place: number; from: number; bytes: Uint8Array };

/**
 * Outlines in pieces that the thread that answers calls can take in between answers. Throws OutlinesChangedError when a boundary is
 * no longer there in the version asked for.
 */
export async function* selectOutlines(db: Queryable, wanted: readonly WantedOutline[]): AsyncGenerator<OutlinePiece[]> {
  for (let start = 0; start < wanted.length; ) {
    const first = wanted[start] as WantedOutline;
    if (first.outlineBytes > PAGE_BYTES) {
      for (let from = 0; from < first.outlineBytes; from += PAGE_BYTES) {
        const row = await db
          .selectFrom('serviceBoundaries')
          .select(sql<Uint8Array>`substring(outline from ${from + 1}::int for ${PAGE_BYTES}::int)`.as('bytes'))
          .where('sourceId', '=', first.sourceId)
          .where('version', '=', first.version)
          .executeTakeFirst();
        if (!row) throw new OutlinesChangedError();
        yield [{ place: start, from, bytes: row.bytes }];
      }
      start++;
      continue;
    }
    let end = start;
    for (let bytes = 0; end < wanted.length && end - start < PAGE_ROWS; end++) {
      bytes += (wanted[end] as WantedOutline).outlineBytes;
      if (bytes > PAGE_BYTES) break;
    }
    const page = wanted.slice(start, end);
    const places = new Map(page.map(({ sourceId, version }, place) => [`${version} ${sourceId}`, start + place]));
    const rows = await db
      .selectFrom('serviceBoundaries')
      .select(['sourceId', 'version', 'outline'])
      .where(
        'sourceId',
        'in',
        page.map(({ sourceId }) => sourceId),
      )
      .execute();
    const pieces = rows.flatMap(({ sourceId, version, outline }) => {
      const place = places.get(`${version} ${sourceId}`);
      return place === undefined ? [] : [{ place, from: 0, bytes: outline }];
    });
    if (pieces.length < page.length) throw new OutlinesChangedError();
    yield pieces;
    start = end;
  }
}

/** Boundaries changed while they were read: whoever reads begins again. */
export class OutlinesChangedError extends Error {
  constructor() {
    super('boundaries changed while they were read');
    this.name = 'OutlinesChangedError';
  }
}
