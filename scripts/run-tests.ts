/**
 * `npm test`: brings the system parts the tests need, then runs format, lint, types, generated files and every test.
 * `npm run check` is `--fast`: without journeys, conformance, faults and whatever needs a system part.
 */
import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS, type Part } from '../test/support/parts.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const fast = process.argv.includes('--fast');
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function bringParts(): boolean {
  const given = new Set((process.env.WAYMARK_TEST_SKIP ?? '').split(',').map((name) => name.trim()));
  const missing = (Object.keys(PARTS) as Part[]).filter((part) => !PARTS[part].isThere() && !given.has(part));
  for (const part of given) if (part !== '') say(`skipping what needs ${part}: WAYMARK_TEST_SKIP says so`);
  if (missing.length === 0) return true;
  const packages = missing.flatMap((part) => PARTS[part].debianPackages);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (userInfo().uid !== 0) {
    say(`missing system parts: ${missing.join(', ')}. As root: apt-get update && ${command}`);
    say(`or leave their tests out, visibly: WAYMARK_TEST_SKIP=${missing.join(',')} npm test`);
    return false;
  }
  say(`installing ${packages.join(', ')} from Debian for: ${missing.join(', ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const line of ['apt-get update -q', `${command} -q`]) {
    const result = spawnSync('sh', ['-c', line], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
    if (result.status !== 0) say(`${line} failed; the tests that need the part will fail`);
  }
  return true;
}

type Outcome = { passed: number; failed: number; skipped: number };
const total: Outcome = { passed: 0, failed: 0, skipped: 0 };

function run(name: string, command: readonly string[]): Promise<void> {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', command[0] ?? ''), command.slice(1), { cwd: ROOT });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('close', (code) => {
      const seconds = ((Date.now() - started) / 1_000).toFixed(1);
      say(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code === 0) total.passed += 1;
      else {
        total.failed += 1;
        say(output);
      }
      resolve();
    });
  });
}

async function runTests(files: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-tests-'));
  const counts = join(folder, 'counts.json');
  const child = spawn(
    process.execPath,
    [
      '--test',
      `--import=${join(ROOT, 'test/support/leftovers.ts')}`,
      '--test-concurrency=3',
      '--test-timeout=300000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(ROOT, 'scripts/count-reporter.ts')}`,
      `--test-reporter-destination=${counts}`,
      ...files,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  try {
    const counted = JSON.parse(readFileSync(counts, 'utf8')) as Outcome;
    total.passed += counted.passed;
    total.failed += counted.failed;
    total.skipped += counted.skipped;
    if (code !== 0 && counted.failed === 0) total.failed += 1;
  } catch {
    say('the test runner ended without totals');
    total.failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

const partsThere = fast || bringParts();
if (!partsThere) total.failed += 1;
await Promise.all([
  run('format (biome)', ['biome', 'ci', '--colors=off', '.']),
  run('generated files are current', ['node', 'scripts/generate.ts', '--check']),
]);
await run('types (tsc)', ['tsc']);
await run('types of the console (tsc)', ['tsc', '-p', 'console']);
await run('console (vite)', ['node', 'scripts/build-console.ts', '--if-changed']);
await run('lint (oxlint, type-aware)', ['oxlint', '--deny-warnings']);
const patterns = fast ? ['src/**/*.test.ts', 'test/architecture.test.ts'] : ['src/**/*.test.ts', 'test/**/*.test.ts'];
const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort();
await runTests(files);
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
