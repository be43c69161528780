import type { CallConveyed } from '../../domain/call-record.ts';
import {
  appendHeader,
  headerValue,
  headerValues,
  prependHeader,
  removeHeader,
  type SipRequest,
  setHeader,
} from '../../wire/sip/message.ts';
import { formatUri, readSipUri } from '../../wire/sip/uri.ts';
import { readVia } from '../../wire/sip/via.ts';
import type { AdditionalData } from '../additional-data/additional-data.ts';
import { conveyCallback } from '../callbacks/convey-callback.ts';
import { type ConveyLocationDeps, conveyLocation, formOf } from '../convey-location.ts';
import type { Candidate, Decision } from '../decision.ts';
import type { EmergencyIds } from '../emergency-ids.ts';
import { isLoose } from '../own-address.ts';
import { revealCaller } from '../reveal-caller.ts';
import type { ServiceNumber } from '../service-number.ts';

/** The request as every destination gets it, but for its address. */
export type EditedRequest = { request: SipRequest; conveyed: CallConveyed; notes: readonly string[] };

const MAX_FORWARDS = 70;
/** RFC 3261 §20.22. */
const MAX_MAX_FORWARDS = 255;
/** What a used-up or unreadable Max-Forwards is renewed to. */
const RENEWED_FORWARDS = 10;

/** What is sent when editing failed: the call as it came, without the Routes that led here. */
export function withoutEdits(request: SipRequest): EditedRequest {
  const geolocation = headerValues(request, 'Geolocation');
  return {
    request: removeHeader(withoutBrokenVias(request), 'Route'),
    conveyed: { geolocation, form: formOf(geolocation), callbackNumber: null },
    notes: [],
  };
}

/**
 * What a proxy may and must add (RFC 3261 §16.6, RFC 6881 SP-33): identifiers, callback identity, and our location where the
 * call conveys none. Nothing readable that came is changed, but for a second P-Asserted-Identity that has to give way to ours, a
 * wish to be anonymous, and a doubtful `loc-src`; what stands in a body stays byte for byte.
 */
export function editHeaders(
  received: SipRequest,
  decision: Decision,
  ids: { brought: EmergencyIds; emergencyCallId: string; incidentId: string },
  deps: ConveyLocationDeps & { additionalData: AdditionalData['callInfo'] },
): EditedRequest {
  const notes: string[] = [];
  let request = removeHeader(withoutBrokenVias(received), 'Route');
  request = setHeader(request, 'Max-Forwards', String(nextMaxForwards(received)));
  if (ids.brought.emergencyCallId === null) {
    request = appendHeader(request, 'Call-Info', `<${ids.emergencyCallId}>;purpose=emergency-CallId`);
  }
  if (ids.brought.incidentId === null) {
    request = appendHeader(request, 'Call-Info', `<${ids.incidentId}>;purpose=emergency-IncidentId`);
  }
  // Only a number that members/ or an ELIN of ours vouches for is asserted (RFC 3325 §5); an unknown one stands in From as it came.
  const isOurs = decision.known !== null || decision.callback.elin !== undefined;
  const { sipDomain } = deps;
  request = conveyCallback(
    request,
    isOurs ? decision.callback.number : null,
    { trunk: decision.trunk, sipDomain },
    notes,
  );
  if (decision.language === 'fr' && headerValue(request, 'Accept-Language') === undefined) {
    request = appendHeader(request, 'Accept-Language', 'fr, en;q=0.5');
  }
  for (const value of deps.additionalData(received, decision)) request = appendHeader(request, 'Call-Info', value);
  request = revealCaller(request, notes);
  const located = conveyLocation(request, decision, deps, notes);
  request = located.request;
  return {
    request,
    conveyed: {
      geolocation: headerValues(request, 'Geolocation'),
      form: located.form,
      callbackNumber: decision.callback.number,
    },
    notes,
  };
}

/** Without Via values that nobody can read: destinations would refuse the call for them, and answers get theirs from us. */
function withoutBrokenVias(request: SipRequest): SipRequest {
  const vias = headerValues(request, 'Via');
  const readable = vias.filter((value) => readVia(value));
  return readable.length === vias.length ? request : setHeader(request, 'Via', readable.join(', '));
}

function nextMaxForwards(request: SipRequest): number {
  const received = Math.trunc(Number(headerValue(request, 'Max-Forwards') ?? MAX_FORWARDS));
  return received >= 2 ? Math.min(received, MAX_MAX_FORWARDS) - 1 : RENEWED_FORWARDS;
}

/**
 * Addresses the request to one destination (decision 14): a dialled number becomes the service URN with the destination in
 * Route, a service URN stays as it is; a destination may ask for its own URI as Request-URI instead.
 */
export function addressTo(request: SipRequest, service: ServiceNumber, candidate: Candidate): SipRequest {
  const uri = withoutUriHeaders(candidate.uri);
  if (candidate.plainSipUser) return { ...request, uri };
  const route = isLoose(uri) ? uri : `${uri};lr`;
  const addressed = service.isUrn ? request : { ...request, uri: service.service };
  return prependHeader(addressed, 'Route', `<${route}>`);
}

/** `?Subject=…` may stand neither in Route nor in a Request-URI (RFC 3261 §19.1.1, Table 1). */
function withoutUriHeaders(uriText: string): string {
  const uri = readSipUri(uriText);
  return uri?.headers === undefined ? uriText : formatUri({ ...uri, headers: undefined });
}
