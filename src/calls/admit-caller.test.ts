import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createMetrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { NO_BODY, type SipHeader, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { createCallerAdmission } from './admit-caller.ts';
import { fakeLookups } from './testing/fake-lookups.ts';

const NOW = { nowMs: () => 0, monotonicMs: () => 0, after: () => () => undefined };
const metrics = createMetrics({ processMetrics: false });

function invite(headers: readonly SipHeader[] = [], uri = 'sip:911@x', method = 'INVITE'): SipRequest {
  const from = { name: 'From', value: '<sip:+12145559999@x>;tag=1' };
  return { kind: 'request', method, uri, headers: [...headers, from], body: NO_BODY };
}

const flowFrom = (remoteAddress: string): SipFlow => ({
  protocol: 'udp',
  remoteAddress,
  remotePort: 5060,
  localAddress: '127.0.0.1',
  localPort: 5060,
});

test('only emergency calls that nothing ties to an organization are dropped, and counted', async () => {
  const logger = createLogger('silent');
  const world = fakeLookups();
  const lookups = fakeLookups({
    resolveReference: (uri, nowMs) =>
      uri.endsWith('/made-up') ? { found: false, reason: 'unknown' } : world.resolveReference(uri, nowMs),
  });
  const admits = createCallerAdmission({ lookups, areTrunksKnown: () => areKnown, clock: NOW, logger, metrics });
  let areKnown = false;
  const stranger = flowFrom('198.51.100.1');
  const known = { name: 'P-Asserted-Identity', value: '<tel:+12145550100>' };
  const extension = { name: 'P-Asserted-Identity', value: '<sip:4711@x>' };
  const ours = { name: 'Geolocation', value: '<https://waymark.example.net/erl>' };
  const expired = { name: 'Geolocation', value: '<https://waymark.example.net/old>' };
  const madeUp = { name: 'Geolocation', value: '<https://waymark.example.net/made-up>' };
  const foreign = { name: 'Geolocation', value: '<https://lis.example.com/1>' };
  assert.equal(admits(invite(), stranger), true, 'no trunks are known yet');
  areKnown = true;
  assert.equal(admits(invite(), stranger), false);
  assert.equal(admits(invite([], 'urn:service:sos'), stranger), false);
  assert.equal(admits(invite([], 'sip:933@x'), stranger), false);
  assert.equal(admits(invite([extension]), stranger), false, 'an extension is known within an organization only');
  assert.equal(admits(invite([foreign]), stranger), false);
  assert.equal(admits(invite([madeUp]), stranger), false);
  assert.equal(admits(invite([expired]), stranger), true, 'we issued it, though it is over');
  assert.equal(admits(invite([known]), stranger), true);
  assert.equal(admits(invite([ours]), stranger), true);
  assert.equal(admits(invite(), flowFrom('192.0.2.10')), true, 'a trunk');
  assert.equal(admits(invite([], 'sip:+12145550100@x'), stranger), true, 'no emergency call');
  assert.equal(admits(invite([], 'sip:911@x', 'OPTIONS'), stranger), true);
  assert.equal(admits(createResponse(invite(), 200), stranger), true);
  const broken = fakeLookups({
    trunkOf: () => {
      throw new Error('made to fail');
    },
  });
  const admitsAnyway = createCallerAdmission({
    lookups: broken,
    areTrunksKnown: () => true,
    clock: NOW,
    logger,
    metrics: createMetrics({ processMetrics: false }),
  });
  assert.equal(admitsAnyway(invite(), stranger), true, 'what cannot be judged is taken');
  assert.match(await metrics.text(), /waymark_unknown_callers_dropped_total 6/);
});

test('what is sent within a call that stands is not judged anew: it carries no location any more', () => {
  const admits = createCallerAdmission({
    lookups: fakeLookups(),
    areTrunksKnown: () => true,
    clock: NOW,
    logger: createLogger('silent'),
    metrics: createMetrics({ processMetrics: false }),
  });
  const stranger = flowFrom('198.51.100.1');
  const to = { name: 'To', value: '<sip:911@x>;tag=psap' };
  const route = { name: 'Route', value: '<sip:127.0.0.1;lr>' };
  assert.equal(admits(invite([to, route]), stranger), true, 're-INVITE to a PSAP whose Contact is sip:911@');
  assert.equal(admits(invite([to], 'sip:933@x'), stranger), true, 're-INVITE to the agent, who put no Route on');
  assert.equal(admits(invite([to]), stranger), false, 'a tag alone makes no dialog');
});
