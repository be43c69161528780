import type {
  CallCallback,
  CallCaller,
  CallFlag,
  CallLocation,
  CallStanding,
  TraceEntry,
} from '../domain/call-record.ts';
import { readE164 } from '../domain/phone-number.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Candidate, Decision } from './decision.ts';
import type { EmergencyCall } from './emergency-call.ts';
import { readServiceNumber } from './service-number.ts';

export type ExplainCallRequest = {
  /** Caller number (any usual spelling) or extension. */
  from: string;
  /** `911` unless told; a service URN or 933 as well. */
  dialed?: string | undefined;
  /** A location URI that the call would convey. */
  geolocation?: string | undefined;
};

/** What would happen to a call, as the decision trace of a real one tells it. */
export type CallExplanation = {
  dialed: string;
  caller: CallCaller;
  callback: CallCallback;
  location: CallLocation | null;
  standing: CallStanding | null;
  /** In the order in which they would be tried. */
  destinations: { name: string; uri: string; kind: Candidate['kind']; quality: string | null; reason: string }[];
  flags: readonly CallFlag[];
  trace: readonly TraceEntry[];
};

const MAX_TEXT = 1_024;

/**
 * Asks the decision what would happen (decision 15), without a call. A call that would not be the asking organization's is
 * not explained to it: `not-found`, as for anything of others. Throws `invalid` (`dialed`, `from`).
 */
export function createExplainCall(deps: {
  decide(call: EmergencyCall): Decision;
  isOwnReference(uri: string): boolean;
}) {
  return function explainCall(scope: Scope, request: ExplainCallRequest): CallExplanation {
    const { from, dialed = '911', geolocation } = request;
    if (from.length > MAX_TEXT) throw invalidField('from', 'is too long');
    const requestUri = dialed.startsWith('urn:') ? dialed : `sip:${encodeURIComponent(dialed)}@waymark.invalid`;
    const service = readServiceNumber(requestUri);
    if (!service) throw invalidField('dialed', 'expected 911, 933 or an emergency service URN');
    const number = readE164(from) ?? from;
    const decision = deps.decide({
      service,
      requestUri,
      peer: { address: '127.0.0.1', port: 0 },
      identities: [{ header: 'P-Asserted-Identity', uri: `tel:${number}`, number, displayName: null }],
      conveyed:
        geolocation === undefined
          ? []
          : [
              {
                uri: geolocation,
                form: deps.isOwnReference(geolocation) ? 'own' : 'foreign',
                value: null,
                note: 'given to be explained',
              },
            ],
    });
    if (scope.role !== 'operator' && decision.organizationId !== scope.organizationId) {
      throw new ProblemError('not-found', 'neither the number nor the location URI belongs to this organization');
    }
    return {
      dialed: service.dialed,
      caller: decision.caller,
      callback: decision.callback,
      location: decision.location,
      standing: decision.standing,
      destinations: decision.candidates.map(({ name, uri, kind, quality, reason }) => ({
        name,
        uri,
        kind,
        quality,
        reason,
      })),
      flags: decision.flags,
      trace: decision.trace,
    };
  };
}
