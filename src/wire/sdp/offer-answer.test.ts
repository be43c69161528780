import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../../domain/problem.ts';
import { readSessionDescription } from './decode-session-description.ts';
import { answerOffer, makeOffer, readAnswer } from './offer-answer.ts';

const LOCAL = { address: '192.0.2.9', port: 20_000, sessionId: '77' };

function sdp(...lines: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', ...lines, ''].join('\r\n');
}

function audio(...attributes: string[]): string {
  return sdp('c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/AVP 0 8 101', ...attributes);
}

function answered(offer: string, local = LOCAL) {
  const answer = answerOffer(offer, local);
  assert.ok('answerSdp' in answer, JSON.stringify(answer));
  return answer;
}

void test('an ordinary phone is answered with PCMU, its own payload type and packet time', () => {
  const { answerSdp, ...agreed } = answered(
    audio('a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000', 'a=ptime:30', 'a=maxptime:150'),
  );
  assert.deepEqual(agreed, {
    remote: { address: '192.0.2.1', port: 4000 },
    codec: 'PCMU',
    payloadType: 0,
    eventPayloadType: 101,
    ptimeMs: 30,
    direction: 'sendrecv',
    maySend: true,
  });
  assert.equal(
    answerSdp,
    [
      'v=0',
      'o=- 77 1 IN IP4 192.0.2.9',
      's=-',
      'c=IN IP4 192.0.2.9',
      't=0 0',
      'm=audio 20000 RTP/AVP 0 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:30',
      'a=sendrecv',
      '',
    ].join('\r\n'),
  );
});

void test('PCMU is preferred, PCMA taken where PCMU is missing, dynamic numbers are followed', () => {
  assert.equal(answered(sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 8 0')).codec, 'PCMU');
  assert.equal(answered(sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 18 8')).codec, 'PCMA');
  const dynamic = answered(
    sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 96 97', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:97 pcmu/8000/1'),
  );
  assert.deepEqual([dynamic.codec, dynamic.payloadType], ['PCMU', 97]);
  assert.match(dynamic.answerSdp, /m=audio 20000 RTP\/AVP 97\r\na=rtpmap:97 PCMU\/8000/);
});

void test('every m= line is answered in order, all but one with port 0 (RFC 3264 §6)', () => {
  const { answerSdp, remote } = answered(
    sdp(
      't=2873397496 2873404696',
      'm=video 5000 RTP/AVP 31 34',
      'c=IN IP4 192.0.2.1',
      'm=audio 5002/2 RTP/SAVP 0',
      'c=IN IP4 192.0.2.1',
      'm=audio 5004 RTP/AVP 0',
      'c=IN IP4 192.0.2.77',
      'm=audio 5006 RTP/AVP 0',
      'c=IN IP4 192.0.2.1',
      'm=x-text+y 5008 TCP/MSRP *',
    ),
  );
  assert.deepEqual(remote, { address: '192.0.2.77', port: 5004 });
  assert.match(answerSdp, /^t=2873397496 2873404696\r$/m);
  assert.deepEqual(
    answerSdp.split('\r\n').filter((line) => line.startsWith('m=')),
    [
      'm=video 0 RTP/AVP 31 34',
      'm=audio 0 RTP/SAVP 0',
      'm=audio 20000 RTP/AVP 0',
      'm=audio 0 RTP/AVP 0',
      'm=x-text+y 0 TCP/MSRP *',
    ],
  );
});

void test('directions are mirrored and say whether we may send', () => {
  const seen = ['sendrecv', 'sendonly', 'recvonly', 'inactive'].map((direction) => {
    const { direction: ours, maySend } = answered(audio(`a=${direction}`));
    return [direction, ours, maySend];
  });
  assert.deepEqual(seen, [
    ['sendrecv', 'sendrecv', true],
    ['sendonly', 'recvonly', false],
    ['recvonly', 'sendonly', true],
    ['inactive', 'inactive', false],
  ]);
  assert.equal(answered(audio().replace('t=0 0', 'a=sendonly')).maySend, false, 'session level');
  assert.equal(answered(sdp('c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0')).maySend, false, 'old hold');
});

void test('IPv6 is answered in kind; the other IP version is refused', () => {
  const offer = sdp('c=IN IP6 2001:db8::1', 'm=audio 4000 RTP/AVP 0');
  const { remote, answerSdp } = answered(offer, { ...LOCAL, address: '2001:db8::9' });
  assert.equal(remote.address, '2001:db8::1');
  assert.match(answerSdp, /o=- 77 1 IN IP6 2001:db8::9\r\n.*\r\nc=IN IP6 2001:db8::9/);
  assert.deepEqual(answerOffer(offer, LOCAL), { refused: 'audio in another IP version than ours' });
});

void test('an IPv6 address is read as sockets name it, however it is written', () => {
  for (const written of ['2001:DB8::1', '2001:0db8:0:0:0:0:0:1', '2001:db8:0:0::0.0.0.1']) {
    const offer = sdp(`c=IN IP6 ${written}`, 'm=audio 4000 RTP/AVP 0');
    assert.equal(answered(offer, { ...LOCAL, address: '2001:db8::9' }).remote.address, '2001:db8::1', written);
  }
});

void test('what cannot be answered is refused with its reason', () => {
  const refusals: [string, string][] = [
    [sdp('c=IN IP4 192.0.2.1', 'm=audio 0 RTP/AVP 0'), 'audio is disabled'],
    [sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 18 101'), 'neither PCMU nor PCMA'],
    [sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/AVP 0', 'a=rtpmap:0 G729/8000'), 'neither PCMU nor PCMA'],
    [sdp('c=IN IP4 192.0.2.1', 'm=audio 4000 RTP/SAVP 0'), 'RTP/SAVP is not RTP/AVP'],
    [sdp('c=IN IP4 192.0.2.1', 'm=image 4000 udptl t38'), 'image is not audio'],
    [sdp('c=IN IP4 224.2.1.1/127', 'm=audio 4000 RTP/AVP 0'), 'audio without a unicast IP address'],
    [sdp('c=IN IP4 255.255.255.255', 'm=audio 4000 RTP/AVP 0'), 'audio without a unicast IP address'],
    [sdp('c=IN IP4 phone.example.com', 'm=audio 4000 RTP/AVP 0'), 'audio without a unicast IP address'],
    [sdp('m=audio 4000 RTP/AVP 0'), 'audio without a unicast IP address'],
    [sdp('c=IN IP4 192.0.2.1'), 'no media offered'],
  ];
  for (const [offer, refused] of refusals) assert.deepEqual(answerOffer(offer, LOCAL), { refused }, offer);
});

void test('packet time keeps to what the offer allows', () => {
  const times = [
    [],
    ['a=ptime:10'],
    ['a=ptime:5'],
    ['a=ptime:60', 'a=maxptime:45'],
    ['a=maxptime:15'],
    ['a=ptime:NaN'],
  ];
  assert.deepEqual(
    times.map((attributes) => answered(audio(...attributes)).ptimeMs),
    [20, 10, 20, 40, 10, 20],
  );
});

void test('a delayed offer is made, answered by the other side, and read', () => {
  const offer = makeOffer({ ...LOCAL, sessionVersion: 3 });
  assert.match(offer, /^o=- 77 3 IN IP4 192\.0\.2\.9\r$/m);
  const { answerSdp } = answered(offer, { address: '192.0.2.50', port: 6000, sessionId: '5' });
  assert.deepEqual(readAnswer(answerSdp), {
    remote: { address: '192.0.2.50', port: 6000 },
    codec: 'PCMU',
    payloadType: 0,
    eventPayloadType: 101,
    ptimeMs: 20,
    direction: 'sendrecv',
    maySend: true,
  });
  assert.deepEqual(readAnswer(sdp('c=IN IP4 192.0.2.1', 'm=audio 0 RTP/AVP 0')), { refused: 'audio is disabled' });
});

void test('broken and oversized descriptions are named', () => {
  const kindOf = (text: string) => {
    try {
      readSessionDescription(text);
    } catch (error) {
      return error instanceof ProblemError ? error.kind : 'other';
    }
    return 'accepted';
  };
  assert.equal(kindOf(''), 'malformed');
  assert.equal(kindOf('\u0000\u0001\u0002'), 'malformed');
  assert.equal(kindOf('v=1\r\n'), 'malformed');
  assert.equal(kindOf(sdp('m=audio')), 'malformed');
  assert.equal(kindOf(sdp('m=audio 99999 RTP/AVP 0')), 'malformed');
  assert.equal(kindOf(sdp(`m=audio 4000 RTP/AVP ${'0 '.repeat(65)}`)), 'malformed');
  assert.equal(kindOf(sdp(...Array<string>(33).fill('m=audio 4000 RTP/AVP 0'))), 'too-large');
  assert.equal(kindOf(sdp(...Array<string>(600).fill('a=x'))), 'too-large');
  assert.equal(kindOf(sdp(...Array<string>(10_000).fill('a'))), 'too-large');
  assert.equal(kindOf(sdp(`a=${'x'.repeat(20_000)}`)), 'too-large');
  assert.equal(kindOf(sdp('', 'x', '=', 'a', 'a=', 'a=:', 'k=clear:x', 'm=audio 4000 RTP/AVP 0', 'q=1')), 'accepted');
});

void test('a line of spaces is read in one pass', { timeout: 20_000 }, () => {
  const text = sdp(`m=audio 4000 RTP/AVP 0${' '.repeat(15_000)}8  `);
  for (let count = 0; count < 200; count++) {
    assert.deepEqual(readSessionDescription(text).media[0]?.formats, ['0', '8']);
  }
});

const SDP_LINE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    'c=IN IP4 192.0.2.1',
    'c=IN IP6 ::1',
    'c=',
    't=0 0',
    'a=sendonly',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:',
    'a=ptime:-1',
    'a=rtpmap:101 telephone-event/8000',
    'a=rtpmap:99999999999999999999 x/1',
    'm=audio 4000 RTP/AVP 0 101',
    'a=candidate:',
  ),
  fc
    .tuple(
      fc.constantFrom('audio', 'video', '__proto__'),
      fc.integer({ min: 0, max: 99_999 }),
      fc.string({ maxLength: 9 }),
    )
    .map(([type, port, format]) => `m=${type} ${port} RTP/AVP ${format}`),
);

void test('whatever comes, only ProblemError is thrown and an answer has as many m= lines as its offer', () => {
  fc.assert(
    fc.property(fc.array(SDP_LINE, { maxLength: 12 }), fc.constantFrom('\r\n', '\n'), (lines, newline) => {
      const offer = ['v=0', ...lines].join(newline);
      try {
        const answer = answerOffer(offer, LOCAL);
        if ('refused' in answer) return;
        const count = (text: string) => readSessionDescription(text).media.length;
        assert.equal(count(answer.answerSdp), count(offer));
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
      }
    }),
    { numRuns: 2000, seed: 911 },
  );
});

void test('an answer of ours is always a description that answers again with the same stream', () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      fc.integer({ min: 1, max: 65_535 }),
      fc.constantFrom('PCMU', 'PCMA'),
      fc.integer({ min: 96, max: 127 }),
      (address, port, codec, payloadType) => {
        const offer = sdp(
          `c=IN IP4 ${address}`,
          `m=audio ${port} RTP/AVP ${payloadType}`,
          `a=rtpmap:${payloadType} ${codec}/8000`,
        );
        const answer = answerOffer(offer, LOCAL);
        if ('refused' in answer) {
          assert.equal(answer.refused, 'audio without a unicast IP address');
          return;
        }
        assert.deepEqual([answer.codec, answer.payloadType], [codec, payloadType]);
        const back = readAnswer(answer.answerSdp);
        assert.ok('remote' in back);
        assert.deepEqual(back.remote, { address: LOCAL.address, port: LOCAL.port });
        assert.deepEqual([back.codec, back.payloadType], [codec, payloadType]);
      },
    ),
    { numRuns: 500, seed: 911 },
  );
});
