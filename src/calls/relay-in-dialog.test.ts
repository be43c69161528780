import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { SipFlow, SipTarget } from '../transport/sip-flow.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipMessage,
  type SipRequest,
  setHeader,
} from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { createOwnAddress } from './own-address.ts';
import { createInDialogRelay } from './relay-in-dialog.ts';
import { createTransactionLayer } from './transactions/transaction-layer.ts';

const OWN = '192.0.2.1:5060';
const FLOW: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.9',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};
const RINGING_MS = 185_000;

/** `targets` null: the next hop does not resolve. `isAtHand`: it resolves at once. */
function setUp(
  targets: readonly SipTarget[] | null = [{ protocol: 'udp', address: '192.0.2.20', port: 5060 }],
  otherSide?: SipTarget,
  isAtHand = false,
) {
  const clock = createManualClock();
  const logger = createLogger('silent');
  const sent: SipMessage[] = [];
  const addresses: string[] = [];
  const finals: number[] = [];
  const dead = new Set<string>();
  const transport = {
    addresses: [{ protocol: 'udp', host: '192.0.2.1', port: 5060 }] as const,
    sentBy: () => OWN,
    post(message: SipMessage, target: SipTarget | SipFlow, onFailure: (error: Error) => void) {
      sent.push(message);
      if (message.kind === 'request' && 'address' in target) addresses.push(target.address);
      if ('address' in target && (dead.has(target.address) || dead.has(target.protocol)))
        queueMicrotask(() => onFailure(new Error('dead')));
    },
    send(message: SipMessage, target: SipTarget | SipFlow) {
      sent.push(message);
      if ('address' in target) addresses.push(target.address);
      return 'address' in target && dead.has(target.address) ? Promise.reject(new Error('dead')) : Promise.resolve();
    },
  };
  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    onRequest: (request, transaction, flow) =>
      relay.relay(request, transaction, flow, {
        localTag: 'local',
        onFinal: (status) => void finals.push(status),
        otherwise: () => otherSide,
      }),
    onAck: (request, flow) => relay.relayAck(request, flow, () => otherSide),
    onStrayResponse: () => undefined,
  });
  const relay = createInDialogRelay({
    layer,
    ownAddress: createOwnAddress(transport, undefined),
    resolve: () => {
      if (!targets) return Promise.reject(new Error('no such name'));
      return isAtHand ? targets : Promise.resolve(targets);
    },
    preferTcp: (_request, given) => given,
    clock,
    ringingMs: RINGING_MS,
    logger,
  });
  return {
    clock,
    layer,
    dead,
    sent,
    addresses,
    finals,
    requests: (method: string) =>
      sent.filter((message): message is SipRequest => message.kind === 'request' && message.method === method),
    statuses: () => sent.flatMap((message) => (message.kind === 'response' ? [message.status] : [])),
  };
}

function inDialog(method: string, maxForwards = '70'): SipRequest {
  return {
    kind: 'request',
    method,
    uri: 'sip:psap@192.0.2.20',
    headers: [
      { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKone' },
      { name: 'Route', value: `<sip:${OWN};lr>` },
      { name: 'Max-Forwards', value: maxForwards },
      { name: 'From', value: '<sip:a@example.com>;tag=a' },
      { name: 'To', value: '<urn:service:sos>;tag=b' },
      { name: 'Call-ID', value: 'call-1' },
      { name: 'CSeq', value: `2 ${method}` },
    ],
    body: NO_BODY,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('a re-INVITE that is never answered after a provisional response is cancelled and leaves nothing behind', async () => {
  const { clock, layer, requests, statuses } = setUp();
  layer.receive(inDialog('INVITE'), FLOW);
  await settled();
  const [forwarded] = requests('INVITE');
  assert.ok(forwarded);
  layer.receive(createResponse(forwarded, 180, undefined, { toTag: 'b' }), FLOW);
  clock.advance(RINGING_MS - 1_000);
  layer.receive(createResponse(forwarded, 183, undefined, { toTag: 'b' }), FLOW);
  clock.advance(RINGING_MS - 1_000);
  assert.equal(requests('CANCEL').length, 0, 'every provisional response begins the time anew');
  clock.advance(2_000);
  assert.ok(requests('CANCEL').length > 0);
  clock.advance(40_000);
  await settled();
  assert.ok(statuses().includes(408));
  clock.advance(120_000);
  assert.deepEqual({ ...layer.counts }, { server: 0, client: 0 });
  assert.equal(clock.pending(), 0);
});

test('an ACK goes to the next address where the first cannot be sent to', async () => {
  const first: SipTarget = { protocol: 'udp', address: '192.0.2.20', port: 5060 };
  const { layer, dead, requests } = setUp([first, { ...first, address: '192.0.2.21' }]);
  dead.add('192.0.2.20');
  layer.receive(inDialog('ACK'), FLOW);
  await settled();
  assert.equal(requests('ACK').length, 2);
});

test('a large request in a dialog whose connection comes to nothing goes by UDP', async () => {
  const { layer, dead, requests, statuses } = setUp([
    { protocol: 'tcp', address: '192.0.2.20', port: 5060, orUdp: true },
  ]);
  dead.add('tcp');
  layer.receive(inDialog('INFO'), FLOW);
  await settled();
  const [, byUdp] = requests('INFO');
  assert.ok(byUdp);
  assert.match(headerValue(byUdp, 'Via') ?? '', /^SIP\/2\.0\/UDP /);
  layer.receive(createResponse(byUdp, 200), FLOW);
  assert.deepEqual(statuses(), [200]);
});

test('an answered re-INVITE is not cancelled later', async () => {
  const { clock, layer, requests, statuses } = setUp();
  layer.receive(inDialog('INVITE'), FLOW);
  await settled();
  const [forwarded] = requests('INVITE');
  assert.ok(forwarded);
  for (const status of [180, 200]) layer.receive(createResponse(forwarded, status, undefined, { toTag: 'b' }), FLOW);
  clock.advance(2 * RINGING_MS);
  assert.deepEqual(requests('CANCEL'), []);
  assert.deepEqual(statuses(), [180, 200]);
  assert.equal(clock.pending(), 0);
});

test('a BYE goes on to the next address when the first cannot be reached', async () => {
  const scene = setUp([
    { protocol: 'tcp', address: '192.0.2.20', port: 5060 },
    { protocol: 'tcp', address: '192.0.2.21', port: 5060 },
  ]);
  scene.dead.add('192.0.2.20');
  scene.layer.receive(inDialog('BYE'), FLOW);
  await settled();
  assert.equal(scene.requests('BYE').length, 2);
  assert.deepEqual(scene.statuses(), []);
});

test('our Route goes, Max-Forwards counts down; at zero the request ends here', async () => {
  const { layer, requests, statuses } = setUp();
  layer.receive(inDialog('INFO', '7'), FLOW);
  layer.receive(inDialog('BYE', '0'), FLOW);
  layer.receive(inDialog('ACK', 'many'), FLOW);
  await settled();
  const [info] = requests('INFO');
  assert.ok(info);
  assert.deepEqual(headerValues(info, 'Route'), []);
  assert.equal(headerValue(info, 'Max-Forwards'), '6');
  assert.deepEqual(statuses(), [483]);
  assert.equal(headerValue(requests('ACK')[0] ?? info, 'Max-Forwards'), '69');
});

test('every Route of ours goes, also where the call passed here twice and with two values each', async () => {
  const { layer, requests } = setUp();
  const doubled = `<sip:${OWN};lr;r2=on>`;
  const routes = [doubled, doubled, `<sip:${OWN};lr>`, doubled, doubled, '<sip:edge.example;lr>'];
  layer.receive(setHeader(inDialog('INFO'), 'Route', routes.join(', ')), FLOW);
  await settled();
  const [info] = requests('INFO');
  assert.deepEqual(info && headerValues(info, 'Route'), ['<sip:edge.example;lr>']);
});

test('RFC 4320: nobody is told 408 or a provisional response for anything but INVITE, and nothing is left behind', async () => {
  const { clock, layer, requests, statuses, finals } = setUp();
  layer.receive(inDialog('BYE'), FLOW);
  await settled();
  const [bye] = requests('BYE');
  assert.ok(bye);
  layer.receive(createResponse(bye, 183, undefined, { toTag: 'b' }), FLOW);
  clock.advance(40_000);
  assert.deepEqual(statuses(), []);
  assert.deepEqual(finals, [408]);
  clock.advance(40_000);
  assert.deepEqual({ ...layer.counts }, { server: 0, client: 0 });
});

test('a 503 of the other side is a 500 of ours; a CANCEL goes on with its reason', async () => {
  const { layer, requests, statuses, finals } = setUp();
  layer.receive(inDialog('INFO'), FLOW);
  await settled();
  const [info] = requests('INFO');
  assert.ok(info);
  layer.receive(createResponse(info, 503), FLOW);
  assert.deepEqual(statuses(), [500]);
  assert.deepEqual(finals, [503]);

  layer.receive(inDialog('INVITE'), FLOW);
  await settled();
  const [invite] = requests('INVITE');
  assert.ok(invite);
  layer.receive(createResponse(invite, 180, undefined, { toTag: 'b' }), FLOW);
  const cancel = setHeader(setHeader(inDialog('CANCEL'), 'CSeq', '2 CANCEL'), 'Reason', 'SIP;cause=200');
  layer.receive(cancel, FLOW);
  assert.equal(headerValue(requests('CANCEL')[0] ?? info, 'Reason'), 'SIP;cause=200');
});

test('where the next hop has no address, or none that can be sent to, a request goes where the other side answered', async () => {
  const otherSide: SipTarget = { protocol: 'udp', address: '192.0.2.77', port: 5060 };
  for (const targets of [null, [{ protocol: 'tls', address: '192.0.2.20', port: 5061 }]] as const) {
    const { layer, dead, addresses, requests, finals, statuses } = setUp(targets, otherSide);
    dead.add('192.0.2.20');
    layer.receive(inDialog('ACK'), FLOW);
    await settled();
    layer.receive(inDialog('BYE'), FLOW);
    await settled();
    await settled();
    const [first] = targets ?? [];
    const wanted = first ? [first.address, otherSide.address] : [otherSide.address];
    assert.deepEqual(addresses, [...wanted, ...wanted]);
    const bye = requests('BYE').at(-1);
    assert.ok(bye);
    layer.receive(createResponse(bye, 200), FLOW);
    assert.deepEqual([finals, statuses()], [[200], [200]]);
  }
});

test('an ACK goes before what was received after it, though nothing was waited for in between', async () => {
  const { layer, requests, sent } = setUp(undefined, undefined, true);
  layer.receive(inDialog('ACK'), FLOW);
  layer.receive(inDialog('INFO'), FLOW);
  await settled();
  assert.equal(requests('ACK').length, 1);
  assert.deepEqual(
    sent.map((message) => message.kind === 'request' && message.method),
    ['ACK', 'INFO'],
  );
});

test('the other side is not tried twice, and where it is not known the request is answered', async () => {
  const place: SipTarget = { protocol: 'udp', address: '192.0.2.20', port: 5060 };
  for (const [targets, otherSide, status] of [
    [[place], place, 500],
    [[place], { ...place, address: '192.0.2.77' }, 500],
    [null, undefined, 480],
  ] as const) {
    const { layer, dead, finals } = setUp(targets, otherSide);
    dead.add('192.0.2.20');
    dead.add('192.0.2.77');
    layer.receive(inDialog('BYE'), FLOW);
    await settled();
    await settled();
    assert.deepEqual(finals, [status]);
  }
});
