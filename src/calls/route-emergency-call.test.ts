import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../domain/call-record.ts';
import { createFairTurns } from '../support/fair-turns.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import type { SipFlow, SipTarget } from '../transport/sip-flow.ts';
import { headerValue, NO_BODY, type SipMessage, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { createCallDepth } from './call-depth.ts';
import { createLiveCalls } from './live-calls.ts';
import { createOwnAddress } from './own-address.ts';
import { createRouteEmergencyCall, type RouteEmergencyCallDeps } from './route-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';
import { fakeLookups } from './testing/fake-lookups.ts';
import { CALL_TIMERS } from './timers.ts';
import { createTransactionLayer } from './transactions/transaction-layer.ts';

const SBC: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.10',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};

const INVITE: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:911@192.0.2.1',
  headers: [
    { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKcaller' },
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: '<sip:+12145550100@192.0.2.10>;tag=phone' },
    { name: 'To', value: '<sip:911@192.0.2.1>' },
    { name: 'Call-ID', value: 'call-1' },
    { name: 'CSeq', value: '1 INVITE' },
    { name: 'Contact', value: '<sip:phone@192.0.2.10>' },
  ],
  body: NO_BODY,
};

/** One call through parts that fail as told; every destination answers at once. */
async function place(broken: Partial<RouteEmergencyCallDeps>) {
  const clock = createManualClock();
  const logger = createLogger('silent');
  const metrics = createMetrics({ processMetrics: false });
  const sent: { message: SipMessage; target: SipTarget | SipFlow }[] = [];
  const records: CallRecord[] = [];
  const transport = {
    addresses: [{ protocol: 'udp', host: '192.0.2.1', port: 5060 }] as const,
    sentBy: () => '192.0.2.1:5060',
    post: (message: SipMessage, target: SipTarget | SipFlow) => void sent.push({ message, target }),
    send: () => Promise.resolve(),
  };
  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    onRequest(request, transaction, flow) {
      const service = readServiceNumber(request.uri);
      assert.ok(service);
      route(request, service, transaction, flow);
    },
    onAck: () => undefined,
    onStrayResponse: () => undefined,
  });
  const route = createRouteEmergencyCall({
    layer,
    ownAddress: createOwnAddress(transport, undefined),
    resolve: () => Promise.resolve([{ protocol: 'udp', address: '192.0.2.20', port: 5060 }]),
    preferTcp: (_request, targets) => targets,
    endSession: () => undefined,
    health: { answered: () => undefined, unanswered: () => undefined },
    silentTargets: { answered: () => undefined, unanswered: () => undefined },
    clock,
    logger,
    metrics,
    timers: CALL_TIMERS,
    lookups: fakeLookups(),
    recorder: {
      save: (record) => Promise.resolve(records.push(record) ? 'durable' : 'late'),
      update: (record) => void records.push(record),
    },
    fairTurns: createFairTurns({ perTurn: 64 }),
    callDepth: createCallDepth(),
    liveCalls: createLiveCalls({ began: () => undefined, ended: () => undefined }),
    answerTestCall: () => Promise.resolve(),
    rememberCaller: () => undefined,
    issueReference: () => ({ uri: 'https://waymark.example.net/held/l/reference' }),
    additionalData: { callInfo: () => [] },
    dereference: undefined,
    sipDomain: 'waymark.example.net',
    ...broken,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  layer.receive(INVITE, SBC);
  for (let turn = 0; turn < 5; turn++) await settle();
  const outgoing = sent.find(({ message }) => message.kind === 'request')?.message;
  if (outgoing?.kind === 'request') {
    layer.receive(createResponse(outgoing, 200, undefined, { toTag: 'callee' }), SBC);
    for (let turn = 0; turn < 5; turn++) await settle();
  }
  return {
    records,
    destination: outgoing && headerValue(outgoing, 'Route'),
    heard: sent.flatMap(({ message }) => (message.kind === 'response' ? [message.status] : [])),
  };
}

const PSAP = '<sip:TX@127.0.0.1:5070;lr>';
const RELAY = '<sip:relay-us@127.0.0.1:5070;lr>';
const fail = (): never => {
  throw new Error('broken');
};

test('a call goes to its PSAP, whatever becomes of its record and of what is remembered of its caller', async () => {
  const parts: Partial<RouteEmergencyCallDeps>[] = [
    {},
    { recorder: { save: () => Promise.reject(new Error('broken')), update: () => undefined } },
    { rememberCaller: fail },
    { additionalData: { callInfo: fail } },
    { issueReference: fail },
  ];
  for (const broken of parts) {
    const call = await place(broken);
    assert.deepEqual([call.destination, call.heard], [PSAP, [100, 200]], Object.keys(broken).join());
  }
});

test('a part that must not fail leads to the relay centre, and where even that cannot be, the caller is told', async () => {
  const liveCalls = createLiveCalls({ began: () => undefined, ended: () => undefined });
  const lost = await place({ liveCalls: { ...liveCalls, isRepeated: fail } });
  assert.deepEqual([lost.destination, lost.heard], [RELAY, [100, 200]]);
  const nowhere = await place({
    liveCalls: { ...liveCalls, isRepeated: fail },
    lookups: { ...fakeLookups(), relays: undefined as never },
  });
  assert.deepEqual(nowhere.heard, [100, 500]);
  const unrecorded = await place({
    liveCalls: { ...liveCalls, isRepeated: fail },
    recorder: { save: () => Promise.reject(new Error('broken')), update: fail },
  });
  assert.deepEqual([unrecorded.destination, unrecorded.heard], [RELAY, [100, 200]]);
});
