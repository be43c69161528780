import { isIPv4 } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import { createAttemptLimit } from '../support/attempt-limit.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import {
  type DeviceIdentity,
  decodeLocationRequest,
  encodeHeldError,
  encodeLocationResponse,
  type HeldError,
  type ReadLocationRequest,
} from '../wire/held/held.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';
import { encodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import { checkHeldCredentials, type HeldAccounts } from './check-credentials.ts';
import { chooseResponse, isByMeasurement, presenceOf } from './held-answer.ts';
import { HELD_ERRORS } from './held-problems.ts';
import type { DeviceQuestion, LocatedDevice, LocatingRule } from './located-device.ts';
import type { LocationUris } from './location-uris.ts';
import type { RequestNotes } from './request-notes.ts';

/** A request as any HTTP server has it; header names in lower case. */
export type HeldHttpRequest = {
  method: string;
  /** The last part of `/held/c/<companyId>`; undefined for `/held`. */
  companyId?: string | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
  /** Where it came from, behind the trusted proxies. */
  sourceAddress: string;
  /** SHA-256 of the client's certificate, lower-case hex; only of one that a known authority issued. */
  clientCertificate?: string | undefined;
  /** When its last byte was here, on the monotonic clock. */
  receivedMs?: number | undefined;
};

export type HeldDereferenceRequest = {
  method: string;
  /** The last part of `/held/l/<reference>`. */
  reference: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
};

export type HeldHttpAnswer = {
  status: number;
  contentType: string;
  headers?: Readonly<Record<string, string>>;
  body: string;
};

export type HeldEndpoint = {
  /** `POST /held` and `POST /held/c/<companyId>`. */
  handleHeld(request: HeldHttpRequest): HeldHttpAnswer;
  /** `GET` and `POST /held/l/<reference>` (RFC 6753). */
  handleDereference(request: HeldDereferenceRequest): HeldHttpAnswer;
};

export type HeldEndpointDeps = {
  accounts: HeldAccounts;
  locateDevice: (question: DeviceQuestion) => LocatedDevice;
  locationUris: LocationUris;
  notes: Pick<RequestNotes, 'noteRequest' | 'noteUriUse'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  publicUrl: () => string;
};

const HELD_TYPE = 'application/held+xml;charset=utf-8';
const PIDF_TYPE = 'application/pidf+xml;charset=utf-8';
const TEXT_TYPE = 'text/plain;charset=utf-8';
const MAX_ACCEPT = 1_024;
const FAILURES = { attempts: 20, windowMs: 60_000 };

// RFC 5985 §8: locations and location URIs are not for caches.
const NOT_CACHED = { 'cache-control': 'private, no-store' } as const;

function answer(contentType: string, body: string): HeldHttpAnswer {
  return { status: 200, contentType, headers: NOT_CACHED, body };
}

function refuse(status: number, headers: Readonly<Record<string, string>>, text: string): HeldHttpAnswer {
  return { status, contentType: TEXT_TYPE, headers: { ...NOT_CACHED, ...headers }, body: `${text}\n` };
}

function header(headers: HeldHttpRequest['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const QUALITY = /;\s*q\s*=\s*([01](?:\.\d{0,3})?)/i;

/** The quality that an Accept header gives a media type named in it; 0 when it does not name it. */
function qualityOf(accept: string, type: string): number {
  for (const range of accept.toLowerCase().split(',')) {
    if (range.trim().split(';')[0]?.trim() !== type) continue;
    return Number(QUALITY.exec(range)?.[1] ?? 1);
  }
  return 0;
}

/** RFC 6753 §3.2: a presence document instead of a HELD answer for whom asks for that by name and no less. */
function prefersPresence(accept: string | undefined): boolean {
  if (accept === undefined || accept.length > MAX_ACCEPT) return false;
  const presence = qualityOf(accept, 'application/pidf+xml');
  return presence > 0 && presence >= qualityOf(accept, 'application/held+xml');
}

/** Measurements locate the device that the identities name; the site behind the source address is nobody's identity. */
function devicesOf(rule: LocatingRule, devices: readonly DeviceIdentity[]): readonly DeviceIdentity[] {
  return isByMeasurement(rule) ? devices : [];
}

const PORTS: ReadonlySet<string> = new Set(['udpport', 'tcpport', 'sctpport', 'dccpport']);

/**
 * RFC 6155 §2.2: who was named cannot be found by what was named: it could not be read, or is a port, which is of no use
 * without the mappings of the NAT (§3.3). What else is unknown to us may be known tomorrow: it is no wrong identifier.
 */
function wrongIdentifiers({ devices, namesUnreadable }: ReadLocationRequest): HeldError | undefined {
  if (namesUnreadable !== true && (devices.length === 0 || !devices.every(({ kind }) => PORTS.has(kind)))) {
    return undefined;
  }
  return {
    code: 'badIdentifier',
    message: 'none of the identifiers in the request is one that a device can be found by here',
    requiredIdentifiers: ['ip', 'mac', 'uri'],
  };
}

/** RFC 6155 writes 8 where 8 seconds are meant; shorter waits than this are taken for that slip. */
const SHORTEST_BUDGET_MS = 1_000;

function isBlank(body: Uint8Array): boolean {
  return body.length === 0;
}

/** The HELD door, free of any HTTP framework: bytes in, bytes out, from memory. It never throws. */
export function createHeldEndpoint(deps: HeldEndpointDeps): HeldEndpoint {
  const { clock, logger } = deps;
  // Only wrong requests are counted: right credentials pass whatever else comes from the same address, for a hundred phones
  // behind one address must not suffer for one that is set up badly.
  const failures = createAttemptLimit(clock, FAILURES);
  const answers = deps.metrics.tally('waymark_held_answers_total', 'Answers of the HELD door', ['door', 'outcome']);
  const counts = { request: new Map<string, () => void>(), dereference: new Map<string, () => void>() };
  function count(door: 'request' | 'dereference', outcome: string): void {
    let add = counts[door].get(outcome);
    if (add === undefined) counts[door].set(outcome, (add = answers(door, outcome)));
    add();
  }

  let known = { publicUrl: '', host: 'localhost' };
  function host(): string {
    const publicUrl = deps.publicUrl();
    // Read once: parsing a URL for every request would be felt.
    if (publicUrl !== known.publicUrl) known = { publicUrl, host: URL.parse(publicUrl)?.hostname ?? 'localhost' };
    return known.host;
  }

  /** Every way to fail as a HELD error in HTTP 200 (RFC 5985 §6.3). */
  function errorAnswer(door: 'request' | 'dereference', error: unknown): HeldHttpAnswer {
    if (error instanceof ProblemError) {
      const code = HELD_ERRORS[error.kind];
      count(door, code);
      return answer(HELD_TYPE, encodeHeldError({ code, message: error.message }));
    }
    const id = newId();
    count(door, 'generalLisError');
    logger.error({ err: errorText(error), stack: error instanceof Error ? error.stack : undefined, id }, 'HELD failed');
    return answer(HELD_TYPE, encodeHeldError({ code: 'generalLisError', message: `internal error ${id}` }));
  }

  function heldError(error: HeldError): HeldHttpAnswer {
    count('request', error.code);
    return answer(HELD_TYPE, encodeHeldError(error));
  }

  /**
   * RFC 5985 §6.1: answers come from memory at once, so the time is used up only where a request had to wait here longer
   * than its sender does. Then nobody listens any more, and the work is better spent on those who do.
   */
  function isTooLate({ responseTime }: ReadLocationRequest, receivedMs: number | undefined): boolean {
    if (typeof responseTime !== 'number' || receivedMs === undefined) return false;
    return clock.monotonicMs() - receivedMs > Math.max(responseTime, SHORTEST_BUDGET_MS);
  }

  function refuseCredentials(request: HeldHttpRequest): HeldHttpAnswer {
    const waitSeconds = failures.take(request.sourceAddress);
    if (waitSeconds !== undefined) {
      count('request', 'throttled');
      return refuse(429, { 'retry-after': String(waitSeconds) }, 'Too many requests with wrong credentials.');
    }
    count('request', 'unauthenticated');
    return refuse(
      401,
      { 'www-authenticate': 'Basic realm="HELD", charset="UTF-8", Bearer realm="HELD"' },
      'The company id, or the secret that goes with it, is missing or wrong.',
    );
  }

  return {
    handleHeld(request) {
      if (request.method !== 'POST') {
        return refuse(405, { allow: 'POST' }, 'HELD requests are sent by POST (RFC 5985, section 8).');
      }
      const organizationId = checkHeldCredentials(deps.accounts, {
        pathCompanyId: request.companyId,
        authorization: header(request.headers, 'authorization'),
        certificate: request.clientCertificate,
      });
      if (organizationId === undefined) return refuseCredentials(request);
      try {
        const asked = decodeLocationRequest(request.body);
        if (isTooLate(asked, request.receivedMs)) {
          return heldError({ code: 'timeout', message: `the location is not known within ${asked.responseTime} ms` });
        }
        const question: DeviceQuestion = {
          organizationId,
          devices: asked.devices,
          measurements: asked.measurements,
          namesUnreadable: asked.namesUnreadable,
          sourceAddress: isIPv4(request.sourceAddress)
            ? request.sourceAddress
            : (readIpAddress(request.sourceAddress)?.address ?? ''),
          nowMs: clock.nowMs(),
          winnerOnly: true,
        };
        const located = deps.locateDevice(question);
        deps.notes.noteRequest(question, located);
        if (!located.found) {
          const wrong = wrongIdentifiers(asked);
          if (wrong !== undefined) return heldError(wrong);
          const message = [located.reason, ...located.notes].join('; ');
          throw new ProblemError('not-found', message.slice(0, 500));
        }
        const response = chooseResponse(
          asked,
          {
            value: located.value,
            rule: located.rule,
            issueUri: () => deps.locationUris.issueLocationUri(organizationId, located.target, located.rule),
          },
          { host: host(), nowMs: question.nowMs },
        );
        // RFC 6155 §2.2: who was located is echoed; nothing is where the source address alone told it.
        const devices = located.identity === undefined ? devicesOf(located.rule, asked.devices) : [located.identity];
        count('request', located.rule);
        return answer(HELD_TYPE, encodeLocationResponse({ ...response, devices }));
      } catch (error) {
        return errorAnswer('request', error);
      }
    },

    handleDereference(request) {
      if (request.method !== 'GET' && request.method !== 'POST') {
        return refuse(405, { allow: 'GET, POST' }, 'Location URIs are dereferenced by GET or POST (RFC 6753).');
      }
      try {
        const resolved = deps.locationUris.resolveLocationUri(request.reference, clock.nowMs());
        if (!resolved.found) {
          throw new ProblemError('not-found', `the location URI is ${resolved.reason}`);
        }
        const { value, rule } = resolved;
        const from = { host: host(), nowMs: clock.nowMs() };
        deps.notes.noteUriUse(resolved.organizationId, resolved.id, resolved.expires);
        // RFC 6753 §3.2: GET is a POST that asks for both forms by value.
        const isQuery = request.method === 'POST' && !isBlank(request.body);
        const asked = isQuery
          ? decodeLocationRequest(request.body)
          : ({ locationTypes: ['geodetic', 'civic'], exact: false } as const);
        if (!isQuery && prefersPresence(header(request.headers, 'accept'))) {
          count('dereference', 'presence');
          return answer(PIDF_TYPE, encodePresence(presenceOf({ value, rule }, ['geodetic', 'civic'], from)));
        }
        // RFC 6753 §3.1: no location URI is made in answer to a location URI.
        const response = chooseResponse(asked, { value, rule, issueUri: undefined }, from);
        count('dereference', 'response');
        return answer(HELD_TYPE, encodeLocationResponse(response));
      } catch (error) {
        return errorAnswer('dereference', error);
      }
    },
  };
}
