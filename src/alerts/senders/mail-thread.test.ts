import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { silentLogger, TEST_MAIL_FROM } from '../../../test/support/alerts-fixture.ts';
import { startSmtpReceiver } from '../../../test/support/smtp-receiver.ts';
import { systemClock } from '../../support/clock.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { SendError } from './alert-sender.ts';
import { createMailThread } from './mail-thread.ts';

const signal = new AbortController().signal;

test('mail leaves from a thread: taken, refused for good, refused for now', async () => {
  const receiver = await startSmtpReceiver({
    onRcptTo({ address }, _session, callback) {
      const responseCode = { 'gone@example.com': 550, 'later@example.com': 451 }[address];
      callback(responseCode === undefined ? null : Object.assign(new Error('no'), { responseCode }));
    },
  });
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock: systemClock,
  });
  try {
    assert.match((await thread.send(exampleMailMessage(), signal)).response, /^250/);
    assert.equal(receiver.received.length, 1);
    for (const [address, isPermanent] of [
      ['gone@example.com', true],
      ['later@example.com', false],
    ] as const) {
      await assert.rejects(
        thread.send(exampleMailMessage({ address }), signal),
        (error) => error instanceof SendError && error.isPermanent === isPermanent && error.isOfMessage,
        'of this mailbox, not of the server',
      );
    }
  } finally {
    await thread.stop();
    await receiver.close();
  }
  await assert.rejects(thread.send(exampleMailMessage(), signal), /not sent any more/);
});

test('a thread that dies fails what it was sending, and the next one sends', async () => {
  const receiver = await startSmtpReceiver();
  const clock = createManualClock();
  let starts = 0;
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock,
    startWorker(workerData) {
      starts++;
      const script = new URL('./mail-worker.ts', import.meta.url);
      return starts === 1
        ? new Worker("require('node:worker_threads').parentPort.once('message', () => process.exit(3))", { eval: true })
        : new Worker(script, { workerData });
    },
  });
  try {
    await assert.rejects(thread.send(exampleMailMessage(), signal), /mail thread was lost: exit 3/);
    await assert.rejects(thread.send(exampleMailMessage(), signal), /restarting/);
    clock.advance(100);
    assert.match((await thread.send(exampleMailMessage(), signal)).response, /^250/);
    assert.equal(starts, 2);
  } finally {
    await thread.stop();
    await receiver.close();
  }
});

test('a thread that hangs is replaced once an attempt in it was given up', async () => {
  const receiver = await startSmtpReceiver();
  const clock = createManualClock();
  let starts = 0;
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock,
    startWorker(workerData) {
      starts++;
      return starts === 1
        ? new Worker("require('node:worker_threads').parentPort.once('message', () => { for (;;); })", { eval: true })
        : new Worker(new URL('./mail-worker.ts', import.meta.url), { workerData });
    },
  });
  const controller = new AbortController();
  try {
    const other = assert.rejects(thread.send(exampleMailMessage(), signal), /mail thread was lost: hangs/);
    const attempt = thread.send(exampleMailMessage(), controller.signal);
    controller.abort();
    await assert.rejects(attempt, /given up/);
    clock.advance(5_000);
    await other;
    clock.advance(100);
    assert.match((await thread.send(exampleMailMessage(), signal)).response, /^250/);
    assert.equal(starts, 2);
  } finally {
    await thread.stop();
    await receiver.close();
  }
});

test('a thread that answers keeps its place when attempts in it are given up', async () => {
  const receiver = await startSmtpReceiver({ onRcptTo: () => undefined });
  const clock = createManualClock();
  let starts = 0;
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock,
    startWorker(workerData) {
      starts++;
      const worker = new Worker(new URL('./mail-worker.ts', import.meta.url), { workerData });
      worker.on('message', () => answered.resolve());
      return worker;
    },
  });
  const answered = Promise.withResolvers<void>();
  const controller = new AbortController();
  try {
    const attempt = thread.send(exampleMailMessage(), controller.signal);
    controller.abort();
    await assert.rejects(attempt, /given up/);
    await answered.promise;
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    assert.equal(starts, 1);
  } finally {
    await thread.stop();
    await receiver.close();
  }
});

test('a mail that cannot be handed to the thread fails alone, and takes nobody with it', async () => {
  const receiver = await startSmtpReceiver();
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock: systemClock,
  });
  const odd = { ...exampleMailMessage(), reasons: [() => 'no text'] as unknown as string[] };
  try {
    const outcomes = await Promise.allSettled(
      [exampleMailMessage(), odd, exampleMailMessage()].map((message) => thread.send(message, signal)),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal(receiver.received.length, 2);
  } finally {
    await thread.stop();
    await receiver.close();
  }
});

test('an attempt that is given up ends at once', async () => {
  const receiver = await startSmtpReceiver({ onRcptTo: () => undefined });
  const thread = createMailThread({
    url: receiver.url,
    mailFrom: TEST_MAIL_FROM,
    logger: silentLogger,
    clock: systemClock,
  });
  const controller = new AbortController();
  try {
    const attempt = thread.send(exampleMailMessage(), controller.signal);
    controller.abort();
    await assert.rejects(attempt, /given up/);
  } finally {
    await thread.stop();
    await receiver.close();
  }
});
