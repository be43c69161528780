import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { CallEvent } from './call-event.ts';
import { selectEventRange, selectEvents } from './event-records.ts';

export type EventStreamRequest = {
  /** The number of the last event that the listener has seen (`Last-Event-ID`). Absent: from now on. */
  after?: string | undefined;
  /** The operator's view: events of every organization and of the platform. */
  all?: boolean | undefined;
  /** False: what there is (from the oldest, unless `after` is given), then the end. */
  follow?: boolean | undefined;
};

/** Streams of server-sent events (HTML Living Standard §9.2). */
export type EventStreams = {
  /**
   * Text in chunks, made as it is read; it ends by itself after a quarter of an hour, or when the token does, and clients ask
   * again. A listener that does not read in time is cut off: its stream throws. Problems: `invalid` (after), `forbidden` (all),
   * `too-many-requests`.
   */
  open(scope: Scope, request: EventStreamRequest): Promise<AsyncIterable<string>>;
  readonly size: number;
  /** Ends every stream. */
  close(): void;
};

const MAX_LISTENERS = 200;
const MAX_LISTENERS_OF_ORGANIZATION = 20;
const MAX_STREAM_MS = 15 * 60_000;
const HEARTBEAT_MS = 15_000;
const POLL_MS = 1_000;
const PAGE = 500;
/** What may wait for a slow reader, beyond what its connection holds. */
const MAX_WAITING_CHUNKS = 500;
const BEGIN = 'retry: 2000\n\n';
const HEARTBEAT = ': nothing new\n\n';
const LOST = 'event: events.lost\ndata: {"reason":"what you saw last is no longer kept"}\n\n';
const SEQUENCE = /^\d{1,18}$/;

type Listener = {
  scope: Scope;
  isForAll: boolean;
  chunks: string[];
  wake: (() => void) | null;
  isEnded: boolean;
  isCut: boolean;
  /** What other nodes and this one told up to here was read from the database for this listener alone. */
  seen: bigint;
  stopTimers: () => void;
};

function encodeEvent({ sequence, type, at, organizationId, data }: CallEvent): string {
  return `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify({ at, organizationId, ...data })}\n\n`;
}

function maySee({ scope, isForAll }: Listener, event: CallEvent): boolean {
  if (isForAll || event.type === 'events.lost') return true;
  if (event.organizationId !== scope.organizationId) return false;
  return scope.locationIds === undefined || (event.locationId !== null && scope.locationIds.has(event.locationId));
}

export function createEventStreams(deps: {
  database: Pick<Database, 'db' | 'onChangeNotice'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): EventStreams {
  const { database, clock, logger } = deps;
  const listenerGauge = deps.metrics.gauge('waymark_call_event_listeners', 'Listeners to events of calls');
  const cutCount = deps.metrics.counter(
    'waymark_call_event_listeners_cut_total',
    'Listeners that were cut off, because they did not read',
  );
  const listeners = new Set<Listener>();
  let position = 0n;
  let reading: Promise<void> | undefined;
  let isAgain = false;
  let isFailing = false;
  let stopFollowing: (() => void) | undefined;

  function wake(listener: Listener): void {
    listener.wake?.();
    listener.wake = null;
  }

  function end(listener: Listener): void {
    if (listener.isEnded) return;
    listener.isEnded = true;
    listener.stopTimers();
    listeners.delete(listener);
    listenerGauge.set(listeners.size);
    wake(listener);
    if (listeners.size > 0) return;
    stopFollowing?.();
    stopFollowing = undefined;
  }

  function tell(listener: Listener, chunk: string): void {
    if (listener.chunks.length >= MAX_WAITING_CHUNKS) {
      listener.isCut = true;
      listener.chunks = [];
      cutCount.inc();
      return end(listener);
    }
    listener.chunks.push(chunk);
    wake(listener);
  }

  async function readNew(): Promise<void> {
    for (;;) {
      const events = await selectEvents(database.db, String(position), PAGE);
      for (const event of events) {
        const sequence = BigInt(event.sequence);
        let chunk: string | undefined;
        for (const listener of listeners) {
          if (sequence <= listener.seen || !maySee(listener, event)) continue;
          chunk ??= encodeEvent(event);
          tell(listener, chunk);
        }
        position = sequence;
      }
      if (events.length < PAGE) return;
    }
  }

  /** Reads what is new; asked for while it reads, it reads once more. */
  function look(): void {
    if (reading) {
      isAgain = true;
      return;
    }
    isAgain = false;
    reading = readNew()
      .then(() => {
        isFailing = false;
      })
      .catch((error: unknown) => {
        if (!isFailing) logger.warn({ err: errorText(error) }, 'calls: events cannot be read now');
        isFailing = true;
      })
      .finally(() => {
        reading = undefined;
        if (isAgain && listeners.size > 0) look();
      });
  }

  function follow(from: bigint): void {
    if (stopFollowing) return;
    position = from;
    const stopNotices = database.onChangeNotice(look);
    let stopPoll = (): void => undefined;
    const poll = (): void => {
      look();
      stopPoll = clock.after(POLL_MS, poll);
    };
    stopPoll = clock.after(POLL_MS, poll);
    stopFollowing = () => {
      stopNotices();
      stopPoll();
    };
  }

  function keepAlive(listener: Listener): void {
    let stopBeat = (): void => undefined;
    const beat = (): void => {
      // Whoever has not read what waits needs no sign of life.
      if (listener.chunks.length === 0) tell(listener, HEARTBEAT);
      stopBeat = clock.after(HEARTBEAT_MS, beat);
    };
    stopBeat = clock.after(HEARTBEAT_MS, beat);
    const { expiresAtMs = Number.POSITIVE_INFINITY, sessionEndsAtMs = Number.POSITIVE_INFINITY } = listener.scope;
    const leftMs = Math.min(expiresAtMs, sessionEndsAtMs) - clock.nowMs();
    const stopEnd = clock.after(Math.min(MAX_STREAM_MS, leftMs), () => end(listener));
    listener.stopTimers = () => {
      stopBeat();
      stopEnd();
    };
  }

  /** Everything after a number that this listener may see, in pages, up to what the listeners are told together. */
  async function* readPast(listener: Listener, after: bigint, oldest: bigint): AsyncGenerator<string> {
    // A number of before a restore lies ahead of every event that there is.
    if (after > listener.seen || (after > 0n && after + 1n < oldest)) yield LOST;
    let from = after;
    while (from < listener.seen && !listener.isEnded) {
      const events = await selectEvents(database.db, String(from), PAGE);
      const past = events.filter(({ sequence }) => BigInt(sequence) <= listener.seen);
      const text = past
        .filter((event) => maySee(listener, event))
        .map(encodeEvent)
        .join('');
      if (text !== '') yield text;
      const last = past.at(-1);
      if (!last || events.length < PAGE) return;
      from = BigInt(last.sequence);
    }
  }

  async function* readNow(listener: Listener): AsyncGenerator<string> {
    for (;;) {
      if (listener.isCut) throw new ProblemError('too-many-requests', 'a listener did not read its events');
      const chunk = listener.chunks.splice(0).join('');
      if (chunk !== '') yield chunk;
      else if (listener.isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          listener.wake = resolve;
        });
      }
    }
  }

  async function* stream(
    listener: Listener,
    after: bigint,
    oldest: bigint,
    isFollowed: boolean,
  ): AsyncGenerator<string> {
    yield BEGIN;
    yield* readPast(listener, after, oldest);
    if (isFollowed) yield* readNow(listener);
  }

  function mayListen(scope: Scope): boolean {
    if (listeners.size >= MAX_LISTENERS) return false;
    let own = 0;
    for (const { scope: other } of listeners) if (other.organizationId === scope.organizationId) own += 1;
    return own < MAX_LISTENERS_OF_ORGANIZATION;
  }

  return {
    async open(scope, { after, all = false, follow: isFollowed = true }) {
      if (all && scope.role !== 'operator') throw new ProblemError('forbidden', 'only the operator sees all events');
      if (after !== undefined && !SEQUENCE.test(after)) throw invalidField('after', 'expected the number of an event');
      if (isFollowed && !mayListen(scope)) throw new ProblemError('too-many-requests', 'there are too many listeners');
      const { oldest, newest } = await selectEventRange(database.db);
      const from = BigInt(after ?? (isFollowed ? newest : '0'));
      // Others came while the database was asked.
      if (isFollowed && !mayListen(scope)) throw new ProblemError('too-many-requests', 'there are too many listeners');
      const listener: Listener = {
        scope,
        isForAll: all,
        chunks: [],
        wake: null,
        isEnded: false,
        isCut: false,
        seen: BigInt(newest),
        stopTimers: () => undefined,
      };
      return {
        [Symbol.asyncIterator]() {
          if (isFollowed) {
            // What the others were told since the range was read is read for this one alone.
            if (stopFollowing && position > listener.seen) listener.seen = position;
            listeners.add(listener);
            listenerGauge.set(listeners.size);
            follow(listener.seen);
            keepAlive(listener);
            look();
          }
          const chunks = stream(listener, from, BigInt(oldest), isFollowed);
          return {
            next: () => chunks.next(),
            // A generator that waits would only end with the next event.
            return() {
              end(listener);
              return Promise.resolve({ done: true as const, value: undefined });
            },
          };
        },
      };
    },
    get size() {
      return listeners.size;
    },
    close() {
      for (const listener of listeners) end(listener);
    },
  };
}
