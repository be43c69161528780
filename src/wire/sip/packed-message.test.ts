import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSipMessage } from './encode-message.ts';
import { NO_BODY, type SipMessage } from './message.ts';
import { packMessage, unpackMessage } from './packed-message.ts';

const headers = [
  { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa' },
  { name: 'From', value: '"Jürgen 北" <sip:a@example.com>;tag=1' },
  { name: 'Subject', value: '' },
  { name: 'X-Own', value: 'a: b, "c"' },
];
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

const messages: readonly [what: string, message: SipMessage][] = [
  ['a request', { kind: 'request', method: 'INVITE', uri: 'sip:911@example.com', headers, body: NO_BODY }],
  ['a body of any bytes', { kind: 'request', method: 'INFO', uri: 'urn:service:sos', headers, body: everyByte }],
  ['a response', { kind: 'response', status: 200, reason: 'OK', headers, body: NO_BODY }],
  ['a reason with spaces', { kind: 'response', status: 404, reason: 'Not Found Here', headers, body: everyByte }],
  ['a response without reason and headers', { kind: 'response', status: 486, reason: '', headers: [], body: NO_BODY }],
  ['a body without headers', { kind: 'response', status: 200, reason: 'OK', headers: [], body: Buffer.from('\n\n') }],
];

for (const [what, message] of messages) {
  test(`${what} comes back as it was packed`, () => {
    assert.deepEqual(unpackMessage(packMessage(message)), message);
  });
}

test('a line break inside a value forges no header, here as where it is written', () => {
  const message: SipMessage = {
    kind: 'response',
    status: 200,
    reason: 'O\nK',
    headers: [{ name: 'Subject', value: 'one\r\nVia: two' }],
    body: NO_BODY,
  };
  const unpacked = unpackMessage(packMessage(message));
  assert.deepEqual(unpacked.headers, [{ name: 'Subject', value: 'one Via: two' }]);
  assert.deepEqual(encodeSipMessage(unpacked), encodeSipMessage(message));
});
