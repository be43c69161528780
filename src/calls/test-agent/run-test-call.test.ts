import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { createRtpPorts, type RtpPort } from '../../transport/rtp-ports.ts';
import type { PlaybackResult } from '../../transport/rtp-sender.ts';
import { pcmLevelDbov } from '../../wire/rtp/pcm-level.ts';
import { answerOffer } from '../../wire/sdp/offer-answer.ts';
import { createTestAgent, type TestAgent, type TestCall } from './run-test-call.ts';
import { createSpeech } from './speech.ts';

const logger = createLogger('silent');
const ANNOUNCEMENT = { announcementText: 'Test call. Room 3 1 2.', sentences: ['Test call.', 'Room 3 1 2.'] };
const SPOKEN = new Int16Array(8000).fill(1000);
/** Lead-in, a second of speech, tail. */
const WHOLE_MS = 400 + 1000 + 300;

function offer(port: number, ...attributes: string[]): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 8`,
  ];
  return [...lines, ...attributes, ''].join('\r\n');
}

async function answered(agent: TestAgent, sdp: string | undefined, peerAddress?: string): Promise<TestCall> {
  const call = await agent.answer(sdp, ANNOUNCEMENT, peerAddress);
  assert.ok('answerSdp' in call, JSON.stringify(call));
  return call;
}

/** Ports whose audio goes nowhere, so that the injected clock alone drives the call. */
function createSilentPorts() {
  const opened: (string | undefined)[] = [];
  const plays: { remotePort: number; samples: number; codec: string; events: string[] }[] = [];
  let closed = 0;
  let spoken: (result: PlaybackResult) => void = () => {};
  const ports = {
    async open(toward?: string): Promise<RtpPort> {
      opened.push(toward);
      return {
        address: '127.0.0.1',
        port: 20_000,
        received: () => ({ packets: 5, octets: 800 }),
        playAudio({ pcm, remote, codec }) {
          const events: string[] = [];
          plays.push({ remotePort: remote.port, samples: pcm.length, codec, events });
          const done = new Promise<PlaybackResult>((resolve) => {
            spoken = resolve;
          });
          const result = { packets: 10, sendErrors: 0, lastSendError: null };
          return {
            done,
            stop: () => spoken({ outcome: 'stopped', ...result }),
            hold: () => events.push('hold'),
            resume: ({ port }) => events.push(`resume ${port}`),
          };
        },
        recordAudio: () => assert.fail('nothing is recorded'),
        async close() {
          closed += 1;
          spoken({ outcome: 'stopped', packets: 10, sendErrors: 0, lastSendError: null });
        },
      };
    },
  };
  return {
    ports,
    opened,
    plays,
    closedCount: () => closed,
    finishSpeaking: () => spoken({ outcome: 'spoken', packets: WHOLE_MS / 20, sendErrors: 0, lastSendError: null }),
  };
}

function silentAgent(speak: () => Promise<Int16Array> = async () => SPOKEN, clock: ManualClock = createManualClock()) {
  const silent = createSilentPorts();
  return { ...silent, clock, agent: createTestAgent({ speech: { speak }, ports: silent.ports, logger, clock }) };
}

/** Lets promises that are already settled run their course. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

void test('a real call: what the phone records has the length and the level of what was synthesized', async () => {
  const speech = createSpeech({ logger, deadlineMs: 60_000 });
  const ports = createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger });
  const phone = await ports.open();
  const recording = phone.recordAudio({ maxMs: 60_000 });
  const agent = createTestAgent({ speech, ports, logger });
  const call = await answered(agent, offer(phone.port), '127.0.0.1');
  assert.equal(await call.start().finished, 'spoken');
  recording.stop();
  const heard = await recording.done;

  const synthesized = await speech.speak(ANNOUNCEMENT.announcementText);
  const expectedMs = Math.ceil((400 + synthesized.length / 8 + 300) / 20) * 20;
  assert.ok(expectedMs > 2000);
  assert.deepEqual([heard.durationMs, heard.lost, heard.foreign], [expectedMs, 0, 0]);
  const voice = heard.pcm.subarray(400 * 8, 400 * 8 + synthesized.length);
  assert.ok(Math.abs(pcmLevelDbov(voice) - pcmLevelDbov(synthesized)) < 0.5);
  assert.deepEqual(call.report(), {
    announcementText: 'Test call. Room 3 1 2.',
    audio: 'speech',
    reason: null,
    audioMs: expectedMs,
    packetsSent: expectedMs / 20,
    sendErrors: 0,
    packetsReceived: 0,
  });
  assert.equal(ports.inUse(), 1, 'the agent gave its port back');
  await ports.close();
  await speech.close();
});

void test('the answer does not wait for speech; the audio begins when both ACK and speech are there', async () => {
  let deliver: (pcm: Int16Array) => void = () => {};
  const { agent, plays, finishSpeaking, closedCount } = silentAgent(
    () =>
      new Promise((resolve) => {
        deliver = resolve;
      }),
  );
  const call = await answered(agent, offer(4000));
  const running = call.start();
  assert.equal(call.start(), running);
  await settle();
  assert.equal(plays.length, 0);
  deliver(SPOKEN);
  await settle();
  assert.deepEqual(plays, [{ remotePort: 4000, samples: WHOLE_MS * 8, codec: 'PCMU', events: [] }]);
  finishSpeaking();
  assert.equal(await running.finished, 'spoken');
  assert.deepEqual([call.report().audioMs, call.report().packetsReceived, closedCount()], [WHOLE_MS, 5, 1]);
});

void test('speech that fails becomes tones, and the report says why', async () => {
  const { agent, plays, finishSpeaking } = silentAgent(async () => {
    throw new ProblemError('unavailable', 'speech thread lost: exit 3');
  });
  const call = await answered(agent, offer(4000));
  const { finished } = call.start();
  await settle();
  assert.equal(plays[0]?.samples, (400 + 3 * (3 * 330 + 1000) + 300) * 8);
  finishSpeaking();
  assert.equal(await finished, 'spoken');
  const { audio, reason, announcementText } = call.report();
  assert.deepEqual([audio, reason], ['tones', 'speech thread lost: exit 3']);
  assert.equal(announcementText, ANNOUNCEMENT.announcementText);

  const empty = silentAgent(async () => new Int16Array(0));
  const second = await answered(empty.agent, offer(4000));
  await settle();
  assert.deepEqual([second.report().audio, second.report().reason], ['tones', 'speech was empty']);
});

void test('a delayed offer is answered in the ACK', async () => {
  const { agent, plays, closedCount } = silentAgent();
  const call = await answered(agent, undefined);
  assert.match(call.answerSdp, /m=audio 20000 RTP\/AVP 0 8/);
  const answer = answerOffer(call.answerSdp, { address: '127.0.0.1', port: 4000, sessionId: '1' });
  assert.ok('answerSdp' in answer);
  call.start(answer.answerSdp);
  await settle();
  assert.equal(plays[0]?.remotePort, 4000);

  for (const [body, reason] of [
    [undefined, /not answered/],
    ['garbage', /v=0/],
    [offer(0), /disabled/],
  ] as const) {
    const refused = await answered(agent, undefined);
    assert.equal(await refused.start(body).finished, 'stopped');
    assert.match(refused.report().reason ?? '', reason);
  }
  assert.equal(closedCount(), 3);
});

void test('re-INVITEs hold, resume, move and change the format; a refused one changes nothing', async () => {
  const { agent, plays } = silentAgent();
  const call = await answered(agent, offer(4000, 'a=sendonly'));
  assert.match(call.answerSdp, /a=recvonly/);
  call.start();
  await settle();
  assert.equal(plays.length, 0, 'the caller takes no audio yet');

  const answerTo = (sdp: string | undefined) => {
    const answer = call.reoffer(sdp);
    assert.ok('answerSdp' in answer);
    return answer.answerSdp;
  };
  assert.match(answerTo(offer(4000)), /^o=- \d+ 2 IN/m);
  assert.equal(plays.length, 1);
  answerTo(offer(4000, 'a=inactive'));
  assert.deepEqual(call.reoffer('garbage'), {
    refused: 'session description does not begin with v=0',
    kind: 'malformed',
  });
  assert.match(answerTo(offer(4002)), /^o=- \d+ 4 IN/m);
  assert.deepEqual(plays[0]?.events, ['hold', 'resume 4002']);
  answerTo(offer(4002).replace('0 8', '8'));
  await settle();
  assert.deepEqual(plays[1], { remotePort: 4002, samples: (WHOLE_MS - 200) * 8, codec: 'PCMA', events: [] });
  assert.match(answerTo(undefined), /RTP\/AVP 0 8/);
  call.start(offer(4010).replace('0 8', '8'));
  assert.deepEqual(plays[1]?.events, ['resume 4010']);
  assert.equal(call.report().audioMs, 200);
});

void test('what cannot be answered is refused with its kind, and the port is free again', async () => {
  const { agent, closedCount } = silentAgent();
  assert.deepEqual(await agent.answer('nonsense', ANNOUNCEMENT), {
    refused: 'session description does not begin with v=0',
    kind: 'malformed',
  });
  assert.deepEqual(await agent.answer(offer(4000).replace('0 8', '18'), ANNOUNCEMENT), {
    refused: 'neither PCMU nor PCMA',
    kind: 'not-acceptable',
  });
  assert.equal(closedCount(), 2);

  const full = createTestAgent({
    speech: { speak: async () => SPOKEN },
    ports: {
      open: async () => {
        throw new ProblemError('unavailable', 'no media port to be had: all are in use');
      },
    },
    logger,
  });
  assert.deepEqual(await full.answer(offer(4000), ANNOUNCEMENT), {
    refused: 'no media port to be had: all are in use',
    kind: 'busy',
  });
});

void test('stop before and during speech, and the time limit, free the port once', async () => {
  const { agent, clock, closedCount, opened } = silentAgent();
  const never = await answered(agent, offer(4000), '::ffff:192.0.2.1');
  assert.deepEqual(opened, ['192.0.2.1']);
  never.stop();
  never.stop();
  assert.equal(await never.start().finished, 'stopped');

  const during = await answered(agent, offer(4000));
  const running = during.start();
  await settle();
  running.stop();
  assert.equal(await running.finished, 'stopped');
  assert.equal(during.report().audioMs, 200);

  const held = await answered(agent, offer(4000, 'a=inactive'));
  const waiting = held.start();
  clock.advance(180_000);
  assert.equal(await waiting.finished, 'stopped');
  assert.equal(held.report().reason, 'the caller took no audio');
  assert.equal(closedCount(), 3);
  assert.equal(clock.pending(), 0);
});
