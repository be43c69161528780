import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { lowerEngineThreads } from './lower-priority.ts';

/** Field 19 of proc_pid_stat(5). */
function nicenessOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

const skip = process.platform === 'linux' ? false : 'priorities of threads are known on Linux alone';

test('a worker gives way to the thread that started it, and that one stays as it was', { skip }, async () => {
  const own = () => nicenessOf(readFileSync('/proc/thread-self/stat', 'utf8'));
  const before = own();
  const code = `
    import { readdirSync, readFileSync } from 'node:fs';
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

test("the engine's threads give way to the one that runs the program", { skip }, () => {
  const ofEngine = () =>
    readdirSync('/proc/self/task')
      .filter((thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('V8Worker'))
      .map((thread) => nicenessOf(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')));
  const own = nicenessOf(readFileSync('/proc/thread-self/stat', 'utf8'));
  assert.ok(ofEngine().length > 0);
  lowerEngineThreads();
  assert.deepEqual(
    ofEngine(),
    ofEngine().map(() => own + 5),
  );
  assert.equal(nicenessOf(readFileSync('/proc/thread-self/stat', 'utf8')), own);
});

test('a system that forbids it keeps nobody from starting, and it is told', { skip }, ({ mock }) => {
  const emitWarning = mock.method(process, 'emitWarning', () => undefined);
  lowerEngineThreads(() => {
    throw new Error('operation not permitted');
  });
  assert.deepEqual(
    emitWarning.mock.calls.map(({ arguments: [text] }) => String(text)),
    ['Threads keep the priority that they have: operation not permitted'],
  );
});
