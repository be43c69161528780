import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThread, ThreadLimitError } from './run-in-thread.ts';

const threadOf = (code: string, limits: { memoryMb?: number; timeoutMs?: number } = {}) => ({
  script: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
  name: 'test',
  workerData: 20,
  memoryMb: 64,
  timeoutMs: 60_000,
  env: { GIVEN: 'yes' },
  ...limits,
});
const READ = "import { parentPort, workerData } from 'node:worker_threads';";
const lastOf = (news: { result?: unknown }): { result: unknown } | undefined =>
  news.result === undefined ? undefined : { result: news.result };

test('news on the way, then the result; the thread knows of the environment what it is given', async () => {
  const seen: unknown[] = [];
  const code = `${READ} parentPort.postMessage({ step: 1 }); parentPort.postMessage({ result: [workerData + 1, process.env] });`;
  const result = await runInThread(threadOf(code), (news: { result?: unknown }) => {
    seen.push(news);
    return lastOf(news);
  });
  assert.deepEqual(result, [21, { GIVEN: 'yes' }]);
  assert.deepEqual(seen[0], { step: 1 });
});

test('what reading throws, what the thread throws, and an end without result', async () => {
  const refuse = (): undefined => {
    throw new RangeError('refused');
  };
  await assert.rejects(runInThread(threadOf(`${READ} parentPort.postMessage(1);`), refuse), /refused/);
  await assert.rejects(runInThread(threadOf("throw new TypeError('broken')"), lastOf), /broken/);
  await assert.rejects(runInThread(threadOf('process.exit(3)'), lastOf), /the thread test ended with 3/);
});

test('time and memory are bounded', async () => {
  const endless = runInThread(threadOf('for (;;);', { timeoutMs: 20 }), lastOf);
  await assert.rejects(endless, (error: ThreadLimitError) => error.limit === 'time');
  const greedy = 'const all = []; for (;;) all.push({ all: [all.length] });';
  const hungry = runInThread(threadOf(greedy, { memoryMb: 16 }), lastOf);
  await assert.rejects(hungry, (error: unknown) => error instanceof ThreadLimitError && error.limit === 'memory');
});
