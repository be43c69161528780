import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { AuditTables } from '../storage/tables/audit-tables.ts';
import type { SortWord } from '../support/sort-order.ts';

export type AuditRow = Selectable<AuditTables['auditEntries']>;

/** What is asked for; a filter left out does not filter. */
export type AuditFilter = {
  /** Id or name. */
  actor?: string | undefined;
  /** Whole (`location.updated`), or with a star at its end (`location.*`). */
  action?: string | undefined;
  /** Whole (`location <uuid>`), or with a star at its end (`location *`). */
  subject?: string | undefined;
  trackingId?: string | undefined;
  /** Part of the action, of the subject or of who acted, in any case. */
  text?: string | undefined;
  /** At that moment or later. */
  since?: Date | undefined;
  /** Before that moment. */
  until?: Date | undefined;
  /** Continues a list: only entries older than this one. */
  beforeSequence?: string | undefined;
  /** Continues a list from the oldest: only entries newer than this one. */
  afterSequence?: string | undefined;
  /** `-at` unless told. */
  sort?: SortWord<'at'> | undefined;
};

function orNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Gives its place in the trail. */
export async function insertAuditRow(tx: Transaction, row: Omit<AuditRow, 'sequence'>): Promise<string> {
  const { sequence } = await tx
    .insertInto('auditEntries')
    .values({
      ...row,
      detail: JSON.stringify(row.detail),
      before: orNull(row.before),
      after: orNull(row.after),
    })
    .returning('sequence')
    .executeTakeFirstOrThrow();
  return sequence;
}

/** What entries are about; without `actions` whatever was done to it. */
export type VersionOf = { subjects: readonly string[]; actions?: readonly string[] | undefined };

export async function selectNewestAbout(
  db: Queryable,
  organizationId: string | null,
  { actions, subjects }: VersionOf,
): Promise<AuditRow | undefined> {
  let query = db
    .selectFrom('auditEntries')
    .selectAll()
    .where('organizationId', organizationId === null ? 'is' : '=', organizationId)
    .where('subject', 'in', [...subjects])
    .orderBy('sequence', 'desc')
    .limit(1);
  if (actions !== undefined) query = query.where('action', 'in', [...actions]);
  return query.executeTakeFirst();
}

/** Newest first unless told. */
export async function selectAuditRows(
  db: Queryable,
  organizationId: string | null,
  filter: AuditFilter,
  max: number,
): Promise<AuditRow[]> {
  let query = db
    .selectFrom('auditEntries')
    .selectAll()
    .where('organizationId', organizationId === null ? 'is' : '=', organizationId)
    .orderBy('sequence', filter.sort === 'at' ? 'asc' : 'desc')
    .limit(max);
  const { actor, text, trackingId } = filter;
  if (actor !== undefined) query = query.where((eb) => eb.or([eb('actor', '=', actor), eb('actorLabel', '=', actor)]));
  if (trackingId !== undefined) query = query.where('trackingId', '=', trackingId);
  if (text !== undefined) {
    const said = sql`concat_ws(' ', action, subject, actor, actor_label)`;
    query = query.where(sql<boolean>`position(lower(${text}) in lower(${said})) > 0`);
  }
  for (const column of ['action', 'subject'] as const) {
    const wanted = filter[column];
    if (wanted === undefined) continue;
    query = wanted.endsWith('*')
      ? query.where((eb) => eb(eb.fn('starts_with', [column, eb.val(wanted.slice(0, -1))]), '=', true))
      : query.where(column, '=', wanted);
  }
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.beforeSequence !== undefined) query = query.where('sequence', '<', filter.beforeSequence);
  if (filter.afterSequence !== undefined) query = query.where('sequence', '>', filter.afterSequence);
  return query.execute();
}
