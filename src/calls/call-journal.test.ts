/** The journal on disks that are full, read-only, hung, slow to come back, or taken away (decision 16). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { CallRecord } from '../domain/call-record.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { type CallJournal, createCallJournal, type JournalState } from './call-journal.ts';
import { type JournalFile, type JournalFiles, journalFiles } from './journal-files.ts';
import { callRecord } from './testing/call-record.ts';

const logger = createLogger('silent');
let root: string;
let folders = 0;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'waymark-journal-'));
});
after(() => rm(root, { recursive: true, force: true }));

/** An error as the kernel's calls give it. */
function errno(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** A journal on a disk whose operations a test can replace while it runs. */
function journalOn(faults: Partial<JournalFiles & JournalFile>, options: { maxBytes?: number } = {}) {
  const folder = join(root, `journal-${++folders}`);
  const clock = createManualClock();
  const metrics = createMetrics({ processMetrics: false });
  const states: JournalState['condition'][] = [];
  let underWay = 0;
  const isBusy = (): boolean => underWay > 0;
  async function counted<Value>(operation: Promise<Value>): Promise<Value> {
    underWay += 1;
    try {
      return await operation;
    } finally {
      underWay -= 1;
    }
  }
  const files: JournalFiles = {
    makeFolder: (path) => counted((faults.makeFolder ?? journalFiles.makeFolder)(path)),
    list: (path) => counted(journalFiles.list(path)),
    read: (path) => counted(journalFiles.read(path)),
    syncFolder: (path) => counted(journalFiles.syncFolder(path)),
    stat: (path) => counted(journalFiles.stat(path)),
    remove: (path) => counted((faults.remove ?? journalFiles.remove)(path)),
    async create(path) {
      const file = await counted((faults.create ?? journalFiles.create)(path));
      return {
        write: (bytes, offset, length) =>
          counted(faults.write ? faults.write(bytes, offset, length) : file.write(bytes, offset, length)),
        datasync: () => counted(faults.datasync ? faults.datasync() : file.datasync()),
        stat: () => counted(file.stat()),
        close: () => counted(file.close()),
      };
    },
  };
  const journal = createCallJournal({ folder, clock, logger, metrics, deadlineMs: 20, files, ...options });
  journal.onStateChange(({ condition }) => states.push(condition));

  /** Lets time pass on a disk that answers: however slow this machine is, it has done so before the clock moves on. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 250) {
      do await settle(2);
      while (isBusy());
      clock.advance(250);
    }
    await settle(2);
  }
  async function passUntil(what: string, condition: () => boolean): Promise<void> {
    const endMs = performance.now() + 10_000;
    while (!condition()) {
      assert.ok(performance.now() < endMs, what);
      await pass(250);
    }
  }
  return { folder, clock, metrics, journal, states, pass, passUntil };
}

/** Lets what the disk answered take effect. */
async function settle(rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < endMs, what);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What the next start would take up. */
async function replay(folder: string): Promise<string[]> {
  const journal = createCallJournal({
    folder,
    clock: createManualClock(),
    logger,
    metrics: createMetrics({ processMetrics: false }),
    deadlineMs: 20,
  });
  const replayed = await journal.open();
  await journal.close();
  return replayed.map(({ record }) => record.id);
}

/** Appends records; those that were acknowledged. */
async function appendAll(journal: CallJournal, records: readonly CallRecord[]): Promise<string[]> {
  const outcomes = await Promise.all(records.map(async (record) => [record.id, await journal.append(record)] as const));
  return outcomes.filter(([, outcome]) => outcome === 'durable').map(([id]) => id);
}

for (const [name, faults] of [
  ['a full disk (ENOSPC)', { write: 'ENOSPC' }],
  ['a disk with errors (EIO at sync)', { datasync: 'EIO' }],
  ['a disk that was made read-only (EROFS)', { write: 'EROFS', create: 'EROFS' }],
] as const) {
  test(`${name}: calls go on, an alarm is raised, what waits is written when it comes back`, async () => {
    const now: Partial<JournalFiles & JournalFile> = {};
    const { folder, metrics, journal, states, pass, passUntil } = journalOn(now);
    await journal.open();
    const before = callRecord();
    assert.equal(await journal.append(before), 'durable');
    for (const [operation, code] of Object.entries(faults)) {
      Object.assign(now, { [operation]: () => Promise.reject(errno(code)) });
    }
    const during = [callRecord(), callRecord()];
    assert.deepEqual(await appendAll(journal, during.slice(0, 1)), []);
    // Nobody waits for a disk that is known to be bad.
    assert.equal(await journal.append(during[1] ?? before), 'late');
    assert.deepEqual(states, ['failing']);
    assert.equal(journal.state.condition, 'failing');
    assert.match(journal.state.detail ?? '', /made by a test/);
    assert.match(await metrics.text(), /waymark_call_journal_degraded\{condition="failing"\} 1/);
    await pass(20_000);
    assert.deepEqual(states, ['failing'], 'one alarm, however often it is tried');
    for (const operation of Object.keys(faults)) Object.assign(now, { [operation]: undefined });
    await passUntil('it recovers', () => journal.state.condition === 'ok');
    assert.match(await metrics.text(), /waymark_call_journal_degraded\{condition="failing"\} 0/);
    assert.equal(await journal.append(callRecord()), 'durable');
    await journal.close();
    const found = await replay(folder);
    for (const { id } of [before, ...during]) assert.ok(found.includes(id));
    assert.equal(found.length, 4);
  });
}

test('a sync that never returns: no call waits for it, nothing more is asked of the disk, and it is taken up when it returns', async () => {
  const now: Partial<JournalFiles & JournalFile> = {};
  const { folder, clock, journal, states } = journalOn(now);
  await journal.open();
  let release = (): void => undefined;
  let syncs = 0;
  now.datasync = () => {
    syncs += 1;
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  const first = journal.append(callRecord());
  await until('the sync is under way', () => syncs === 1);
  clock.advance(20);
  assert.equal(await first, 'late');
  clock.advance(2_500);
  assert.equal(journal.state.condition, 'hung');
  let writes = 0;
  now.write = () => {
    writes += 1;
    return Promise.reject(errno('EIO'));
  };
  for (let count = 0; count < 50; count++) assert.equal(await journal.append(callRecord()), 'late');
  clock.advance(10_000);
  await settle();
  assert.deepEqual([writes, syncs], [0, 1]);
  delete now.write;
  delete now.datasync;
  release();
  await until('it recovers', () => journal.state.condition === 'ok');
  assert.equal(await journal.append(callRecord()), 'durable');
  assert.deepEqual(states, ['hung', 'ok']);
  await journal.close();
  assert.equal((await replay(folder)).length, 52);
});

test('a write that never returns does not keep the process from ending', async () => {
  const now: Partial<JournalFiles & JournalFile> = {};
  const { clock, journal } = journalOn(now);
  await journal.open();
  let release = (): void => undefined;
  now.write = (_bytes, _offset, length) =>
    new Promise((resolve) => {
      release = () => resolve({ bytesWritten: length });
    });
  const appended = journal.append(callRecord());
  await settle();
  clock.advance(2_500);
  assert.equal(await appended, 'late');
  const closed = journal.close();
  clock.advance(1_000);
  await closed;
  release();
  await settle();
});

test('what waits for a disk that stays away is bounded, and what the database has by then goes first', async () => {
  const now: Partial<JournalFiles & JournalFile> = {};
  const { folder, metrics, journal, passUntil } = journalOn(now);
  await journal.open();
  now.write = () => Promise.reject(errno('ENOSPC'));
  await journal.append(callRecord());
  const large = 'x'.repeat(100_000);
  const records = Array.from({ length: 600 }, () => callRecord({ requestUri: large }));
  for (const record of records.slice(0, 300)) {
    await journal.append(record);
    journal.markCommitted(record.id, record.version);
  }
  for (const record of records.slice(300)) await journal.append(record);
  assert.match(await metrics.text(), /waymark_call_journal_dropped_total 0/);
  for (let count = 0; count < 100; count++) await journal.append(callRecord({ requestUri: large }));
  const [, dropped] = /waymark_call_journal_dropped_total (\d+)/.exec(await metrics.text()) ?? [];
  assert.ok(Number(dropped) > 0, 'beyond 32 MB the oldest go');
  delete now.write;
  await passUntil('it recovers', () => journal.state.condition === 'ok');
  await journal.close();
  const found = await replay(folder);
  assert.ok(found.length > 230 && found.length <= 401 - Number(dropped), `${found.length} kept`);
});

test('a folder that is taken away is noticed; what the database does not have is written again', async () => {
  const { folder, journal, states, passUntil } = journalOn({});
  await journal.open();
  const record = callRecord();
  journal.onLost(() => journal.appendLater(record, JSON.stringify(record)));
  assert.equal(await journal.append(record), 'durable');
  await rm(folder, { recursive: true });
  await passUntil('it is noticed and made again', () => states.includes('ok'));
  assert.deepEqual(states, ['failing', 'ok']);
  assert.deepEqual(await replay(folder), [record.id]);
  await journal.close();
});

test('a call that comes after the folder was taken away is acknowledged when a new file has it', async () => {
  const { folder, journal, states } = journalOn({});
  await journal.open();
  const before = callRecord();
  journal.onLost(() => journal.appendLater(before, JSON.stringify(before)));
  assert.equal(await journal.append(before), 'durable');
  await rm(folder, { recursive: true });
  const record = callRecord();
  assert.equal(await journal.append(record), 'durable');
  assert.ok((await replay(folder)).includes(record.id), 'it is where the next start looks');
  await until('the others follow', () => journal.state.condition === 'ok');
  await settle();
  assert.deepEqual((await replay(folder)).toSorted(), [before.id, record.id].toSorted());
  assert.deepEqual(states, ['failing', 'ok']);
  await journal.close();
});

test('a call that comes while the disk is probed is not written to one file and synced in another', async () => {
  const now: Partial<JournalFiles & JournalFile> = { create: () => Promise.reject(errno('EROFS')) };
  const { folder, clock, journal, pass, passUntil } = journalOn(now);
  await journal.open();
  assert.equal(journal.state.condition, 'failing');
  const opened: (() => void)[] = [];
  now.create = async (path) => {
    await new Promise<void>((resolve) => opened.push(resolve));
    return journalFiles.create(path);
  };
  clock.advance(250);
  await until('the probe makes a file', () => opened.length === 1);
  const appended = journal.append(callRecord());
  await settle();
  for (const go of opened) go();
  assert.equal(await appended, 'durable');
  delete now.create;
  assert.equal((await readdir(folder)).length, 1);
  await passUntil('it recovers', () => journal.state.condition === 'ok');
  await pass(10_000);
  assert.equal((await replay(folder)).length, 1);
  await journal.close();
});

test('calls that were too many to wait for the disk are asked for again when it is back', async () => {
  const now: Partial<JournalFiles & JournalFile> = {};
  const { journal, passUntil } = journalOn(now);
  await journal.open();
  const lost: (ReadonlySet<string> | null)[] = [];
  journal.onLost((calls) => lost.push(calls));
  now.write = () => Promise.reject(errno('ENOSPC'));
  const first = callRecord({ requestUri: 'x'.repeat(9_000_000) });
  const others = Array.from({ length: 4 }, () => callRecord({ requestUri: 'x'.repeat(9_000_000) }));
  await appendAll(journal, [first, ...others]);
  delete now.write;
  await passUntil('it recovers', () => journal.state.condition === 'ok');
  assert.equal(lost.length, 1);
  assert.ok(lost[0]?.has(first.id));
  assert.ok(!lost[0]?.has(others.at(-1)?.id ?? ''));
  await journal.close();
});

test('a journal is no larger than it may be; it goes on when the database took what it holds', async () => {
  const { folder, journal, passUntil } = journalOn({}, { maxBytes: 20_000 });
  await journal.open();
  const durable: string[] = [];
  // One after the other: what a slow disk lets come together is written together, however much it is.
  for (let tries = 0; journal.state.condition !== 'full'; tries++) {
    assert.ok(tries < 100, 'it is not full');
    durable.push(...(await appendAll(journal, [callRecord()])));
  }
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await readFile(join(folder, name))).length;
  assert.ok(bytes < 40_000, `${bytes} bytes`);
  assert.equal(await journal.append(callRecord()), 'late');
  for (const id of durable) journal.markCommitted(id, 1);
  await passUntil('it goes on', () => journal.state.condition === 'ok');
  await journal.close();
});

test('records of the past lie around for an hour at most once the database has them', async () => {
  const { folder, clock, journal, pass } = journalOn({});
  await journal.open();
  const record = callRecord({ dialed: 'marked' });
  await journal.append(record);
  journal.markCommitted(record.id, record.version);
  await settle();
  const texts = async (): Promise<string> =>
    (await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))).join('');
  assert.match(await texts(), /marked/);
  clock.advance(3_600_000);
  await pass(10_000);
  assert.doesNotMatch(await texts(), /marked/);
  assert.equal(await journal.append(callRecord()), 'durable');
  await journal.close();
});

test('a device that is really full (/dev/full) takes no call and delays none', async () => {
  const now: Partial<JournalFiles & JournalFile> = { create: () => open('/dev/full', 'w') };
  const { journal, passUntil } = journalOn(now);
  await journal.open();
  assert.equal(await journal.append(callRecord()), 'late');
  assert.match(journal.state.detail ?? '', /ENOSPC/);
  delete now.create;
  await passUntil('it recovers', () => journal.state.condition === 'ok');
  await journal.close();
});

/** Appends a hundred records of ten kilobytes and prints those that were acknowledged. */
const CHILD = `
const [folder] = process.argv.slice(1);
const { createCallJournal } = await import(${JSON.stringify(new URL('./call-journal.ts', import.meta.url).href)});
const { callRecord } = await import(${JSON.stringify(new URL('./testing/call-record.ts', import.meta.url).href)});
const { systemClock } = await import(${JSON.stringify(new URL('../support/clock.ts', import.meta.url).href)});
const { createLogger } = await import(${JSON.stringify(new URL('../support/logger.ts', import.meta.url).href)});
const { createMetrics } = await import(${JSON.stringify(new URL('../support/metrics.ts', import.meta.url).href)});
const journal = createCallJournal({ folder, clock: systemClock, logger: createLogger('silent'),
  metrics: createMetrics({ processMetrics: false }), deadlineMs: 5000 });
await journal.open();
for (let count = 0; count < 100; count++) {
  const record = callRecord({ requestUri: 'x'.repeat(10_000) });
  if (await journal.append(record) === 'durable') console.log(record.id);
}
process.kill(process.pid, 'SIGKILL');
`;

test('a limit of the kernel (RLIMIT_FSIZE) tears lines in two: whatever was acknowledged is replayed', async () => {
  const folder = join(root, 'limited');
  const run = promisify(execFile);
  // 64 blocks of 1,024 bytes: no file grows beyond.
  const script = `ulimit -f 64 && exec "$0" --input-type=module -e "$1" "$2"`;
  const ended = await run('bash', ['-c', script, process.execPath, CHILD, folder]).catch((error: unknown) => error);
  const acknowledged = (ended as { stdout: string }).stdout.trim().split('\n');
  assert.ok(acknowledged.length >= 5, `${acknowledged.length} acknowledged`);
  const found = new Set(await replay(folder));
  assert.deepEqual(
    acknowledged.filter((id) => !found.has(id)),
    [],
  );
});
