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
} from '../wire/held/held.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';
import { encodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import { checkHeldCredentials, type HeldAccounts } from './check-credentials.ts';
import { chooseResponse, presenceOf } from './held-answer.ts';
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

const BY_MEASUREMENT: ReadonlySet<LocatingRule> = new Set<LocatingRule>([
  'switch-port',
  'switch-chassis',
  'bssid',
  'bssid-mask',
]);

/** Measurements locate the device that the identities name; the site behind the source address is nobody's identity. */
function devicesOf(rule: LocatingRule, devices: readonly DeviceIdentity[]): readonly DeviceIdentity[] {
  return BY_MEASUREMENT.has(rule) ? devices : [];
}

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
      });
      if (organizationId === undefined) return refuseCredentials(request);
      try {
        const asked = decodeLocationRequest(request.body);
        const question: DeviceQuestion = {
          organizationId,
          devices: asked.devices,
          measurements: asked.measurements,
          sourceAddress: isIPv4(request.sourceAddress)
            ? request.sourceAddress
            : (readIpAddress(request.sourceAddress)?.address ?? ''),
          nowMs: clock.nowMs(),
          winnerOnly: true,
        };
        const located = deps.locateDevice(question);
        deps.notes.noteRequest(question, located);
        if (!located.found) {
          const message = [located.reason, ...located.notes].join('; ');
          throw new ProblemError('not-found', message.slice(0, 500));
        }
        const response = chooseResponse(
          asked,
          {
            value: located.value,
            issueUri: () => deps.locationUris.issueLocationUri(organizationId, located.target, located.rule),
          },
          host(),
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
        const { value } = resolved;
        deps.notes.noteUriUse(resolved.organizationId, resolved.id, resolved.expires);
        // RFC 6753 §3.2: GET is a POST that asks for both forms by value.
        const isQuery = request.method === 'POST' && !isBlank(request.body);
        const asked = isQuery
          ? decodeLocationRequest(request.body)
          : ({ locationTypes: ['geodetic', 'civic'], exact: false } as const);
        if (!isQuery && prefersPresence(header(request.headers, 'accept'))) {
          count('dereference', 'presence');
          return answer(PIDF_TYPE, encodePresence(presenceOf(value, ['geodetic', 'civic'], host())));
        }
        // RFC 6753 §3.1: no location URI is made in answer to a location URI.
        const response = chooseResponse(asked, { value, issueUri: undefined }, host());
        count('dereference', 'response');
        return answer(HELD_TYPE, encodeLocationResponse(response));
      } catch (error) {
        return errorAnswer('dereference', error);
      }
    },
  };
}
