import type { CallRecord } from '../../domain/call-record.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { OutgoingAlert } from '../alert-draft.ts';
import { ALERT_CHANNELS } from '../alert-endpoint.ts';
import { inTime } from '../incidents/in-time.ts';
import type { AcceptedLog } from './accepted-log.ts';
import type { MessageDispatch } from './dispatch-messages.ts';
import {
  type ClaimedMessage,
  claimDue,
  forgetExhausted,
  leaveKeys,
  prolongClaims,
  releaseClaims,
  selectClaimedKeys,
  selectLostKeys,
  storeOutcomes,
} from './outbox-records.ts';

/**
 * The net below what is sent from memory: takes up messages whose time has come and that nobody holds. Those of a node that
 * died, those that waited because too many were held, those that are to be sent again.
 */
export type MessageClaims = {
  /** Starts as soon as the database answers and goes on trying until then. */
  start(): void;
  ready(): boolean;
  /** Messages that nobody has taken are about to be committed: look more often for a moment. */
  hurry(): void;
  /** Until when a message that is sent at once is this node's, from now. */
  firstClaimEnds(): Date;
  /** These were to be sent by this node, which has no room for them: whoever has may take them. Never rejects. */
  leave(keys: readonly string[]): Promise<void>;
  /** Leaves to others what was not sent. */
  stop(): Promise<void>;
};

const POLL_MS = 1_000;
const HURRIED_POLL_MS = 25;
const HURRY_MS = 400;
const BACK_OFF_MS = 2_000;
const FORGET_EVERY_MS = 60 * 60 * 1_000;
/** How long what an exhausted message said is kept, so that it can be sent again. */
const EXHAUSTED_KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
/** Each has to be read by the thread that routes calls. */
const MAX_CLAIMED = 100;
/** Once a message is committed it is sent within this time, or its job is taken up by whoever sees it. */
const FIRST_CLAIM_MS = 15_000;
/** After it, what a node that died had taken goes to another. */
const CLAIM_MS = 60_000;
const PROLONG_EVERY_MS = 5_000;
/** Where there was no room for a message it is taken up again so much later. */
const LEFT_MS = 5_000;
/** A database that is silent for so long is as good as away. */
const LOOK_MS = 20_000;
/** Nobody else uses an embedded database. */
const CLAIM_ALONE_MS = 60 * 60 * 1_000;

/** Throws for what no message of this version is; it must not keep those that were taken up with it. */
function readMessage(json: string | null): OutgoingAlert {
  const message = JSON.parse(json ?? '') as OutgoingAlert;
  const { channel } = message.endpoint;
  if (!ALERT_CHANNELS.includes(channel)) throw new Error(`there is no channel ${channel}`);
  return message;
}

/** The call of which a draft tells stands in its own record; without it people still learn that there was one. */
function withCall(message: OutgoingAlert, calls: ReadonlyMap<string, CallRecord> | undefined): OutgoingAlert {
  if (message.content !== null || message.callId === null) return message;
  return { ...message, occasion: { ...message.occasion, call: calls?.get(message.callId) ?? null } };
}

export type MessageClaimsDeps = {
  database: Pick<Database, 'db' | 'engine'>;
  /** The name of this node, the same after a restart. */
  node: string;
  dispatch: MessageDispatch;
  /** What was taken, as this disk knows. */
  log: Pick<AcceptedLog, 'find'>;
  /** The newest records of these calls, by id. */
  findCalls(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CallRecord>>;
  clock: Clock;
  logger: Logger;
};

export function createMessageClaims(deps: MessageClaimsDeps): MessageClaims {
  const { database, node, dispatch, log, clock, logger } = deps;
  const isAlone = database.engine === 'embedded';
  const startedAt = new Date(clock.nowMs());
  let isReady = false;
  let isStopping = false;
  let isFailing = false;
  let hurriedUntilMs = 0;
  let cancelNext: (() => void) | undefined;
  let looking: Promise<void> | undefined;
  let prolongedMs = Number.NEGATIVE_INFINITY;
  let forgottenMs = Number.NEGATIVE_INFINITY;

  /** Before others may take what this node had: they do not know what this disk knows to be taken. */
  async function settleTaken(holder: string | null): Promise<void> {
    const taken = (await selectClaimedKeys(database.db, holder)).flatMap((key) => log.find(key) ?? []);
    if (taken.length === 0) return;
    await storeOutcomes(
      database.db,
      taken.map((accepted) => ({ kind: 'accepted', accepted, attempts: 1 })),
      node,
    );
  }

  async function takeBack(): Promise<void> {
    await settleTaken(isAlone ? null : node);
    const messages = await releaseClaims(database.db, isAlone ? null : node, new Date(clock.nowMs()), startedAt);
    if (messages > 0) logger.info({ messages }, 'alerts of an earlier process are taken up again');
    isReady = true;
    logger.info('alert jobs are ready');
  }

  async function claim(): Promise<void> {
    const nowMs = clock.nowMs();
    const claimed = await claimDue(database.db, {
      node,
      now: new Date(nowMs),
      until: new Date(nowMs + (isAlone ? CLAIM_ALONE_MS : CLAIM_MS)),
      max: MAX_CLAIMED,
      except: dispatch.crowded(),
    });
    await holdAll(claimed);
    if (claimed.length === MAX_CLAIMED) hurry();
  }

  async function holdAll(claimed: readonly ClaimedMessage[]): Promise<void> {
    const found = claimed.flatMap(({ key, message, attempts, queuedAt, resentAt }) => {
      try {
        // Whoever has it sent again gives it a new life.
        const from = { attempts: resentAt ? 0 : attempts, queuedAtMs: (resentAt ?? queuedAt).getTime() };
        return [{ message: readMessage(message), ...from }];
      } catch (error) {
        logger.error({ key, err: errorText(error) }, 'an alert that is due cannot be read');
        return [];
      }
    });
    const callIds = new Set(found.flatMap(({ message }) => (message.content === null ? (message.callId ?? []) : [])));
    const calls = callIds.size === 0 ? undefined : await deps.findCalls(database.db, [...callIds]);
    const unheld = found.filter(
      ({ message, attempts, queuedAtMs }) =>
        !dispatch.hold(withCall(message, calls), { path: 'job', attempts, queuedAtMs }),
    );
    await leave(unheld.map(({ message }) => message.key));
  }

  async function leave(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await leaveKeys(database.db, keys, node, new Date(clock.nowMs() + LEFT_MS));
  }

  async function prolong(): Promise<void> {
    const nowMs = clock.nowMs();
    if (isAlone || nowMs - prolongedMs < PROLONG_EVERY_MS) return;
    prolongedMs = nowMs;
    const keys = dispatch.keysWithJob();
    if (keys.length === 0) return;
    await prolongClaims(database.db, keys, node, new Date(nowMs), new Date(nowMs + CLAIM_MS));
    // Their claims ran out while this node could not prolong them, or somebody had them sent again.
    dispatch.drop(await selectLostKeys(database.db, keys, node));
  }

  async function forget(): Promise<void> {
    const nowMs = clock.nowMs();
    if (nowMs - forgottenMs < FORGET_EVERY_MS) return;
    forgottenMs = nowMs;
    await forgetExhausted(database.db, new Date(nowMs - EXHAUSTED_KEPT_MS));
  }

  async function lookThrough(): Promise<void> {
    if (!isReady) await takeBack();
    await prolong();
    await claim();
    await forget();
  }

  async function look(): Promise<void> {
    try {
      await inTime(clock, LOOK_MS, lookThrough());
      if (isFailing) logger.info('alert jobs are read again');
      isFailing = false;
      later(clock.nowMs() < hurriedUntilMs ? HURRIED_POLL_MS : POLL_MS);
    } catch (error) {
      if (!isFailing) logger.warn({ err: errorText(error) }, 'alert jobs cannot be read; alerts go out from memory');
      isFailing = true;
      later(isReady ? BACK_OFF_MS : POLL_MS);
    }
  }

  function later(delayMs: number): void {
    if (isStopping) return;
    cancelNext?.();
    cancelNext = clock.after(delayMs, () => {
      cancelNext = undefined;
      lookNow();
    });
  }

  function lookNow(): void {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }

  function hurry(): void {
    hurriedUntilMs = clock.nowMs() + HURRY_MS;
    if (isReady && looking === undefined) later(HURRIED_POLL_MS);
  }

  return {
    start: lookNow,
    ready: () => isReady,
    hurry,
    firstClaimEnds: () => new Date(clock.nowMs() + FIRST_CLAIM_MS),
    leave: (keys) =>
      leave(keys).catch((error: unknown) => {
        logger.warn({ err: errorText(error), alerts: keys.length }, 'unsent alerts are left when their claims run out');
      }),
    async stop() {
      isStopping = true;
      cancelNext?.();
      await looking;
      if (!isReady) return;
      try {
        await settleTaken(node);
        const now = new Date(clock.nowMs());
        await releaseClaims(database.db, node, now, now);
      } catch (error) {
        logger.warn({ err: errorText(error) }, 'unsent alerts are taken up when their claims have run out');
      }
    },
  };
}
