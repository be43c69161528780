import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipTarget } from '../transport/sip-flow.ts';
import type { SipRequest } from '../wire/sip/message.ts';
import { byUdpInstead, createPreferTcp } from './prefer-tcp.ts';

const open: SipTarget = { protocol: 'udp', address: '192.0.2.1', port: 5060, orTcp: true };
const asked: SipTarget = { protocol: 'udp', address: '192.0.2.2', port: 5060 };

const HEARD = { isSilent: () => false };

function invite(bodyBytes: number): SipRequest {
  const headers = [{ name: 'Call-ID', value: 'c1' }];
  return { kind: 'request', method: 'INVITE', uri: 'sip:911@example.com', headers, body: Buffer.alloc(bodyBytes) };
}

test('a request over 1300 bytes goes by TCP where a connection can be had, by UDP where none can (RFC 3261 §18.1.1)', async () => {
  const tried: SipTarget[] = [];
  const rule = (can: boolean | Promise<boolean>) =>
    createPreferTcp(
      {
        canConnect(target) {
          tried.push(target);
          return can;
        },
      },
      HEARD,
    );
  const byTcp = { protocol: 'tcp', address: '192.0.2.1', port: 5060 } as const;
  const orUdp = { ...byTcp, orUdp: true } as const;
  assert.deepEqual(await rule(true)(invite(2_000), [open, asked]), [orUdp, asked]);
  assert.deepEqual(await rule(Promise.resolve(true))(invite(2_000), [open]), [orUdp]);
  assert.deepEqual(byUdpInstead(orUdp), { protocol: 'udp', address: '192.0.2.1', port: 5060 });
  assert.deepEqual(tried, [byTcp, byTcp]);
  assert.deepEqual(await rule(Promise.resolve(false))(invite(2_000), [open, asked]), [open, asked]);
});

test('small requests, and targets whose protocol was asked for, stay with UDP and open nothing', () => {
  const rule = createPreferTcp({ canConnect: () => assert.fail('no connection is asked for') }, HEARD);
  assert.deepEqual(rule(invite(300), [open]), [open]);
  assert.deepEqual(rule(invite(60_000), [asked, open]), [asked, open]);
  assert.deepEqual(rule(invite(60_000), []), []);
});

test('where nobody said anything on a connection lately, a large request goes by UDP at once, and by TCP after that', () => {
  const other: SipTarget = { ...open, address: '192.0.2.3' };
  const silentAt = (address: string) =>
    createPreferTcp(
      { canConnect: () => true },
      { isSilent: (target) => target.protocol === 'tcp' && target.address === address },
    );
  const byTcp = ({ address, port }: SipTarget): SipTarget => ({ protocol: 'tcp', address, port });
  // Many a path loses the fragments of large datagrams: without TCP the call would reach nobody there.
  assert.deepEqual(silentAt('192.0.2.1')(invite(2_000), [open, other]), [open, other, byTcp(open)]);
  const first = { protocol: 'tcp', address: '192.0.2.1', port: 5060, orUdp: true };
  assert.deepEqual(silentAt('192.0.2.3')(invite(2_000), [open, other]), [first, other, byTcp(other)]);
});
