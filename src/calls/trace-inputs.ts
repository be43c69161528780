import type { TraceInputs } from '../domain/call-record.ts';
import type { AttachedLocation, CallerIdentity } from './decision.ts';
import type { EmergencyCall } from './emergency-call.ts';

/**
 * What each step of the decision was given, as its trace tells it. Made for every call, also where nobody will ever read it: what
 * is at hand is named, nothing is copied.
 */

const MAX_TEXT = 256;
const MAX_ITEMS = 8;

function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

export function identityInputs({ service, requestUri, peer, identities }: EmergencyCall): TraceInputs {
  return {
    dialed: service.dialed,
    requestUri: cut(requestUri),
    peer: peer.address,
    port: peer.port,
    identities: identities.slice(0, MAX_ITEMS).map(({ header, uri }) => `${header}: ${cut(uri)}`),
  };
}

export function locationInputs({ conveyed }: EmergencyCall, { organizationId, caller }: CallerIdentity): TraceInputs {
  return {
    conveyed: conveyed
      .slice(0, MAX_ITEMS)
      .map(({ form, uri, note }) => `${form} ${cut(uri ?? 'in the body')}${note === '' ? '' : ` (${cut(note)})`}`),
    organizationId,
    number: caller.number,
    locationOfNumber: caller.locationId,
  };
}

export function callbackInputs({ caller, known }: CallerIdentity): TraceInputs {
  return {
    number: caller.number,
    memberId: caller.memberId,
    memberKind: caller.memberKind,
    locationOfNumber: caller.locationId,
    rule: known?.callback.rule ?? null,
    hasOwnNumber: known?.hasOwnNumber ?? null,
    mayUseElin: known?.mayUseElin ?? null,
  };
}

export function destinationInputs(
  { service }: EmergencyCall,
  identity: CallerIdentity,
  { location, standing, isNomadic }: AttachedLocation,
): TraceInputs {
  const counting = standing ?? identity.standing;
  return {
    service: service.service,
    location: location ? cut(location.text) : null,
    locationSource: location?.source ?? null,
    isNomadic,
    routingEnabled: counting?.routingEnabled ?? null,
    optedOut: counting?.optedOut ?? null,
    missing: counting?.missing ?? [],
  };
}
