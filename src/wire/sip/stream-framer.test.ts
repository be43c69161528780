import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createStreamFramer } from './stream-framer.ts';

function collect(maxBytes = 100_000) {
  const messages: string[] = [];
  let pings = 0;
  const framer = createStreamFramer({
    maxBytes,
    onMessage: (bytes) => void messages.push(bytes.toString('latin1')),
    onPing: () => void pings++,
  });
  return { framer, messages, pings: () => pings };
}

const message = (id: number, body: string, lineEnd = '\r\n') =>
  [`MESSAGE sip:${id} SIP/2.0`, `Call-ID: ${id}`, `l: ${body.length}`, '', body].join(lineEnd);

test('messages come out whole and in order, however the stream is cut', () => {
  const piece = fc.oneof(
    fc.tuple(fc.nat(99), fc.stringMatching(/^[a-z\r\n]{0,80}$/)).map(([id, body]) => message(id, body)),
    fc.tuple(fc.nat(99), fc.stringMatching(/^[a-z\n]{0,80}$/)).map(([id, body]) => message(id, body, '\n')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 200 })), (wanted, cuts) => {
      const { framer, messages } = collect();
      const stream = Buffer.from(wanted.join(''), 'latin1');
      let at = 0;
      for (let turn = 0; at < stream.length; turn++) {
        const end = at + (cuts.length === 0 ? 1 : (cuts[turn % cuts.length] ?? 1));
        framer.push(stream.subarray(at, end));
        at = end;
      }
      assert.deepEqual(messages, wanted);
      assert.equal(framer.isMidMessage, false);
    }),
  );
});

test('byte by byte: line ends between messages, pings, a long head and a long body', () => {
  const { framer, messages, pings } = collect();
  const long = message(2, 'b'.repeat(30_000)).replace('Call-ID', `${'X-Filler: \r\n'.repeat(2_000)}Call-ID`);
  for (const byte of Buffer.from(`\r\n${message(1, 'x')}\r\n\r\n${long}\r\n`)) framer.push(Buffer.from([byte]));
  assert.deepEqual(messages, [message(1, 'x'), long]);
  assert.equal(pings(), 1);
  assert.equal(framer.isMidMessage, false);
});

test('a Content-Length is read however it is spelled and folded (RFC 3261 §7.3.1)', () => {
  for (const field of ['l:4', 'CONTENT-LENGTH \t: 4 ', 'Content-Length:\r\n 4', 'l :\r\n\t\r\n 4', 'l:\n 4\r\n ']) {
    const { framer, messages } = collect();
    const whole = `OPTIONS sip:x SIP/2.0\r\n${field}\r\nX: y\r\n\r\nbody`;
    framer.push(Buffer.from(`${whole}${message(1, '')}`));
    assert.deepEqual(messages, [whole, message(1, '')], JSON.stringify(field));
  }
});

test('a head without end and a length beyond the limit end the stream at the limit', () => {
  const endless = collect(5_000);
  endless.framer.push(Buffer.from('OPTIONS sip:x SIP/2.0\r\n'));
  assert.throws(
    () => {
      for (let line = 0; line < 1_000; line++) endless.framer.push(Buffer.from('X: y\r\n'));
    },
    { kind: 'too-large' },
  );
  assert.deepEqual(endless.messages, []);
  const large = collect(5_000);
  assert.throws(() => large.framer.push(Buffer.from('OPTIONS sip:x SIP/2.0\r\nl: 9999999999\r\n\r\n')), {
    kind: 'too-large',
  });
});
