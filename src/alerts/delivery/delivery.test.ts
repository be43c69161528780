import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import {
  addOrganization,
  openTestDatabase,
  silentLogger,
  TEST_MAIL_FROM,
  until,
  withFolder,
} from '../../../test/support/alerts-fixture.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { type Clock, systemClock } from '../../support/clock.ts';
import { newId, sha256Hex } from '../../support/ids.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMetrics } from '../../support/metrics.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AlertSender } from '../senders/alert-sender.ts';
import { everySender } from '../senders/every-sender.ts';
import { type AcceptedLog, createAcceptedLog } from './accepted-log.ts';
import { createAlertMetrics } from './alert-metrics.ts';
import { createMessageClaims } from './claim-messages.ts';
import { createDelivery } from './delivery.ts';
import type { MessageDispatch } from './dispatch-messages.ts';
import { storeOutcomes } from './outbox-records.ts';
import { receiptFacts } from './receipt.ts';

let database: Database;
let scope: Scope;

before(async () => {
  database = await openTestDatabase();
  scope = await addOrganization(database);
});

after(() => database.close());

function example(): AlertMessage {
  return exampleMailMessage(
    {},
    {
      key: sha256Hex(newId()).slice(0, 40),
      organizationId: scope.organizationId,
      callId: null,
      endpoint: { channel: 'email', address: `${newId()}@example.com` },
    },
  );
}

const silentSender: AlertSender = { send: () => new Promise(() => undefined), stop: () => Promise.resolve() };

function nodeDeps(node: string, sender: AlertSender, acceptedLogPath?: string, on: Database = database) {
  return {
    database: on,
    senders: everySender({ email: sender }),
    writing: { acknowledgeUrlOf: () => null, templatesOf: () => null },
    findCalls: async () => new Map(),
    mailFrom: TEST_MAIL_FROM,
    node,
    acceptedLogPath,
    metrics: createAlertMetrics(createMetrics({ processMetrics: false })),
    clock: systemClock,
    logger: silentLogger,
  };
}

function createNode(...of: Parameters<typeof nodeDeps>) {
  return createDelivery(nodeDeps(...of));
}

test('what is sent without the database is weighed as long as it is held', async () => {
  const taken = Promise.withResolvers<{ response: string }>();
  const sender: AlertSender = { send: () => taken.promise, stop: () => Promise.resolve() };
  const node = createDelivery({ ...nodeDeps('weighing', sender), essentialBytes: 10_000 });
  assert.ok(node.hasRoom());
  const ends = node.deliver(Array.from({ length: 20 }, example));
  // At once: many calls are told of in one turn of the event loop, each of which asks before it is.
  assert.ok(!node.hasRoom());
  // Nothing is refused: who asks first decides.
  const more = node.deliver([example()]);
  taken.resolve({ response: '250 ok' });
  assert.deepEqual(new Set([...(await ends), ...(await more)]), new Set(['accepted']));
  assert.ok(node.hasRoom());
  await node.stop();
});

const rowOf = (key: string) =>
  database.db.selectFrom('alertReceipts').selectAll().where('key', '=', key).executeTakeFirstOrThrow();

const take = (message: AlertMessage, node: string) =>
  database.db.transaction().execute((tx) => createNode(node, silentSender).enqueue(tx, [message]));

/** The claims of a node among several, with what they ask of its memory. */
function openClaims(node: string, clock: Clock, dispatch: Partial<MessageDispatch>, log?: AcceptedLog) {
  return createMessageClaims({
    database: { db: database.db, engine: 'postgres' },
    node,
    dispatch: {
      keysWithJob: () => [],
      crowded: () => ({ channels: [], organizations: [], targets: [] }),
      drop: () => undefined,
      hold: () => true,
      ...dispatch,
    } as MessageDispatch,
    log: log ?? createAcceptedLog({ path: undefined, clock, logger: silentLogger }),
    findCalls: async () => new Map(),
    clock,
    logger: silentLogger,
  });
}

test('a node that starts again first tells what its disk knows to be taken; only the rest is for others', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'accepted.log');
    const [taken, unsent] = [example(), example()];
    await take(taken, 'restarted');
    await take(unsent, 'restarted');
    const log = createAcceptedLog({ path, clock: systemClock, logger: silentLogger });
    await log.load();
    await log.add({ ...receiptFacts(taken), at: new Date().toISOString(), response: '250 OK' });

    const held: string[] = [];
    const claims = openClaims('restarted', systemClock, { hold: ({ key }) => held.push(key) > 0 }, log);
    claims.start();
    await until(() => held.includes(unsent.key));
    await claims.stop();
    assert.deepEqual(held, [unsent.key]);
    assert.deepEqual([(await rowOf(taken.key)).state, (await rowOf(taken.key)).dueAt], ['accepted', null]);
  }));

test('a message that cannot be read keeps none of those that are due with it', async () => {
  const [unreadable, unknown, fine] = [example(), example(), example()];
  for (const message of [unreadable, unknown, fine]) await take(message, 'left');
  const spoil = (key: string, message: string) =>
    database.db.updateTable('alertReceipts').set({ message }).where('key', '=', key).execute();
  await spoil(unreadable.key, '{"key":');
  await spoil(unknown.key, JSON.stringify({ ...unknown, endpoint: { channel: 'telegraph', wire: '7' } }));
  const held: string[] = [];
  const claims = openClaims('left', systemClock, {
    hold({ key, endpoint }) {
      assert.equal(endpoint.channel, 'email');
      held.push(key);
      return true;
    },
  });
  claims.start();
  await until(() => held.includes(fine.key));
  await claims.stop();
  assert.ok(!held.includes(unreadable.key) && !held.includes(unknown.key));
});

test('what another node has taken meanwhile is let go of, and what becomes of it here changes nothing', async () => {
  const [lost, kept] = [example(), example()];
  const dropped: string[] = [];
  const clock = createManualClock(Date.now());
  let keys: string[] = [];
  const claims = openClaims('this', clock, {
    keysWithJob: () => keys,
    drop: (gone) => void dropped.push(...gone),
  });
  claims.start();
  await until(() => claims.ready());
  await take(lost, 'other');
  await take(kept, 'this');
  keys = [lost.key, kept.key];
  await until(() => {
    clock.advance(1_000);
    return dropped.length > 0;
  });
  await claims.stop();
  assert.deepEqual(dropped, [lost.key]);

  const before = await rowOf(lost.key);
  const error = 'not here';
  const failed = { kind: 'failed', key: lost.key, attempts: 1, atMs: 0, error, dueAtMs: 0, isLeft: true } as const;
  await storeOutcomes(database.db, [failed], 'this');
  assert.deepEqual(await rowOf(lost.key), before);
});

test('taken without the database while its row is being written: the receipt says so after the commit', () =>
  withFolder(async (folder) => {
    const message = example();
    const consent = Promise.withResolvers<{ response: string }>();
    const sender: AlertSender = { send: () => consent.promise, stop: () => Promise.resolve() };
    // Who looks before the commit sees no row.
    const empty = await openTestDatabase();
    const seen = { isCommitted: false, looks: 0 };
    const gate: Database = {
      ...database,
      get db() {
        if (!seen.isCommitted) seen.looks += 1;
        return seen.isCommitted ? database.db : empty.db;
      },
    };
    const node = createNode('racing', sender, join(folder, 'accepted.log'), gate);
    const ended = node.deliver([message]);
    let isFirst = true;
    const sendNow = await database.db.transaction().execute((tx) => {
      const slow = tx.withPlugin({
        transformQuery: ({ node: query }) => query,
        async transformResult({ result }) {
          if (!isFirst) return result;
          isFirst = false;
          consent.resolve({ response: '250 OK' });
          await ended;
          await until(() => seen.looks > 0);
          await empty.db.selectFrom('alertReceipts').select('key').execute();
          return result;
        },
      });
      return node.enqueue(slow, [message]);
    });
    seen.isCommitted = true;
    sendNow();
    await until(async () => (await rowOf(message.key)).state === 'accepted');
    await node.stop();
    await empty.close();
  }));
