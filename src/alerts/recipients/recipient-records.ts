import { type Expression, type Selectable, type SqlBool, sql } from 'kysely';
import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { byName, type SortedBy, sorted } from '../../storage/sorted.ts';
import type { AlertRecipientsTables } from '../../storage/tables/alert-recipients-tables.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { AlertChannel, AlertEndpoint } from '../alert-endpoint.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import type { AlertSchedule } from './alert-schedule.ts';
import { nameKey } from './name-key.ts';

/** Whose rows are wanted; without `organizationId` those of every organization. */
export type RowChoice = {
  organizationId: string | undefined;
  ids?: readonly string[] | undefined;
  /** Part of a list; absent: all. */
  window?: { start: number; max: number } | undefined;
};

export type RecipientColumn = 'name' | 'language';

export type RecipientFilter = {
  /** `name` unless told. */
  sort?: SortWord<RecipientColumn> | undefined;
  /** Part of the name, of an address or of a number, in any case. */
  text?: string | undefined;
  channel?: AlertChannel | undefined;
  groupId?: string | undefined;
  connectionId?: string | undefined;
};

export type OfOrganization<Item> = Item & { organizationId: string };

type Row = Selectable<AlertRecipientsTables['alertRecipients']>;

const BATCH = 1_000;
const RECIPIENTS_LOCK = 911_000_034;

/**
 * Whoever changes recipients, groups, rules or settings of an organization waits for whoever does at the moment: what is removed is
 * not named meanwhile, what one changes another does not put back, and nobody waits in a circle.
 */
export async function lockRecipients(tx: Transaction, organizationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${RECIPIENTS_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

function recipientOf(row: Row): OfOrganization<AlertRecipient> {
  return {
    organizationId: row.organizationId,
    id: row.id,
    name: row.name,
    language: row.language as AlertLanguage,
    timeZone: row.timeZone,
    schedule: row.schedule as AlertSchedule | null,
    endpoints: row.endpoints as readonly AlertEndpoint[],
  };
}

function valuesOf(recipient: AlertRecipient) {
  return {
    name: recipient.name,
    nameKey: nameKey(recipient.name),
    language: recipient.language,
    timeZone: recipient.timeZone,
    schedule: recipient.schedule && JSON.stringify(recipient.schedule),
    endpoints: JSON.stringify(recipient.endpoints),
  };
}

const ORDERS: Readonly<Record<RecipientColumn, readonly SortedBy[]>> = { name: [], language: ['language'] };

function foundRecipients(db: Queryable, { channel, connectionId, groupId, text }: RecipientFilter) {
  let query = db.selectFrom('alertRecipients');
  if (channel !== undefined || connectionId !== undefined) {
    query = query.where(holdsEndpoint({ ...(channel && { channel }), ...(connectionId && { connectionId }) }));
  }
  if (groupId !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('alertGroupMembers')
          .select('groupId')
          .whereRef('recipientId', '=', 'alertRecipients.id')
          .where('groupId', '=', groupId),
      ),
    );
  }
  if (text !== undefined) {
    query = query.where(
      sql<SqlBool>`(position(${nameKey(text)} in name_key) > 0 or exists (
        select from jsonb_array_elements(endpoints) as one (endpoint)
        where position(${text.trim().toLowerCase()} in lower(coalesce(endpoint->>'address', endpoint->>'number', ''))) > 0))`,
    );
  }
  return query;
}

const TIES = [...byName('nameKey'), 'id'];

/** Of all that the filter leaves, in its order. */
export async function selectFoundRecipientIds(
  db: Queryable,
  organizationId: string,
  filter: RecipientFilter,
): Promise<string[]> {
  const query = foundRecipients(db, filter).select('id').where('organizationId', '=', organizationId);
  return (await sorted(query, filter.sort ?? 'name', ORDERS, TIES).execute()).map(({ id }) => id);
}

/** By name unless told. */
export async function selectRecipients(
  db: Queryable,
  { organizationId, ids, window }: RowChoice,
  { filter = {} }: { filter?: RecipientFilter } = {},
): Promise<OfOrganization<AlertRecipient>[]> {
  let query = sorted(foundRecipients(db, filter).selectAll(), filter.sort ?? 'name', ORDERS, TIES);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  if (ids !== undefined) query = query.where(idIn(ids));
  if (window !== undefined) query = query.offset(window.start).limit(window.max);
  return (await query.execute()).map(recipientOf);
}

function idIn(ids: readonly string[]): Expression<SqlBool> {
  return sql<SqlBool>`id = any(${[...ids]}::uuid[])`;
}

function holdsEndpoint(part: Partial<Record<'channel' | 'connectionId' | 'subscriptionId', string>>) {
  return sql<SqlBool>`endpoints @> ${JSON.stringify([part])}::jsonb`;
}

/** Those of the ids that are recipients of the organization. */
export async function selectRecipientIds(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('alertRecipients')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where(idIn(ids))
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Some names of recipients that are reached over a connection, or in a browser. */
export async function selectNamesByEndpoint(
  db: Queryable,
  organizationId: string,
  part: { connectionId: string } | { subscriptionId: string },
  max: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('alertRecipients')
    .select('name')
    .where('organizationId', '=', organizationId)
    .where(holdsEndpoint(part))
    .orderBy('nameKey')
    .limit(max)
    .execute();
  return rows.map(({ name }) => name);
}

export async function insertRecipients(
  tx: Transaction,
  organizationId: string,
  recipients: readonly AlertRecipient[],
  now: Date,
): Promise<void> {
  for (let from = 0; from < recipients.length; from += BATCH) {
    const rows = recipients.slice(from, from + BATCH).map((recipient) => ({
      id: recipient.id,
      organizationId,
      ...valuesOf(recipient),
      createdAt: now,
      updatedAt: now,
    }));
    await tx.insertInto('alertRecipients').values(rows).execute();
  }
}

export async function updateRecipientRow(
  tx: Transaction,
  organizationId: string,
  recipient: AlertRecipient,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('alertRecipients')
    .set({ ...valuesOf(recipient), updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('id', '=', recipient.id)
    .execute();
}

export async function deleteRecipientRow(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('alertRecipients').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}
