import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageRanking } from './rank-message.ts';

const rankOf = createMessageRanking({
  isAwaited: (number) => number === '+12145550181',
  isPartOfCall: ({ callId, fromTag, toTag }) => callId === 'known@a' && (fromTag === 'c1' || toTag === 'c1'),
});

function rank(startLine: string, ...headers: string[]): string {
  return rankOf(Buffer.from([startLine, 'Via: SIP/2.0/UDP a;branch=z9hG4bK1', ...headers, '', ''].join('\r\n')));
}

test('calls for help come first, in every spelling of their number, and so do their CANCELs', () => {
  for (const uri of [
    'urn:service:sos',
    'URN:service:sos.fire',
    'sip:911@waymark.example',
    'sips:911@waymark.example;user=phone',
    'tel:911',
    'sip:9911@waymark.example',
    'sip:%39%31%31@waymark.example',
    'sip:9-1-1@waymark.example',
    'sip:911',
  ]) {
    assert.equal(rank(`INVITE ${uri} SIP/2.0`), 'emergency', uri);
    assert.equal(rank(`CANCEL ${uri} SIP/2.0`), 'emergency', uri);
  }
  for (const start of ['\r\n\r\ninvite  sip:911@a', ' INVITE sip:911@a', '\r\n\tINVITE\tsip:911@a']) {
    assert.equal(rank(`${start} SIP/2.0`), 'emergency', start);
  }
  assert.equal(rank('INVITE sip:911@a SIP/2.0', 'To: <sip:911@a>;tag=broken'), 'emergency');
});

test('then what calls under way need', () => {
  assert.equal(rank('SIP/2.0 200 OK'), 'of-calls');
  assert.equal(rank('sip/2.0 180 Ringing'), 'of-calls');
  assert.equal(rank('ACK sip:psap@a SIP/2.0'), 'of-calls');
  assert.equal(
    rank('BYE sip:psap@a SIP/2.0', 'From: <sip:b>;tag=c1', 'To: <sip:a>;tag=p', 'Call-ID: known@a'),
    'of-calls',
  );
  assert.equal(
    rank('BYE sip:psap@a SIP/2.0', 'f: <sip:b>;x;Tag = p', 't: <sip:a> ; tag=c1;y', 'i:known@a'),
    'of-calls',
  );
  assert.equal(rank('PRACK sip:psap@a SIP/2.0', 'To: <sip:a>;tag=c1', 'Call-ID: known@a'), 'of-calls');
  assert.equal(rank('INVITE sip:+12145550181@a SIP/2.0'), 'of-calls', 'a PSAP may call back');
  assert.equal(rank('CANCEL tel:+1-214-555-0181 SIP/2.0'), 'of-calls');
});

test('then dialogs, calls to numbers, and the rest', () => {
  assert.equal(rank('BYE sip:psap@a SIP/2.0', 'To: <sip:a>;tag=c1', 'Call-ID: made-up'), 'in-dialog');
  assert.equal(rank('INFO sip:psap@a SIP/2.0'), 'in-dialog');
  assert.equal(rank('UPDATE sip:psap@a SIP/2.0'), 'in-dialog');
  assert.equal(rank('INVITE sip:psap@a SIP/2.0', 'To: <sip:psap@a>;tag=1'), 'in-dialog');
  assert.equal(rank('CANCEL sip:psap@a SIP/2.0', 'To: <sip:psap@a>;tag=1'), 'in-dialog');
  assert.equal(rank('OPTIONS sip:psap@a SIP/2.0', 't: "x" <sip:psap@a>; tag=1'), 'in-dialog');
  assert.equal(rank('INVITE sip:+12145550182@a SIP/2.0', 'To: <sip:+12145550182@a>'), 'call');
  assert.equal(rank('INVITE sip:933@a SIP/2.0'), 'call');
  assert.equal(rank('OPTIONS sip:911@a SIP/2.0', 'To: <sip:911@a>'), 'other');
  assert.equal(rank('REGISTER sip:a SIP/2.0'), 'other');
});

test('what cannot be read is the last', () => {
  for (const noise of ['', '\r\n', '\0\x01\x02', 'INVITE', '911', 'x'.repeat(60_000)]) {
    assert.equal(rankOf(Buffer.from(noise)), 'other', noise.slice(0, 20));
  }
});
