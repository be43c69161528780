import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sql } from 'kysely';
import { partPattern } from '../../storage/conditions.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { CountyMatch, RegistryEntry } from './registry-entry.ts';
import type { ActiveEntry } from './registry-standing.ts';

/** Imports of registries run one after the other: each compares with what the one before left. */
const REGISTRY_LOCK = 911_000_003;
const BATCH = 500;
/** Rows that are read at once: some milliseconds of the thread that answers calls. */
const PAGE_ROWS = 250;
const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** Of so many imports the rows are kept, to go back to. */
export const VERSIONS_KEPT = 20;

export async function lockRegistry(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${REGISTRY_LOCK})`.execute(tx);
}

type EntryRow = Omit<RegistryEntry, 'changeCodes' | 'sourceIds' | 'match'> & {
  changeCodes: string[];
  sourceIds: string[];
  match: string;
};

function toEntry({ match, ...row }: EntryRow): RegistryEntry {
  return { ...row, match: match as CountyMatch };
}

const COLUMNS = [
  'key',
  'psapId',
  'name',
  'state',
  'county',
  'city',
  'changeCodes',
  'comments',
  'modifiedOn',
  'textTo911',
  'contact',
  'isActive',
  'sourceIds',
  'match',
] as const;

/** Every row of a registry as it stands, in pages. */
export async function* selectEntryPages(db: Queryable, source: string): AsyncGenerator<RegistryEntry[]> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('psapRegistryEntries')
      .select(COLUMNS)
      .where('source', '=', source)
      .where('key', '>', after)
      .orderBy('key')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.key;
    yield rows.map(toEntry);
  }
}

export type EntryFilter = { source?: string; state?: string; text?: string; isActive?: boolean };

export async function selectEntryPage(
  db: Queryable,
  filter: EntryFilter,
  page: { start: number; max: number },
): Promise<(RegistryEntry & { source: string })[]> {
  let query = db
    .selectFrom('psapRegistryEntries')
    .select(['source', ...COLUMNS])
    .orderBy('state')
    .orderBy('name')
    .orderBy('source')
    .orderBy('key')
    .offset(page.start)
    .limit(page.max);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state.toUpperCase());
  if (filter.isActive !== undefined) query = query.where('isActive', '=', filter.isActive);
  if (filter.text !== undefined) {
    const part = partPattern(filter.text.toLowerCase());
    query = query.where((eb) =>
      eb.or(
        (['name', 'county', 'city', 'psapId'] as const).map((column) =>
          eb(sql<string>`lower(${sql.ref(column)})`, 'like', part),
        ),
      ),
    );
  }
  return (await query.execute()).map(({ source, ...row }) => ({ source, ...toEntry(row) }));
}

/** PSAPs that take calls themselves, of every registry, as the worklist and the snapshot need them; in pages. */
export async function* selectActiveEntries(db: Queryable): AsyncGenerator<ActiveEntry[]> {
  for (let after = { source: '', key: '' }; ; ) {
    const rows = await db
      .selectFrom('psapRegistryEntries')
      .select([
        'source',
        'key',
        'psapId',
        'name',
        'city',
        'county',
        'changeCodes',
        'match',
        'textTo911',
        'contact',
        'sourceIds',
      ])
      .where('isActive', '=', true)
      .where(sql<boolean>`(source, key) > (${after.source}, ${after.key})`)
      .orderBy('source')
      .orderBy('key')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last;
    yield rows.map((row) => ({ ...row, match: row.match as CountyMatch }));
  }
}

/**
 * A text that changes with every import and every choice: equal ones mean equal rows. Every import that changed something is listed
 * for good, so their number stands for the entries.
 */
export async function selectRegistryState(db: Queryable): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select (select count(*) from psap_registry_imports) || ' ' || coalesce((
      select md5(string_agg(concat_ws('|', source_id, registry_source, entry_key, chosen_at), ',' order by source_id))
      from psap_choices), '') as state`.execute(db);
  return rows[0]?.state ?? '';
}

/** The row, where it is of a PSAP that takes calls itself. */
export async function selectActiveEntry(
  db: Queryable,
  { source, key }: { source: string; key: string },
): Promise<{ sourceIds: readonly string[] } | undefined> {
  return db
    .selectFrom('psapRegistryEntries')
    .select('sourceIds')
    .where('source', '=', source)
    .where('key', '=', key)
    .where('isActive', '=', true)
    .executeTakeFirst();
}

export async function writeEntries(
  tx: Transaction,
  source: string,
  change: { write: readonly RegistryEntry[]; removedKeys: readonly string[] },
): Promise<void> {
  const gone = [...change.removedKeys, ...change.write.map(({ key }) => key)];
  for (let start = 0; start < gone.length; start += BATCH) {
    await tx
      .deleteFrom('psapRegistryEntries')
      .where('source', '=', source)
      .where('key', 'in', gone.slice(start, start + BATCH))
      .execute();
  }
  for (let start = 0; start < change.write.length; start += BATCH) {
    await tx
      .insertInto('psapRegistryEntries')
      .values(
        change.write.slice(start, start + BATCH).map((entry) => ({
          ...entry,
          source,
          changeCodes: [...entry.changeCodes],
          sourceIds: [...entry.sourceIds],
        })),
      )
      .execute();
  }
}

/** An import as it is listed. */
export type RegistryImportRow = {
  id: string;
  source: string;
  title: string;
  actor: string;
  importedAt: Date;
  restoredFrom: string | null;
  entryCount: number;
  added: number;
  changed: number;
  removed: number;
};

/** Stores what an import left, and lets go of the rows of those that are too many. */
export async function insertRegistryImport(
  tx: Transaction,
  row: RegistryImportRow,
  entries: readonly RegistryEntry[],
): Promise<void> {
  await tx
    .insertInto('psapRegistryImports')
    .values({ ...row, entries: await pack(JSON.stringify(entries)) })
    .execute();
  const kept = tx
    .selectFrom('psapRegistryImports')
    .select('id')
    .where('source', '=', row.source)
    .orderBy('importedAt', 'desc')
    .orderBy('id')
    .limit(VERSIONS_KEPT);
  await tx
    .updateTable('psapRegistryImports')
    .set({ entries: null })
    .where('source', '=', row.source)
    .where('id', 'not in', kept)
    .execute();
}

/** Newest first; `isKept`: whether one can go back to it. */
export async function selectRegistryImports(
  db: Queryable,
  page: { start: number; max: number },
): Promise<(RegistryImportRow & { isKept: boolean })[]> {
  return db
    .selectFrom('psapRegistryImports')
    .select(({ eb }) => [
      'id',
      'source',
      'title',
      'actor',
      'importedAt',
      'restoredFrom',
      'entryCount',
      'added',
      'changed',
      'removed',
      eb('entries', 'is not', null).$castTo<boolean>().as('isKept'),
    ])
    .orderBy('importedAt', 'desc')
    .orderBy('id')
    .offset(page.start)
    .limit(page.max)
    .execute();
}

/** What an import left; `entries` undefined when they are kept no more. */
export async function selectRegistryImport(
  db: Queryable,
  id: string,
): Promise<{ source: string; title: string; entries: RegistryEntry[] | undefined } | undefined> {
  const row = await db
    .selectFrom('psapRegistryImports')
    .select(['source', 'title', 'entries'])
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      source: row.source,
      title: row.title,
      entries:
        row.entries === null
          ? undefined
          : (JSON.parse((await unpack(row.entries)).toString('utf8')) as RegistryEntry[]),
    }
  );
}

/** What the operator decided for a boundary: one entry of a registry, or (both null) the relay centre. */
export type PsapChoiceRow = {
  sourceId: string;
  registrySource: string | null;
  entryKey: string | null;
  reason: string;
  actor: string;
  chosenAt: Date;
};

/** In pages. */
export async function* selectPsapChoices(db: Queryable): AsyncGenerator<PsapChoiceRow[]> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('psapChoices')
      .selectAll()
      .where('sourceId', '>', after)
      .orderBy('sourceId')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.sourceId;
    yield rows;
  }
}

export async function selectPsapChoiceForUpdate(tx: Transaction, sourceId: string): Promise<PsapChoiceRow | undefined> {
  return tx.selectFrom('psapChoices').selectAll().where('sourceId', '=', sourceId).forUpdate().executeTakeFirst();
}

export async function upsertPsapChoice(tx: Transaction, row: PsapChoiceRow): Promise<void> {
  const { sourceId: _key, ...values } = row;
  await tx
    .insertInto('psapChoices')
    .values(row)
    .onConflict((conflict) => conflict.column('sourceId').doUpdateSet(values))
    .execute();
}

export async function deletePsapChoice(tx: Transaction, sourceId: string): Promise<void> {
  await tx.deleteFrom('psapChoices').where('sourceId', '=', sourceId).execute();
}
