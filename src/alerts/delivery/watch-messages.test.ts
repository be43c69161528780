import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { AcceptedMessage } from './accepted-log.ts';
import type { ReceiptState } from './receipt.ts';
import { receiptFacts } from './receipt-records.ts';
import { createMessageWatch } from './watch-messages.ts';

const MAIL = exampleMailMessage();

/** A watch over one mail, with a database that answers as told. */
function openScene() {
  const clock = createManualClock();
  const scene = {
    /** `away`: refuses; `silent`: never answers. */
    database: 'queued' as ReceiptState | 'away' | 'silent' | undefined,
    mailServerIsDown: false,
    sent: 0,
  };
  const accepted = new Map<string, AcceptedMessage>();
  const watch = createMessageWatch({
    clock,
    logger: createLogger('silent'),
    log: { find: (key) => accepted.get(key) },
    findState() {
      if (scene.database === 'away') return Promise.reject(new Error('refused'));
      if (scene.database === 'silent') return new Promise(() => undefined);
      return Promise.resolve(scene.database);
    },
    delivery: {
      async deliver(mail) {
        if (scene.mailServerIsDown) throw new Error('no mail server');
        scene.sent += 1;
        const taken = { ...receiptFacts(mail), at: '2026-03-05T18:30:20.000Z', response: '250 OK' };
        accepted.set(mail.key, taken);
        return taken;
      },
    },
  });
  return {
    scene,
    watch,
    accepted,
    pass: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('while the database answers, the job does it', async () => {
  const { scene, watch, pass } = openScene();
  watch.add([MAIL]);
  await pass(600);
  assert.equal(scene.sent, 0);
  watch.stop();
});

for (const failure of ['away', 'silent'] as const) {
  test(`the database is ${failure} before the mail was sent: it goes out without it, once`, async () => {
    const { scene, watch, pass } = openScene();
    watch.add([MAIL, MAIL]);
    scene.database = failure;
    await pass(5);
    assert.equal(scene.sent, 1);
    await pass(300);
    assert.equal(scene.sent, 1);
  });
}

test('database and mail server are away: tried until the mail server is back', async () => {
  const { scene, watch, pass } = openScene();
  watch.add([MAIL]);
  scene.database = 'away';
  scene.mailServerIsDown = true;
  await pass(30);
  scene.mailServerIsDown = false;
  await pass(60);
  assert.equal(scene.sent, 1);
});

test('a mail that was sent, or that no transaction holds, is left alone', async () => {
  for (const database of ['accepted', undefined] as const) {
    const { scene, watch, pass } = openScene();
    scene.database = database;
    watch.add([MAIL]);
    await pass(3);
    scene.database = 'away';
    await pass(300);
    assert.equal(scene.sent, 0);
  }
  const { scene, watch, pass, accepted } = openScene();
  accepted.set(MAIL.key, { ...receiptFacts(MAIL), at: '2026-03-05T18:30:16.000Z', response: '250 OK' });
  watch.add([MAIL]);
  scene.database = 'away';
  await pass(60);
  assert.equal(scene.sent, 0);
});
