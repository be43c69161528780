import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { OutgoingAlert } from '../alert-draft.ts';
import { ALERT_CHANNELS, type AlertChannel, endpointKey } from '../alert-endpoint.ts';
import { type SendAcceptance, SendError } from '../senders/alert-sender.ts';
import type { AcceptedLog, AcceptedMessage } from './accepted-log.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import { CHANNEL_LIMITS, laneOf } from './channel-limits.ts';
import { type Crowded, createHeldShares, type HeldLimits } from './held-shares.ts';
import { createLaneHealth, type LaneChange } from './lane-health.ts';
import { createMessageTurns, type MessageTurns, type Turn } from './message-turns.ts';
import { receiptFacts } from './receipt.ts';
import { type RetryPolicy, retryDelayMs } from './retry-delay.ts';
import type { SettleOutcomes } from './settle-outcomes.ts';

/** By which way a message came here: with the job that stands for it, or without the database (decision 18). */
export type DeliveryPath = 'job' | 'essential';

/** What came of one attempt to tell somebody. */
export type AlertOutcome = {
  isAccepted: boolean;
  /** It is not tried again. */
  isGivenUp: boolean;
  key: string;
  callId: string | null;
  incidentId: string | null;
  kind: string;
  channel: AlertChannel;
  organizationId: string | null;
  /** Where it happened, as far as it is one of ours. */
  locationId: string | null;
  /** Whom it went to, as receipts show it. */
  recipient: string;
  recipientId: string | null;
  reasons: OutgoingAlert['reasons'];
  /** Of this attempt; null when it succeeded. */
  error: string | null;
};

/** How trying ended: taken by the other side; left to its job; not tried any more; the process ends before it could be sent. */
export type DeliveryEnd = 'accepted' | 'job-stands' | 'given-up' | 'stopped';

/**
 * Sends messages from memory, each as soon as its turn comes, and again until somebody took it. What stands in the database is
 * held here too: the database is told what became of it and is not asked.
 */
export type MessageDispatch = {
  /**
   * Takes a message up. False: too many are held, and its job is to wait in the database. `queuedAtMs` later than that of a message
   * that is held: somebody wants it sent again, now.
   */
  hold(message: OutgoingAlert, from: { path: DeliveryPath; attempts: number; queuedAtMs: number }): boolean;
  has(key: string): boolean;
  /** Resolves when trying has ended, or its job stands; at once for a message that is not held. */
  ended(key: string): Promise<DeliveryEnd>;
  /** Keys of the messages with a job, whose claim must not run out. */
  keysWithJob(): readonly string[];
  /** Lets go of what is not under way: others have taken it. */
  drop(keys: Iterable<string>): void;
  /** Who has their share of what is held; their jobs wait. */
  crowded(): Crowded;
  readonly size: number;
  /** Begins nothing more and resolves when what is under way has ended, or after a moment. */
  stop(): Promise<void>;
};

/** Longer than any sender gives an attempt; the net below them. */
const ATTEMPT_MS = 30_000;
/** An attempt that takes longer does not keep others from theirs. */
const SLOW_MS = 3_000;
const TICK_MS = 500;
const STOP_AFTER_MS = 5_000;
/** Attempts that a channel begins in one turn of the event loop: a call that arrives meanwhile need not wait for all of a burst. */
const BEGUN_AT_ONCE = 4;
/** Whoever is to wait longer waits in the database, not in memory. */
const LONGEST_HELD_PAUSE_MS = 60_000;

type Held = {
  readonly message: OutgoingAlert;
  readonly turn: Turn;
  readonly path: DeliveryPath;
  queuedAtMs: number;
  attempts: number;
  hasJob: boolean;
  state: 'waiting' | 'sending' | 'pausing';
  cancelPause: (() => void) | undefined;
  end: PromiseWithResolvers<DeliveryEnd> | undefined;
};

type Channel = {
  turns: MessageTurns<Held>;
  underWay: Map<Held, { sinceMs: number; isSlow: boolean }>;
  slow: number;
  /** In this turn of the event loop. */
  begun: number;
};

export function createMessageDispatch(deps: {
  send(message: OutgoingAlert, signal: AbortSignal): Promise<SendAcceptance>;
  log: AcceptedLog;
  settle: SettleOutcomes;
  metrics: AlertMetrics;
  clock: Clock;
  logger: Logger;
  retryPolicy: RetryPolicy;
  heldLimits?: HeldLimits | undefined;
  random?: (() => number) | undefined;
  /** Must not throw. */
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
  /** Must not throw. */
  onLaneChange?: ((change: LaneChange) => void) | undefined;
}): MessageDispatch {
  const { log, settle, metrics, clock, logger, retryPolicy, random = Math.random } = deps;
  const shares = createHeldShares(deps.heldLimits);
  const held = new Map<string, Held>();
  const channels = new Map<AlertChannel, Channel>(
    ALERT_CHANNELS.map((channel) => [
      channel,
      { turns: createMessageTurns<Held>(CHANNEL_LIMITS[channel]), underWay: new Map(), slow: 0, begun: 0 },
    ]),
  );
  const health = createLaneHealth(clock, (change) => {
    if (change.isDown) logger.warn(change, 'a channel of alerts is down; it is tried from time to time');
    else logger.info({ lane: change.lane }, 'a channel of alerts works again');
    metrics.laneChanged(change.lane, change.isDown);
    deps.onLaneChange?.(change);
    if (!change.isDown) endPauses(change.lane);
  });
  /** Attempts whose end is not noted yet. */
  let unfinished = 0;
  let isStopping = false;
  let whenIdle: (() => void) | undefined;
  let cancelTick: (() => void) | undefined;
  let isPumpDue = false;

  function channelOf(entry: Held): Channel {
    // Made for every channel above.
    return channels.get(entry.message.endpoint.channel) as Channel;
  }

  function forget(entry: Held, end: DeliveryEnd): void {
    const { message, turn } = entry;
    entry.cancelPause?.();
    if (entry.state === 'waiting') channelOf(entry).turns.remove(entry, turn);
    if (held.delete(message.key)) shares.count(message.endpoint.channel, turn, -1);
    entry.end?.resolve(end);
  }

  function pumpNextTurn(): void {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(() => {
      isPumpDue = false;
      for (const channel of channels.values()) channel.begun = 0;
      pump();
    });
  }

  function pump(): void {
    if (isStopping) return;
    for (const [name, channel] of channels) {
      const { atOnce, atMost } = CHANNEL_LIMITS[name];
      while (channel.underWay.size - channel.slow < atOnce && channel.underWay.size < atMost) {
        if (channel.begun >= BEGUN_AT_ONCE) break;
        const entry = channel.turns.take((lane) => health.mayTry(lane));
        if (entry === undefined) break;
        channel.begun++;
        pumpNextTurn();
        entry.state = 'sending';
        channel.underWay.set(entry, { sinceMs: clock.monotonicMs(), isSlow: false });
        void attempt(entry, channel);
      }
    }
    tickWhileHeld();
  }

  /** Lanes that are down are tried again without anything else happening, and slow attempts are told from quick ones. */
  function tickWhileHeld(): void {
    if (cancelTick || held.size === 0) return;
    cancelTick = clock.after(TICK_MS, () => {
      cancelTick = undefined;
      const nowMs = clock.monotonicMs();
      for (const channel of channels.values()) {
        for (const [, work] of channel.underWay) {
          if (work.isSlow || nowMs - work.sinceMs < SLOW_MS) continue;
          work.isSlow = true;
          channel.slow++;
        }
      }
      pump();
    });
  }

  async function send(message: OutgoingAlert): Promise<string> {
    const late = new AbortController();
    const aborted = Promise.withResolvers<never>();
    const cancel = clock.after(ATTEMPT_MS, () => {
      late.abort();
      aborted.reject(new SendError(`no answer within ${ATTEMPT_MS} ms`));
    });
    try {
      const taken = deps.send(message, late.signal);
      return (await Promise.race([taken, aborted.promise])).response;
    } finally {
      cancel();
    }
  }

  async function attempt(entry: Held, channel: Channel): Promise<void> {
    const { message, turn } = entry;
    unfinished++;
    let response: string | undefined;
    let failure: unknown;
    try {
      response = await send(message);
    } catch (error) {
      failure = error;
    }
    const work = channel.underWay.get(entry);
    channel.underWay.delete(entry);
    if (work?.isSlow) channel.slow--;
    channel.turns.end(turn);
    entry.attempts++;
    if (response === undefined) fail(entry, failure);
    else {
      health.answered(turn.lane);
      pump();
      await accept(entry, response);
    }
    unfinished--;
    pump();
    if (unfinished === 0) whenIdle?.();
  }

  async function accept(entry: Held, response: string): Promise<void> {
    const { message, path, attempts } = entry;
    const nowMs = clock.nowMs();
    const accepted: AcceptedMessage = { ...receiptFacts(message), at: new Date(nowMs).toISOString(), response };
    metrics.accepted(message, path, nowMs);
    tell(entry, null, false);
    // On this disk before anywhere else: a crash or a lost database from here on leads to a receipt, not to a second message.
    await log.add(accepted);
    settle.add({ kind: 'accepted', accepted, attempts });
    forget(entry, 'accepted');
  }

  function fail(entry: Held, error: unknown): void {
    const { message, turn, attempts } = entry;
    const isPermanent = error instanceof SendError && error.isPermanent;
    const isOfMessage = error instanceof SendError && error.isOfMessage;
    const reason = errorText(error);
    if (isPermanent || isOfMessage) health.answered(turn.lane);
    else health.failed(turn.lane, turn.target, reason, error instanceof SendError && error.isUnreached);
    const isLaneDown = health.isDown(turn.lane);
    const nowMs = clock.nowMs();
    const isTooLate = nowMs - entry.queuedAtMs >= retryPolicy.giveUpAfterSeconds * 1_000;
    // What cannot get through because the lane is down is not the fault of the message: only time gives it up.
    const isLast = isPermanent || isTooLate || (attempts > retryPolicy.retries && !isLaneDown);
    logger.warn(
      { key: message.key, callId: message.callId, lane: turn.lane, attempt: attempts, isLast, err: reason },
      'alert not sent',
    );
    tell(entry, reason, isLast);
    if (isLast) {
      metrics.exhausted(message);
      settle.add({ kind: 'exhausted', key: message.key, attempts, atMs: nowMs, error: reason });
      forget(entry, 'given-up');
      return;
    }
    metrics.failed(message);
    const retryAfterSeconds = error instanceof SendError ? error.retryAfterSeconds : undefined;
    const delayMs = isLaneDown ? 0 : retryDelayMs(retryPolicy, attempts, retryAfterSeconds, random);
    const isLeft = entry.hasJob && delayMs > LONGEST_HELD_PAUSE_MS;
    settle.add(
      { kind: 'failed', key: message.key, attempts, atMs: nowMs, error: reason, dueAtMs: nowMs + delayMs, isLeft },
      // Only what the database knows to be due later may be forgotten here.
      () => {
        if (isLeft && entry.state === 'pausing') forget(entry, 'job-stands');
      },
    );
    if (delayMs === 0) wait(entry);
    else {
      entry.state = 'pausing';
      entry.cancelPause = clock.after(delayMs, () => {
        wait(entry);
        pump();
      });
    }
  }

  function wait(entry: Held): void {
    entry.cancelPause?.();
    entry.cancelPause = undefined;
    entry.state = 'waiting';
    channelOf(entry).turns.add(entry, entry.turn);
  }

  /** Somebody had it sent again: a new life, which begins at once. */
  function renew(entry: Held, queuedAtMs: number): void {
    entry.queuedAtMs = queuedAtMs;
    entry.attempts = 0;
    if (entry.state !== 'pausing') return;
    wait(entry);
    pump();
  }

  /** The lane works again: whoever failed in it need not wait any longer. */
  function endPauses(lane: string): void {
    for (const entry of held.values()) if (entry.state === 'pausing' && entry.turn.lane === lane) wait(entry);
  }

  function tell({ message }: Held, error: string | null, isGivenUp: boolean): void {
    const {
      key,
      kind,
      callId,
      incidentId,
      organizationId,
      locationId = null,
      label,
      recipientId,
      reasons,
      endpoint,
    } = message;
    // An invitation is nobody's alert.
    if (kind === 'invitation') return;
    deps.onAlert?.({
      isAccepted: error === null,
      isGivenUp,
      key,
      callId,
      incidentId,
      kind,
      channel: endpoint.channel,
      organizationId,
      locationId,
      recipient: label,
      recipientId,
      reasons,
      error,
    });
  }

  return {
    hold(message, { path, attempts, queuedAtMs }) {
      const hasJob = path === 'job';
      const known = held.get(message.key);
      if (known) {
        // The job and the essential path want the same message: one attempt serves both.
        if (hasJob && !known.hasJob) {
          known.hasJob = true;
          known.end?.resolve('job-stands');
        } else if (hasJob && queuedAtMs > known.queuedAtMs) renew(known, queuedAtMs);
        return true;
      }
      const accepted = log.find(message.key);
      if (accepted) {
        // The row counts those before the one that succeeded.
        settle.add({ kind: 'accepted', accepted, attempts: attempts + 1 });
        return true;
      }
      const { endpoint, severity, organizationId } = message;
      const turn: Turn = {
        lane: laneOf(endpoint),
        organization: organizationId ?? '',
        target: endpointKey(endpoint),
        isUrgent: severity === 'emergency' || severity === 'critical',
      };
      if (isStopping || (hasJob && shares.isCrowded(endpoint.channel, turn))) return false;
      const entry: Held = {
        message,
        turn,
        path,
        queuedAtMs,
        attempts,
        hasJob,
        state: 'waiting',
        cancelPause: undefined,
        end: undefined,
      };
      held.set(message.key, entry);
      shares.count(endpoint.channel, turn, 1);
      wait(entry);
      pump();
      return true;
    },
    has: (key) => held.has(key),
    get size() {
      return held.size;
    },
    ended(key) {
      const entry = held.get(key);
      if (!entry) return Promise.resolve(log.find(key) ? 'accepted' : isStopping ? 'stopped' : 'job-stands');
      if (entry.hasJob) return Promise.resolve('job-stands');
      entry.end ??= Promise.withResolvers<DeliveryEnd>();
      return entry.end.promise;
    },
    keysWithJob: () => [...held.values()].filter((entry) => entry.hasJob).map((entry) => entry.message.key),
    drop(keys) {
      for (const key of keys) {
        const entry = held.get(key);
        if (entry && entry.state !== 'sending') forget(entry, 'job-stands');
      }
    },
    crowded: () => shares.crowded(),
    async stop() {
      isStopping = true;
      cancelTick?.();
      if (unfinished > 0) {
        const idle = Promise.withResolvers<void>();
        whenIdle = idle.resolve;
        const cancel = clock.after(STOP_AFTER_MS, idle.resolve);
        await idle.promise;
        cancel();
      }
      for (const entry of held.values()) {
        entry.cancelPause?.();
        entry.end?.resolve('stopped');
      }
    },
  };
}
