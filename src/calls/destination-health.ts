import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipTarget } from '../transport/sip-flow.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import { headerValue, NO_BODY, type SipRequest, type SipResponse } from '../wire/sip/message.ts';
import { paramValue } from '../wire/sip/params.ts';
import { formatUri, readSipUri } from '../wire/sip/uri.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { TransactionLayer } from './transactions/transaction.ts';

/** `unknown`: nothing was asked yet, or a first question is open. */
export type DestinationState = 'up' | 'down' | 'unknown';

/** Somebody to whom calls may go. */
export type WatchedDestination = {
  kind: 'psap' | 'relay' | 'trunk';
  name: string;
  uri: string;
  /** Whose trunk it is. */
  organizationId?: string | undefined;
};

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

/** The same without who is reached there: for who asks for one URI of its own. */
export type HopHealth = Omit<DestinationStatus, 'destination' | 'serves'>;

/** A destination of which it is known now whether it answers: for the first time, or differently than before. */
export type DestinationChange = {
  destination: string;
  isDown: boolean;
  /** Since when it does not answer, or until now did not, ISO 8601; null: as far as this node knows it always answered. */
  downSince: string | null;
  /** ISO 8601. */
  at: string;
  /** Who is reached there, at most ten. */
  serves: readonly WatchedDestination[];
};

/**
 * Whether destinations answer (RFC 3261 §11: OPTIONS), learnt from probes and from calls. It is used for order alone: a
 * destination that seems dead is tried later, never left out. Who has never answered OPTIONS may be deaf to them alone: there,
 * silence to probes counts only after a call in vain, and a doubt that no probe can end lapses by itself.
 */
export type DestinationHealth = {
  /** Why a destination should be tried after others; null when nothing speaks against it. */
  doubtOf(uri: string): string | null;
  /** A destination answered a call, whatever it said. */
  answered(uri: string, response: SipResponse): void;
  /** A call got not even a 100, or could not be sent. */
  unanswered(uri: string): void;
  /** What is known of the next hop of this URI; null where it names none. */
  healthOf(uri: string): HopHealth | null;
  /** Everything known, by destination. */
  list(): DestinationStatus[];
  start(): void;
  stop(): void;
};

/** Moments that decide are on the monotonic clock, those that are shown on the wall clock. */
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
  answersProbes: boolean;
  /** When a call, or what could not even be sent, last was in vain; null since anything was answered. */
  inVainAtMs: number | null;
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
/** A doubt that no probe can end is put to the test by a call after so long. */
const DOUBT_LAPSES_MS = 60_000;
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
  /** Told whenever it becomes known, or changes, whether a destination answers. Must not throw. */
  onChange?: ((change: DestinationChange) => void) | undefined;
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
      answersProbes: false,
      inVainAtMs: null,
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

  /** What is watched of this URI; nothing that was forgotten. */
  function knownHop(uri: string): Hop | undefined {
    const known = hopByUri.get(uri);
    return known && hops.get(known.destination) === known ? known : hops.get(hopOf(uri) ?? '');
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
    const { destination, failures, serves, sinceMs } = hop;
    const facts = { destination, failures };
    const nowMs = clock.nowMs();
    const wasDown = hop.state === 'down';
    if (state === 'down') logger.warn(facts, 'calls: a destination does not answer; others are tried before it');
    else if (wasDown) logger.info(facts, 'calls: a destination answers again');
    hop.state = state;
    hop.sinceMs = nowMs;
    deps.onChange?.({
      destination,
      serves: serves.slice(0, MAX_SHOWN),
      isDown: state === 'down',
      downSince: state === 'down' ? isoOf(nowMs) : wasDown && sinceMs !== null ? isoOf(sinceMs) : null,
      at: isoOf(nowMs),
    });
  }

  function noteAnswer(hop: Hop, response: SipResponse): void {
    hop.failures = 0;
    hop.inVainAtMs = null;
    hop.lastAnswerMs = clock.nowMs();
    hop.lastStatus = response.status;
    if (response.status === 503) spare(hop, headerValue(response, 'Retry-After'));
    else if (response.status < 300) hop.sparedUntilMs = 0;
    setState(hop, 'up');
  }

  function spare(hop: Hop, retryAfter: string | undefined): void {
    const seconds = Number.parseInt(retryAfter ?? '', 10);
    if (seconds > 0) hop.sparedUntilMs = clock.monotonicMs() + Math.min(seconds * 1_000, MAX_SPARED_MS);
  }

  /** `isInVain`: a call was not answered, or not even a question could be sent. */
  function noteSilence(hop: Hop, isInVain: boolean): void {
    hop.failures++;
    if (isInVain) hop.inVainAtMs = clock.monotonicMs();
    hop.dueMs = Math.min(hop.dueMs, nextDueMs(hop));
    const isTelling = hop.answersProbes || hop.inVainAtMs !== null;
    if (hop.failures >= FAILURES_TO_DOUBT && isTelling) setState(hop, 'down');
  }

  /** Whether it is down, and either probes would tell that it lives again, or the doubt is young. */
  function isDoubtful({ answersProbes, inVainAtMs, state }: Hop): boolean {
    if (state !== 'down') return false;
    if (answersProbes && intervalMs > 0) return true;
    return inVainAtMs !== null && clock.monotonicMs() - inVainAtMs < DOUBT_LAPSES_MS;
  }

  /** A moment of the monotonic clock as people read it. */
  function wallTextOf(monotonicMs: number): string {
    return isoOf(clock.nowMs() + monotonicMs - clock.monotonicMs());
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

  function shownHealth(hop: Hop): HopHealth {
    return {
      state: hop.state,
      since: hop.sinceMs === null ? null : isoOf(hop.sinceMs),
      lastAnswerAt: hop.lastAnswerMs === null ? null : isoOf(hop.lastAnswerMs),
      lastStatus: hop.lastStatus,
      roundTripMs: hop.roundTripMs,
      failures: hop.failures,
      sparedUntil: hop.sparedUntilMs > clock.monotonicMs() ? wallTextOf(hop.sparedUntilMs) : null,
    };
  }

  function tick(): void {
    takeWatched();
    const nowMs = clock.monotonicMs();
    const counts = { up: 0, down: 0, unknown: 0 };
    const due: Hop[] = [];
    for (const hop of hops.values()) {
      counts[hop.state]++;
      // What nobody configured is asked only to find out that it lives again.
      const isWanted = hop.serves.length > 0 || hop.failures > 0;
      if (isWanted && !hop.isAsked && hop.dueMs <= nowMs) due.push(hop);
    }
    // Who has waited longest comes first, so that many dead ones do not keep the others from being asked.
    due.sort((one, other) => one.dueMs - other.dueMs);
    for (const hop of due.slice(0, Math.max(0, MAX_UNDER_WAY - underWay))) ask(hop);
    for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
    stopTicking = clock.after(TICK_MS, tick);
  }

  /** Asks at one address after the other (RFC 3263 §4.3): a destination lives when one of them does. */
  function ask(hop: Hop): void {
    hop.isAsked = true;
    underWay++;
    let isSettled = false;
    let stopTimer = (): void => undefined;
    const settle = (note: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      stopTimer();
      underWay--;
      hop.isAsked = false;
      note();
      hop.dueMs = nextDueMs(hop);
    };
    const failed = (isInVain: boolean): void =>
      settle(() => {
        countUnanswered();
        noteSilence(hop, isInVain);
      });
    const askAt = ([target, ...others]: readonly SipTarget[], wasSent: boolean): void => {
      if (!target) return failed(!wasSent);
      const startedMs = clock.monotonicMs();
      let isPassedOver = false;
      const passOver = (isSent: boolean): void => {
        if (isPassedOver || isSettled) return;
        isPassedOver = true;
        stopTimer();
        askAt(others, wasSent || isSent);
      };
      stopTimer = clock.after(ANSWER_MS, () => passOver(true));
      layer.sendRequest(optionsFor(hop.uri), target, {
        onResponse(response) {
          hop.answersProbes = true;
          if (isSettled) return noteAnswer(hop, response);
          settle(() => {
            countAnswered();
            hop.roundTripMs = Math.round(clock.monotonicMs() - startedMs);
            noteAnswer(hop, response);
          });
        },
        onTimeout: () => passOver(true),
        onTransportError: () => passOver(false),
      });
    };
    Promise.resolve(resolve(hop.uri))
      .then((targets) => askAt(targets, false))
      .catch((error: unknown) => {
        logger.debug({ err: errorText(error), destination: hop.destination }, 'calls: a destination does not resolve');
        failed(true);
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
      const hop = knownHop(uri);
      if (!hop) return null;
      if (isDoubtful(hop) && hop.sinceMs !== null) return `has not answered since ${isoOf(hop.sinceMs)}`;
      if (hop.sparedUntilMs > clock.monotonicMs()) return `asked to be spared until ${wallTextOf(hop.sparedUntilMs)}`;
      return null;
    },
    answered(uri, response) {
      const hop = find(uri);
      if (hop) noteAnswer(hop, response);
    },
    unanswered(uri) {
      const hop = find(uri);
      if (hop) noteSilence(hop, true);
    },
    healthOf(uri) {
      const hop = find(uri);
      return hop ? shownHealth(hop) : null;
    },
    list() {
      takeWatched();
      return [...hops.values()]
        .map((hop) => ({
          destination: hop.destination,
          serves: hop.serves.slice(0, MAX_SHOWN).map(({ kind, name }) => ({ kind, name })),
          ...shownHealth(hop),
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
