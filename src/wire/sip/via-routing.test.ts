import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { headerValues, NO_BODY, type SipRequest } from './message.ts';
import { createResponse } from './responses.ts';
import { noteSource, responseAddress } from './via-routing.ts';

function withVia(...values: string[]): SipRequest {
  return {
    kind: 'request',
    method: 'OPTIONS',
    uri: 'sip:a@b',
    headers: values.map((value) => ({ name: 'Via', value })),
    body: NO_BODY,
  };
}

function noted(via: string, address = '192.0.2.9', port = 1234): string | undefined {
  return headerValues(noteSource(withVia(via), address, port), 'Via')[0];
}

function answeredTo(via: string, protocol: 'udp' | 'tcp' | 'tls' = 'udp') {
  return responseAddress(createResponse(withVia(via), 200), protocol);
}

suite('Where a request came from (RFC 3261 §18.2.1, RFC 3581 §4)', () => {
  test('received is added when sent-by is another address or a name, rport when asked for', () => {
    assert.equal(noted('SIP/2.0/UDP 192.0.2.9:5;branch=x'), 'SIP/2.0/UDP 192.0.2.9:5;branch=x');
    assert.equal(noted('SIP/2.0/UDP 10.0.0.1;branch=x'), 'SIP/2.0/UDP 10.0.0.1;branch=x;received=192.0.2.9');
    assert.equal(noted('SIP/2.0/UDP h.example'), 'SIP/2.0/UDP h.example;received=192.0.2.9');
    assert.equal(
      noted('SIP/2.0/UDP 192.0.2.9;rport;branch=x'),
      'SIP/2.0/UDP 192.0.2.9;rport=1234;branch=x;received=192.0.2.9',
    );
    assert.equal(noted('SIP/2.0/TCP [2001:db8::1]:9', '2001:DB8::1'), 'SIP/2.0/TCP [2001:db8::1]:9');
  });

  test('what the sender claims itself is overwritten, other Vias stay', () => {
    assert.equal(
      noted('SIP/2.0/UDP 192.0.2.9;received=203.0.113.1;rport=1'),
      'SIP/2.0/UDP 192.0.2.9;received=192.0.2.9;rport=1234',
    );
    const below = 'SIP/2.0/UDP far;branch=y';
    assert.equal(headerValues(noteSource(withVia(`SIP/2.0/UDP h, ${below}`), '192.0.2.9', 1), 'Via')[1], below);
    const unreadable = withVia('nonsense');
    assert.equal(noteSource(unreadable, '192.0.2.9', 1), unreadable);
  });
});

suite('Where a response goes (RFC 3261 §18.2.2)', () => {
  test('maddr, then received with rport, then sent-by; 5060 by default', () => {
    assert.deepEqual(answeredTo('SIP/2.0/UDP h;received=192.0.2.9;rport=77'), { address: '192.0.2.9', port: 77 });
    assert.deepEqual(answeredTo('SIP/2.0/UDP h:99;received=192.0.2.9'), { address: '192.0.2.9', port: 99 });
    assert.deepEqual(answeredTo('SIP/2.0/UDP 192.0.2.1'), { address: '192.0.2.1', port: 5060 });
    assert.deepEqual(answeredTo('SIP/2.0/UDP h;received=[2001:db8::1]'), { address: '2001:db8::1', port: 5060 });
    assert.deepEqual(answeredTo('SIP/2.0/UDP h:7;maddr=192.0.2.5;received=192.0.2.9;rport=1'), {
      address: '192.0.2.5',
      port: 7,
    });
    assert.deepEqual(answeredTo('SIP/2.0/TLS h;received=192.0.2.9', 'tls'), { address: '192.0.2.9', port: 5061 });
    assert.deepEqual(answeredTo('SIP/2.0/TCP h:99;received=192.0.2.9;rport=77', 'tcp'), {
      address: '192.0.2.9',
      port: 99,
    });
  });

  test('a name alone leads nowhere', () => {
    assert.equal(answeredTo('SIP/2.0/UDP host.example.com'), undefined);
    assert.equal(answeredTo('nonsense'), undefined);
  });
});
