import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { DrillTarget } from '../recipients/judge-drill.ts';
import type { Drill, DrillItem, DrillRecipient, DrillResult } from './drill.ts';

/** Where a page ends. */
export type DrillCursor = { startedAt: string; id: string };

type DrillRow = {
  id: string;
  incidentId: string;
  startedAt: Date;
  startedBy: string;
  locationId: string | null;
  responseLocationId: string | null;
  target: object;
  note: string;
};

function drillOf({ startedAt, target, ...row }: DrillRow): Omit<Drill, 'told'> {
  return { ...row, startedAt: startedAt.toISOString(), target: target as DrillTarget };
}

const COLUMNS = [
  'id',
  'incidentId',
  'startedAt',
  'startedBy',
  'locationId',
  'responseLocationId',
  'target',
  'note',
] as const;

export async function insertDrill(tx: Transaction, organizationId: string, drill: Drill): Promise<void> {
  const { target, told, startedAt, ...columns } = drill;
  await tx
    .insertInto('alertDrills')
    .values({
      ...columns,
      organizationId,
      startedAt: new Date(startedAt),
      trigger: target.kind === 'trigger' ? target.trigger : 'drill',
      target: JSON.stringify(target),
      told: JSON.stringify(told),
    })
    .execute();
}

/** Newest first unless told. */
export async function selectDrills(
  db: Queryable,
  organizationId: string,
  page: {
    max: number;
    before: DrillCursor | undefined;
    sort?: SortWord<'startedAt'> | undefined;
    text?: string | undefined;
  },
): Promise<DrillItem[]> {
  const direction = page.sort === 'startedAt' ? 'asc' : 'desc';
  let query = db
    .selectFrom('alertDrills')
    .select([...COLUMNS, sql<number>`jsonb_array_length(told)`.as('recipients')])
    .where('organizationId', '=', organizationId)
    .orderBy('startedAt', direction)
    .orderBy('id', direction)
    .limit(page.max);
  if (page.text !== undefined) {
    query = query.where(sql<boolean>`position(lower(${page.text}) in lower(concat(note, ' ', started_by))) > 0`);
  }
  if (page.before) {
    const { startedAt, id } = page.before;
    const isAfter = direction === 'asc' ? sql`>` : sql`<`;
    query = query.where(sql<boolean>`(started_at, id) ${isAfter} (${new Date(startedAt)}::timestamptz, ${id}::uuid)`);
  }
  return (await query.execute()).map(({ recipients, ...row }) => ({ ...drillOf(row), recipients }));
}

export async function findDrill(db: Queryable, organizationId: string, id: string): Promise<Drill | undefined> {
  const row = await db
    .selectFrom('alertDrills')
    .select([...COLUMNS, 'told'])
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { told, ...columns } = row;
  return { ...drillOf(columns), told: told as readonly DrillRecipient[] };
}

type DrillReceipt = Pick<DrillResult, 'attempts' | 'response' | 'lastError'> & {
  key: string;
  state: string;
  queuedAt: Date;
  acceptedAt: Date | null;
};

/** What became of the messages of a drill, by key. */
export async function selectDrillReceipts(
  db: Queryable,
  organizationId: string,
  incidentId: string,
): Promise<ReadonlyMap<string, DrillReceipt>> {
  const rows = await db
    .selectFrom('alertReceipts')
    .select(['key', 'state', 'attempts', 'queuedAt', 'acceptedAt', 'response', 'lastError'])
    .where('organizationId', '=', organizationId)
    .where('incidentId', '=', incidentId)
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
}
