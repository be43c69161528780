import type {
  CallCallback,
  CallCaller,
  CallFlag,
  CallLocation,
  CallStanding,
  TraceEntry,
} from '../domain/call-record.ts';
import type { LocationValue } from '../domain/location-value.ts';
import { readE164 } from '../domain/phone-number.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import type { CallLookups } from './call-lookups.ts';
import type { Candidate, Decision } from './decision.ts';
import type { ConveyedLocation, EmergencyCall } from './emergency-call.ts';
import { describeOwnPlace, type FoundPlace } from './room-lookups.ts';
import { readServiceNumber } from './service-number.ts';

export type ExplainCallRequest = {
  /** Caller number (any usual spelling) or extension; may be absent where a place of ours tells whose call it is. */
  from?: string | undefined;
  /** `911` unless told; a service URN or 933 as well. */
  dialed?: string | undefined;
  /** A location URI that the call would convey. */
  geolocation?: string | undefined;
  /** Where FIND says the caller is: decided as if the call conveyed a location URI of ours for that place. */
  place?: FoundPlace | undefined;
  /** A location that the call would convey by value. */
  value?: LocationValue | undefined;
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
/** Stands for the location URI of a place that none was issued for. */
const GIVEN_PLACE = 'waymark:given-place';

/**
 * Asks the decision what would happen (decision 15), without a call. A call that would not be the asking organization's is
 * not explained to it: `not-found`, as for anything of others. Throws `invalid` (`dialed`, `from`).
 */
export function createExplainCall(deps: {
  decide(call: EmergencyCall, lookups: CallLookups): Decision;
  lookups: CallLookups;
  places: Pick<Places, 'location' | 'responseLocation'>;
}) {
  /** The same lookups, with a reference that leads to a place. */
  function withPlace(organizationId: string, place: FoundPlace): CallLookups {
    const resolved = {
      found: true,
      organizationId,
      ...describeOwnPlace(deps.places, { organizationId, ...place }),
    } as const;
    return {
      ...deps.lookups,
      isOwnReference: (uri) => uri === GIVEN_PLACE || deps.lookups.isOwnReference(uri),
      resolveReference: (uri, nowMs) => (uri === GIVEN_PLACE ? resolved : deps.lookups.resolveReference(uri, nowMs)),
    };
  }

  return function explainCall(scope: Scope, request: ExplainCallRequest): CallExplanation {
    const { from, dialed = '911', geolocation, place, value } = request;
    if (from !== undefined && from.length > MAX_TEXT) throw invalidField('from', 'is too long');
    const requestUri = dialed.startsWith('urn:') ? dialed : `sip:${encodeURIComponent(dialed)}@waymark.invalid`;
    const service = readServiceNumber(requestUri);
    if (!service) throw invalidField('dialed', 'expected 911, 933 or an emergency service URN');
    const number = from === undefined ? undefined : (readE164(from) ?? from);
    const uri = place ? GIVEN_PLACE : geolocation;
    const lookups = place ? withPlace(scope.organizationId, place) : deps.lookups;
    const conveyed: ConveyedLocation[] = [];
    const note = 'given to be explained';
    if (value) conveyed.push({ uri: null, form: 'value', value, note });
    if (uri !== undefined) {
      conveyed.push({ uri, form: lookups.isOwnReference(uri) ? 'own' : 'foreign', value: null, note });
    }
    const decision = deps.decide(
      {
        service,
        requestUri,
        peer: { address: '127.0.0.1', port: 0 },
        identities:
          number === undefined
            ? []
            : [{ header: 'P-Asserted-Identity', uri: `tel:${number}`, number, displayName: null }],
        conveyed,
      },
      lookups,
    );
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
