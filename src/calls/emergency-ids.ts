import type { SipRequest } from '../wire/sip/message.ts';
import { readNameAddrs } from '../wire/sip/name-addr.ts';
import { paramValue } from '../wire/sip/params.ts';

/** NENA i3 identifiers of a call and of the incident it reports; null where the call brought none yet. */
export type EmergencyIds = { emergencyCallId: string | null; incidentId: string | null };

const URN = /^urn:[a-z0-9][a-z0-9-]{1,31}:\S+$/i;

const PURPOSES = [
  ['emergencyCallId', 'emergency-callid'],
  ['incidentId', 'emergency-incidentid'],
] as const;

/**
 * Reads the identifiers that an element before us gave the call: `Call-Info: <urn…>;purpose=emergency-CallId`. What is no URN
 * identifies nothing: it stays on the call, and the call gets an identifier of ours.
 */
export function readEmergencyIds(request: SipRequest): EmergencyIds {
  const ids: EmergencyIds = { emergencyCallId: null, incidentId: null };
  for (const { uri, params } of readNameAddrs(request, 'Call-Info')) {
    const purpose = paramValue(params, 'purpose')?.toLowerCase();
    if (!URN.test(uri)) continue;
    for (const [field, name] of PURPOSES) if (purpose === name && ids[field] === null) ids[field] = uri.slice(0, 256);
  }
  return ids;
}

/** `urn:emergency:uid:callid:<32 alphanumerics>:<fqdn>`, from a UUID. */
export function makeEmergencyId(kind: 'callid' | 'incidentid', uuid: string, sipDomain: string): string {
  return `urn:emergency:uid:${kind}:${uuid.replaceAll('-', '')}:${sipDomain}`;
}
