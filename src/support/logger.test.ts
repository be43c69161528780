import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const LOGGER = join(import.meta.dirname, 'logger.ts');

/** A process that logs by the given statements; nobody reads its log until the test does. */
function runLogging(statements: string) {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)}; const logger = createLogger('info'); ${statements}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'pipe'] });
}

test('a log that nobody reads holds up nothing, and says later how much was dropped', {
  timeout: 30_000,
}, async (t) => {
  const child = runLogging(`
    const line = 'x'.repeat(10_000);
    let rounds = 0;
    const timer = setInterval(() => {
      for (let count = 0; count < 100; count++) logger.info(line);
      if (++rounds < 20) return;
      clearInterval(timer);
      process.stdout.write('alive');
    }, 1);
    process.stdin.resume();
  `);
  t.after(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString(), 'alive');
  let tail = '';
  const { promise: told, resolve } = Promise.withResolvers<void>();
  child.stderr.on('data', (chunk: Buffer) => {
    tail = tail.slice(-1_000) + chunk.toString();
    if (tail.includes('log lines were dropped')) resolve();
  });
  await told;
});

test('the last lines before the end of the process are written', { timeout: 30_000 }, async () => {
  const child = runLogging(`logger.info('first'); logger.error('last'); process.exit(3);`);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 3);
  // A line under way when the process ends may come after those that the end writes.
  assert.match(log, /"first"/);
  assert.match(log, /"last"/);
});
