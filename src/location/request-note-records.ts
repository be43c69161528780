import { type Selectable, sql } from 'kysely';
import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { type SortedBy, sorted } from '../storage/sorted.ts';
import type { DeviceTables } from '../storage/tables/device-tables.ts';
import type { Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';

export type UnmappedRow = Selectable<DeviceTables['unmappedElements']>;
export type SightingRow = Selectable<DeviceTables['elementSightings']>;
export type UriUseRow = Selectable<DeviceTables['locationUriUses']>;

/** So many of an organization at most; those seen last stay. */
export const MAX_UNMAPPED_KEPT = 10_000;

export type UnmappedQuery = {
  kind?: string | undefined;
  /** Part of value, port or sample device. */
  text?: string | undefined;
  /** `-seenCount` unless told. */
  sort?: SortWord<UnmappedColumn> | undefined;
};

export type UnmappedColumn = 'value' | 'kind' | 'seenCount' | 'lastSeenAt' | 'sampleDevice' | 'rule';

const UNMAPPED_ORDERS: Readonly<Record<UnmappedColumn, readonly SortedBy[]>> = {
  value: ['value', 'port'],
  kind: ['kind', 'value', 'port'],
  seenCount: ['seenCount'],
  lastSeenAt: ['lastSeenAt'],
  sampleDevice: ['sampleDevice'],
  rule: [sql`coalesce(rule, '')`],
};

/** Adds to what was seen before; the newest device and rule stand for all. */
export async function addUnmapped(tx: Transaction, rows: readonly UnmappedRow[]): Promise<void> {
  await tx
    .insertInto('unmappedElements')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'kind', 'value', 'port']).doUpdateSet((eb) => ({
        seenCount: sql<string>`unmapped_elements.seen_count + excluded.seen_count`,
        lastSeenAt: sql<Date>`greatest(unmapped_elements.last_seen_at, excluded.last_seen_at)`,
        sampleDevice: eb.ref('excluded.sampleDevice'),
        rule: eb.ref('excluded.rule'),
      })),
    )
    .execute();
}

/** Elements seen since `since` of which nobody was told since then; they count as told from now on. The oldest first. */
export async function takeUntold(
  tx: Transaction,
  organizationId: string,
  since: Date,
  now: Date,
): Promise<Pick<UnmappedRow, 'kind' | 'value' | 'port' | 'firstSeenAt'>[]> {
  const rows = await tx
    .updateTable('unmappedElements')
    .set({ toldAt: now })
    .where('organizationId', '=', organizationId)
    .where('dismissedAt', 'is', null)
    .where('lastSeenAt', '>', since)
    .where((eb) => eb.or([eb('toldAt', 'is', null), eb('toldAt', '<=', since)]))
    .returning(['kind', 'value', 'port', 'firstSeenAt'])
    .execute();
  return rows.sort((one, other) => one.firstSeenAt.getTime() - other.firstSeenAt.getTime());
}

/** Keeps the `max` elements seen last. */
export async function trimUnmapped(tx: Transaction, organizationId: string, max: number): Promise<void> {
  const surplus = await tx
    .selectFrom('unmappedElements')
    .select('lastSeenAt')
    .where('organizationId', '=', organizationId)
    .orderBy('lastSeenAt', 'desc')
    .offset(max)
    .limit(1)
    .executeTakeFirst();
  if (surplus === undefined) return;
  await tx
    .deleteFrom('unmappedElements')
    .where('organizationId', '=', organizationId)
    .where('lastSeenAt', '<=', surplus.lastSeenAt)
    .execute();
}

/** Without what was dismissed; the one seen most first unless told. */
export async function selectUnmapped(
  db: Queryable,
  organizationId: string,
  { kind, text, sort = '-seenCount' }: UnmappedQuery,
  window: Window,
): Promise<{ rows: UnmappedRow[]; total: number }> {
  let query = db
    .selectFrom('unmappedElements')
    .where('organizationId', '=', organizationId)
    .where('dismissedAt', 'is', null);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (text !== undefined) {
    const pattern = partPattern(text.toLowerCase());
    query = query.where((eb) =>
      eb.or([eb('value', 'like', pattern), eb('port', 'like', pattern), eb('sampleDevice', 'like', pattern)]),
    );
  }
  const rows = await sorted(query.selectAll(), sort, UNMAPPED_ORDERS, ['id'])
    .limit(window.max)
    .offset(window.start)
    .execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

export async function selectOneUnmapped(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<UnmappedRow | undefined> {
  return db
    .selectFrom('unmappedElements')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('dismissedAt', 'is', null)
    .executeTakeFirst();
}

export async function deleteUnmapped(tx: Queryable, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('unmappedElements').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

/** It stays, so that it is not offered again when it is seen again. */
export async function markDismissed(tx: Transaction, organizationId: string, id: string, now: Date): Promise<void> {
  await tx
    .updateTable('unmappedElements')
    .set({ dismissedAt: now })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function upsertSightings(tx: Transaction, rows: readonly SightingRow[]): Promise<void> {
  await tx
    .insertInto('elementSightings')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['organizationId', 'kind', 'value', 'port'])
        .doUpdateSet({ lastSeenAt: sql<Date>`greatest(element_sightings.last_seen_at, excluded.last_seen_at)` }),
    )
    .execute();
}

export async function addUriUses(tx: Transaction, rows: readonly UriUseRow[]): Promise<void> {
  await tx
    .insertInto('locationUriUses')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'referenceId']).doUpdateSet({
        useCount: sql<string>`location_uri_uses.use_count + excluded.use_count`,
        lastUsedAt: sql<Date>`greatest(location_uri_uses.last_used_at, excluded.last_used_at)`,
      }),
    )
    .execute();
}

export async function selectUriUse(
  db: Queryable,
  organizationId: string,
  referenceId: string,
): Promise<UriUseRow | undefined> {
  return db
    .selectFrom('locationUriUses')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('referenceId', '=', referenceId)
    .executeTakeFirst();
}

/** Forgets what was not seen since `before`, uses of URIs that have expired, and sightings of elements that are gone. */
export async function forgetOldNotes(tx: Transaction, now: Date, before: Date): Promise<void> {
  await tx.deleteFrom('unmappedElements').where('lastSeenAt', '<', before).execute();
  await tx.deleteFrom('locationUriUses').where('expiresAt', '<', now).execute();
  await tx
    .deleteFrom('elementSightings')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('wireMapElements')
            .select('wireMapElements.id')
            .whereRef('wireMapElements.organizationId', '=', 'elementSightings.organizationId')
            .whereRef('wireMapElements.kind', '=', 'elementSightings.kind')
            .whereRef('wireMapElements.value', '=', 'elementSightings.value')
            .whereRef('wireMapElements.port', '=', 'elementSightings.port'),
        ),
      ),
    )
    .execute();
}
