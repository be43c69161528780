import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import type { Database } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { addUnmapped, markDismissed } from './request-note-records.ts';
import { createUnmappedTelling, type UnmappedNews } from './unmapped-news.ts';

const logger = createLogger('silent');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});

after(() => database.close());

async function setUp() {
  const organizationId = newId();
  await database.db
    .insertInto('organizations')
    .values({ id: organizationId, name: organizationId, partnerId: null })
    .execute();
  const clock = createManualClock();
  const told: UnmappedNews[] = [];
  let isBroken = false;
  let sent = 0;
  const node = () =>
    createUnmappedTelling({
      database,
      clock,
      logger,
      tell(_tx, news) {
        if (isBroken) return Promise.reject(new Error('the jobs cannot be stored'));
        told.push(news);
        return Promise.resolve(() => void sent++);
      },
    });
  async function see(values: readonly string[], telling: ReturnType<typeof node>): Promise<void> {
    const now = new Date(clock.nowMs());
    const rows = values.map((value) => ({
      id: newId(),
      organizationId,
      kind: 'bssid',
      value,
      port: '',
      seenCount: '1',
      firstSeenAt: now,
      lastSeenAt: now,
      sampleDevice: '',
      rule: null,
      dismissedAt: null,
      toldAt: null,
    }));
    await database.db.transaction().execute((tx) => addUnmapped(tx, rows));
    telling.noted(organizationId);
    await telling.settled();
  }
  return {
    organizationId,
    clock,
    told,
    node,
    see,
    break: (is: boolean) => {
      isBroken = is;
    },
    sent: () => sent,
  };
}

test('many new elements are one message; each is told at most once a day, whatever node sees it', async () => {
  const scene = await setUp();
  const [one, other] = [scene.node(), scene.node()];
  await scene.see(
    Array.from({ length: 30 }, (_, number) => `aa:bb:${number}`),
    one,
  );
  assert.equal(scene.told.length, 1);
  assert.deepEqual([scene.told[0]?.count, scene.told[0]?.elements.length], [30, 20]);
  assert.match(scene.told[0]?.elements[0] ?? '', /^bssid aa:bb:\d+$/);
  assert.equal(scene.sent(), 1);
  await scene.see(['aa:bb:1'], other);
  scene.clock.advance(16 * MINUTE_MS);
  await scene.see(['aa:bb:2'], one);
  assert.equal(scene.told.length, 1);
  scene.clock.advance(DAY_MS);
  await scene.see(['aa:bb:2'], one);
  assert.deepEqual(
    scene.told.map(({ count }) => count),
    [30, 1],
  );
});

test('what comes within a quarter of an hour waits for its end, and is told then', async () => {
  const scene = await setUp();
  const telling = scene.node();
  await scene.see(['first'], telling);
  scene.clock.advance(MINUTE_MS);
  await scene.see(['second'], telling);
  await scene.see(['third'], telling);
  assert.equal(scene.told.length, 1);
  scene.clock.advance(15 * MINUTE_MS);
  await telling.settled();
  assert.deepEqual(scene.told[1]?.elements, ['bssid second', 'bssid third']);
  telling.stop();
});

test('what could not be told stays untold; what was dismissed is not told', async () => {
  const scene = await setUp();
  const telling = scene.node();
  scene.break(true);
  await scene.see(['lost'], telling);
  assert.equal(scene.told.length, 0);
  scene.break(false);
  const { id } = await database.db
    .selectFrom('unmappedElements')
    .select('id')
    .where('organizationId', '=', scene.organizationId)
    .executeTakeFirstOrThrow();
  await scene.see(['other'], telling);
  assert.deepEqual(scene.told[0]?.elements, ['bssid lost', 'bssid other']);
  await database.db
    .transaction()
    .execute((tx) => markDismissed(tx, scene.organizationId, id, new Date(scene.clock.nowMs())));
  scene.clock.advance(2 * DAY_MS);
  await scene.see(['lost'], telling);
  assert.equal(scene.told.length, 1);
});
