import { sql } from 'kysely';
import type { AlertSeverity } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { Receipt, ReceiptState } from './receipt.ts';

/** Which receipts; what is absent does not matter. */
export type ReceiptFilter = {
  channel?: AlertChannel | undefined;
  states?: readonly ReceiptState[] | undefined;
  kind?: string | undefined;
  severity?: AlertSeverity | undefined;
  callId?: string | undefined;
  incidentId?: string | undefined;
  /** Any part of whom it went to, in any case. */
  recipient?: string | undefined;
  /** Queued at that moment or later. */
  since?: Date | undefined;
  /** Queued before that moment. */
  until?: Date | undefined;
};

/** Where a page ends; `queuedAt` as text, because a Date has no microseconds. */
export type ReceiptCursor = { queuedAt: string; key: string };

function receipts(db: Queryable, organizationId: string) {
  return db.selectFrom('alertReceipts').selectAll().where('organizationId', '=', organizationId);
}

type ReceiptRow = Awaited<ReturnType<ReturnType<typeof receipts>['execute']>>[number];

function receiptOf(row: ReceiptRow): Receipt {
  const { key, callId, incidentId, kind, recipient, recipientId, reasons, messageId, attempts } = row;
  const { queuedAt, resentAt, lastAttemptAt, acceptedAt, response, lastError, message } = row;
  return {
    key,
    callId,
    incidentId,
    kind,
    severity: row.severity as AlertSeverity,
    channel: row.channel as AlertChannel,
    recipient,
    recipientId,
    reasons,
    messageId,
    state: row.state as ReceiptState,
    attempts,
    queuedAt,
    resentAt,
    lastAttemptAt,
    acceptedAt,
    response,
    lastError,
    canResend: message !== null && (row.state === 'exhausted' || row.state === 'failed'),
  };
}

export async function selectReceiptsOfCall(db: Queryable, organizationId: string, callId: string): Promise<Receipt[]> {
  const rows = await receipts(db, organizationId).where('callId', '=', callId).orderBy('recipient').execute();
  return rows.map(receiptOf);
}

export async function selectReceiptsOfIncident(
  db: Queryable,
  organizationId: string,
  incidentId: string,
): Promise<Receipt[]> {
  const rows = await receipts(db, organizationId)
    .where('incidentId', '=', incidentId)
    .orderBy('queuedAt')
    .orderBy('recipient')
    .execute();
  return rows.map(receiptOf);
}

function condition(filter: ReceiptFilter) {
  const { channel, states, kind, severity, callId, incidentId, recipient, since, until } = filter;
  const parts = [
    channel && sql<boolean>`channel = ${channel}`,
    states && sql<boolean>`state = any (${states}::text[])`,
    kind && sql<boolean>`kind = ${kind}`,
    severity && sql<boolean>`severity = ${severity}`,
    callId && sql<boolean>`call_id = ${callId}::uuid`,
    incidentId && sql<boolean>`incident_id = ${incidentId}`,
    recipient && sql<boolean>`position(lower(${recipient}::text) in lower(recipient)) > 0`,
    since && sql<boolean>`queued_at >= ${since.toISOString()}::timestamptz`,
    until && sql<boolean>`queued_at < ${until.toISOString()}::timestamptz`,
  ].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(parts, sql` and `)}`;
}

/** Newest first unless told. */
export async function selectReceipts(
  db: Queryable,
  organizationId: string,
  filter: ReceiptFilter,
  page: { max: number; before: ReceiptCursor | undefined; sort?: SortWord<'queuedAt'> | undefined },
): Promise<{ receipt: Receipt; cursor: ReceiptCursor }[]> {
  const { max, before, sort } = page;
  const direction = sort === 'queuedAt' ? 'asc' : 'desc';
  const isAfter = direction === 'asc' ? sql`>` : sql`<`;
  const rows = await receipts(db, organizationId)
    .select(sql<string>`queued_at::text`.as('queuedAtText'))
    .where(condition(filter))
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(queued_at, key) ${isAfter} (${before?.queuedAt}::timestamptz, ${before?.key})`),
    )
    .orderBy('queuedAt', direction)
    .orderBy('key', direction)
    .limit(max)
    .execute();
  return rows.map((row) => ({ receipt: receiptOf(row), cursor: { queuedAt: row.queuedAtText, key: row.key } }));
}

const canResend = sql<boolean>`message is not null and state in ('exhausted', 'failed')`;

/** How many messages of the filter can be sent again. */
export async function countResendable(
  db: Queryable,
  organizationId: string,
  filter: ReceiptFilter & { key?: string | undefined },
): Promise<number> {
  const { count } = await db
    .selectFrom('alertReceipts')
    .select(sql<string>`count(*)`.as('count'))
    .where('organizationId', '=', organizationId)
    .where(canResend)
    .where(condition(filter))
    .$if(filter.key !== undefined, (query) => query.where('key', '=', filter.key ?? ''))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Has up to `max` messages of the filter sent again, the oldest first, and gives their keys. */
export async function markForResending(
  tx: Transaction,
  organizationId: string,
  filter: ReceiptFilter & { key?: string | undefined },
  max: number,
  now: Date,
): Promise<string[]> {
  const rows = await tx
    .updateTable('alertReceipts')
    .set({ state: 'queued', dueAt: now, node: null, resentAt: now })
    .where('key', 'in', (query) =>
      query
        .selectFrom('alertReceipts')
        .select('key')
        .where('organizationId', '=', organizationId)
        .where(canResend)
        .where(condition(filter))
        .$if(filter.key !== undefined, (inner) => inner.where('key', '=', filter.key ?? ''))
        .orderBy('queuedAt')
        .limit(max)
        .forUpdate(),
    )
    .returning('key')
    .execute();
  return rows.map(({ key }) => key);
}

/** Whether the organization has a receipt of that key. */
export async function findReceipt(db: Queryable, organizationId: string, key: string): Promise<Receipt | undefined> {
  const row = await receipts(db, organizationId).where('key', '=', key).executeTakeFirst();
  return row && receiptOf(row);
}

/** Which of these messages were for this organization. */
export async function selectOwnMessageIds(
  db: Queryable,
  organizationId: string,
  messageIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (messageIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('alertReceipts')
    .select('messageId')
    .where('organizationId', '=', organizationId)
    .where('messageId', 'in', messageIds)
    .execute();
  return new Set(rows.map((row) => row.messageId));
}
