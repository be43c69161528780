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
import { readNameAddrs } from '../../wire/sip/name-addr.ts';
import { formatUri, readSipUri, readUri } from '../../wire/sip/uri.ts';
import { readVia } from '../../wire/sip/via.ts';
import type { LocationTarget } from '../call-lookups.ts';
import type { Candidate, Decision } from '../decision.ts';
import type { EmergencyIds } from '../emergency-ids.ts';
import { isLoose } from '../own-address.ts';
import { readCallerNumber } from '../read-emergency-call.ts';
import type { ServiceNumber } from '../service-number.ts';

/** Makes a location URI of ours that points at a place; null when this node cannot make any. */
export type IssueReference = (organizationId: string, target: LocationTarget) => { uri: string } | null;

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
 * What a proxy may and must add (RFC 3261 §16.6, RFC 6881 SP-33): identifiers, callback identity, and a reference to our
 * location where the call conveys none. Nothing readable that came is changed, but for a second P-Asserted-Identity that has to give way
 * to ours; bodies stay byte for byte.
 */
export function editHeaders(
  received: SipRequest,
  decision: Decision,
  ids: { brought: EmergencyIds; emergencyCallId: string; incidentId: string },
  deps: { sipDomain: string; issueReference: IssueReference },
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
  // Only a number that members/ vouches for is asserted (RFC 3325 §5); an unknown one stands in From as it came.
  request = conveyCallback(request, decision.known ? decision.callback.number : null, deps.sipDomain, notes);
  if (decision.language === 'fr' && headerValue(request, 'Accept-Language') === undefined) {
    request = appendHeader(request, 'Accept-Language', 'fr, en;q=0.5');
  }
  const added = addReference(request, decision, deps.issueReference, notes);
  request = added.request;
  const geolocation = headerValues(request, 'Geolocation');
  return {
    request,
    conveyed: {
      geolocation,
      form: added.isAdded ? 'reference-added' : formOf(geolocation),
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
  const received = Number(headerValue(request, 'Max-Forwards') ?? MAX_FORWARDS);
  return received >= 2 ? Math.min(received, MAX_MAX_FORWARDS) - 1 : RENEWED_FORWARDS;
}

function formOf(geolocation: readonly string[]): CallConveyed['form'] {
  if (geolocation.length === 0) return 'none';
  return geolocation.some((value) => /<cid:/i.test(value)) ? 'by-value' : 'by-reference';
}

/**
 * Puts the callback number first in P-Asserted-Identity. RFC 3325 §9.1 allows one sip and one tel value: the received one
 * stays beside ours, in the other scheme.
 */
function conveyCallback(
  request: SipRequest,
  callbackNumber: string | null,
  sipDomain: string,
  notes: string[],
): SipRequest {
  if (callbackNumber === null) return request;
  const asserted = readNameAddrs(request, 'P-Asserted-Identity');
  const first = asserted[0];
  if (first && readCallerNumber(first.uri) === callbackNumber) return request;
  notes.push(`callback identity ${callbackNumber} asserted`);
  const ours =
    first && readUri(first.uri)?.kind !== 'tel'
      ? `<tel:${callbackNumber}>`
      : `<sip:${callbackNumber}@${sipDomain};user=phone>`;
  if (asserted.length < 2) return prependHeader(request, 'P-Asserted-Identity', ours);
  const kept = headerValues(request, 'P-Asserted-Identity')[0] ?? '';
  return setHeader(request, 'P-Asserted-Identity', `${ours}, ${kept}`);
}

function addReference(
  request: SipRequest,
  { addReference: wanted }: Decision,
  issueReference: IssueReference,
  notes: string[],
): { request: SipRequest; isAdded: boolean } {
  if (!wanted) return { request, isAdded: false };
  const issued = issueReference(wanted.organizationId, wanted.target);
  if (!issued) {
    notes.push('no location reference could be issued');
    return { request, isAdded: false };
  }
  notes.push('a reference to our location added');
  // RFC 6442 §4.1: an intermediary's value stands last; §4.2.1: a received Geolocation-Routing is left alone.
  const located = appendHeader(request, 'Geolocation', `<${issued.uri}>`);
  const hasRouting = headerValue(request, 'Geolocation-Routing') !== undefined;
  return { request: hasRouting ? located : appendHeader(located, 'Geolocation-Routing', 'yes'), isAdded: true };
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
