import { sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { OutgoingAlert } from '../alert-draft.ts';
import { endpointKey } from '../alert-endpoint.ts';
import type { AcceptedMessage } from './accepted-log.ts';
import type { Crowded } from './held-shares.ts';
import { messageIdOf } from './message-key.ts';
import { receiptFacts } from './receipt.ts';
import type { Outcome } from './settle-outcomes.ts';

/**
 * A message and its job are one row: `message` is what is to be sent, `due_at` when it may be begun by whoever looks, `node` who
 * has taken it until then. Rows that are done have no `due_at`.
 */

const ERROR_LENGTH = 1_000;
const MAX_ROWS = 500;

/** Text that PostgreSQL takes: what the other side says, and names that callers give, may hold anything. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** A row to be added: with what was taken already, or with the message that is to be sent. */
export type NewRow =
  | { facts: Omit<AcceptedMessage, 'at' | 'response'>; accepted: AcceptedMessage }
  | { facts: Omit<AcceptedMessage, 'at' | 'response'>; accepted: undefined; message: OutgoingAlert };

export function newRow(message: OutgoingAlert, accepted: AcceptedMessage | undefined): NewRow {
  const facts = receiptFacts(message);
  return accepted ? { facts, accepted } : { facts, accepted, message };
}

/** Who takes the message until when; null: whoever sees it first. */
export type Claim = { node: string; until: Date } | null;

/** As JSON; the call's own record is stored once, not with every message about it. */
function storedForm(message: OutgoingAlert): string {
  if (message.content !== null || message.occasion.call === null) return JSON.stringify(message);
  return JSON.stringify({ ...message, occasion: { ...message.occasion, call: null } });
}

/** Adds the rows that do not exist yet and gives the keys of those it added. */
export async function insertRows(
  tx: Transaction,
  rows: readonly NewRow[],
  options: { mailFrom: string; now: Date; claim: Claim },
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  for (let from = 0; from < rows.length; from += MAX_ROWS) {
    for (const key of await insertSome(tx, rows.slice(from, from + MAX_ROWS), options)) added.add(key);
  }
  return added;
}

async function insertSome(
  tx: Transaction,
  rows: readonly NewRow[],
  { mailFrom, now, claim }: { mailFrom: string; now: Date; claim: Claim },
): Promise<string[]> {
  const column = <Value>(read: (row: NewRow) => Value): Value[] => rows.map(read);
  const waiting = <Value>(value: Value) => column(({ accepted }) => (accepted ? null : value));
  const dueAt = (claim?.until ?? now).toISOString();
  // One statement of few parameters, however many rows: a parameter for each value costs more than the rows themselves.
  const { rows: added } = await sql<{ key: string }>`
    insert into alert_receipts (key, organization_id, call_id, incident_id, kind, severity, channel, recipient, recipient_id, reasons,
      message_id, endpoint, state, attempts, queued_at, last_attempt_at, accepted_at, response, message, due_at, node)
    select key, organization_id::uuid, call_id::uuid, incident_id, kind, severity, channel, recipient, recipient_id, reasons::jsonb,
      message_id, endpoint, case when accepted_at is null then 'queued' else 'accepted' end,
      case when accepted_at is null then 0 else 1 end, ${now.toISOString()}::timestamptz,
      accepted_at::timestamptz, accepted_at::timestamptz, response, message, due_at::timestamptz, node
    from unnest(
      ${column(({ facts }) => facts.key)}::text[],
      ${column(({ facts }) => facts.organizationId)}::text[],
      ${column(({ facts }) => facts.callId)}::text[],
      ${column(({ facts }) => facts.incidentId)}::text[],
      ${column(({ facts }) => facts.kind)}::text[],
      ${column(({ facts }) => facts.severity)}::text[],
      ${column(({ facts }) => facts.channel)}::text[],
      ${column(({ facts }) => storable(facts.label))}::text[],
      ${column(({ facts }) => facts.recipientId)}::text[],
      ${column(({ facts }) => JSON.stringify(facts.reasons.map(storable)))}::text[],
      ${column(({ facts }) => messageIdOf(facts.key, mailFrom))}::text[],
      ${column((row) => (row.accepted ? '' : storable(endpointKey(row.message.endpoint))))}::text[],
      ${column(({ accepted }) => accepted?.at ?? null)}::text[],
      ${column(({ accepted }) => (accepted ? storable(accepted.response) : null))}::text[],
      ${column((row) => (row.accepted ? null : storedForm(row.message)))}::text[],
      ${waiting(dueAt)}::text[],
      ${waiting(claim?.node ?? null)}::text[]
    ) as new (key, organization_id, call_id, incident_id, kind, severity, channel, recipient, recipient_id, reasons, message_id,
      endpoint, accepted_at, response, message, due_at, node)
    on conflict (key) do nothing
    returning key`.execute(tx);
  return added.map(({ key }) => key);
}

/** Of these messages those that stand and that `node` has taken: a transaction thought lost was committed after all. */
export async function selectOwnKeys(tx: Transaction, keys: readonly string[], node: string): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .selectFrom('alertReceipts')
    .select('key')
    .where('key', '=', sql<string>`any(${keys}::text[])`)
    .where('node', '=', node)
    .where('dueAt', 'is not', null)
    .execute();
  return new Set(rows.map(({ key }) => key));
}

/** Notes what became of messages; one that was taken stays so, and of one that another node has taken only that does. */
export async function storeOutcomes(db: Queryable, outcomes: readonly Outcome[], node: string): Promise<void> {
  const accepted = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome] : []));
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [] : [outcome]));
  if (accepted.length > 0) {
    await sql`
      update alert_receipts r set state = 'accepted', attempts = greatest(r.attempts, o.attempts), last_attempt_at = o.at::timestamptz,
        accepted_at = o.at::timestamptz, response = o.response, last_error = null, message = null, due_at = null, node = null
      from unnest(
        ${accepted.map(({ accepted: { key } }) => key)}::text[],
        ${accepted.map(({ attempts }) => attempts)}::integer[],
        ${accepted.map(({ accepted: { at } }) => at)}::text[],
        ${accepted.map(({ accepted: { response } }) => storable(response))}::text[]
      ) as o (key, attempts, at, response)
      where r.key = o.key and r.state <> 'accepted'`.execute(db);
  }
  if (failed.length > 0) {
    await sql`
      update alert_receipts r set state = case when o.due_at is null then 'exhausted' else 'failed' end,
        attempts = greatest(r.attempts, o.attempts), last_attempt_at = o.at::timestamptz, last_error = o.error,
        due_at = o.due_at::timestamptz, node = o.node,
        message = case when o.due_at is null and r.kind = 'invitation' then null else r.message end
      from unnest(
        ${failed.map(({ key }) => key)}::text[],
        ${failed.map(({ attempts }) => attempts)}::integer[],
        ${failed.map(({ atMs }) => new Date(atMs).toISOString())}::text[],
        ${failed.map(({ error }) => storable(error.slice(0, ERROR_LENGTH)))}::text[],
        ${failed.map((one) => (one.kind === 'failed' ? new Date(one.dueAtMs).toISOString() : null))}::text[],
        ${failed.map((one) => (one.kind === 'failed' && !one.isLeft ? node : null))}::text[]
      ) as o (key, attempts, at, error, due_at, node)
      where r.key = o.key and r.state <> 'accepted' and (r.node is null or r.node = ${node})`.execute(db);
  }
}

/** A message that was due and is now taken by this node; `message` as JSON. */
export type ClaimedMessage = {
  key: string;
  message: string | null;
  attempts: number;
  queuedAt: Date;
  resentAt: Date | null;
};

/** Takes what is due, urgent messages first, then the oldest; several nodes never take the same. */
export async function claimDue(
  db: Queryable,
  options: {
    node: string;
    now: Date;
    until: Date;
    max: number;
    except: Crowded;
  },
): Promise<ClaimedMessage[]> {
  const { node, now, until, max, except } = options;
  const { rows } = await sql<ClaimedMessage>`
    update alert_receipts r set node = ${node}, due_at = ${until.toISOString()}::timestamptz
    from (
      select key from alert_receipts
      where due_at <= ${now.toISOString()}::timestamptz
        and channel <> all (${except.channels}::text[])
        and channel || ' ' || coalesce(organization_id::text, '') <> all (${except.organizations}::text[])
        and endpoint <> all (${except.targets}::text[])
      order by (severity not in ('emergency', 'critical')), due_at
      limit ${max}
      for update skip locked
    ) as due
    where r.key = due.key
    returning r.key, r.message, r.attempts, r.queued_at as "queuedAt", r.resent_at as "resentAt"`.execute(db);
  return rows;
}

/** Prolongs what this node has taken. */
export async function prolongClaims(
  db: Queryable,
  keys: readonly string[],
  node: string,
  now: Date,
  until: Date,
): Promise<void> {
  await db
    .updateTable('alertReceipts')
    .set({ dueAt: until })
    .where('key', '=', sql<string>`any(${keys}::text[])`)
    .where('node', '=', node)
    .where('dueAt', '>', now)
    .where('dueAt', '<', until)
    .execute();
}

/** Of these messages those that this node has taken no longer: others have, or they are done. */
export async function selectLostKeys(db: Queryable, keys: readonly string[], node: string): Promise<string[]> {
  const rows = await db
    .selectFrom('alertReceipts')
    .select('key')
    .where('key', '=', sql<string>`any(${keys}::text[])`)
    .where('node', 'is distinct from', node)
    .execute();
  return rows.map(({ key }) => key);
}

/** Messages that this node (null: any) has taken and of which nobody told the database what became. */
export async function selectClaimedKeys(db: Queryable, node: string | null): Promise<string[]> {
  const rows = await db
    .selectFrom('alertReceipts')
    .select('key')
    .where('dueAt', 'is not', null)
    .where('node', 'is not', null)
    .$if(node !== null, (query) => query.where('node', '=', node))
    .execute();
  return rows.map(({ key }) => key);
}

/** What this node had taken is left to whoever sees it from `dueAt` on. */
export async function leaveKeys(db: Queryable, keys: readonly string[], node: string, dueAt: Date): Promise<void> {
  await db
    .updateTable('alertReceipts')
    .set({ dueAt, node: null })
    .where('key', '=', sql<string>`any(${keys}::text[])`)
    .where('node', '=', node)
    .where('dueAt', 'is not', null)
    .execute();
}

/** What this node (null: any) had taken of messages queued before `queuedBefore` is due now, for whoever sees it first. */
export async function releaseClaims(
  db: Queryable,
  node: string | null,
  now: Date,
  queuedBefore: Date,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('alertReceipts')
    .set({ dueAt: now, node: null })
    .where('dueAt', 'is not', null)
    .$if(node !== null, (query) => query.where('node', '=', node))
    .where('node', 'is not', null)
    .where('queuedAt', '<=', queuedBefore)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Forgets what exhausted messages said; their receipts stay. */
export async function forgetExhausted(db: Queryable, before: Date): Promise<void> {
  await db
    .updateTable('alertReceipts')
    .set({ message: null })
    .where('state', '=', 'exhausted')
    .where('queuedAt', '<', before)
    .where('message', 'is not', null)
    .execute();
}
