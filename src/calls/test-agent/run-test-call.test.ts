import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { type MediaHandlers, type MediaReport, type MediaStream, NO_MEDIA } from '../../transport/media-sessions.ts';
import { answerOffer } from '../../wire/sdp/offer-answer.ts';
import type { Announcement } from './compose-announcement.ts';
import { createTestAgent, type TestAgentOptions, type TestCall } from './run-test-call.ts';

const logger = createLogger('silent');
const ANNOUNCEMENT: Announcement = {
  sentences: ['Test call.', 'Room 3 1 2.'],
  announcementText: 'Test call. Room 3 1 2.',
  spelling: ['Main is spelled M, A, I, N.'],
  menu: 'Press 1.',
  heard: 'Heard.',
  notHeard: 'Not heard.',
  goodbye: 'Bye.',
  translation: null,
};
const PLAYED: MediaReport = { ...NO_MEDIA, audioMs: 4_000 };
const HEARD: MediaReport = { ...PLAYED, received: { packets: 50, lost: 2, jitterMs: 1.5, levelDbov: -30 }, keys: '' };
const WITH_KEYS = 'a=rtpmap:101 telephone-event/8000';
/** Each sentence is this long in samples, plus its place in this list, so that what is played can be told apart. */
const SENTENCE_SAMPLES = 1_000;
const SAID = [...ANNOUNCEMENT.sentences, ...ANNOUNCEMENT.spelling, 'Press 1.', 'Heard.', 'Not heard.', 'Bye.'];

function offer(port: number, ...attributes: string[]): string {
  const formats = attributes.includes(WITH_KEYS) ? '0 8 101' : '0 8';
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  return [...lines, `m=audio ${port} RTP/AVP ${formats}`, ...attributes, ''].join('\r\n');
}

/** An agent whose voice and audio are noted instead of heard. */
function openAgent(change: Partial<TestAgentOptions> = {}) {
  const clock = createManualClock();
  const asked: { text: string; isSlow: boolean; order: number }[] = [];
  /** What the line saw: sentences by name, `silence`, `tones`, verbs. */
  const line: string[] = [];
  const streams: MediaStream[] = [];
  let opened: string | undefined;
  let closedCount = 0;
  let handlers: MediaHandlers | undefined;
  let report = NO_MEDIA;
  let mark = 0;
  const agent = createTestAgent({
    speech: {
      speak: async (text, { isSlow = false, order = 0 } = {}) => {
        asked.push({ text, isSlow, order });
        return new Int16Array(SENTENCE_SAMPLES + SAID.indexOf(text) + (isSlow ? 500 : 0)).fill(1);
      },
    },
    media: {
      open: async (signallingAddress, given) => {
        opened = signallingAddress;
        handlers = given;
        return {
          address: '127.0.0.1',
          port: 20_000,
          follow: (stream) => streams.push(stream),
          append(pcm) {
            if (pcm.every((sample) => sample === 0)) line.push('silence');
            else if (pcm.length > 2_000) line.push('tones');
            else {
              const isSlow = pcm.length >= SENTENCE_SAMPLES + 500;
              line.push(`${isSlow ? 'slow ' : ''}${SAID[pcm.length - SENTENCE_SAMPLES - (isSlow ? 500 : 0)]}`);
            }
          },
          finish(given) {
            mark = given;
            line.push('finish');
          },
          clear: () => line.push('clear'),
          async close() {
            closedCount += 1;
            return report;
          },
        };
      },
    },
    logger,
    clock,
    ...change,
  });
  return {
    agent,
    clock,
    asked,
    streams,
    opened: () => opened,
    closedCount: () => closedCount,
    line: () => line.splice(0),
    played: async (what: Partial<MediaReport> = {}) => {
      report = { ...report, ...what };
      handlers?.played(report, mark);
      await settle();
    },
    press: async (key: string) => {
      handlers?.key(key);
      await settle();
    },
    playedLate: () => handlers?.played(report, mark - 1),
    fail: (reason: string) => handlers?.failed(reason),
    answered: async (sdp: string | undefined, address?: string): Promise<TestCall> => {
      const call = await agent.answer(sdp, ANNOUNCEMENT, address);
      assert.ok('answerSdp' in call, JSON.stringify(call));
      return call;
    },
  };
}

/** Lets promises that are already settled run their course. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const TOLD = ['clear', 'silence', 'Test call.', 'Room 3 1 2.'];

void test('says everything after the ACK, tells whether the phone was heard, and is over', async () => {
  for (const [report, sentence] of [
    [HEARD, 'Heard.'],
    [{ ...HEARD, received: { ...HEARD.received, levelDbov: null } }, 'Not heard.'],
    [PLAYED, 'Not heard.'],
  ] as const) {
    const { answered, asked, line, played, opened, closedCount, streams } = openAgent();
    const call = await answered(offer(4000), '::ffff:192.0.2.1');
    assert.equal(opened(), '192.0.2.1');
    assert.deepEqual(
      asked.map(({ text, order }) => [text, order]),
      [
        ['Test call.', 0],
        ['Room 3 1 2.', 1],
      ],
      'speech is prepared before the ACK, what comes first first',
    );
    await settle();
    assert.deepEqual(
      [line(), streams.map(({ maySend }) => maySend)],
      [[], [false]],
      'listened to before the ACK, no more',
    );
    call.start();
    call.start();
    await settle();
    assert.deepEqual(line(), [...TOLD, 'silence', 'finish']);
    assert.deepEqual([streams[1]?.remote.port, streams[1]?.maySend], [4000, true]);
    await played(report);
    assert.deepEqual(line(), ['clear', sentence, 'Bye.', 'silence', 'finish']);
    await played(report);
    const { how, heard } = await call.finished;
    assert.equal(how, 'spoken');
    assert.deepEqual(heard, {
      spoken: 'speech',
      heard: sentence === 'Heard.',
      received: report.received.packets > 0,
      codec: 'PCMU',
      packetsSent: 0,
      packetsReceived: report.received.packets,
      packetsLost: report.received.lost,
      jitterMs: report.received.jitterMs,
      levelDbov: report.received.levelDbov,
      digits: '',
      foreignPackets: 0,
      fault: null,
    });
    assert.equal(closedCount(), 1);
  }
});

void test('what was prepared and never sent was not spoken', async () => {
  for (const [audioMs, spoken] of [
    [0, 'none'],
    [20, 'speech'],
  ] as const) {
    const { answered, played } = openAgent();
    const call = await answered(offer(4000));
    call.start();
    await settle();
    await played({ audioMs });
    call.stop();
    assert.equal((await call.finished).heard.spoken, spoken, `${audioMs} ms`);
  }
});

void test('keys: 1 says it again, 2 slowly and spelled, # ends; without a key it ends by itself', async () => {
  const { answered, line, played, press, clock, playedLate } = openAgent();
  const call = await answered(offer(4000, WITH_KEYS));
  call.start();
  await settle();
  assert.deepEqual(line(), [...TOLD, 'Press 1.', 'silence', 'finish']);
  await press('2');
  assert.deepEqual(line(), [
    'clear',
    'silence',
    'slow Test call.',
    'slow Room 3 1 2.',
    'slow Main is spelled M, A, I, N.',
    'Press 1.',
    'silence',
    'finish',
  ]);
  await press('7');
  assert.deepEqual(line(), []);
  playedLate();
  assert.deepEqual(line(), [], 'the end of what was cleared means nothing');
  await played(HEARD);
  assert.deepEqual(line(), [], 'a key is waited for');
  await press('1');
  assert.deepEqual(line(), [...TOLD, 'Press 1.', 'silence', 'finish']);
  await played(HEARD);
  clock.advance(6_000);
  await settle();
  assert.deepEqual(line(), ['clear', 'Heard.', 'Bye.', 'silence', 'finish']);
  await press('1');
  await played({ keys: '271' });
  assert.equal((await call.finished).heard.digits, '271');

  const short = openAgent();
  const second = await short.answered(offer(4000, WITH_KEYS));
  second.start();
  await settle();
  short.line();
  await short.press('#');
  assert.deepEqual(short.line(), ['clear', 'Bye.', 'silence', 'finish']);
  await short.played();
  assert.equal((await second.finished).how, 'spoken');
});

void test('repetitions are bounded, and nobody of whom nothing came is waited for', async () => {
  const { answered, line, played, press } = openAgent();
  const call = await answered(offer(4000, WITH_KEYS));
  call.start();
  await settle();
  for (let round = 0; round < 5; round += 1) await press('1');
  line();
  await press('1');
  assert.deepEqual(line(), []);
  await played(HEARD);
  assert.equal(line()[1], 'Heard.');

  const silent = openAgent();
  const deaf = await silent.answered(offer(4000, WITH_KEYS));
  deaf.start();
  await settle();
  silent.line();
  await silent.played(NO_MEDIA);
  assert.equal(silent.line()[1], 'Not heard.');
});

void test('speech that fails becomes tones, at once or in the middle, and the result says why', async () => {
  const voices: [(text: string) => Promise<Int16Array>, string[], string][] = [
    [
      () => Promise.reject(new ProblemError('unavailable', 'speech thread lost: exit 3')),
      ['clear', 'silence', 'tones', 'silence', 'finish'],
      'speech thread lost: exit 3',
    ],
    [() => Promise.resolve(new Int16Array(0)), ['clear', 'silence', 'tones', 'silence', 'finish'], 'speech was empty'],
    [
      (text) =>
        text.startsWith('Room')
          ? Promise.reject(new ProblemError('upstream-timeout', 'too slow'))
          : Promise.resolve(new Int16Array(SENTENCE_SAMPLES + SAID.indexOf(text)).fill(1)),
      ['clear', 'silence', 'Test call.', 'tones', 'silence', 'finish'],
      'too slow',
    ],
  ];
  for (const [speak, expected, fault] of voices) {
    const { answered, line } = openAgent({ speech: { speak } });
    const call = await answered(offer(4000));
    call.start();
    await settle();
    assert.deepEqual(line(), expected);
    call.stop();
    const { heard } = await call.finished;
    assert.deepEqual([heard.spoken, heard.fault], ['tones', fault]);
  }
});

void test('a delayed offer is answered in the ACK', async () => {
  const { answered, streams, closedCount } = openAgent();
  const call = await answered(undefined);
  assert.match(call.answerSdp, /m=audio 20000 RTP\/AVP 0 8 101/);
  const answer = answerOffer(call.answerSdp, { address: '127.0.0.1', port: 4000, sessionId: '1' });
  assert.ok('answerSdp' in answer);
  call.start(answer.answerSdp);
  assert.deepEqual([streams[0]?.remote.port, streams[0]?.eventPayloadType], [4000, 101]);

  for (const [body, reason] of [
    [undefined, /not answered/],
    ['garbage', /v=0/],
    [offer(0), /disabled/],
  ] as const) {
    const refused = await answered(undefined);
    refused.start(body);
    const { how, heard } = await refused.finished;
    assert.equal(how, 'stopped');
    assert.match(heard.fault ?? '', reason);
  }
  assert.equal(closedCount(), 3);
});

void test('re-INVITEs hold, resume, move and change the format; a refused one changes nothing', async () => {
  const { answered, streams, line } = openAgent();
  const call = await answered(offer(4000, 'a=sendonly'));
  assert.match(call.answerSdp, /a=recvonly/);
  call.start();
  await settle();
  line();
  const answerTo = (sdp: string | undefined) => {
    const answer = call.reoffer(sdp);
    assert.ok('answerSdp' in answer);
    return answer.answerSdp;
  };
  assert.match(answerTo(offer(4000)), /^o=- \d+ 2 IN/m);
  answerTo(offer(4000, 'a=inactive'));
  assert.deepEqual(call.reoffer('garbage'), {
    refused: 'session description does not begin with v=0',
    kind: 'malformed',
  });
  assert.match(answerTo(offer(4002)), /^o=- \d+ 4 IN/m);
  answerTo(offer(4002).replace('0 8', '8'));
  assert.match(answerTo(undefined), /RTP\/AVP 0 8 101/);
  call.start(offer(4010).replace('0 8', '8'));
  assert.deepEqual(
    streams.map(({ remote, maySend, codec }) => [remote.port, maySend, codec]),
    [
      [4000, false, 'PCMU'],
      [4000, false, 'PCMU'],
      [4000, true, 'PCMU'],
      [4000, false, 'PCMU'],
      [4002, true, 'PCMU'],
      [4002, true, 'PCMA'],
      [4010, true, 'PCMA'],
    ],
  );
  assert.deepEqual(line(), [], 'nothing is said anew');
});

void test('what cannot be answered is refused with its kind; what cannot be read opens no port', async () => {
  const { agent, opened, closedCount } = openAgent();
  assert.deepEqual(await agent.answer('nonsense', ANNOUNCEMENT, '192.0.2.1'), {
    refused: 'session description does not begin with v=0',
    kind: 'malformed',
  });
  assert.equal(opened(), undefined);
  assert.deepEqual(await agent.answer(offer(4000).replace('0 8', '18'), ANNOUNCEMENT), {
    refused: 'neither PCMU nor PCMA',
    kind: 'not-acceptable',
  });
  assert.equal(closedCount(), 1);
  const full = openAgent({
    media: { open: () => Promise.reject(new ProblemError('unavailable', 'no media port to be had')) },
  });
  assert.deepEqual(await full.agent.answer(offer(4000), ANNOUNCEMENT), {
    refused: 'no media port to be had',
    kind: 'busy',
  });
});

void test('the number of test calls is bounded; one that ended, was refused or failed makes room', async () => {
  const { agent, answered } = openAgent({ maxCalls: 1 });
  for (const broken of [offer(4000).replace('0 8', '18'), 'nonsense']) await agent.answer(broken, ANNOUNCEMENT);
  const first = await answered(offer(4000));
  const second = await agent.answer(offer(4000), ANNOUNCEMENT);
  assert.deepEqual(second, { refused: '1 test calls are under way', kind: 'busy' });
  first.stop();
  await first.finished;
  (await answered(offer(4000))).stop();
});

void test('stop, the time limit and audio that is lost end a call once', async () => {
  const { answered, clock, closedCount, fail } = openAgent();
  const never = await answered(offer(4000));
  never.stop();
  never.stop();
  assert.equal((await never.finished).heard.spoken, 'none');
  never.start();

  const held = await answered(offer(4000, 'a=inactive'));
  held.start();
  clock.advance(180_000);
  assert.equal((await held.finished).heard.fault, 'the caller took no audio');

  const lost = await answered(offer(4000));
  lost.start();
  fail('media thread lost: exit 1');
  assert.deepEqual(
    [(await lost.finished).how, (await lost.finished).heard.fault],
    ['stopped', 'media thread lost: exit 1'],
  );
  assert.equal(closedCount(), 3);
  assert.equal(clock.pending(), 0);
});
