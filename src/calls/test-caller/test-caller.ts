import { isIPv6 } from 'node:net';
import type { Audit } from '../../audit/audit.ts';
import { readE164 } from '../../domain/phone-number.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { createAttemptLimit } from '../../support/attempt-limit.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { SipListenAddress } from '../../transport/sip-flow.ts';
import type { CallLookups } from '../call-lookups.ts';
import type { CallRooms } from '../room-lookups.ts';
import { type CallPlan, type CallReport, newCallId } from './place-call.ts';

export type TestCallRequest = {
  /** A number of the organization, in any usual spelling. */
  from: string;
  /** The call conveys a location URI for this place, as a phone does that asked HELD there; else it conveys none. */
  responseLocationId?: string | undefined;
};

/** A test call on its way; its record is found by the Call-ID. */
export type PlacedTestCall = {
  /** SIP Call-ID. */
  callId: string;
  /** E.164. */
  from: string;
};

/** Places test calls by itself, as a phone would. */
export type TestCaller = {
  /**
   * Dials 933 for a number, through the SIP door like every call; answers when the call is on its way. Throws `invalid` (`from`,
   * `responseLocationId`), `too-many-requests`, `unavailable`.
   */
  placeTestCall(scope: Scope, request: TestCallRequest): Promise<PlacedTestCall>;
  /** Whether a test call of ours comes from this address now. */
  callsFrom(address: string): boolean;
  /** Hangs up, and waits for that. */
  stop(): Promise<void>;
};

/** The announcement takes a minute at most; then the agent hangs up. */
const MAX_CALL_MS = 120_000;
/** Phones test here too: their lines must stay free. */
const MOST_AT_ONCE = 4;
const LIMIT = { attempts: 6, windowMs: 60_000 };
const BUSY_SECONDS = 30;

export function createTestCaller(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  lookups: Pick<CallLookups, 'findInOrganization'>;
  rooms: {
    places: Pick<CallRooms['places'], 'responseLocation'>;
    location: Pick<CallRooms['location'], 'issueLocationUri'>;
  };
  /** Where we listen. */
  addresses: () => readonly SipListenAddress[];
  placeCall(plan: CallPlan): Promise<CallReport>;
}): TestCaller {
  const { audit, clock, database, logger, lookups, rooms } = deps;
  const limit = createAttemptLimit(clock, LIMIT);
  const ending = new AbortController();
  const underWay = new Map<string, { address: string; over: Promise<void> }>();

  /** Ourselves over UDP, as whoever is on this machine reaches us. */
  function ownTarget(): CallPlan['target'] {
    const own = deps.addresses().find(({ protocol }) => protocol === 'udp');
    if (own === undefined) throw new ProblemError('unavailable', 'this node takes no calls');
    const { host, port } = own;
    if (host === '0.0.0.0') return { protocol: 'udp', address: '127.0.0.1', port };
    if (isIPv6(host) && /^[0:]+$/.test(host)) return { protocol: 'udp', address: '::1', port };
    return { protocol: 'udp', address: host, port };
  }

  function locationUriOf(organizationId: string, id: string): string {
    const place = rooms.places.responseLocation(organizationId, id);
    if (!place) throw invalidField('responseLocationId', 'there is no such response location');
    const issued = rooms.location.issueLocationUri(organizationId, { kind: 'erl', id });
    if (!issued) throw new ProblemError('unavailable', 'no location URI can be issued now');
    return issued.uri;
  }

  function take(organizationId: string): void {
    if (underWay.size >= MOST_AT_ONCE) {
      throw new ProblemError('too-many-requests', 'as many test calls as may be are under way', {
        retryAfterSeconds: BUSY_SECONDS,
      });
    }
    const retryAfterSeconds = limit.take(organizationId);
    if (retryAfterSeconds === undefined) return;
    throw new ProblemError('too-many-requests', `at most ${LIMIT.attempts} test calls a minute`, { retryAfterSeconds });
  }

  async function run(plan: CallPlan): Promise<void> {
    try {
      const { finalStatus } = await deps.placeCall(plan);
      if (finalStatus === null) logger.warn({ callId: plan.callId }, 'calls: a test call of ours had no answer');
    } catch (error) {
      logger.error({ err: errorText(error), callId: plan.callId }, 'calls: a test call of ours could not be placed');
    } finally {
      underWay.delete(plan.callId ?? '');
    }
  }

  return {
    async placeTestCall(scope, { from, responseLocationId }) {
      const { organizationId } = scope;
      const number = readE164(from);
      if (number === null) throw invalidField('from', 'expected a telephone number');
      if (lookups.findInOrganization(organizationId, number) === undefined) {
        throw invalidField('from', 'is no number of this organization');
      }
      const geolocation =
        responseLocationId === undefined ? undefined : locationUriOf(organizationId, responseLocationId);
      const target = ownTarget();
      take(organizationId);
      const callId = newCallId();
      await database.db.transaction().execute((tx) =>
        audit.record(tx, scope, {
          action: 'test-call.placed',
          subject: `number ${number}`,
          detail: { callId, ...(responseLocationId !== undefined && { responseLocationId }) },
        }),
      );
      const over = run({
        target,
        dialed: '933',
        from: number,
        geolocation,
        holdMs: 0,
        maxMs: MAX_CALL_MS,
        callId,
        isEchoing: true,
        signal: ending.signal,
      });
      underWay.set(callId, { address: target.address, over });
      return { callId, from: number };
    },
    callsFrom: (address) => underWay.size > 0 && [...underWay.values()].some((call) => call.address === address),
    async stop() {
      ending.abort();
      await Promise.all([...underWay.values()].map(({ over }) => over));
    },
  };
}
