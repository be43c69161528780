import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import { headerValue, NO_BODY, type SipRequest, type SipResponse } from '../wire/sip/message.ts';
import { paramValue } from '../wire/sip/params.ts';
import { formatUri, readSipUri } from '../wire/sip/uri.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { TransactionLayer } from './transactions/transaction.ts';

/** `unknown`: nothing was asked yet, or a first question is open. */
export type DestinationState = 'up' | 'down' | 'unknown';

/** Somebody to whom calls may go. */
export type WatchedDestination = { kind: 'psap' | 'relay' | 'trunk'; name: string; uri: string };

/** What is known of one next hop, as this node sees it. Times are ISO 8601. */
export type DestinationStatus = {
  /** `host:port;transport=tcp`, or the host alone where DNS chooses. */
  destination: string;
  state: DestinationState;
  /** Since when it is in this state; null while unknown. */
  since: string | null;
  /** Who is reached there, at most ten; empty for a destination that calls were sent to and nobody configured. */
  serves: readonly Pick<WatchedDestination, 'kind' | 'name'>[];
  lastAnswerAt: string | null;
  /** Status of the last answer, whatever it said: it counts as alive. */
  lastStatus: number | null;
  roundTripMs: number | null;
  /** Questions and calls in a row that nobody answered. */
  failures: number;
  /** Until when it asked to be spared (Retry-After of a 503); null when it did not. */
  sparedUntil: string | null;
};

/**
 * Whether destinations answer (RFC 3261 §11: OPTIONS), learnt from probes and from calls. It is used for order alone: a
 * destination that seems dead is tried later, never left out.
 */
export type DestinationHealth = {
  /** Why a destination should be tried after others; null when nothing speaks against it. */
  doubtOf(uri: string): string | null;
  /** A destination answered a call, whatever it said. */
  answered(uri: string, response: SipResponse): void;
  /** A call got not even a 100, or could not be sent. */
  unanswered(uri: string): void;
  /** Everything known, by destination. */
  list(): DestinationStatus[];
  start(): void;
  stop(): void;
};

type Hop = {
  readonly destination: string;
  /** Where OPTIONS goes: a URI of the hop. */
  uri: string;
  serves: WatchedDestination[];
  state: DestinationState;
  sinceMs: number | null;
  lastAnswerMs: number | null;
  lastStatus: number | null;
  roundTripMs: number | null;
  failures: number;
  sparedUntilMs: number;
  dueMs: number;
  isAsked: boolean;
};

/** One lost datagram is no death. */
const FAILURES_TO_DOUBT = 2;
const MAX_HOPS = 1_000;
const MAX_SHOWN = 10;
const MAX_UNDER_WAY = 20;
const TICK_MS = 1_000;
/** A question that is not answered by then has failed; an answer that comes later still counts. */
const ANSWER_MS = 5_000;
const MAX_SPARED_MS = 300_000;
/** Intervals differ by so much, so that nodes and destinations do not fall into step. */
const JITTER = 0.2;
/** A doubtful destination is asked more often. */
const DOUBTFUL_FACTOR = 0.3;

/** What URIs that lead to the same next hop have in common. */
function hopOf(uriText: string): string | undefined {
  const uri = readSipUri(uriText);
  if (!uri) return undefined;
  const host = formatHostPort({ host: (paramValue(uri.params, 'maddr') ?? uri.host).toLowerCase(), port: uri.port });
  const transport = paramValue(uri.params, 'transport')?.toLowerCase();
  return `${uri.scheme === 'sips' ? 'sips:' : ''}${host}${transport === undefined ? '' : `;transport=${transport}`}`;
}

export function createDestinationHealth(deps: {
  layer: Pick<TransactionLayer, 'sendRequest'>;
  resolve: ResolveDestination;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  sipDomain: string;
  /** Between two questions to a destination; 0: none are asked, and only calls tell. */
  intervalMs: number;
  /** Whom to ask now. */
  watched: () => Iterable<WatchedDestination>;
  /** 0 to 1. */
  random?: () => number;
}): DestinationHealth {
  const { layer, resolve, clock, logger, intervalMs, random = Math.random } = deps;
  const hops = new Map<string, Hop>();
  const hopByUri = new BoundedMap<string, Hop>(2 * MAX_HOPS);
  const gauge = deps.metrics.gauge('waymark_sip_destinations', 'Destinations of calls by whether they answer', [
    'state',
  ]);
  const probes = deps.metrics.tally('waymark_sip_probes_total', 'OPTIONS sent to destinations, by result', ['result']);
  const countAnswered = probes('answered');
  const countUnanswered = probes('unanswered');
  let underWay = 0;
  let stopTicking: (() => void) | undefined;

  function addHop(destination: string, uri: string): Hop {
    if (hops.size >= MAX_HOPS) forgetOne();
    const hop: Hop = {
      destination,
      uri,
      serves: [],
      state: 'unknown',
      sinceMs: null,
      lastAnswerMs: null,
      lastStatus: null,
      roundTripMs: null,
      failures: 0,
      sparedUntilMs: 0,
      dueMs: clock.monotonicMs() + Math.min(intervalMs, 5_000) * random(),
      isAsked: false,
    };
    hops.set(destination, hop);
    return hop;
  }

  /** Rather one that nobody configured. */
  function forgetOne(): void {
    for (const [destination, { serves }] of hops) {
      if (serves.length > 0) continue;
      hops.delete(destination);
      return;
    }
    const oldest = hops.keys().next();
    if (!oldest.done) hops.delete(oldest.value);
  }

  function find(uri: string): Hop | undefined {
    const known = hopByUri.get(uri);
    if (known && hops.get(known.destination) === known) return known;
    const destination = hopOf(uri);
    if (destination === undefined) return undefined;
    const hop = hops.get(destination) ?? addHop(destination, uri);
    hopByUri.set(uri, hop);
    return hop;
  }

  function setState(hop: Hop, state: DestinationState): void {
    if (hop.state === state) return;
    const facts = { destination: hop.destination, failures: hop.failures };
    if (state === 'down') logger.warn(facts, 'calls: a destination does not answer; others are tried before it');
    else if (hop.state === 'down') logger.info(facts, 'calls: a destination answers again');
    hop.state = state;
    hop.sinceMs = clock.nowMs();
  }

  function noteAnswer(hop: Hop, response: SipResponse): void {
    hop.failures = 0;
    hop.lastAnswerMs = clock.nowMs();
    hop.lastStatus = response.status;
    if (response.status === 503) spare(hop, headerValue(response, 'Retry-After'));
    else if (response.status < 300) hop.sparedUntilMs = 0;
    setState(hop, 'up');
  }

  function spare(hop: Hop, retryAfter: string | undefined): void {
    const seconds = Number.parseInt(retryAfter ?? '', 10);
    if (seconds > 0) hop.sparedUntilMs = clock.nowMs() + Math.min(seconds * 1_000, MAX_SPARED_MS);
  }

  function noteSilence(hop: Hop): void {
    hop.failures++;
    hop.dueMs = Math.min(hop.dueMs, nextDueMs(hop));
    if (hop.failures >= FAILURES_TO_DOUBT) setState(hop, 'down');
  }

  function nextDueMs(hop: Hop): number {
    const factor = (hop.failures > 0 ? DOUBTFUL_FACTOR : 1) * (1 - JITTER + 2 * JITTER * random());
    return clock.monotonicMs() + intervalMs * factor;
  }

  function takeWatched(): void {
    const served = new Map<Hop, WatchedDestination[]>();
    for (const one of deps.watched()) {
      const hop = find(one.uri);
      if (!hop) continue;
      const others = served.get(hop);
      if (others) others.push(one);
      else served.set(hop, [one]);
      if (served.size >= MAX_HOPS) break;
    }
    for (const hop of hops.values()) {
      hop.serves = served.get(hop) ?? [];
      hop.uri = hop.serves[0]?.uri ?? hop.uri;
    }
  }

  function tick(): void {
    takeWatched();
    const nowMs = clock.monotonicMs();
    const counts = { up: 0, down: 0, unknown: 0 };
    for (const hop of hops.values()) {
      counts[hop.state]++;
      // What nobody configured is asked only to find out that it lives again.
      const isWanted = hop.serves.length > 0 || hop.failures > 0;
      if (isWanted && !hop.isAsked && hop.dueMs <= nowMs && underWay < MAX_UNDER_WAY) ask(hop);
    }
    for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
    stopTicking = clock.after(TICK_MS, tick);
  }

  function ask(hop: Hop): void {
    hop.isAsked = true;
    underWay++;
    const startedMs = clock.monotonicMs();
    let isSettled = false;
    const settle = (note: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      stopTimer();
      underWay--;
      hop.isAsked = false;
      note();
      hop.dueMs = nextDueMs(hop);
    };
    const failed = (): void =>
      settle(() => {
        countUnanswered();
        noteSilence(hop);
      });
    const stopTimer = clock.after(ANSWER_MS, failed);
    resolve(hop.uri)
      .then(([target]) => {
        if (!target) return failed();
        layer.sendRequest(optionsFor(hop.uri), target, {
          onResponse(response) {
            if (isSettled) return noteAnswer(hop, response);
            settle(() => {
              countAnswered();
              hop.roundTripMs = Math.round(clock.monotonicMs() - startedMs);
              noteAnswer(hop, response);
            });
          },
          onTimeout: failed,
          onTransportError: failed,
        });
      })
      .catch((error: unknown) => {
        logger.debug({ err: errorText(error), destination: hop.destination }, 'calls: a destination does not resolve');
        failed();
      });
  }

  function optionsFor(uriText: string): SipRequest {
    const uri = readSipUri(uriText);
    const to = uri ? formatUri({ ...uri, headers: undefined }) : uriText;
    return {
      kind: 'request',
      method: 'OPTIONS',
      uri: to,
      headers: [
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `<sip:health@${deps.sipDomain}>;tag=${newSecret(9)}` },
        { name: 'To', value: `<${to}>` },
        { name: 'Call-ID', value: newSecret(18) },
        { name: 'CSeq', value: '1 OPTIONS' },
        { name: 'Accept', value: 'application/sdp' },
      ],
      body: NO_BODY,
    };
  }

  return {
    doubtOf(uri) {
      const hop = hopByUri.get(uri) ?? hops.get(hopOf(uri) ?? '');
      if (!hop) return null;
      if (hop.state === 'down' && hop.sinceMs !== null) return `has not answered since ${isoOf(hop.sinceMs)}`;
      if (hop.sparedUntilMs > clock.nowMs()) return `asked to be spared until ${isoOf(hop.sparedUntilMs)}`;
      return null;
    },
    answered(uri, response) {
      const hop = find(uri);
      if (hop) noteAnswer(hop, response);
    },
    unanswered(uri) {
      const hop = find(uri);
      if (hop) noteSilence(hop);
    },
    list() {
      takeWatched();
      const nowMs = clock.nowMs();
      return [...hops.values()]
        .map((hop) => ({
          destination: hop.destination,
          state: hop.state,
          since: hop.sinceMs === null ? null : isoOf(hop.sinceMs),
          serves: hop.serves.slice(0, MAX_SHOWN).map(({ kind, name }) => ({ kind, name })),
          lastAnswerAt: hop.lastAnswerMs === null ? null : isoOf(hop.lastAnswerMs),
          lastStatus: hop.lastStatus,
          roundTripMs: hop.roundTripMs,
          failures: hop.failures,
          sparedUntil: hop.sparedUntilMs > nowMs ? isoOf(hop.sparedUntilMs) : null,
        }))
        .sort((one, other) => (one.destination < other.destination ? -1 : 1));
    },
    start() {
      if (intervalMs > 0 && !stopTicking) stopTicking = clock.after(TICK_MS, tick);
    },
    stop() {
      stopTicking?.();
      stopTicking = undefined;
    },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
