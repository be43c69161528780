import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../support/manual-clock.ts';
import { headerValue, type SipRequest } from '../../wire/sip/message.ts';
import { decide } from '../decide.ts';
import { emergencyCall, fakeLookups } from '../testing/fake-lookups.ts';
import { editHeaders } from './edit-headers.ts';

const DECISION = decide(emergencyCall(), fakeLookups(), createManualClock());
const IDS = {
  brought: { emergencyCallId: null, incidentId: null },
  emergencyCallId: 'urn:emergency:uid:callid:1:waymark.example.net',
  incidentId: 'urn:emergency:uid:incidentid:1:waymark.example.net',
};

function edited(maxForwards: string): SipRequest {
  const headers = maxForwards === '' ? [] : [{ name: 'Max-Forwards', value: maxForwards }];
  const request: SipRequest = { kind: 'request', method: 'INVITE', uri: 'sip:911@x', headers, body: Buffer.alloc(0) };
  return editHeaders(request, DECISION, IDS, {
    sipDomain: 'waymark.example.net',
    issueReference: () => null,
    additionalData: () => [],
    nowMs: 0,
  }).request;
}

test('whatever Max-Forwards came, a whole number goes on (RFC 3261 §20.22), one less where one could be read', () => {
  for (const [came, goes] of [
    ['', '69'],
    ['70', '69'],
    ['2', '1'],
    ['1', '10'],
    ['0', '10'],
    ['-5', '10'],
    ['2.5', '1'],
    ['1.5', '10'],
    ['99999999999999999999', '254'],
    ['many', '10'],
  ]) {
    assert.equal(headerValue(edited(came ?? ''), 'Max-Forwards'), goes, came);
  }
});
