import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMetrics } from '../../support/metrics.ts';
import type { AlertEndpoint } from '../alert-endpoint.ts';
import type { AlertMessage } from '../alert-message.ts';
import { SendError } from '../senders/alert-sender.ts';
import { createAcceptedLog } from './accepted-log.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { type AlertOutcome, createMessageDispatch } from './dispatch-messages.ts';
import type { HeldLimits } from './held-shares.ts';
import type { LaneChange } from './lane-health.ts';
import { RETRY_POLICY, type RetryPolicy } from './retry-delay.ts';
import type { Outcome } from './settle-outcomes.ts';

type Answer = 'takes' | 'hangs' | SendError;

let serial = 0;

function message(endpoint: AlertEndpoint, overrides: Partial<AlertMessage> = {}): AlertMessage {
  serial += 1;
  return exampleMailMessage({}, { key: String(serial).padStart(40, '0'), endpoint, ...overrides });
}

const mailTo = (address: string, overrides: Partial<AlertMessage> = {}): AlertMessage =>
  message({ channel: 'email', address }, overrides);
const hookTo = (connectionId: string): AlertMessage => message({ channel: 'webhook', connectionId });

/** A dispatch on a clock moved by hand; `answer` is what the other side does with each message. */
function openScene(
  options: { answer?: (message: AlertMessage) => Answer; policy?: Partial<RetryPolicy>; heldLimits?: HeldLimits } = {},
) {
  const clock = createManualClock();
  const scene = {
    answer: options.answer ?? ((): Answer => 'takes'),
    /** Attempts by key. */
    attempts: new Map<string, number>(),
    taken: [] as string[],
    takenAtMs: new Map<string, number>(),
    begun: 0,
    underWay: 0,
    mostUnderWay: 0,
    outcomes: [] as Outcome[],
    told: [] as AlertOutcome[],
    lanes: [] as LaneChange[],
    stored: [] as (() => void)[],
  };
  const logger = createLogger('silent');
  const log = createAcceptedLog({ path: undefined, clock, logger });
  const dispatch = createMessageDispatch({
    async send(outgoing, signal) {
      const sent = outgoing as AlertMessage;
      scene.begun += 1;
      scene.attempts.set(sent.key, (scene.attempts.get(sent.key) ?? 0) + 1);
      scene.underWay += 1;
      scene.mostUnderWay = Math.max(scene.mostUnderWay, scene.underWay);
      try {
        const answer = scene.answer(sent);
        if (answer === 'hangs') {
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new SendError('too late'))));
        }
        if (answer instanceof SendError) throw answer;
        scene.taken.push(sent.key);
        scene.takenAtMs.set(sent.key, clock.nowMs());
        return { response: '250 OK' };
      } finally {
        scene.underWay -= 1;
      }
    },
    log,
    settle: {
      add(outcome, onStored) {
        scene.outcomes.push(outcome);
        if (onStored) scene.stored.push(onStored);
      },
      drained: () => Promise.resolve(),
      stop: () => undefined,
    },
    metrics: createAlertMetrics(createMetrics({ processMetrics: false })),
    clock,
    logger,
    retryPolicy: { ...RETRY_POLICY, ...options.policy },
    heldLimits: options.heldLimits,
    random: () => 0.5,
    onAlert: (outcome) => scene.told.push(outcome),
    onLaneChange: (change) => scene.lanes.push(change),
  });
  const settled = async (): Promise<void> => {
    // A few attempts begin in each turn: it is over when none did for some.
    for (let [quiet, seen] = [0, scene.begun]; quiet < 5; seen = scene.begun) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = scene.begun === seen ? quiet + 1 : 0;
    }
  };
  return {
    scene,
    clock,
    dispatch,
    log,
    hold: (sent: AlertMessage, path: 'job' | 'essential' = 'job') =>
      dispatch.hold(sent, { path, attempts: 0, queuedAtMs: clock.nowMs() }),
    settled,
    pass: async (seconds: number): Promise<void> => {
      await settled();
      for (let step = 0; step < seconds * 2; step += 1) {
        clock.advance(500);
        await settled();
      }
    },
  };
}

const REFUSED = new SendError('connect ECONNREFUSED');
const GREYLISTED = new SendError('451 try again later');

test('a message is sent at once, noted, told, and forgotten', async () => {
  const { scene, dispatch, hold, settled, log } = openScene();
  const mail = mailTo('desk@example.com');
  assert.ok(hold(mail));
  await settled();
  assert.deepEqual(scene.taken, [mail.key]);
  assert.ok(log.find(mail.key));
  assert.equal(scene.outcomes[0]?.kind, 'accepted');
  assert.equal(scene.told[0]?.isAccepted, true);
  assert.equal(dispatch.size, 0);
  hold(mail);
  await settled();
  assert.equal(scene.taken.length, 1, 'what was taken is not sent again');
});

test('the mail server is down for ten minutes: little is asked of it, nothing is given up, everything arrives when it is back', async () => {
  const { scene, clock, hold, pass, dispatch } = openScene({ answer: () => REFUSED });
  const mails = Array.from({ length: 300 }, (_, number) => mailTo(`desk${number}@example.com`));
  for (const mail of mails) hold(mail);
  await pass(600);
  assert.equal(scene.taken.length, 0);
  assert.equal(dispatch.size, 300, 'all are kept');
  const attempts = [...scene.attempts.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(attempts < 200, `${attempts} attempts while it is down`);
  assert.deepEqual(
    scene.lanes.map(({ isDown }) => isDown),
    [true],
  );
  assert.ok(scene.outcomes.every(({ kind }) => kind === 'failed'));
  scene.answer = () => 'takes';
  const backAtMs = clock.nowMs();
  await pass(8);
  assert.equal(scene.taken.length, 300);
  assert.equal(new Set(scene.taken).size, 300, 'each once');
  assert.ok(Math.max(...scene.takenAtMs.values()) - backAtMs <= 6_000, 'within seconds of its return');
  assert.deepEqual(
    scene.lanes.map(({ isDown }) => isDown),
    [true, false],
  );
});

test('the mail server cannot be reached for ten minutes, and one mailbox alone is to be told: it is within seconds of its return', async () => {
  const { scene, clock, hold, pass } = openScene({
    answer: () => new SendError('connect ECONNREFUSED', { isUnreached: true }),
  });
  const mail = mailTo('desk@example.com');
  hold(mail);
  await pass(600);
  assert.ok((scene.attempts.get(mail.key) ?? 0) < 130, 'little is asked of it');
  assert.deepEqual(
    scene.lanes.map(({ isDown }) => isDown),
    [true],
    'who watches the channel hears of it',
  );
  scene.answer = () => 'takes';
  const backAtMs = clock.nowMs();
  await pass(8);
  assert.ok((scene.takenAtMs.get(mail.key) ?? Number.POSITIVE_INFINITY) - backAtMs <= 6_000);
});

test('what cannot be sent for two hours is given up, and says so', async () => {
  const { scene, hold, pass, dispatch } = openScene({ answer: () => REFUSED, policy: { giveUpAfterSeconds: 60 } });
  const mail = mailTo('desk@example.com');
  hold(mail);
  await pass(200);
  assert.equal(scene.outcomes.at(-1)?.kind, 'exhausted');
  assert.equal(scene.told.at(-1)?.isGivenUp, true);
  assert.equal(dispatch.size, 0);
});

test('a lasting refusal is given up at once, and is no fault of the channel', async () => {
  const { scene, hold, settled } = openScene({
    answer: () => new SendError('550 no such mailbox', { isPermanent: true }),
  });
  for (let number = 0; number < 10; number += 1) hold(mailTo(`gone${number}@example.com`));
  await settled();
  assert.equal(scene.outcomes.filter(({ kind }) => kind === 'exhausted').length, 10);
  assert.deepEqual(scene.lanes, []);
});

test('one mailbox that refuses for now never closes the mail server for others', async () => {
  const { scene, hold, pass } = openScene({
    answer: ({ endpoint }) => ('address' in endpoint && endpoint.address.startsWith('poison') ? GREYLISTED : 'takes'),
  });
  for (let number = 0; number < 20; number += 1) hold(mailTo('poison@example.com'));
  await pass(1);
  const healthy = mailTo('healthy@example.com');
  hold(healthy);
  await pass(0);
  assert.ok(scene.taken.includes(healthy.key));
  assert.deepEqual(scene.lanes, []);
});

test('what hangs keeps nobody waiting: mailboxes, webhooks, whole channels', async () => {
  const isHanging = ({ endpoint }: AlertMessage): boolean =>
    (endpoint.channel === 'email' && endpoint.address.startsWith('hang')) ||
    (endpoint.channel === 'webhook' && endpoint.connectionId.startsWith('hang'));
  const { scene, hold, pass } = openScene({ answer: (sent) => (isHanging(sent) ? 'hangs' : 'takes') });
  for (let number = 0; number < 40; number += 1) hold(mailTo('hang@example.com'));
  for (let number = 0; number < 40; number += 1) hold(hookTo('hang'));
  const others = [mailTo('desk@example.com'), hookTo('fine')];
  for (const other of others) hold(other);
  await pass(0);
  assert.deepEqual(scene.taken.toSorted(), others.map(({ key }) => key).toSorted(), 'at once');
  // Twenty mailboxes that hang take every place; after three seconds they no longer count.
  for (let number = 0; number < 8; number += 1)
    for (let copy = 0; copy < 4; copy += 1) hold(mailTo(`hang${number}@example.com`));
  const late = mailTo('late@example.com');
  hold(late);
  await pass(5);
  assert.ok(scene.taken.includes(late.key));
});

test('a webhook that is down is left alone, tried from time to time, and others are not', async () => {
  const { scene, hold, pass } = openScene({
    answer: ({ endpoint }) => ('connectionId' in endpoint && endpoint.connectionId === 'dead' ? REFUSED : 'takes'),
  });
  const dead = Array.from({ length: 50 }, () => hookTo('dead'));
  for (const one of dead) hold(one);
  await pass(60);
  const attempts = dead.reduce((sum, { key }) => sum + (scene.attempts.get(key) ?? 0), 0);
  assert.ok(attempts < 30, String(attempts));
  assert.deepEqual(
    scene.lanes.map(({ lane, isDown }) => [lane, isDown]),
    [['webhook:dead', true]],
  );
  const fine = hookTo('fine');
  hold(fine);
  await pass(0);
  assert.deepEqual(scene.taken, [fine.key]);
});

test('Retry-After is kept to', async () => {
  let isFirst = true;
  const { scene, hold, pass } = openScene({
    answer() {
      const answer = isFirst ? new SendError('429', { retryAfterSeconds: 40 }) : 'takes';
      isFirst = false;
      return answer;
    },
  });
  hold(hookTo('busy'));
  await pass(39);
  assert.equal(scene.taken.length, 0);
  await pass(2);
  assert.equal(scene.taken.length, 1);
});

test('the job and the essential path want the same message at the same moment: one attempt; the job takes over', async () => {
  const { scene, dispatch, hold, settled } = openScene({ answer: () => GREYLISTED });
  const mail = mailTo('desk@example.com');
  hold(mail, 'essential');
  const ended = dispatch.ended(mail.key);
  hold(mail, 'job');
  await settled();
  assert.equal(scene.attempts.get(mail.key), 1);
  assert.equal(await ended, 'job-stands');
  assert.deepEqual(dispatch.keysWithJob(), [mail.key]);
});

test('who is to wait long waits in the database, once that knows; without a job it waits here', async () => {
  const { scene, dispatch, hold, settled } = openScene({
    answer: () => new SendError('come back later', { retryAfterSeconds: 600 }),
  });
  hold(mailTo('durable@example.com'));
  const essential = mailTo('essential@example.com');
  hold(essential, 'essential');
  await settled();
  assert.equal(dispatch.size, 2, 'kept until the database has it');
  for (const onStored of scene.stored) onStored();
  assert.ok(dispatch.has(essential.key));
  assert.equal(dispatch.size, 1);
});

test('a full memory takes no more jobs of whoever fills it, and always those of the essential path', async () => {
  const { dispatch, hold } = openScene({
    answer: () => 'hangs',
    heldLimits: { perChannel: 100, perOrganization: 10, perTarget: 5 },
  });
  const flood = { organizationId: 'flood' };
  const held = Array.from({ length: 20 }, (_, number) => hold(mailTo(`desk${number}@example.com`, flood)));
  assert.equal(held.filter(Boolean).length, 10);
  assert.deepEqual(dispatch.crowded().organizations, ['email flood']);
  assert.ok(hold(message({ channel: 'webhook', connectionId: 'fine' }, flood)), 'its other channels have room');
  assert.ok(hold(mailTo('desk@example.com', { organizationId: 'quiet' })));
  assert.ok(hold(mailTo('desk@example.com', flood), 'essential'));
});

test('a channel that is full keeps no other from sending', async () => {
  const { scene, dispatch, hold, settled } = openScene({
    answer: ({ endpoint }) => (endpoint.channel === 'email' ? 'hangs' : 'takes'),
    heldLimits: { perChannel: 10, perOrganization: 10, perTarget: 5 },
  });
  for (let number = 0; number < 20; number += 1) hold(mailTo(`desk${number}@example.com`));
  assert.deepEqual(dispatch.crowded().channels, ['email']);
  const hook = hookTo('fine');
  assert.ok(hold(hook));
  await settled();
  assert.deepEqual(scene.taken, [hook.key]);
});

test('mailboxes that refuse for now, however many, never close the mail server for others', async () => {
  const { scene, hold, pass } = openScene({
    answer: ({ endpoint }) =>
      'address' in endpoint && endpoint.address.startsWith('poison')
        ? new SendError('451 try again later', { isOfMessage: true })
        : 'takes',
  });
  for (let number = 0; number < 20; number += 1) hold(mailTo(`poison${number}@example.com`));
  await pass(1);
  const healthy = mailTo('healthy@example.com');
  hold(healthy);
  await pass(0);
  assert.ok(scene.taken.includes(healthy.key));
  assert.deepEqual(scene.lanes, []);
});

test('a push service that is dead keeps no other browser waiting', async () => {
  const browser = (subscriptionId: string): AlertMessage => message({ channel: 'push', subscriptionId });
  const { scene, hold, pass } = openScene({
    answer: ({ endpoint }) => ('subscriptionId' in endpoint && endpoint.subscriptionId === 'fine' ? 'takes' : REFUSED),
  });
  for (let number = 0; number < 20; number += 1) hold(browser(`dead${number}`));
  await pass(1);
  const fine = browser('fine');
  hold(fine);
  await pass(0);
  assert.deepEqual(scene.taken, [fine.key]);
});

test('two thousand webhooks that are down are each left alone', async () => {
  const { scene, hold, pass } = openScene({ answer: () => REFUSED });
  const dead = Array.from({ length: 2_000 }, (_, number) => hookTo(`dead${number}`));
  for (const one of dead) hold(one);
  await pass(20);
  assert.equal(scene.lanes.length, dead.length);
  const before = [...scene.attempts.values()].reduce((sum, count) => sum + count, 0);
  await pass(10);
  const since = [...scene.attempts.values()].reduce((sum, count) => sum + count, 0) - before;
  assert.ok(since <= 3 * dead.length, `${since} attempts in ten seconds`);
});

test('a burst begins a few attempts in one turn of the event loop, so that a call need not wait for all of them', async () => {
  const { scene, hold, settled } = openScene({ answer: () => 'hangs' });
  for (let number = 0; number < 40; number++) hold(mailTo(`desk${number}@example.com`));
  assert.equal(scene.begun, 4);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(scene.begun, 8);
  await settled();
  assert.equal(scene.begun, 16, 'as many as a channel has at once');
});

test('what somebody has sent again while it waits for its next attempt is tried at once', async () => {
  const { scene, dispatch, clock, hold, pass } = openScene({
    answer: () => new SendError('429', { retryAfterSeconds: 40 }),
  });
  const mail = mailTo('desk@example.com');
  hold(mail);
  await pass(10);
  scene.answer = () => 'takes';
  dispatch.hold(mail, { path: 'job', attempts: 0, queuedAtMs: clock.nowMs() });
  await pass(0);
  assert.deepEqual(scene.taken, [mail.key]);
});

test('what others have taken is let go of, unless it is under way', async () => {
  const { scene, dispatch, hold, pass } = openScene({
    answer: ({ endpoint }) => ('connectionId' in endpoint ? 'hangs' : GREYLISTED),
  });
  const waiting = mailTo('desk@example.com');
  const underWay = hookTo('slow');
  hold(waiting);
  hold(underWay);
  await pass(1);
  dispatch.drop([waiting.key, underWay.key]);
  assert.deepEqual([dispatch.has(waiting.key), dispatch.has(underWay.key)], [false, true]);
  await pass(20);
  assert.equal(scene.attempts.get(waiting.key), 1);
});

test('the end: what is under way finishes, nothing new begins, nobody waits for ever', async () => {
  const { scene, dispatch, clock, hold, settled } = openScene({ answer: () => 'hangs' });
  const mail = mailTo('desk@example.com');
  hold(mail, 'essential');
  const ended = dispatch.ended(mail.key);
  const stopped = dispatch.stop();
  assert.equal(hold(mailTo('late@example.com')), false);
  await settled();
  clock.advance(5_000);
  await stopped;
  assert.equal(await ended, 'stopped');
  assert.equal(await dispatch.ended('ab'.repeat(20)), 'stopped');
  assert.equal(scene.attempts.size, 1);
});
