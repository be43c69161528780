import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipTarget } from '../transport/sip-flow.ts';
import type { SipRequest } from '../wire/sip/message.ts';
import { byUdpInstead, createPreferTcp } from './prefer-tcp.ts';

const open: SipTarget = { protocol: 'udp', address: '192.0.2.1', port: 5060, orTcp: true };
const asked: SipTarget = { protocol: 'udp', address: '192.0.2.2', port: 5060 };

function invite(bodyBytes: number): SipRequest {
  const headers = [{ name: 'Call-ID', value: 'c1' }];
  return { kind: 'request', method: 'INVITE', uri: 'sip:911@example.com', headers, body: Buffer.alloc(bodyBytes) };
}

test('a request over 1300 bytes goes by TCP where a connection can be had, by UDP where none can (RFC 3261 §18.1.1)', async () => {
  const tried: SipTarget[] = [];
  const rule = (can: boolean | Promise<boolean>) =>
    createPreferTcp({
      canConnect(target) {
        tried.push(target);
        return can;
      },
    });
  const byTcp = { protocol: 'tcp', address: '192.0.2.1', port: 5060 } as const;
  const orUdp = { ...byTcp, orUdp: true } as const;
  assert.deepEqual(await rule(true)(invite(2_000), [open, asked]), [orUdp, asked]);
  assert.deepEqual(await rule(Promise.resolve(true))(invite(2_000), [open]), [orUdp]);
  assert.deepEqual(byUdpInstead(orUdp), { protocol: 'udp', address: '192.0.2.1', port: 5060 });
  assert.deepEqual(tried, [byTcp, byTcp]);
  assert.deepEqual(await rule(Promise.resolve(false))(invite(2_000), [open, asked]), [open, asked]);
});

test('small requests, and targets whose protocol was asked for, stay with UDP and open nothing', () => {
  const rule = createPreferTcp({ canConnect: () => assert.fail('no connection is asked for') });
  assert.deepEqual(rule(invite(300), [open]), [open]);
  assert.deepEqual(rule(invite(60_000), [asked, open]), [asked, open]);
  assert.deepEqual(rule(invite(60_000), []), []);
});
