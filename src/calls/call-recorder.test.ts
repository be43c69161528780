import assert from 'node:assert/strict';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import type { CallRecord } from '../domain/call-record.ts';
import type { Database } from '../storage/database.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { createCallJournal } from './call-journal.ts';
import { type CallAlerts, createCallRecorder } from './call-recorder.ts';
import { selectCall, selectCalls } from './call-records.ts';
import { callRecord } from './testing/call-record.ts';
import { ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from './testing/fake-lookups.ts';

const logger = createLogger('silent');
let database: Database;
let root: string;
let folders = 0;
/** More than a commit that hangs is waited for. */
const COMMIT_GIVEN_UP_MS = 10_000;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'waymark-journal-'));
  database = await openMigratedDatabase(logger);
});

after(async () => {
  await database.close();
  await rm(root, { recursive: true, force: true });
});

function newFolder(): string {
  return join(root, `journal-${++folders}`);
}

/** Alerts that only count. */
function fakeAlerts() {
  const enqueued: string[] = [];
  const essential: string[] = [];
  const alerts: CallAlerts = {
    enqueueCallAlerts(_tx, records, previous) {
      for (const { id, kind } of records) if (kind === '911' && !previous.has(id)) enqueued.push(id);
      return Promise.resolve(() => undefined);
    },
    sendEssential: (record) => Promise.resolve(void essential.push(record.id)),
    hasEssentialRoom: () => true,
  };
  return { alerts, enqueued, essential };
}

function journalIn(folder: string, clock = systemClock) {
  return createCallJournal({
    folder,
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    deadlineMs: 2_000,
  });
}

function recorderOn(
  folder: string,
  alerts: CallAlerts,
  options: {
    db?: Pick<Database, 'db'>;
    clock?: typeof systemClock;
    maxPending?: number;
    essentialAlertMs?: number;
  } = {},
) {
  const clock = options.clock ?? systemClock;
  return createCallRecorder({
    database: options.db ?? database,
    journal: journalIn(folder),
    alerts,
    elins: { store: () => Promise.resolve(), bindFrom: () => undefined },
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    essentialAlertMs: 2_000,
    maxPending: options.maxPending,
  });
}

/** A database that is away. */
const AWAY: Pick<Database, 'db'> = {
  get db(): Database['db'] {
    throw new Error('connection refused');
  },
};

test('a record is journaled, stored once, alerted once; a newer version replaces it', async () => {
  const { alerts, enqueued, essential } = fakeAlerts();
  const recorder = recorderOn(newFolder(), alerts);
  await recorder.start();
  const record = callRecord();
  assert.equal(await recorder.save(record), 'durable');
  await recorder.drained();
  recorder.update({ ...record, version: 2, outcome: 'answered' });
  await recorder.drained();
  // An older version that comes late changes nothing.
  await recorder.save(record);
  await recorder.drained();
  assert.deepEqual(enqueued, [record.id]);
  assert.deepEqual(essential, []);
  assert.equal((await selectCall(database.db, ORGANIZATION_ID, record.id))?.outcome, 'answered');
  assert.equal(await selectCall(database.db, OTHER_ORGANIZATION_ID, record.id), undefined);
  await recorder.stop();
});

test('alerts are told of every stored version with the one before it, also of test calls, also after a restart', async () => {
  const folder = newFolder();
  const told: [kind: string, version: number, previous: number | undefined][] = [];
  const alerts: CallAlerts = {
    enqueueCallAlerts(_tx, records, previous) {
      for (const { id, kind, version } of records) told.push([kind, version, previous.get(id)?.version]);
      return Promise.resolve(() => undefined);
    },
    sendEssential: () => Promise.reject(new Error('the database is there')),
    hasEssentialRoom: () => true,
  };
  let recorder = recorderOn(folder, alerts);
  await recorder.start();
  const emergency = callRecord();
  const test = callRecord({ kind: '933' });
  await recorder.save(emergency);
  await recorder.drained();
  await recorder.save(test);
  await recorder.drained();
  await recorder.save(callRecord({ kind: 'callback' }));
  recorder.update({ ...emergency, version: 2, outcome: 'answered' }, emergency);
  await recorder.drained();
  await recorder.stop();
  recorder = recorderOn(folder, alerts);
  await recorder.start();
  // What replaced which version is not known to this run: the database says so.
  await recorder.save({ ...emergency, version: 3, outcome: 'completed' });
  await recorder.drained();
  assert.deepEqual(told, [
    ['911', 1, undefined],
    ['933', 1, undefined],
    ['911', 2, 1],
    ['911', 3, 2],
  ]);
  await recorder.stop();
});

test('without the database, a flag that comes after the essential alert is told as well; other changes are not', async () => {
  const clock = createManualClock();
  const { alerts } = fakeAlerts();
  const told: CallRecord['flags'][] = [];
  const recorder = recorderOn(
    newFolder(),
    { ...alerts, sendEssential: ({ flags }) => Promise.resolve(void told.push(flags)) },
    { db: AWAY, clock },
  );
  await recorder.start();
  const record = callRecord({ flags: [] });
  await recorder.save(record);
  clock.advance(2_000);
  recorder.update({ ...record, version: 2, outcome: 'answered' }, record);
  recorder.update({ ...record, version: 3, flags: ['failover', 'relay'] }, record);
  recorder.update({ ...record, version: 4, flags: ['failover', 'relay'] }, record);
  clock.advance(2_000);
  assert.deepEqual(told, [[], ['failover', 'relay']]);
  await recorder.stop();
});

/** Tells the outcomes of the versions that people were told of, each with the one before. */
async function recorderWithoutDatabase() {
  const clock = createManualClock();
  const { alerts } = fakeAlerts();
  const told: [CallRecord['outcome'], CallRecord['outcome'] | undefined][] = [];
  const recorder = recorderOn(
    newFolder(),
    {
      ...alerts,
      sendEssential: (record, before) => Promise.resolve(void told.push([record.outcome, before?.outcome])),
    },
    { db: AWAY, clock },
  );
  await recorder.start();
  return { clock, told, recorder };
}

test('without the database, an end without an answer that comes after the essential alert is told as well', async () => {
  const { clock, told, recorder } = await recorderWithoutDatabase();
  const hungUp = callRecord({ outcome: 'routing' });
  const answered = callRecord({ outcome: 'routing' });
  for (const record of [hungUp, answered]) await recorder.save(record);
  clock.advance(2_000);
  recorder.update({ ...hungUp, version: 2, outcome: 'abandoned' }, hungUp);
  recorder.update({ ...hungUp, version: 3, outcome: 'abandoned' }, hungUp);
  recorder.update({ ...answered, version: 2, outcome: 'completed' }, answered);
  clock.advance(2_000);
  assert.deepEqual(told, [
    ['routing', undefined],
    ['routing', undefined],
    ['abandoned', 'routing'],
  ]);
  await recorder.stop();
});

test('when the database goes away during a call, news that come after a version without any are told', async () => {
  const { clock, told, recorder } = await recorderWithoutDatabase();
  // What is replaced is in the database: it was stored before that went away.
  const stored = callRecord({ outcome: 'routing' });
  const ringing: CallRecord = { ...stored, version: 2 };
  recorder.update(ringing, stored);
  clock.advance(5_000);
  assert.deepEqual(told, []);
  recorder.update({ ...ringing, version: 3, outcome: 'abandoned' }, ringing);
  clock.advance(1_999);
  assert.deepEqual(told, [], 'the database has its time');
  clock.advance(1);
  recorder.update({ ...ringing, version: 4, outcome: 'abandoned' }, ringing);
  clock.advance(2_000);
  assert.deepEqual(told, [['abandoned', 'routing']]);
  await recorder.stop();
});

test('news that come while the version before is being stored are told when the database goes away right after', async () => {
  const { alerts } = fakeAlerts();
  const { promise: heard, resolve } = Promise.withResolvers<CallRecord['outcome']>();
  const call = callRecord({ outcome: 'routing' });
  const ringing: CallRecord = { ...call, version: 2 };
  let isAway = false;
  const db: Pick<Database, 'db'> = {
    get db() {
      return isAway ? AWAY.db : database.db;
    },
  };
  const recorder = recorderOn(
    newFolder(),
    {
      ...alerts,
      enqueueCallAlerts(_tx, [record]) {
        if (record?.version === ringing.version) {
          isAway = true;
          recorder.update({ ...ringing, version: 3, outcome: 'abandoned' }, ringing);
        }
        return Promise.resolve(() => undefined);
      },
      sendEssential: ({ outcome }) => Promise.resolve(resolve(outcome)),
    },
    { db },
  );
  await recorder.start();
  await recorder.save(call);
  await recorder.drained();
  recorder.update(ringing, call);
  const late = delay(10_000, 'nobody heard of it', { ref: false });
  assert.equal(await Promise.race([heard, late]), 'abandoned');
  await recorder.stop();
});

test('alerts for which memory has no room wait, and are sent as soon as there is some', async () => {
  const clock = createManualClock();
  const { alerts, essential } = fakeAlerts();
  let hasRoom = false;
  const recorder = recorderOn(newFolder(), { ...alerts, hasEssentialRoom: () => hasRoom }, { db: AWAY, clock });
  await recorder.start();
  for (let count = 0; count < 5; count++) await recorder.save(callRecord());
  clock.advance(2_000);
  assert.deepEqual([essential.length, recorder.alertsWaiting()], [0, 5]);
  hasRoom = true;
  clock.advance(500);
  assert.deepEqual([essential.length, recorder.alertsWaiting()], [5, 0]);
  await recorder.stop();
});

test('calls that people were told of are left to the journal before those that they were not; the others are counted', async () => {
  const clock = createManualClock();
  let isAway = true;
  const flaky = {
    get db(): Database['db'] {
      if (isAway) throw new Error('connection refused');
      return database.db;
    },
  };
  const { alerts, enqueued, essential } = fakeAlerts();
  let hasRoom = true;
  const room: CallAlerts = { ...alerts, hasEssentialRoom: () => hasRoom };
  const recorder = recorderOn(newFolder(), room, { db: flaky, clock, maxPending: 10 });
  await recorder.start();
  const place = async (count: number): Promise<string[]> => {
    const records = Array.from({ length: count }, () => callRecord());
    for (const record of records) await recorder.save(record);
    clock.advance(2_000);
    await new Promise(setImmediate);
    return records.map(({ id }) => id);
  };
  const told = await place(8);
  assert.deepEqual(essential, told);
  hasRoom = false;
  const untold = await place(10);
  assert.equal(recorder.alertsWaiting(), 10, 'the eight that people know of made place');
  untold.push(...(await place(3)));
  assert.equal(recorder.alertsWaiting(), 13, 'three of them in the journal alone');
  hasRoom = true;
  clock.advance(500);
  await new Promise(setImmediate);
  // Which three wait in the journal depends on which record the database was offered last.
  const toldNow = new Set(essential.slice(8));
  assert.deepEqual([essential.length, toldNow.size], [18, 10]);
  assert.ok([...toldNow].every((id) => untold.includes(id)));
  assert.equal(recorder.alertsWaiting(), 3);
  isAway = false;
  const all = recorder.drained().then(() => true);
  // Slower than the database, for which no commit must seem to take too long.
  while (!(await Promise.race([all, delay(10, false)]))) clock.advance(50);
  assert.deepEqual(enqueued.toSorted(), [...told, ...untold].toSorted());
  assert.equal(recorder.alertsWaiting(), 0);
  await recorder.stop();
});

test('a call that was left to the journal untold is told all the same when a later version of it comes', async () => {
  const clock = createManualClock();
  const { alerts, essential } = fakeAlerts();
  let hasRoom = false;
  const room: CallAlerts = { ...alerts, hasEssentialRoom: () => hasRoom };
  const recorder = recorderOn(newFolder(), room, { db: AWAY, clock, maxPending: 2 });
  await recorder.start();
  const records = Array.from({ length: 3 }, () => callRecord());
  for (const record of records) await recorder.save(record);
  clock.advance(2_000);
  await new Promise(setImmediate);
  assert.deepEqual([essential.length, recorder.alertsWaiting()], [0, 3], 'one of them in the journal alone');
  hasRoom = true;
  clock.advance(500);
  await new Promise(setImmediate);
  assert.deepEqual([essential.length, recorder.alertsWaiting()], [2, 1]);
  const left = records.find(({ id }) => !essential.includes(id));
  assert.ok(left);
  recorder.update({ ...left, version: 2, outcome: 'answered' }, left);
  clock.advance(2_000);
  await new Promise(setImmediate);
  assert.deepEqual([essential.at(-1), recorder.alertsWaiting()], [left.id, 0]);
  await recorder.stop();
});

test('a call that was left to the journal untold is told all the same when the database goes away again before it has it', async () => {
  const clock = createManualClock();
  const { alerts, essential } = fakeAlerts();
  let hasRoom = false;
  /** What the database takes before it goes away again. */
  const taken = new Set<string>();
  const flaky: CallAlerts = {
    ...alerts,
    hasEssentialRoom: () => hasRoom,
    enqueueCallAlerts(_tx, records) {
      if (records.every(({ id }) => taken.has(id))) return Promise.resolve(() => undefined);
      throw new Error('connection refused');
    },
  };
  const recorder = recorderOn(newFolder(), flaky, { clock, maxPending: 4 });
  await recorder.start();
  const records = Array.from({ length: 6 }, () => callRecord());
  for (const record of records) await recorder.save(record);
  clock.advance(2_000);
  hasRoom = true;
  clock.advance(500);
  await new Promise(setImmediate);
  assert.deepEqual([essential.length, recorder.alertsWaiting()], [4, 2], 'two of them in the journal alone');
  for (const id of essential) taken.add(id);
  // Slower than the database, for which no commit must seem to take too long.
  for (let look = 0; look < 300 && essential.length < 6; look++) {
    clock.advance(50);
    await delay(10);
  }
  assert.deepEqual(essential.toSorted(), records.map(({ id }) => id).toSorted());
  assert.equal(recorder.alertsWaiting(), 0);
  const stopped = recorder.stop().then(() => true);
  while (!(await Promise.race([stopped, delay(10, false)]))) clock.advance(50);
});

test('versions that follow each other at once are written as one, to the journal too', async () => {
  const folder = newFolder();
  const { alerts, enqueued } = fakeAlerts();
  const recorder = recorderOn(folder, alerts);
  await recorder.start();
  const record = callRecord();
  await recorder.save(record);
  for (let version = 2; version <= 9; version++) recorder.update({ ...record, version, outcome: 'completed' });
  await recorder.drained();
  const [segment = ''] = await readdir(folder);
  const journaled = (await readFile(join(folder, segment), 'utf8')).matchAll(/"version":(\d+)/g);
  assert.deepEqual([...new Set([...journaled].map(([, version]) => Number(version)))], [1, 9]);
  assert.equal((await selectCall(database.db, ORGANIZATION_ID, record.id))?.version, 9);
  assert.deepEqual(enqueued, [record.id]);
  await recorder.stop();
});

test('a database that is behind gets a few essential alerts beside it; one that falls silent all that are due', async () => {
  const clock = createManualClock();
  const { alerts, essential } = fakeAlerts();
  const commits: (() => void)[] = [];
  // Takes a batch when it is told to.
  const slow = {
    db: { transaction: () => ({ execute: () => new Promise<void>((resolve) => commits.push(resolve)) }) },
  } as unknown as Pick<Database, 'db'>;
  const underWay: CallAlerts = {
    ...alerts,
    sendEssential: (record) => {
      essential.push(record.id);
      return new Promise(() => undefined);
    },
  };
  const recorder = recorderOn(newFolder(), underWay, { db: slow, clock });
  await recorder.start();
  await Promise.all(Array.from({ length: 450 }, () => recorder.save(callRecord())));
  clock.advance(50);
  await new Promise(setImmediate);
  clock.advance(1_850);
  commits[0]?.();
  await new Promise(setImmediate);
  clock.advance(100);
  assert.equal(commits.length, 2, 'the first 200 are in, the next 200 on their way');
  assert.equal(essential.length, 8);
  clock.advance(750);
  assert.equal(essential.length, 250);
  assert.equal(new Set(essential).size, 250);
  clock.advance(COMMIT_GIVEN_UP_MS);
  await new Promise(setImmediate);
  await recorder.stop();
});

test('test calls are stored and not alerted', async () => {
  const { alerts, enqueued } = fakeAlerts();
  const recorder = recorderOn(newFolder(), alerts);
  await recorder.start();
  const record = callRecord({ kind: '933' });
  await recorder.save(record);
  await recorder.drained();
  assert.deepEqual(enqueued, []);
  assert.ok(await selectCall(database.db, null, record.id));
  await recorder.stop();
});

test('what callers can send and jsonb cannot hold is stored all the same', async () => {
  const recorder = recorderOn(newFolder(), fakeAlerts().alerts);
  await recorder.start();
  const record = callRecord({
    callId: 'a\0b',
    dialed: '\ud800911',
    caller: { ...callRecord().caller, displayName: '\0' },
  });
  await recorder.save(record);
  await recorder.drained();
  const stored = await selectCall(database.db, null, record.id);
  assert.equal(stored?.caller.displayName, '\ufffd');
  await recorder.stop();
});

test('what is too much for memory while the database is away comes from the journal when it is back, without a restart', async () => {
  let isAway = true;
  const flaky = {
    get db(): Database['db'] {
      if (isAway) throw new Error('connection refused');
      return database.db;
    },
  };
  const { alerts, enqueued } = fakeAlerts();
  const recorder = recorderOn(newFolder(), alerts, { db: flaky, maxPending: 50 });
  await recorder.start();
  const records = Array.from({ length: 400 }, () => callRecord());
  for (const record of records) assert.equal(await recorder.save(record), 'durable');
  // Later versions of calls that memory has forgotten, and has again.
  for (const record of records.slice(100, 120)) recorder.update({ ...record, version: 2, outcome: 'completed' });
  isAway = false;
  await recorder.drained();
  assert.deepEqual(enqueued.toSorted(), records.map(({ id }) => id).toSorted());
  for (const [index, { id }] of records.entries()) {
    const stored = await selectCall(database.db, null, id);
    assert.equal(stored?.outcome, index >= 100 && index < 120 ? 'completed' : 'routing');
  }
  await recorder.stop();
});

test('more than memory should hold of an earlier run is taken up bit by bit', async () => {
  const folder = newFolder();
  const records = Array.from({ length: 300 }, () => callRecord());
  const crashed = recorderOn(folder, fakeAlerts().alerts, { db: AWAY });
  await crashed.start();
  for (const record of records) await crashed.save(record);
  await crashed.stop();
  const { alerts, enqueued } = fakeAlerts();
  const restarted = recorderOn(folder, alerts, { maxPending: 40 });
  await restarted.start();
  await restarted.drained();
  assert.deepEqual(enqueued.toSorted(), records.map(({ id }) => id).toSorted());
  await restarted.stop();
  const again = fakeAlerts();
  const third = recorderOn(folder, again.alerts);
  await third.start();
  await third.drained();
  assert.deepEqual(again.enqueued, []);
  await third.stop();
});

test('after a crash every journaled call reaches the database and its alert, once', async () => {
  const folder = newFolder();
  const records = Array.from({ length: 20 }, () => callRecord());
  const crashed = recorderOn(folder, fakeAlerts().alerts, { db: AWAY });
  await crashed.start();
  for (const record of records) assert.equal(await crashed.save(record), 'durable');
  crashed.update({ ...(records[0] as CallRecord), version: 2, outcome: 'completed' });
  await crashed.stop();
  // The crash tore the last line.
  const [segment] = await readdir(folder);
  await appendFile(join(folder, segment ?? ''), '0badc0de {"kind":"call","record":{"id":"torn');

  for (let run = 0; run < 2; run++) {
    const { alerts, enqueued } = fakeAlerts();
    const restarted = recorderOn(folder, alerts);
    await restarted.start();
    await restarted.drained();
    assert.deepEqual(enqueued.toSorted(), run === 0 ? records.map(({ id }) => id).toSorted() : []);
    await restarted.stop();
  }
  for (const { id } of records) assert.ok(await selectCall(database.db, ORGANIZATION_ID, id));
  assert.equal((await selectCall(database.db, null, records[0]?.id ?? ''))?.outcome, 'completed');
  assert.deepEqual(await readdir(folder), [], 'segments whose calls are stored are gone');
});

test('a crash between commit and mark does not alert twice', async () => {
  const folder = newFolder();
  const record = callRecord();
  const first = fakeAlerts();
  const recorder = recorderOn(newFolder(), first.alerts);
  await recorder.start();
  await recorder.save(record);
  await recorder.drained();
  await recorder.stop();
  // Another journal holds the same call unmarked.
  const journal = journalIn(folder);
  await journal.open();
  await journal.append(record);
  await journal.close();
  const second = fakeAlerts();
  const restarted = recorderOn(folder, second.alerts);
  await restarted.start();
  await restarted.drained();
  await restarted.stop();
  assert.deepEqual([first.enqueued, second.enqueued], [[record.id], []]);
});

test('database away: after two seconds the essential alert goes out, once, also over a restart', async () => {
  const folder = newFolder();
  const record = callRecord();
  for (const expected of [[record.id], []]) {
    const clock = createManualClock();
    const { alerts, essential } = fakeAlerts();
    const recorder = recorderOn(folder, alerts, { db: AWAY, clock });
    await recorder.start();
    if (expected.length > 0) await recorder.save(record);
    clock.advance(1_999);
    assert.deepEqual(essential, []);
    clock.advance(1);
    assert.deepEqual(essential, expected);
    clock.advance(60_000);
    assert.deepEqual(essential, expected);
    await new Promise(setImmediate);
    await recorder.stop();
  }
});

test('a call that crashed unalerted is alerted after the restart though the database is still away', async () => {
  const folder = newFolder();
  const record = callRecord();
  const crashed = recorderOn(folder, fakeAlerts().alerts, { db: AWAY });
  await crashed.start();
  await crashed.save(record);
  await crashed.stop();
  const clock = createManualClock();
  const { alerts, essential } = fakeAlerts();
  const restarted = recorderOn(folder, alerts, { db: AWAY, clock });
  await restarted.start();
  assert.deepEqual(essential, [], 'the database is asked first');
  // Its two seconds were over before: what the first refusal says is enough.
  for (let steps = 0; steps < 10 && essential.length === 0; steps++) {
    clock.advance(10);
    await new Promise(setImmediate);
  }
  assert.deepEqual(essential, [record.id]);
  clock.advance(60_000);
  await new Promise(setImmediate);
  assert.deepEqual(essential, [record.id], 'once');
  await restarted.stop();
});

test('one record that cannot be stored does not hold up the others', async () => {
  const { alerts, enqueued } = fakeAlerts();
  const poison = callRecord();
  const recorder = recorderOn(newFolder(), {
    ...alerts,
    enqueueCallAlerts: (tx, records, previous) =>
      records.some(({ id }) => id === poison.id)
        ? Promise.reject(new Error('no alert for this one'))
        : alerts.enqueueCallAlerts(tx, records, previous),
  });
  await recorder.start();
  const others = Array.from({ length: 3 }, () => callRecord());
  await Promise.all([poison, ...others].map((record) => recorder.save(record)));
  while (enqueued.length < others.length) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(enqueued.toSorted(), others.map(({ id }) => id).toSorted());
  assert.equal(await selectCall(database.db, null, poison.id), undefined, 'rolled back with its alert');
  await recorder.stop();
});

test('a journal that cannot be written delays no call and loses none', async () => {
  const blocked = join(root, 'not-a-folder');
  await writeFile(blocked, '');
  const { alerts, enqueued } = fakeAlerts();
  const recorder = recorderOn(join(blocked, 'journal'), alerts);
  await recorder.start();
  const records = [callRecord(), callRecord()];
  for (const record of records) assert.equal(await recorder.save(record), 'late');
  await recorder.drained();
  assert.deepEqual(
    enqueued,
    records.map(({ id }) => id),
  );
  await recorder.stop();
});

test('a disk that does not answer is waited for 20 ms and no longer', async () => {
  const clock = createManualClock();
  const journal = createCallJournal({
    folder: newFolder(),
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    deadlineMs: 20,
  });
  await journal.open();
  const appended = journal.append(callRecord());
  clock.advance(20);
  assert.equal(await appended, 'late');
  await journal.close();
});

test('a journal line that was changed is not believed', async () => {
  const folder = newFolder();
  const journal = journalIn(folder);
  await journal.open();
  const good = callRecord();
  await journal.append(callRecord({ dialed: '9911' }));
  await journal.append(good);
  await journal.close();
  const [name = ''] = await readdir(folder);
  const path = join(folder, name);
  await chmod(path, 0o600);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"9911"', '"9912"'));
  const replayed = await journalIn(folder).open();
  assert.deepEqual(
    replayed.map(({ record }) => record.id),
    [good.id],
  );
});

test('pages are newest first and end where the cursor says', async () => {
  const organizationId = '66666666-6666-4666-8666-666666666666';
  const recorder = recorderOn(newFolder(), fakeAlerts().alerts);
  await recorder.start();
  const records = [1, 2, 3, 4, 5].map((day) =>
    callRecord({ organizationId, startedAt: `2026-02-0${day}T00:00:00.123Z` }),
  );
  await Promise.all(records.map((record) => recorder.save(record)));
  await recorder.drained();
  await recorder.stop();
  const { records: first } = await selectCalls(database.db, { organizationId, max: 2 });
  const before = first.at(-1);
  assert.ok(before);
  const { records: second } = await selectCalls(database.db, { organizationId, max: 9, before });
  assert.deepEqual(
    [...first, ...second].map(({ startedAt }) => startedAt),
    records.map(({ startedAt }) => startedAt).toReversed(),
  );
  assert.deepEqual((await selectCalls(database.db, { organizationId, locationIds: [], max: 9 })).records, []);
});

test('a record that was stored and is gone, with a database that was set back, is stored again, and told as new', async () => {
  const told: [id: string, previous: number | undefined][] = [];
  const alerts: CallAlerts = {
    enqueueCallAlerts(_tx, records, previous) {
      for (const { id } of records) told.push([id, previous.get(id)?.version]);
      return Promise.resolve(() => undefined);
    },
    sendEssential: () => Promise.reject(new Error('the database is there')),
    hasEssentialRoom: () => true,
  };
  const recorder = recorderOn(newFolder(), alerts);
  await recorder.start();
  const [gone, kept] = [callRecord(), callRecord()];
  await Promise.all([recorder.save(gone), recorder.save(kept)]);
  await recorder.drained();
  await database.db.deleteFrom('emergencyCalls').where('id', '=', gone.id).execute();
  for (const record of [gone, kept]) recorder.update({ ...record, version: 2, outcome: 'answered' }, record);
  const added = callRecord();
  await recorder.save(added);
  await recorder.drained();
  await recorder.stop();
  const stored = await database.db
    .selectFrom('emergencyCalls')
    .select(['id', 'version', 'outcome'])
    .where('id', 'in', [gone.id, kept.id, added.id])
    .execute();
  assert.deepEqual(
    new Map(stored.map(({ id, version, outcome }) => [id, `${version} ${outcome}`])),
    new Map([
      [gone.id, '2 answered'],
      [kept.id, '2 answered'],
      [added.id, `1 ${added.outcome}`],
    ]),
  );
  assert.deepEqual(
    new Map(told.slice(2)),
    new Map([
      [gone.id, undefined],
      [kept.id, 1],
      [added.id, undefined],
    ]),
  );
});
