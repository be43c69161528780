/** What `npm test` counts: a file of tests that did not go well is never taken for one that did. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Totals } from '../scripts/count-tests.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs and counts a file of tests as `npm test` does, in a process that is not itself one of a run. */
async function totalsOf(body: string): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-counted-'));
  try {
    const file = join(folder, 'counted.test.ts');
    writeFileSync(file, `import { after, before, describe, test } from 'node:test';\n${body}`);
    const runner = join(folder, 'runner.ts');
    const leftovers = `--import=${join(ROOT, 'test/support/leftovers.ts')}`;
    writeFileSync(
      runner,
      `import { run } from 'node:test';
       import { count } from ${JSON.stringify(join(ROOT, 'scripts/count-tests.ts'))};
       const total = { passed: 0, failed: 0, skipped: 0 };
       const events = run({ files: [${JSON.stringify(file)}], execArgv: [${JSON.stringify(leftovers)}] });
       count(events, total);
       for await (const _ of events);
       process.stdout.write(JSON.stringify(total));`,
    );
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const child = spawn(process.execPath, [runner], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return JSON.parse(said) as Totals;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FILES: readonly [how: string, body: string, totals: Totals][] = [
  [
    'tests that pass, fail and are left out',
    `test('a', () => {}); test('b', () => { throw new Error('b'); }); test('c', { skip: 'why' }, () => {});
     describe('s', () => { test('d', () => {}); test('e', () => { throw new Error('e'); }); });`,
    { passed: 2, failed: 2, skipped: 1 },
  ],
  [
    'a suite that is left out',
    `describe('s', { skip: 'why' }, () => { test('a', () => {}); });`,
    { passed: 0, failed: 0, skipped: 1 },
  ],
  [
    'a suite whose last hook fails',
    `describe('s', () => { after(() => { throw new Error('late'); }); test('a', () => {}); });`,
    { passed: 1, failed: 1, skipped: 0 },
  ],
  [
    'a suite that cannot say what its tests are',
    `describe('s', () => { throw new Error('no tests'); }); test('a', () => {});`,
    { passed: 1, failed: 1, skipped: 0 },
  ],
  ['a file that cannot be read', `import './missing.ts'; test('a', () => {});`, { passed: 0, failed: 1, skipped: 0 }],
  [
    'a file that is killed',
    `test('a', async () => { process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });`,
    { passed: 0, failed: 1, skipped: 0 },
  ],
  [
    'a file that ends well before its tests are over',
    `test('a', () => { process.exit(0); }); test('b', () => { throw new Error('b'); });`,
    { passed: 0, failed: 1, skipped: 0 },
  ],
];

for (const [how, body, totals] of FILES)
  test(`${how}: counted`, async () => assert.deepEqual(await totalsOf(body), totals));
