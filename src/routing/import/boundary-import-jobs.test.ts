import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, beforeEach, mock, test } from 'node:test';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { createAudit } from '../../audit/audit.ts';
import type { Database } from '../../storage/database.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createWorkFolder } from '../../uploads/work-folder.ts';
import { createBoundaryImportJobs } from './boundary-import-jobs.ts';
import { selectBoundaryJob } from './boundary-job-records.ts';
import type { PrepareBoundaries } from './prepare-boundaries.ts';

const logger = createLogger('silent');
const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };
const clock = createManualClock();
const workFolder = createWorkFolder(undefined, 'boundary-jobs');
let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});
after(async () => {
  await database.close();
  await workFolder.remove();
});

/** Files whose reading goes on until the platform ends. */
let prepared = 0;
const prepareForever: PrepareBoundaries = (_task, { signal } = {}) =>
  new Promise((_resolve, reject) => {
    prepared += 1;
    signal?.addEventListener('abort', () => reject(new Error('ended')));
  });
beforeEach(() => {
  prepared = 0;
});

const createJobs = () =>
  createBoundaryImportJobs({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    workFolder,
    prepare: prepareForever,
  });

async function* upload(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

test('an import that is read for long shows other nodes that it is alive; without that it has died, in lists too', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const jobs = createJobs();
  const elsewhere = createJobs();
  try {
    const { id } = await jobs.startBoundaryImport(actor, upload('{}'), { layer: 'long' });
    const notedAt = async (): Promise<number | undefined> =>
      (await selectBoundaryJob(database.db, id))?.updatedAt.getTime();
    for (let beat = 0; beat < 3; beat += 1) {
      clock.advance(5 * 60_000);
      mock.timers.tick(15_000);
      while ((await notedAt()) !== clock.nowMs()) await new Promise(setImmediate);
    }
    assert.equal((await elsewhere.getBoundaryImport(id)).state, 'reading');

    clock.advance(10 * 60_000 + 1);
    const died = await elsewhere.getBoundaryImport(id);
    assert.deepEqual([died.state, died.problem?.kind], ['failed', 'unavailable']);
    const { items } = await elsewhere.listBoundaryImports({ start: 0, max: 10 });
    assert.deepEqual(
      items.map(({ id: one, state }) => [one === id, state]),
      [[true, 'failed']],
    );
    const own = await jobs.listBoundaryImports({ start: 0, max: 10 });
    assert.equal(own.items[0]?.state, 'reading', 'the node that reads it knows better');
  } finally {
    mock.timers.reset();
    await jobs.stopBoundaryImports();
    await elsewhere.stopBoundaryImports();
  }
});

test('a file that comes in while the platform ends is not read', async () => {
  const jobs = createJobs();
  const hold = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{');
    await hold.promise;
    yield Buffer.from('}');
  }
  const starting = assert.rejects(jobs.startBoundaryImport(actor, slow(), { layer: 'late' }), /the platform ends/);
  await jobs.stopBoundaryImports();
  hold.resolve();
  await starting;
  assert.equal(prepared, 0);
  assert.deepEqual(readdirSync(await workFolder()), []);
});

test('an upload that is too large, empty or broken off leaves nothing, and the next may come', async () => {
  const jobs = createJobs();
  async function* huge(): AsyncGenerator<Uint8Array> {
    // Counted before it is written: nothing but its length is looked at.
    yield { length: 1024 ** 3 + 1 } as Uint8Array;
  }
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{');
    throw new Error('the connection broke off');
  }
  const options = { layer: 'limits' };
  await assert.rejects(jobs.startBoundaryImport(actor, huge(), options), { kind: 'too-large' });
  await assert.rejects(jobs.startBoundaryImport(actor, upload(), options), { kind: 'malformed' });
  await assert.rejects(jobs.startBoundaryImport(actor, broken(), options), /broke off/);
  assert.deepEqual(readdirSync(await workFolder()), []);
  assert.equal(prepared, 0);
  const { id, state } = await jobs.startBoundaryImport(actor, upload('{}'), options);
  assert.equal(state, 'reading');
  await jobs.stopBoundaryImports();
  const row = await selectBoundaryJob(database.db, id);
  assert.equal(row?.state, 'failed');
});
