import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { NO_BODY, type SipRequest } from '../wire/sip/message.ts';
import { createOwnAddress } from './own-address.ts';
import { createSipEndpoint } from './sip-endpoint.ts';
import type { ServerTransaction } from './transactions/transaction.ts';

const FLOW: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.9',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};
const OURS = '<sip:192.0.2.1;lr>';

/** What is made of a request with a To tag. */
function madeOf(uri: string, routes: readonly string[]): string {
  let made = 'nothing';
  const endpoint = createSipEndpoint({
    layer: { sendStateless: () => Promise.resolve() },
    routeEmergencyCall: () => {
      made = 'call';
    },
    routeCallback: () => false,
    relay: {
      relay: () => {
        made = 'dialog';
      },
      relayAck: () => undefined,
    },
    dialogs: { onRequest: () => false, onAck: () => false } as never,
    liveCalls: {} as never,
    ownAddress: createOwnAddress(
      { addresses: [{ protocol: 'udp', host: '192.0.2.1', port: 5060 }], sentBy: () => '192.0.2.1:5060' },
      'waymark.example.net',
    ),
    endSession: () => undefined,
    logger: createLogger('silent'),
  });
  const request: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri,
    headers: [
      ...routes.map((value) => ({ name: 'Route', value }) as const),
      { name: 'To', value: '<sip:911@waymark.example.net>;tag=b' },
    ],
    body: NO_BODY,
  };
  endpoint.onRequest(request, {} as ServerTransaction, FLOW);
  return made;
}

test('a call for help with a To tag that leads nowhere but here is a call; one that leads on is a dialog', () => {
  assert.equal(madeOf('sip:911@waymark.example.net', []), 'call');
  assert.equal(madeOf('sip:911@waymark.example.net', [OURS]), 'call');
  assert.equal(madeOf('urn:service:sos', [OURS, OURS]), 'call');
  assert.equal(madeOf('sip:911@psap.example.net', [OURS]), 'dialog');
  assert.equal(madeOf('sip:911@waymark.example.net', [OURS, '<sip:192.0.2.20;lr>']), 'dialog');
});
