import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMetrics } from '../../support/metrics.ts';
import type { SipFlow } from '../../transport/sip-flow.ts';
import { decodeSipMessage } from '../../wire/sip/decode-message.ts';
import { type SipMessage, setHeader } from '../../wire/sip/message.ts';
import { createCallLadders, type LadderPart } from './call-ladders.ts';
import { drawLadder } from './draw-ladder.ts';
import { encodePart } from './encode-part.ts';
import { redactMessage } from './redact-message.ts';

const FLOW: SipFlow = {
  protocol: 'udp',
  remoteAddress: '192.0.2.10',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
};
const PSAP = { protocol: 'tcp', address: '198.51.100.7', port: 5062 } as const;

function read(startLine: string, headers: readonly string[] = [], body = '', callId = 'call-1'): SipMessage {
  const method = startLine.startsWith('SIP/') ? 'INVITE' : (startLine.split(' ')[0] ?? '');
  const lines = [
    startLine,
    'Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1',
    'From: <sip:+12145550100@example.net>;tag=a',
    'To: <sip:911@example.net>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return decodeSipMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), {
    maxBytes: 262_144,
    framing: 'datagram',
  });
}

const invite = (callId?: string): SipMessage => read('INVITE sip:911@example.net SIP/2.0', [], '', callId);

function collector(detail: 'texts' | 'off' = 'texts') {
  const clock = createManualClock();
  const parts: LadderPart[] = [];
  const metrics = createMetrics({ processMetrics: false });
  const ladders = createCallLadders({ clock, metrics, detail, write: (part) => parts.push(part) });
  return { clock, parts, metrics, ladders };
}

test('what belongs to a call is handed out in parts, what is none of ours is forgotten', () => {
  const { clock, parts, ladders } = collector();
  ladders.noteIncoming(invite(), FLOW);
  ladders.noteIncoming(invite('nobody’s'), FLOW);
  ladders.noteIncoming(read('OPTIONS sip:example.net SIP/2.0', [], '', 'probe'), FLOW);
  ladders.claim('call-1', 'record-1');
  ladders.noteOutgoing(read('SIP/2.0 200 OK'), FLOW);
  clock.advance(5_000);
  assert.deepEqual(
    parts.map(({ recordId, part, messages }) => [recordId, part, messages.length]),
    [['record-1', 1, 2]],
  );
  assert.equal(ladders.noteOutgoing(read('SIP/2.0 200 OK', [], '', 'nobody’s'), FLOW), undefined);
  ladders.noteIncoming(read('BYE sip:911@example.net SIP/2.0'), FLOW);
  clock.advance(5_000);
  assert.deepEqual([parts[1]?.part, parts[1]?.messages.length, parts[1]?.textsBefore], [2, 1, 2]);
  ladders.noteIncoming(read('INFO sip:911@example.net SIP/2.0'), FLOW);
  clock.advance(5_000);
  assert.equal(parts.length, 2, 'after BYE the ladder is closed');
});

test('retransmissions are counted, in both directions; forked answers are not', () => {
  const { parts, ladders } = collector();
  for (let count = 0; count < 3; count++) ladders.noteIncoming(invite(), FLOW);
  ladders.claim('call-1', 'record-1');
  const forwarded = invite();
  for (let count = 0; count < 4; count++) ladders.noteOutgoing(forwarded, PSAP);
  ladders.noteIncoming(read('SIP/2.0 180 Ringing'), FLOW);
  ladders.noteIncoming(read('SIP/2.0 183 Progress'), FLOW);
  ladders.flush();
  assert.deepEqual(
    parts[0]?.messages.map(({ retransmissions }) => retransmissions),
    [2, 3, 0, 0],
  );
});

test('one call cannot fill the memory, nor can many: what is left out is counted', async () => {
  const { clock, parts, ladders, metrics } = collector();
  ladders.noteIncoming(invite(), FLOW);
  ladders.claim('call-1', 'record-1');
  for (let sequence = 0; sequence < 300; sequence++) ladders.noteOutgoing(invite(), PSAP);
  clock.advance(5_000);
  assert.deepEqual([parts[0]?.messages.length, parts[0]?.leftOut], [200, 101]);
  for (let call = 0; call < 5_000; call++) {
    ladders.noteIncoming(invite(`many-${call}`), FLOW);
    ladders.claim(`many-${call}`, `record-${call}`);
  }
  ladders.flush();
  assert.equal(parts.length, 1 + 4_000);
  assert.match(await metrics.text(), /waymark_call_ladders_left_out_total 1000/);
  ladders.noteIncoming(invite('later'), FLOW);
  ladders.claim('later', 'record-later');
  ladders.flush();
  assert.equal(parts.at(-1)?.recordId, 'record-later');
});

test('a Call-ID that is used again adds nothing to the ladder of another record; off means off', () => {
  const { parts, ladders } = collector();
  ladders.noteIncoming(invite(), FLOW);
  ladders.claim('call-1', 'record-1');
  ladders.claim('call-1', 'record-2');
  ladders.flush();
  assert.deepEqual(
    parts.map(({ recordId }) => recordId),
    ['record-1'],
  );
  const off = collector('off');
  off.ladders.noteIncoming(invite(), FLOW);
  off.ladders.claim('call-1', 'record-1');
  off.ladders.close();
  assert.deepEqual(off.parts, []);
});

test('calls that bear one Call-ID show nothing of each other', () => {
  const other = (startLine: string): SipMessage => {
    const message = read(startLine);
    return setHeader(message, 'From', '<sip:+12145550199@other.example.net>;tag=ab');
  };
  const { parts, ladders } = collector();
  ladders.noteIncoming(invite(), FLOW);
  ladders.claim('call-1', 'record-1');
  ladders.noteIncoming(other('INVITE sip:911@example.net SIP/2.0'), FLOW);
  ladders.claim('call-1', 'record-2');
  assert.equal(ladders.noteOutgoing(other('SIP/2.0 200 OK'), FLOW), undefined);
  const bye = setHeader(read('BYE sip:+12145550100@192.0.2.10 SIP/2.0'), 'From', '<sip:911@example.net>;tag=psap');
  ladders.noteIncoming(setHeader(bye, 'To', '<sip:+12145550100@example.net>;tag=a'), FLOW);
  ladders.flush();
  assert.deepEqual(
    parts.map(({ recordId, messages }) => [recordId, messages.length]),
    [['record-1', 2]],
  );

  const undecided = collector();
  undecided.ladders.noteIncoming(invite(), FLOW);
  undecided.ladders.noteIncoming(other('INVITE sip:911@example.net SIP/2.0'), FLOW);
  undecided.ladders.claim('call-1', 'record-2');
  undecided.ladders.flush();
  assert.deepEqual(undecided.parts, [], 'whose the first is cannot be told');
});

test('messages with large bodies count for as many as they weigh', () => {
  const { parts, ladders } = collector();
  for (let call = 0; call < 200; call++) {
    ladders.noteIncoming(read('INVITE sip:911@example.net SIP/2.0', [], 'x'.repeat(200_000), `large-${call}`), FLOW);
    ladders.claim(`large-${call}`, `record-${call}`);
  }
  ladders.flush();
  assert.equal(parts.length, 160);
});

test('texts hold no credential, no key and no place', () => {
  const pidf = '<presence><civicAddress>12 Secret Street</civicAddress></presence>';
  const body = [
    '--b1',
    'Content-Type: application/sdp',
    '',
    'v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:topsecretkey\r\nk=clear:topsecretkey\r\na=crypto:2  AES  inline:topsecretkey\r\na=key-mgmt:mikey topsecretkey\r\na=ice-pwd:topsecretkey\r\nm=audio 4000 RTP/AVP 0',
    '--b1',
    'Content-Type: application/pidf+xml',
    '',
    pidf,
    '--b1--',
    '',
  ].join('\r\n');
  const message = read(
    'INVITE sip:911@example.net SIP/2.0',
    [
      'Content-Type: multipart/mixed;boundary=b1',
      'Authorization: Digest username="x", response="topsecretkey"',
      'Proxy-Authorization: Digest response="topsecretkey"',
      'Identity: topsecretkey',
      'Geolocation: <https://lis.example.net/held/l/topsecretkey>, <cid:1@example.net>',
      'Call-Info: <https://adr.example.net/topsecretkey>;purpose=EmergencyCallData.ProviderInfo',
      'Geolocation: <https://user:topsecretkey@lis.example.net?topsecretkey>, <sips:topsecretkey@lis.example.net>',
      'Contact: <sip:911@psap.example.net?Geolocation=%3Chttps://lis.example.net/topsecretkey%3E&X-Own=kept>;q=1.0',
      'Geolocation: <pres:topsecretkey@a.example.net;x=sip:topsecretkey@b.example.net>',
      'Proxy-Authentication-Info: nextnonce="topsecretkey"',
      'X-Own: kept',
    ],
    body,
  );
  const { text, sizeBytes } = redactMessage(message);
  assert.doesNotMatch(text, /topsecretkey|Secret Street/);
  assert.match(text, /Geolocation: <https:\/\/lis\.example\.net\/\(left out\)>, <cid:1@example\.net>/);
  assert.match(text, /<https:\/\/lis\.example\.net\/\(left out\)>, <sips:\(left out\)@lis\.example\.net>/);
  assert.match(text, /\?Geolocation=\(left out\)&X-Own=kept>;q=1\.0/);
  assert.match(text, /m=audio 4000/);
  assert.match(text, new RegExp(`\\(${pidf.length} bytes of application/pidf\\+xml left out\\)`));
  assert.match(text, /X-Own: kept/);
  const crowded = read('INVITE sip:911@x SIP/2.0', [
    `Geolocation: <sip:topsecretkey${'sip:'.repeat(3_000)}topsecretkey>`,
  ]);
  assert.doesNotMatch(redactMessage(crowded).text, /topsecretkey/);
  assert.ok(sizeBytes > body.length);
  assert.ok(redactMessage(read('INVITE sip:911@x SIP/2.0', [`X-Long: ${'y'.repeat(9_000)}`])).text.length <= 4_097);
});

test('a key in a session description is left out whatever the transfer encoding of that is', () => {
  const description = 'v=0\r\na=crypto:1 AES inline:topsecretkey\r\nm=audio 4000 RTP/AVP 0';
  const cases = { base64: btoa(description), 'quoted-printable': description.replace('crypto', 'cr=79pto') };
  for (const [encoding, text] of Object.entries(cases)) {
    const head = ['Content-Type: application/sdp', `Content-Transfer-Encoding: ${encoding}`];
    const parts = ['--b1', ...head, '', text, '--b1--'].join('\r\n');
    for (const message of [
      read('INVITE sip:911@example.net SIP/2.0', head, text),
      read('INVITE sip:911@example.net SIP/2.0', ['Content-Type: multipart/mixed;boundary=b1'], parts),
    ]) {
      const { text: shown } = redactMessage(message);
      assert.match(shown, /m=audio 4000/, encoding);
      assert.ok(!shown.includes('topsecretkey') && !shown.includes(text), encoding);
    }
  }
});

test('a ladder is drawn with a column for each peer, times, retransmissions and failures', () => {
  const { parts, ladders, clock } = collector();
  ladders.noteIncoming(invite(), FLOW);
  ladders.claim('call-1', 'record-1');
  clock.advance(12);
  const forwarded = invite();
  ladders.noteOutgoing(forwarded, PSAP);
  const held = ladders.noteOutgoing(forwarded, PSAP);
  assert.ok(held);
  held.failure = 'refused';
  ladders.flush();
  const [part] = parts;
  assert.ok(part);
  const messages = encodePart(part, { detail: 'texts', sentBy: () => '192.0.2.1:5060' });
  assert.deepEqual(
    messages.map(({ from, to, protocol, cseq, branch }) => [from, to, protocol, cseq, branch]),
    [
      ['192.0.2.10:5060', '192.0.2.1:5060', 'udp', '1 INVITE', 'z9hG4bK1'],
      ['192.0.2.1:5060', '198.51.100.7:5062', 'tcp', '1 INVITE', 'z9hG4bK1'],
    ],
  );
  assert.equal(encodePart(part, { detail: 'lines', sentBy: () => 'x' })[0]?.text, null);
  const drawing = drawLadder('call', messages, 3).split('\n');
  assert.match(drawing[1] ?? '', /192\.0\.2\.10:5060 +waymark +198\.51\.100\.7:5062/);
  assert.match(drawing[2] ?? '', /^\+0\.000 +\|-+ INVITE sip:911@example\.net -+>\| +\|$/);
  assert.match(drawing[3] ?? '', /^\+0\.012 +\| +\|-+ INVITE .*>\|  not sent: refused$/);
  assert.equal(drawing[4], '3 further messages were not kept');
});
