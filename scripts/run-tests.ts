/**
 * `npm test`: brings the system parts the tests need, then runs format, lint, types, generated files and every test.
 * `npm run check` is `--fast`: without journeys, conformance, faults and whatever needs a system part.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { makeEmbeddedTemplate, TEMPLATE_VARIABLE } from '../test/support/embedded-template.ts';
import { PARTS, type Part } from '../test/support/parts.ts';
import { count } from './count-tests.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const fast = process.argv.includes('--fast');
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Its exit code; what it says on standard error is shown. */
function runShell(line: string): Promise<number | null> {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('sh', ['-c', line], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => {
    child.on('close', resolve);
  });
}

async function bringParts(): Promise<boolean> {
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
  for (const line of ['apt-get update -q', `${command} -q`]) {
    if ((await runShell(line)) !== 0) say(`${line} failed; the tests that need the part will fail`);
  }
  return true;
}

const folder = mkdtempSync(join(tmpdir(), 'waymark-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    // Ends the files of tests that are under way.
    interrupted.abort();
    process.exit(128 + constants.signals[signal]);
  });

const total = { passed: 0, failed: 0, skipped: 0 };

/** Says how something went that is no test of Node's; `work` answers with what to show where it failed. */
async function check(name: string, work: () => Promise<string | undefined>): Promise<void> {
  const started = Date.now();
  const fault = await work();
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  say(`${fault === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (fault === undefined) total.passed += 1;
  else {
    total.failed += 1;
    say(fault);
  }
}

function runTool(command: readonly string[]): Promise<string | undefined> {
  const child = spawn(join(ROOT, 'node_modules/.bin', command[0] ?? ''), command.slice(1), { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0 ? undefined : output));
  });
}

/** What needs no test to run: two at a time, as one alone leaves a core idle. */
async function runChecks(template: string): Promise<void> {
  const checks: [string, () => Promise<string | undefined>][] = [
    ['console (vite)', () => runTool(['node', 'scripts/build-console.ts', '--if-changed'])],
    ['lint (oxlint, type-aware)', () => runTool(['oxlint', '--deny-warnings'])],
    ['types (tsc)', () => runTool(['tsc'])],
    ['types of the console (tsc)', () => runTool(['tsc', '-p', 'console'])],
    ['generated files are current', () => runTool(['node', 'scripts/generate.ts', '--check'])],
    ['format (biome)', () => runTool(['biome', 'ci', '--colors=off', '.'])],
    ['an embedded database, migrated', () => makeTemplate(template)],
  ];
  const lane = async (): Promise<void> => {
    for (let next = checks.shift(); next !== undefined; next = checks.shift()) await check(...next);
  };
  await Promise.all([lane(), lane()]);
}

async function makeTemplate(folder: string): Promise<string | undefined> {
  try {
    await makeEmbeddedTemplate(folder);
    process.env[TEMPLATE_VARIABLE] = folder;
    return undefined;
  } catch (error) {
    return inspect(error);
  }
}

const AT_ONCE = 3;
const TIMEOUT_MS = 300_000;

/** Runs the files in the order given, so many at once. */
async function runTests(files: readonly string[]): Promise<void> {
  const events = run({
    files: [...files],
    cwd: ROOT,
    concurrency: AT_ONCE,
    signal: interrupted.signal,
    execArgv: [`--import=${join(ROOT, 'test/support/leftovers.ts')}`, `--test-timeout=${TIMEOUT_MS}`],
  });
  count(events, total);
  for await (const text of events.compose(spec)) process.stdout.write(text);
}

/** What takes longest, longest first: it must not begin at the end of the run, and then be alone. */
const LONGEST = [
  'test/journeys/bench.test.ts',
  'test/journeys/console-access.test.ts',
  'test/journeys/bad-input.test.ts',
  'test/journeys/onboarding.test.ts',
];

/** The longest, then whatever starts whole platforms and browsers, then the tests of single rooms, which take little each. */
function inOrder(files: readonly string[]): string[] {
  const others = files.filter((file) => !LONGEST.includes(file)).sort();
  return [
    ...LONGEST.filter((file) => files.includes(file)),
    ...others.filter((file) => file.startsWith('test/')),
    ...others.filter((file) => !file.startsWith('test/')),
  ];
}

// Every file of tests is a process of its own, and most read the same modules.
process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
const [partsThere] = await Promise.all([fast || bringParts(), runChecks(join(folder, 'template'))]);
if (!partsThere) total.failed += 1;
const patterns = fast ? ['src/**/*.test.ts', 'test/architecture.test.ts'] : ['src/**/*.test.ts', 'test/**/*.test.ts'];
await runTests(inOrder(patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))));
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
