import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSipMessage } from './decode-message.ts';
import { encodeSipMessage } from './encode-message.ts';
import { createResponse, withAnswerHeaders } from './responses.ts';

test('an answer made from what is kept of a request is the one made from the whole of it', () => {
  const request = decodeSipMessage(
    Buffer.from(
      'INVITE sip:911@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nVia: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bKb\r\n' +
        'Record-Route: <sip:192.0.2.2;lr>\r\nMax-Forwards: 70\r\nFrom: "Jürgen 北" <sip:a@example.com>;tag=1\r\n' +
        'To: <sip:911@example.com>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nSubject: not needed\r\nContent-Length: 4\r\n\r\nbody',
    ),
  );
  assert.ok(request.kind === 'request');
  const kept = withAnswerHeaders(request);
  assert.deepEqual(encodeSipMessage(createResponse(kept, 200)), encodeSipMessage(createResponse(request, 200)));
  assert.deepEqual(
    [kept.uri, kept.body.length, kept.headers.map(({ name }) => name)],
    ['sip:911@example.com', 0, ['Via', 'Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq']],
  );
});
