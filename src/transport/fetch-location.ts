import type { LocationValue } from '../domain/location-value.ts';
import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import { createCircuitBreaker } from '../support/circuit-breaker.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { decodeHeldAnswer, encodeLocationRequest } from '../wire/held/held.ts';
import { preferredLocation } from '../wire/pidf-lo/pidf-lo.ts';
import { createOutgoingHttp, type OutgoingAnswer, type OutgoingHttpDeps, UnreachableError } from './outgoing-http.ts';
import { isPublicAddress } from './public-address.ts';

export type FetchLocationDeps = Pick<OutgoingHttpDeps, 'tls' | 'dns'> & {
  clock: Clock;
  /** Whether an address may be asked although it is not public; nobody's, when left out. */
  mayAskPrivate?: (address: string) => boolean;
  /** Told what came of every question. */
  onOutcome?: (outcome: FetchOutcome) => void;
};

/** `refused`: the server said why it gives nothing, or may not be asked; `spared`: it was not asked, for it failed before or is busy. */
export type FetchOutcome = 'answered' | 'refused' | 'failed' | 'late' | 'spared';

/** A location, and in words how it was got. */
export type FetchedLocation = { value: LocationValue; how: string };

/** Asks the server behind a location URI. Rejects with a ProblemError whose message tells every attempt. */
export type FetchLocation = (uri: string, deadlineMs: number) => Promise<FetchedLocation>;

const MAX_BYTES = 256 * 1024;
const MAX_REDIRECTS = 2;
const MAX_URI = 2_048;
/** Questions to one server under way or waiting: beyond, whoever asks is better off without an answer at once. */
const QUESTIONS_PER_HOST = 64;
const FAILURES_IN_A_ROW = 3;
const OPEN_MS = 10_000;
/** Long enough for the second attempt of one caller, too short to send help to where somebody was. */
const REMEMBERED_MS = 10_000;
const REMEMBERED_ANSWERS = 500;

const ACCEPT = 'application/held+xml,application/pidf+xml;q=0.9';
const QUESTION = encodeLocationRequest({
  locationTypes: ['civic', 'geodetic'],
  exact: false,
  responseTime: 'emergencyRouting',
  devices: [],
  measurements: { lldp: [], wifi: [], dhcp: [] },
});

type Method = 'POST' | 'GET';
/** A failure that another way of asking the same server may not have; the server itself is well. */
class Unusable extends Error {}
/** One by which the server says that it gives nothing. */
class Refused extends Unusable {}

/**
 * Dereferences location URIs (RFC 6753): HELD by POST (§3.1), then by GET (§3.2) where the server does not take that; all
 * within the deadline, at most 256 KiB, at most two redirects, never from HTTPS to HTTP. Certificates are verified. Only
 * public addresses are asked, whatever a name resolves or redirects to, so that nobody reaches what is behind us by a call.
 * A server that gave no answer three times in a row is left alone for ten seconds; a recent answer that may be kept is used again.
 */
export function createFetchLocation(deps: FetchLocationDeps): FetchLocation {
  const { clock, mayAskPrivate = () => false, tls, dns, onOutcome = () => undefined } = deps;
  const http = createOutgoingHttp({
    tls,
    dns,
    mayAsk: (address) => isPublicAddress(address) || mayAskPrivate(address),
  });
  const breaker = createCircuitBreaker(clock, { failures: FAILURES_IN_A_ROW, openMs: OPEN_MS });
  const questions = new Map<string, number>();
  const answers = new BoundedMap<string, { fetched: FetchedLocation; untilMs: number }>(REMEMBERED_ANSWERS);
  const underWay = new Map<string, Promise<FetchedLocation>>();

  async function exchange(method: Method, start: URL, signal: AbortSignal): Promise<OutgoingAnswer> {
    let url = start;
    let verb = method;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await send(verb, url, signal);
      if (![301, 302, 303, 307, 308].includes(answer.status)) return answer;
      const next = URL.parse(answer.headers.location ?? '', url.href);
      const isSafe = next?.protocol === 'https:' || (next?.protocol === 'http:' && url.protocol === 'http:');
      if (!next || !isSafe) throw new Unusable(`redirected to where nothing may be asked`);
      url = next;
      // RFC 9110 §15.4: only 307 and 308 keep the method.
      if (answer.status !== 307 && answer.status !== 308) verb = 'GET';
    }
    throw new Unusable(`redirected more than ${MAX_REDIRECTS} times`);
  }

  function send(method: Method, url: URL, signal: AbortSignal): Promise<OutgoingAnswer> {
    const isPost = method === 'POST';
    const headers = { accept: ACCEPT, ...(isPost && { 'content-type': 'application/held+xml;charset=utf-8' }) };
    const body = isPost ? QUESTION : '';
    return http.exchange({ method, url, headers, body, signal, maxBytes: MAX_BYTES, excess: 'fail' });
  }

  async function ask(method: Method, url: URL, signal: AbortSignal): Promise<{ value: LocationValue; keepMs: number }> {
    const answer = await exchange(method, url, signal);
    // RFC 9110 §15.6.2: 501 is about the method, not about the server.
    if (answer.status >= 500 && answer.status !== 501) throw new UnreachableError(`HTTP ${answer.status}`);
    if (answer.status < 200 || answer.status >= 300) throw new Refused(`HTTP ${answer.status}`);
    const held = readAnswer(answer.body);
    if (held.type === 'error') {
      const text = `HELD ${held.code}${held.message === undefined ? '' : `: ${held.message.slice(0, 120)}`}`;
      // A LIS that knows HELD has said its word; only one that wants another message may say more to GET.
      if (held.code === 'unsupportedMessage') throw new Unusable(text);
      throw new ProblemError('upstream-failed', text);
    }
    const value = held.presence && preferredLocation(held.presence);
    if (!value) throw new Unusable('an answer without a location');
    return { value, keepMs: keepMsOf(answer.headers['cache-control'] ?? '') };
  }

  async function fetchOnce(uri: string, url: URL, deadlineMs: number): Promise<FetchedLocation> {
    const signal = AbortSignal.timeout(deadlineMs);
    const startedMs = clock.monotonicMs();
    const attempts: string[] = [];
    let isRefused = false;
    for (const method of ['POST', 'GET'] as const) {
      try {
        const { value, keepMs } = await ask(method, url, signal);
        const tookMs = Math.round(clock.monotonicMs() - startedMs);
        const how = [...attempts, `${method} answered by ${url.host} after ${tookMs} ms`].join('; ');
        breaker.succeeded(url.host);
        onOutcome('answered');
        const fetched = { value, how };
        if (keepMs > 0) answers.set(uri, { fetched, untilMs: clock.monotonicMs() + keepMs });
        return fetched;
      } catch (error) {
        const late = signal.aborted;
        attempts.push(`${method}: ${late ? `no answer of ${url.host} within ${deadlineMs} ms` : describe(error)}`);
        isRefused = error instanceof Refused;
        if (!late && error instanceof Unusable) continue;
        const isSettled = !late && error instanceof ProblemError;
        if (isSettled) breaker.succeeded(url.host);
        else breaker.failed(url.host);
        onOutcome(late ? 'late' : isSettled ? 'refused' : 'failed');
        const kind = late ? 'upstream-timeout' : isSettled ? error.kind : 'upstream-failed';
        throw new ProblemError(kind, attempts.join('; '), { cause: error });
      }
    }
    // It answered in time: who has another reference of it may ask.
    breaker.succeeded(url.host);
    onOutcome(isRefused ? 'refused' : 'failed');
    throw new ProblemError('upstream-failed', attempts.join('; '));
  }

  return (uri, deadlineMs) => {
    const url = uri.length > MAX_URI ? null : URL.parse(uri);
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      return rejected('invalid', 'only http and https location URIs can be asked');
    }
    const kept = answers.get(uri);
    if (kept !== undefined && kept.untilMs > clock.monotonicMs()) {
      return Promise.resolve({ value: kept.fetched.value, how: `as ${url.host} answered a moment ago` });
    }
    // Forks and repetitions of one call ask for the same at the same time.
    const asked = underWay.get(uri);
    if (asked !== undefined) return asked;
    const count = questions.get(url.host) ?? 0;
    if (count >= QUESTIONS_PER_HOST) {
      onOutcome('spared');
      return rejected('upstream-failed', `${url.host} has ${count} questions to answer`);
    }
    if (!breaker.mayTry(url.host)) {
      onOutcome('spared');
      return rejected('upstream-failed', `not asked: ${url.host} failed ${FAILURES_IN_A_ROW} times in a row`);
    }
    questions.set(url.host, count + 1);
    const fetching = fetchOnce(uri, url, deadlineMs).finally(() => {
      underWay.delete(uri);
      const left = (questions.get(url.host) ?? 1) - 1;
      if (left === 0) questions.delete(url.host);
      else questions.set(url.host, left);
    });
    underWay.set(uri, fetching);
    return fetching;
  };
}

/** RFC 9111 §5.2.2. */
function keepMsOf(cacheControl: string): number {
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return 0;
  const maxAge = /\bmax-age="?(\d{1,9})/i.exec(cacheControl)?.[1];
  return maxAge === undefined ? REMEMBERED_MS : Math.min(REMEMBERED_MS, Number(maxAge) * 1_000);
}

function rejected(kind: ProblemError['kind'], detail: string): Promise<never> {
  return Promise.reject(new ProblemError(kind, detail));
}

function readAnswer(body: Buffer): ReturnType<typeof decodeHeldAnswer> {
  try {
    return decodeHeldAnswer(body);
  } catch (error) {
    throw new Unusable(`unreadable: ${errorText(error).slice(0, 160)}`, { cause: error });
  }
}

function describe(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  const isOurs = error instanceof ProblemError || error instanceof Unusable || error instanceof UnreachableError;
  if (isOurs || typeof code !== 'string') return errorText(error).slice(0, 200);
  return `${code}: ${errorText(error)}`.slice(0, 200);
}
