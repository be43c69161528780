import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '../support/ids.ts';
import type { SipRequest } from '../wire/sip/message.ts';
import { makeEmergencyId, readEmergencyIds } from './emergency-ids.ts';

function withCallInfo(...values: readonly string[]): SipRequest {
  const headers = values.map((value) => ({ name: 'Call-Info', value }));
  return { kind: 'request', method: 'INVITE', uri: 'urn:service:sos', headers, body: Buffer.alloc(0) };
}

test('identifiers are made as NENA i3 has them', () => {
  for (const kind of ['callid', 'incidentid'] as const) {
    assert.match(
      makeEmergencyId(kind, newId(), 'esrp.example.net'),
      new RegExp(`^urn:emergency:uid:${kind}:[0-9a-zA-Z]{10,32}:esrp\\.example\\.net$`),
    );
  }
});

test('identifiers that came are kept, the first of each kind, whatever the case of the purpose', () => {
  const callId = 'urn:emergency:uid:callid:0123456789:bcf.example.net';
  const incidentId = 'urn:emergency:uid:incidentid:abcdefghij:bcf.example.net';
  assert.deepEqual(
    readEmergencyIds(
      withCallInfo(
        `<${callId}>;purpose=emergency-CallId, <urn:emergency:uid:callid:second0000:x.example>;purpose=emergency-CallId`,
        `<${incidentId}>;purpose="EMERGENCY-INCIDENTID"`,
      ),
    ),
    { emergencyCallId: callId, incidentId },
  );
});

test('what is no URN identifies nothing', () => {
  const none = { emergencyCallId: null, incidentId: null };
  for (const value of [
    '<https://example.net/1>;purpose=emergency-CallId',
    '<urn:emergency:uid:callid:0123456789:x>;purpose=icon',
    '<urn:emergency:uid:callid:0123456789:x>',
    '<urn:>;purpose=emergency-IncidentId',
    'nonsense',
  ]) {
    assert.deepEqual(readEmergencyIds(withCallInfo(value)), none, value);
  }
});
