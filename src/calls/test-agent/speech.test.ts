import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { pcmLevelDbov } from '../../wire/rtp/pcm-level.ts';
import { composeFallbackTones } from './fallback-tones.ts';
import { createSpeech } from './speech.ts';

const logger = createLogger('silent');

/** A thread that dies on "crash", never answers "hang", fails on "fail", and else answers one sample per letter. */
function startFakeWorker(): Worker {
  const code = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ id, text }) => {
      if (text.includes('crash')) process.exit(3);
      if (text.includes('throw')) throw new Error('out of luck');
      if (text.includes('hang')) for (;;) {}
      if (text.includes('fail')) return parentPort.postMessage({ kind: 'failed', id, reason: 'no voice' });
      parentPort.postMessage({ kind: 'spoken', id, pcm: new Int16Array(text.length).fill(7), tookMs: 1 });
    });
    parentPort.postMessage({ kind: 'ready', loadMs: 1 });`;
  return new Worker(code, { eval: true });
}

void test('the real synthesizer speaks 8 kHz audio of plausible length and level, the same each time', async () => {
  const speech = createSpeech({ logger, deadlineMs: 60_000 });
  const text = 'You are calling from 2 1 4, 5 5 5, 0 1 2 3. Your location is 1 2 and a half North Main Street.';
  const pcm = await speech.speak(text);
  const seconds = pcm.length / 8000;
  assert.ok(seconds > 6 && seconds < 14, `${seconds} s`);
  assert.ok(pcmLevelDbov(pcm) > -30 && pcmLevelDbov(pcm) < -8, `${pcmLevelDbov(pcm)} dBov`);
  await speech.close();

  const again = createSpeech({ logger, deadlineMs: 60_000 });
  assert.ok(Buffer.from((await again.speak(text)).buffer).equals(Buffer.from(pcm.buffer)));
  assert.ok(
    Buffer.from((await again.speak('Hagåtña – Québec.')).buffer).equals(
      Buffer.from((await again.speak('Hagatna, Quebec.')).buffer),
    ),
  );
  assert.equal((await again.speak('東京')).length, 0, 'what cannot be read is left out');
  await again.close();
});

void test('sentences are joined in order and spoken once', async () => {
  let started = 0;
  const speech = createSpeech({
    logger,
    startWorker: () => {
      started += 1;
      return startFakeWorker();
    },
  });
  assert.equal((await speech.speak('One. Two three. ')).length, 'One.'.length + 'Two three.'.length);
  assert.deepEqual(await speech.speak('One.'), Int16Array.of(7, 7, 7, 7));
  assert.equal((await speech.speak(`${'word '.repeat(200)}end`)).length, 1003 - 2, 'long sentences are cut at spaces');
  assert.equal(started, 1);
  await speech.close();
  await assert.rejects(speech.speak('One.'), { kind: 'unavailable' });
});

void test('a thread that dies is replaced; its sentence is tried once more, then fails alone', async () => {
  for (const [death, reason] of [
    ['crash', /exit 3/],
    ['throw', /out of luck/],
  ] as const) {
    let started = 0;
    const speech = createSpeech({
      logger,
      deadlineMs: 60_000,
      startWorker: () => {
        started += 1;
        return startFakeWorker();
      },
    });
    const doomed = assert.rejects(speech.speak(`${death} now.`), { kind: 'unavailable', message: reason });
    const other = speech.speak('Fine.');
    await doomed;
    assert.equal((await other).length, 5);
    assert.equal(started, 3);
    await speech.close();
  }
});

void test('the real synthesizer killed in the middle of a sentence costs nobody an answer', async () => {
  const workers: Worker[] = [];
  const speech = createSpeech({
    logger,
    deadlineMs: 60_000,
    startWorker: () => {
      const worker = new Worker(new URL('./speech-worker.ts', import.meta.url));
      workers.push(worker);
      return worker;
    },
  });
  await speech.ready;
  const spoken = Promise.all([speech.speak('Your location is floor 3, room 3 1 2.'), speech.speak('Goodbye.')]);
  await workers[0]?.terminate();
  for (const pcm of await spoken) assert.ok(pcmLevelDbov(pcm) > -30);
  assert.equal(workers.length, 2);
  await speech.close();
});

void test('a hanging thread meets the deadline and is replaced', async () => {
  const clock = createManualClock();
  const workers: Worker[] = [];
  const speech = createSpeech({
    logger,
    clock,
    startWorker: () => {
      const worker = startFakeWorker();
      workers.push(worker);
      return worker;
    },
  });
  await speech.ready;
  const hung = assert.rejects(speech.speak('hang.'), { kind: 'upstream-timeout' });
  clock.advance(3000);
  await hung;
  assert.equal(workers.length, 1);
  clock.advance(100);
  assert.equal(workers.length, 2);
  assert.equal((await speech.speak('Back again.')).length, 11);
  await speech.close();
});

void test('a sentence wanted by many at once is spoken once; who gives up leaves it to the others', async () => {
  const clock = createManualClock();
  let requests = 0;
  const speech = createSpeech({
    logger,
    clock,
    maxQueue: 2,
    startWorker: () => {
      const worker = startFakeWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message) => {
        requests += 1;
        post(message);
      };
      return worker;
    },
  });
  const early = assert.rejects(speech.speak('Same words.'), { kind: 'upstream-timeout' });
  clock.advance(2000);
  const late = [speech.speak('Same words.'), speech.speak('Same words.')];
  clock.advance(1000);
  await early;
  assert.deepEqual(
    (await Promise.all(late)).map((pcm) => pcm.length),
    [11, 11],
  );
  assert.equal(requests, 1);
  await speech.close();
});

void test('text and queue are bounded, and a failing sentence says why', async () => {
  const speech = createSpeech({ logger, maxQueue: 3, deadlineMs: 60_000, startWorker: startFakeWorker });
  await assert.rejects(speech.speak('x'.repeat(6001)), { kind: 'too-large' });
  await assert.rejects(speech.speak('A. B. C. D.'), { kind: 'too-many-requests' });
  await assert.rejects(speech.speak('fail.'), { kind: 'unavailable', message: 'speech failed: no voice' });
  assert.equal((await speech.speak('A. B. C.')).length, 6);
  await speech.close();
});

void test('the tones that stand in for speech are audible and a few seconds long', () => {
  const tones = composeFallbackTones();
  assert.equal(tones.length, 3 * (3 * 330 + 1000) * 8);
  assert.ok(pcmLevelDbov(tones) > -25);
});

void test('what is needed sooner is spoken first, slow speech is another piece and takes longer', async () => {
  const asked: string[] = [];
  const speech = createSpeech({
    logger,
    startWorker: () => {
      const worker = startFakeWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (request: { text: string; isSlow: boolean }) => {
        asked.push(`${request.text}${request.isSlow ? ' slow' : ''}`);
        post(request);
      };
      return worker;
    },
  });
  await Promise.all([
    speech.speak('Busy.'),
    speech.speak('Last.', { order: 9 }),
    speech.speak('First.', { order: 0, isSlow: true }),
    speech.speak('First.', { order: 0 }),
    speech.speak('Second.', { order: 1 }),
  ]);
  assert.deepEqual(asked, ['Busy.', 'First. slow', 'First.', 'Second.', 'Last.']);
  await speech.close();

  const real = createSpeech({ logger, deadlineMs: 60_000 });
  const usual = await real.speak('Floor 3.');
  const slow = await real.speak('Floor 3.', { isSlow: true });
  assert.ok(slow.length > 1.2 * usual.length, `${slow.length} to ${usual.length}`);
  await real.close();
});
