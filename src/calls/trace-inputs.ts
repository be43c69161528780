import type { TraceInputs } from '../domain/call-record.ts';
import type { AttachedLocation, CallerIdentity } from './decision.ts';
import type { EmergencyCall } from './emergency-call.ts';
import { redactReferences } from './redact-reference.ts';

/**
 * What each step of the decision was given, as its trace tells it. Made for every call, also where nobody will ever read it: what
 * is at hand is named, nothing is copied, and what is as usual is left out.
 */

const MAX_TEXT = 256;
const MAX_ITEMS = 8;

function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

export function identityInputs({ service, peer, identities }: EmergencyCall): TraceInputs {
  return {
    dialed: service.dialed,
    peer: peer.address,
    port: peer.port,
    identities: identities.slice(0, MAX_ITEMS).map(({ header, uri }) => `${header}: ${cut(uri)}`),
  };
}

export function locationInputs({ conveyed }: EmergencyCall, { caller }: CallerIdentity): TraceInputs {
  return {
    conveyed: conveyed.length === 0 ? undefined : conveyed.slice(0, MAX_ITEMS).map(describeConveyed),
    number: caller.number,
    locationOfNumber: caller.locationId,
  };
}

function describeConveyed({ form, uri, note }: EmergencyCall['conveyed'][number]): string {
  return `${form} ${uri === null ? 'in the body' : redactReferences(cut(uri))}${note === '' ? '' : ` (${cut(note)})`}`;
}

export function callbackInputs({ caller, known }: CallerIdentity): TraceInputs {
  return {
    number: caller.number,
    memberKind: caller.memberKind,
    rule: known?.callback.rule,
    hasOwnNumber: known?.hasOwnNumber,
    mayUseElin: known?.mayUseElin,
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
    locationSource: location?.source,
    isNomadic: isNomadic || undefined,
    routingEnabled: counting?.routingEnabled,
    optedOut: counting?.optedOut || undefined,
    missing: counting && counting.missing.length > 0 ? counting.missing : undefined,
  };
}
