import type { CallRecord } from '../../domain/call-record.ts';
import { newId } from '../../support/ids.ts';
import { ORGANIZATION_ID } from './fake-lookups.ts';

/** A record as it is when a call has just been forwarded. */
export function callRecord(overrides: Partial<CallRecord> = {}): CallRecord {
  return {
    id: newId(),
    version: 1,
    callId: 'a84b4c76e66710@example.net',
    emergencyCallId: 'urn:emergency:uid:callid:0123456789abcdef:example.net',
    incidentId: 'urn:emergency:uid:incidentid:0123456789abcdef:example.net',
    kind: '911',
    startedAt: '2026-01-01T00:00:00.000Z',
    answeredAt: null,
    endedAt: null,
    dialed: '911',
    requestUri: 'sip:911@example.net',
    organizationId: ORGANIZATION_ID,
    trunkId: null,
    peer: '127.0.0.1:5060',
    caller: {
      number: '+12145550100',
      displayName: 'Front Desk',
      memberId: null,
      memberKind: null,
      locationId: null,
      asserted: null,
    },
    callback: { number: '+12145550100', quality: 'RECOMMENDED', rule: 'own line' },
    location: null,
    standing: null,
    destination: {
      uri: 'sip:relay-us@127.0.0.1:5070',
      name: 'Relay centre',
      sourceId: null,
      kind: 'relay',
      quality: null,
      reason: 'no location is known',
    },
    attempts: [],
    conveyed: { geolocation: [], form: 'none', callbackNumber: null },
    flags: ['no-location', 'relay'],
    outcome: 'routing',
    trace: [{ step: 'forward', choice: 'Relay centre', reason: 'no location is known', durationMs: 0.1 }],
    spokenText: null,
    ...overrides,
  };
}
