import type { Queryable, Transaction } from '../../storage/database.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AcceptedMessage } from './accepted-log.ts';
import { messageIdOf } from './message-key.ts';
import type { Receipt, ReceiptState } from './receipt.ts';

const ERROR_LENGTH = 1_000;
/** A statement takes 65,535 parameters; a receipt needs fourteen. */
const MAX_ROWS = 1_000;

type NewReceipt = Omit<AcceptedMessage, 'at' | 'response'> & { accepted: AcceptedMessage | undefined };

/** What a receipt says of a message, whatever becomes of it. */
export function receiptFacts(message: AlertMessage): Omit<AcceptedMessage, 'at' | 'response'> {
  const { key, kind, severity, organizationId, callId, incidentId, recipientId, label, reasons, endpoint } = message;
  const { channel } = endpoint;
  return { key, kind, severity, organizationId, callId, incidentId, recipientId, label, reasons, channel };
}

/** Adds receipts that do not exist yet and gives the keys of those it added. */
export async function insertReceipts(
  tx: Transaction,
  receipts: readonly NewReceipt[],
  mailFrom: string,
  now: Date,
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  for (let from = 0; from < receipts.length; from += MAX_ROWS) {
    for (const key of await insertRows(tx, receipts.slice(from, from + MAX_ROWS), mailFrom, now)) added.add(key);
  }
  return added;
}

async function insertRows(
  tx: Transaction,
  receipts: readonly NewReceipt[],
  mailFrom: string,
  now: Date,
): Promise<readonly string[]> {
  const rows = await tx
    .insertInto('alertReceipts')
    .values(
      receipts.map((receipt) => ({
        key: receipt.key,
        organizationId: receipt.organizationId,
        callId: receipt.callId,
        kind: receipt.kind,
        channel: receipt.channel,
        recipient: receipt.label,
        severity: receipt.severity,
        recipientId: receipt.recipientId,
        incidentId: receipt.incidentId,
        reasons: JSON.stringify(receipt.reasons),
        messageId: messageIdOf(receipt.key, mailFrom),
        state: receipt.accepted ? 'accepted' : 'queued',
        attempts: receipt.accepted ? 1 : 0,
        queuedAt: now,
        lastAttemptAt: receipt.accepted ? new Date(receipt.accepted.at) : null,
        acceptedAt: receipt.accepted ? new Date(receipt.accepted.at) : null,
        response: receipt.accepted?.response ?? null,
      })),
    )
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .execute();
  return rows.map((row) => row.key);
}

export async function findReceiptState(db: Queryable, key: string): Promise<ReceiptState | undefined> {
  const row = await db.selectFrom('alertReceipts').select('state').where('key', '=', key).executeTakeFirst();
  return row?.state as ReceiptState | undefined;
}

/** Notes that a mail was taken; a receipt that says so already stays as it is. */
export async function noteAccepted(db: Queryable, accepted: AcceptedMessage): Promise<void> {
  await db
    .updateTable('alertReceipts')
    .set((row) => ({
      state: 'accepted',
      attempts: row('attempts', '+', 1),
      lastAttemptAt: new Date(accepted.at),
      acceptedAt: new Date(accepted.at),
      response: accepted.response,
      lastError: null,
    }))
    .where('key', '=', accepted.key)
    .where('state', '!=', 'accepted')
    .execute();
}

/** Notes that an attempt failed; `given up` when it was the last. */
export async function noteFailure(
  db: Queryable,
  key: string,
  error: string,
  isLast: boolean,
  now: Date,
): Promise<void> {
  await db
    .updateTable('alertReceipts')
    .set((row) => ({
      state: isLast ? 'exhausted' : 'failed',
      attempts: row('attempts', '+', 1),
      lastAttemptAt: now,
      lastError: error.slice(0, ERROR_LENGTH),
    }))
    .where('key', '=', key)
    .where('state', '!=', 'accepted')
    .execute();
}

function receipts(db: Queryable, organizationId: string) {
  return db.selectFrom('alertReceipts').selectAll().where('organizationId', '=', organizationId);
}

type ReceiptRow = Awaited<ReturnType<ReturnType<typeof receipts>['execute']>>[number];

function receiptOf(row: ReceiptRow): Receipt {
  const { key, callId, incidentId, kind, recipient, recipientId, reasons, messageId, attempts } = row;
  const { queuedAt, lastAttemptAt, acceptedAt, response, lastError } = row;
  return {
    key,
    callId,
    incidentId,
    kind,
    severity: row.severity as Receipt['severity'],
    channel: row.channel as Receipt['channel'],
    recipient,
    recipientId,
    reasons,
    messageId,
    state: row.state as ReceiptState,
    attempts,
    queuedAt,
    lastAttemptAt,
    acceptedAt,
    response,
    lastError,
  };
}

export async function selectReceiptsOfCall(db: Queryable, organizationId: string, callId: string): Promise<Receipt[]> {
  const rows = await receipts(db, organizationId).where('callId', '=', callId).orderBy('recipient').execute();
  return rows.map(receiptOf);
}

export async function selectTroubledReceipts(db: Queryable, organizationId: string, max: number): Promise<Receipt[]> {
  const rows = await receipts(db, organizationId)
    .where('state', 'in', ['failed', 'exhausted'])
    .orderBy('queuedAt', 'desc')
    .limit(max)
    .execute();
  return rows.map(receiptOf);
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
