import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { CallFlag, CallRecord } from '../domain/call-record.ts';
import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { SortWord } from '../support/sort-order.ts';

/** A call's record and the same as JSON. */
export type WrittenRecord = { record: CallRecord; json: string };

/** An escape of NUL or of a surrogate, as JSON.stringify writes them. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** JSON that PostgreSQL takes: what callers send may hold NUL and lone surrogates, which jsonb refuses. */
function toStorable({ record, json }: WrittenRecord): string {
  if (!json.includes('\\u') || !UNSTORABLE.test(json)) return json;
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/**
 * Writes the records that are newer than what is stored, and gives the ids of those that were not there: their alerts are
 * to be enqueued in the same transaction. Each id may occur once. `replaced` holds the versions known to be stored, by call; those
 * of other calls are added to it.
 */
export async function upsertCalls(
  tx: Transaction,
  written: readonly WrittenRecord[],
  replaced: Map<string, CallRecord> = new Map(),
): Promise<ReadonlySet<string>> {
  const known = written.filter(({ record }) => replaced.has(record.id));
  const updated = await updateCalls(tx, known);
  // What was stored may be gone, with a database that was set back: it is written again.
  const others = written.filter(({ record }) => !updated.has(record.id));
  const added = await insertCalls(tx, others);
  const older = others.filter(({ record }) => !added.has(record.id) && !replaced.has(record.id));
  const olderIds = older.map(({ record }) => record.id);
  for (const { id, record } of await selectRecords(tx, olderIds)) replaced.set(id, record as CallRecord);
  await updateCalls(tx, older);
  return added;
}

/** One parameter, however many records: the columns are what the records say. */
function toParameter(written: readonly WrittenRecord[]): string {
  let list = '';
  // Appended one by one: `join` takes the engine twice as long for texts of this size.
  for (const one of written) list += list === '' ? `[${toStorable(one)}` : `,${toStorable(one)}`;
  return `${list}]`;
}

/** Gives the ids of those that were not there. */
async function insertCalls(tx: Transaction, written: readonly WrittenRecord[]): Promise<ReadonlySet<string>> {
  if (written.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    insert into emergency_calls
      (id, version, call_id, kind, started_at, organization_id, location_id, outcome, alerted, record)
    select (r->>'id')::uuid, (r->>'version')::integer, r->>'callId', r->>'kind', (r->>'startedAt')::timestamptz,
      (r->>'organizationId')::uuid, r->'location'->>'locationId', r->>'outcome', r->>'kind' = '911', r
    from jsonb_array_elements(${toParameter(written)}::jsonb) as r
    on conflict (id) do nothing
    returning id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** Gives the ids of those that were there in an earlier version. */
async function updateCalls(tx: Transaction, written: readonly WrittenRecord[]): Promise<ReadonlySet<string>> {
  if (written.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    update emergency_calls as c
    set version = (r->>'version')::integer, organization_id = (r->>'organizationId')::uuid,
      location_id = r->'location'->>'locationId', outcome = r->>'outcome', record = r
    from jsonb_array_elements(${toParameter(written)}::jsonb) as r
    where c.id = (r->>'id')::uuid and c.version < (r->>'version')::integer
    returning c.id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

async function selectRecords(tx: Transaction, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return tx.selectFrom('emergencyCalls').select(['id', 'record']).where('id', 'in', ids).execute();
}

/** Where a page ends: the start and id of its last call. */
export type CallCursor = { startedAt: string; id: string };

/** What a call must be to be listed; a filter left out does not filter. */
export type CallFilter = {
  kind?: CallRecord['kind'] | undefined;
  outcome?: CallRecord['outcome'] | undefined;
  /** Started then or later. */
  since?: Date | undefined;
  /** Started before. */
  until?: Date | undefined;
  locationId?: string | undefined;
  /** Every one of them. */
  flags?: readonly CallFlag[] | undefined;
  /** Of the caller or for callbacks, E.164 or an extension. */
  number?: string | undefined;
  /** URI or source id, whole, or any part of the name. */
  destination?: string | undefined;
  /** Any part of numbers, names, places and identifiers. */
  text?: string | undefined;
  /** `-startedAt` unless told. */
  sort?: SortWord<'startedAt'> | undefined;
};

/** So many records are looked into at a time for what no index knows: on the embedded database nothing else runs meanwhile. */
const SCAN = 2_000;

/** The conditions that have to look into the record. */
function contentConditions({ flags, number, destination, text }: CallFilter): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (flags && flags.length > 0) {
    conditions.push(sql<SqlBool>`record->'flags' @> ${JSON.stringify(flags)}::jsonb`);
  }
  if (number !== undefined) {
    conditions.push(sql<SqlBool>`${number} in (record->'caller'->>'number', record->'callback'->>'number')`);
  }
  if (destination !== undefined) {
    conditions.push(sql<SqlBool>`(${destination} in (record->'destination'->>'uri', record->'destination'->>'sourceId')
      or record->'destination'->>'name' ilike ${partPattern(destination)})`);
  }
  if (text !== undefined) {
    conditions.push(sql<SqlBool>`concat_ws(' ', record->>'callId', record->>'emergencyCallId', record->>'incidentId',
      record->>'dialed', record->>'peer', record->'caller'->>'number', record->'caller'->>'displayName',
      record->'callback'->>'number', record->'location'->>'text', record->'destination'->>'name',
      record->'destination'->>'uri', record->>'spokenText') ilike ${partPattern(text)}`);
  }
  return conditions;
}

/** Newest first unless told. `organizationId` null: every call, also those of unknown organizations. */
export async function selectCalls(
  db: Queryable,
  filter: CallFilter & {
    organizationId: string | null;
    locationIds?: readonly string[] | undefined;
    max: number;
    /** Where the page before ended. */
    before?: CallCursor | undefined;
  },
): Promise<{
  records: CallRecord[];
  /** Where the search stopped although there may be more; null when everything was searched or `max` were found. */
  searchedTo: CallCursor | null;
}> {
  const { kind, outcome, since, until, locationId, locationIds, organizationId, before, max, sort } = filter;
  const direction = sort === 'startedAt' ? 'asc' : 'desc';
  const [isAfter, isUpTo] = direction === 'asc' ? [sql`>`, sql`<=`] : [sql`<`, sql`>=`];
  const contents = contentConditions(filter);
  let query = db
    .selectFrom('emergencyCalls')
    .select(['record', 'startedAt', 'id'])
    .orderBy('startedAt', direction)
    .orderBy('id', direction)
    .limit(contents.length === 0 ? max : SCAN);
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  if (locationIds) query = query.where('locationId', 'in', locationIds.length > 0 ? [...locationIds] : ['']);
  if (locationId !== undefined) query = query.where('locationId', '=', locationId);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (since !== undefined) query = query.where('startedAt', '>=', since);
  if (until !== undefined) query = query.where('startedAt', '<', until);
  if (before) {
    const { startedAt, id } = before;
    query = query.where(sql<boolean>`(started_at, id) ${isAfter} (${new Date(startedAt)}::timestamptz, ${id}::uuid)`);
  }
  if (contents.length === 0) {
    const rows = await query.execute();
    return { records: rows.map(({ record }) => record as CallRecord), searchedTo: null };
  }
  // Before the search, which goes exactly so far: a call that is added meanwhile would shift the end otherwise.
  const end = await query
    .clearSelect()
    .select(['startedAt', 'id'])
    .offset(SCAN - 1)
    .limit(1)
    .executeTakeFirst();
  const searched = end
    ? query
        .clearLimit()
        .where(sql<boolean>`(started_at, id) ${isUpTo} (${end.startedAt}::timestamptz, ${end.id}::uuid)`)
    : query;
  const found = await db
    .with('searched', () => searched)
    .selectFrom('searched')
    .select('record')
    .where(sql.join<SqlBool>(contents, sql` and `))
    .orderBy('startedAt', direction)
    .orderBy('id', direction)
    .limit(max)
    .execute();
  const records = found.map(({ record }) => record as CallRecord);
  if (records.length === max || !end) return { records, searchedTo: null };
  return { records, searchedTo: { startedAt: end.startedAt.toISOString(), id: end.id } };
}

/** The newest records of these calls, by id. */
export async function selectCallsById(db: Queryable, ids: readonly string[]): Promise<Map<string, CallRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('emergencyCalls')
    .select(['id', 'record'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, record }) => [id, record as CallRecord]));
}

export async function selectCall(
  db: Queryable,
  organizationId: string | null,
  id: string,
): Promise<CallRecord | undefined> {
  let query = db.selectFrom('emergencyCalls').select('record').where('id', '=', id);
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  return (await query.executeTakeFirst())?.record as CallRecord | undefined;
}
