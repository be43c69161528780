import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import type { Logger } from '../../support/logger.ts';
import type { OutgoingAlert } from '../alert-draft.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertSender } from '../senders/alert-sender.ts';
import { createAcceptedLog } from './accepted-log.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import { createMessageClaims, type MessageClaimsDeps } from './claim-messages.ts';
import { type AlertOutcome, createMessageDispatch, type DeliveryEnd } from './dispatch-messages.ts';
import type { LaneChange } from './lane-health.ts';
import { insertRows, newRow, selectOwnKeys, storeOutcomes } from './outbox-records.ts';
import { RETRY_POLICY, type RetryPolicy } from './retry-delay.ts';
import type { SendNow } from './send-now.ts';
import { createOutgoingSending, type DraftWriting } from './send-outgoing.ts';
import { createSettleOutcomes } from './settle-outcomes.ts';

/** Messages on their way: durable jobs, sending from memory, receipts (decision 72). */
export type Delivery = {
  /**
   * Adds receipt and job of each message in the caller's transaction. A message that exists, or that was sent already, is not
   * added again.
   */
  enqueue(tx: Transaction, messages: readonly OutgoingAlert[]): Promise<SendNow>;
  /** The same where nobody tells of the commit: the jobs are taken up as soon as they are seen. */
  enqueueQuietly(tx: Transaction, messages: readonly OutgoingAlert[]): Promise<void>;
  /** Adds receipts of what the essential path sent about these calls to others than those of `except`. */
  noteSentOf(tx: Transaction, callIds: readonly string[], except: ReadonlySet<string>): Promise<void>;
  /**
   * Sends without the database (decision 18): tried until the other side takes it, a job stands for it, or for two hours.
   * Resolves with how each ended, never rejects. Safe to call again, also after a restart.
   */
  deliver(messages: readonly OutgoingAlert[]): Promise<readonly DeliveryEnd[]>;
  /**
   * Whether more may be given to `deliver`. What it holds cannot be left to the database, so it is bounded by its weight: whoever can
   * wait, waits; `deliver` itself refuses nothing.
   */
  hasRoom(): boolean;
  /** Messages that were queued without `SendNow` are sent as soon as they are committed. */
  hurry(): void;
  /** Starts as soon as the database answers and goes on trying until then; resolves at once. */
  start(): Promise<void>;
  /** True once jobs of an earlier process are taken up. */
  ready(): boolean;
  stop(): Promise<void>;
};

export type DeliveryDeps = {
  database: Database;
  senders: Readonly<Record<AlertChannel, AlertSender>>;
  writing: DraftWriting;
  findCalls: MessageClaimsDeps['findCalls'];
  /** Whose domain stands in each `Message-ID`. */
  mailFrom: string;
  /** The name of this node, the same after a restart. */
  node: string;
  acceptedLogPath: string | undefined;
  metrics: AlertMetrics;
  clock: Clock;
  logger: Logger;
  retryPolicy?: Partial<RetryPolicy> | undefined;
  random?: (() => number) | undefined;
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
  onLaneChange?: ((change: LaneChange) => void) | undefined;
  /** Bytes that messages without a job may take; 128 MiB unless told. */
  essentialBytes?: number | undefined;
};

const DRAIN_MS = 2_000;
const ESSENTIAL_BYTES = 128 * 1024 * 1024;
/** What a message takes beside its own texts: the entry, its turn, its keys. */
const MESSAGE_BYTES = 1_500;
/** The record of a call with its trace, which all messages of it share. */
const CALL_BYTES = 20_000;

/** About how much memory messages take that are delivered together. */
function weightOf(messages: readonly OutgoingAlert[]): number {
  let bytes = 0;
  const calls = new Set<string>();
  for (const { callId, content, label, reasons } of messages) {
    bytes += MESSAGE_BYTES + 2 * (label.length + reasons.reduce((sum, reason) => sum + reason.length, 0));
    if (content !== null) bytes += 2 * JSON.stringify(content).length;
    else if (callId !== null) calls.add(callId);
  }
  return bytes + calls.size * CALL_BYTES;
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { database, mailFrom, node, metrics, clock, logger } = deps;
  const log = createAcceptedLog({ path: deps.acceptedLogPath, clock, logger });
  const settle = createSettleOutcomes({
    store: (outcomes) => storeOutcomes(database.db, outcomes, node),
    clock,
    logger,
  });
  const dispatch = createMessageDispatch({
    send: createOutgoingSending(deps.senders, deps.writing),
    log,
    settle,
    metrics,
    clock,
    logger,
    retryPolicy: { ...RETRY_POLICY, ...deps.retryPolicy },
    random: deps.random,
    onAlert: deps.onAlert,
    onLaneChange: deps.onLaneChange,
  });
  metrics.readHeld(() => dispatch.size);
  const maxEssentialBytes = deps.essentialBytes ?? ESSENTIAL_BYTES;
  let essentialBytes = 0;
  metrics.readEssentialBytes(() => essentialBytes);
  const claims = createMessageClaims({ database, node, dispatch, log, findCalls: deps.findCalls, clock, logger });

  /** Gives the messages that are to be sent by this node: those that were added, and those that it added before unknowingly. */
  async function insert(
    tx: Transaction,
    messages: readonly OutgoingAlert[],
    isOurs: boolean,
  ): Promise<readonly OutgoingAlert[]> {
    if (messages.length === 0) return [];
    await log.load();
    const rows = messages.map((message) => newRow(message, log.find(message.key)));
    const added = await insertRows(tx, rows, {
      mailFrom,
      now: new Date(clock.nowMs()),
      claim: isOurs ? { node, until: claims.firstClaimEnds() } : null,
    });
    const standing = messages.filter(({ key }) => !added.has(key) && !log.find(key)).map(({ key }) => key);
    const ours = isOurs ? await selectOwnKeys(tx, standing, node) : new Set<string>();
    // As the row has it: what is taken by the essential path meanwhile is still to be settled.
    const waiting = rows.flatMap((row) => (row.accepted || !added.has(row.facts.key) ? [] : [row.message]));
    for (const message of waiting) metrics.queued(message);
    return [...waiting, ...messages.filter(({ key }) => ours.has(key))];
  }

  return {
    async enqueue(tx, messages) {
      const waiting = await insert(tx, messages, true);
      const queuedAtMs = clock.nowMs();
      return () => {
        const unheld = waiting.filter((message) => !dispatch.hold(message, { path: 'job', attempts: 0, queuedAtMs }));
        void claims.leave(unheld.map(({ key }) => key));
      };
    },
    async enqueueQuietly(tx, messages) {
      await insert(tx, messages, false);
      claims.hurry();
    },
    async noteSentOf(tx, callIds, except) {
      await log.load();
      const sent = callIds.flatMap((id) => log.ofCall(id)).filter(({ key }) => !except.has(key));
      if (sent.length === 0) return;
      const rows = sent.map((accepted) => {
        const { at: _at, response: _response, ...facts } = accepted;
        return { facts, accepted };
      });
      await insertRows(tx, rows, { mailFrom, now: new Date(clock.nowMs()), claim: null });
    },
    async deliver(messages) {
      // At once: whoever asks for room in the same turn of the event loop is to see it taken.
      const bytes = weightOf(messages);
      essentialBytes += bytes;
      try {
        await log.load();
        const queuedAtMs = clock.nowMs();
        for (const message of messages) dispatch.hold(message, { path: 'essential', attempts: 0, queuedAtMs });
        return await Promise.all(messages.map(({ key }) => dispatch.ended(key)));
      } finally {
        essentialBytes -= bytes;
      }
    },
    hasRoom: () => essentialBytes < maxEssentialBytes,
    hurry: () => claims.hurry(),
    async start() {
      await log.load();
      claims.start();
    },
    ready: () => claims.ready(),
    async stop() {
      // First what is under way, then what became of it, then what is left to others.
      await dispatch.stop();
      await settle.drained(DRAIN_MS);
      settle.stop();
      await claims.stop();
      await Promise.all(Object.values(deps.senders).map((sender) => sender.stop()));
    },
  };
}
