import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

/** Field 19 of proc_pid_stat(5). */
function nicenessOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

test('a worker gives way to the thread that started it, and that one stays as it was', {
  skip: process.platform === 'linux' ? false : 'priorities of threads are known on Linux alone',
}, async () => {
  const own = () => nicenessOf(readFileSync('/proc/thread-self/stat', 'utf8'));
  const before = own();
  const code = `
    import { readFileSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    import { lowerThreadPriority } from ${JSON.stringify(new URL('lower-priority.ts', import.meta.url).href)};
    lowerThreadPriority();
    parentPort.postMessage(readFileSync('/proc/thread-self/stat', 'utf8'));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const stat = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  assert.equal(nicenessOf(stat), before + 5);
  assert.equal(own(), before);
});
