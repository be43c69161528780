import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { importProblem } from './import-problem.ts';
import { spoolUpload } from './spool-upload.ts';
import { startBeat } from './start-beat.ts';
import { createWorkFolder } from './work-folder.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-uploads-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('an upload is written as it came; one byte more than allowed is too large, and no more of it is taken', async () => {
  let taken = 0;
  async function* source(chunks: number): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < chunks; n += 1) {
      taken += 1;
      yield Buffer.alloc(10, n);
    }
  }
  const path = join(folder, 'whole');
  assert.equal(await spoolUpload(path, source(3), 30), 30);
  assert.deepEqual(
    await readFile(path),
    Buffer.concat([Buffer.alloc(10, 0), Buffer.alloc(10, 1), Buffer.alloc(10, 2)]),
  );
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  taken = 0;
  await assert.rejects(spoolUpload(join(folder, 'long'), source(100), 29), { kind: 'too-large' });
  assert.equal(taken, 3);
  await assert.rejects(spoolUpload(join(folder, 'empty'), source(0), 30), { kind: 'malformed' });
  await assert.rejects(spoolUpload(path, source(1), 30), { code: 'EEXIST' });
});

test('an upload that breaks off is told as what broke it', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10);
    throw new ProblemError('malformed', 'the connection broke off');
  }
  await assert.rejects(spoolUpload(join(folder, 'broken'), source(), 30), /broke off/);
});

test('what an earlier run left in the folder goes, once', async () => {
  const path = join(folder, 'imports');
  await mkdir(path);
  await writeFile(join(path, 'left'), 'x');
  const work = createWorkFolder(path, 'test');
  assert.equal(await work(), path);
  await writeFile(join(path, 'own'), 'x');
  assert.equal(await work(), path);
  assert.deepEqual(await readdir(path), ['own']);
  await work.remove();
  await assert.rejects(stat(path), { code: 'ENOENT' });
  const ofTheMoment = createWorkFolder(undefined, 'test');
  assert.match(await ofTheMoment(), /waymark-test-/);
  await ofTheMoment.remove();
});

test('a beat waits for the one before it, goes on after one that failed, and is over when its end says so', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const calls: PromiseWithResolvers<void>[] = [];
    const errors: unknown[] = [];
    const note = (): Promise<void> => {
      const call = Promise.withResolvers<void>();
      calls.push(call);
      return call.promise;
    };
    const rest = startBeat(note, 1_000, (error) => errors.push(error));
    mock.timers.tick(999);
    assert.equal(calls.length, 0);
    mock.timers.tick(1);
    mock.timers.tick(5_000);
    assert.equal(calls.length, 1, 'the first has not been answered');
    calls[0]?.reject(new Error('away'));
    await new Promise(setImmediate);
    mock.timers.tick(1_000);
    assert.equal(calls.length, 2);
    let isOver = false;
    const ended = rest().then(() => {
      isOver = true;
    });
    await new Promise(setImmediate);
    assert.equal(isOver, false, 'the last call is waited for');
    calls[1]?.resolve();
    await ended;
    mock.timers.tick(5_000);
    assert.equal(calls.length, 2);
    assert.deepEqual(errors.map(String), ['Error: away']);
  } finally {
    mock.timers.reset();
  }
});

test('what is not known is logged, not shown', () => {
  const logged: unknown[] = [];
  const fields = [{ path: 'a', message: 'b' }];
  assert.deepEqual(
    importProblem(new ProblemError('invalid', 'why', { fields }), (error) => logged.push(error)),
    { kind: 'invalid', detail: 'why', fields },
  );
  assert.equal(logged.length, 0);
  const secret = new Error('secret');
  assert.doesNotMatch(JSON.stringify(importProblem(secret, (error) => logged.push(error))), /secret/);
  assert.deepEqual(logged, [secret]);
});
