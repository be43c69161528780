/** The walls of the house: who may import whom, where SQL, sockets and the environment may stand, how files are named. */
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');

const ROOMS = [
  'audit',
  'accounts',
  'addresses',
  'places',
  'compliance',
  'members',
  'routing',
  'location',
  'alerts',
  'calls',
  'removals',
  'proof',
  'webex-api',
  'platform-api',
  'demonstration',
];
const FOUNDATIONS = ['domain', 'wire', 'support', 'layers', 'uploads', 'config', 'storage', 'transport'];
/** The verbs of the command line: beside the rooms, used by main.ts alone. */
const COMMANDS = 'commands';
const ROOT_FILES = ['main.ts', 'serve.ts', 'platform.ts'];

type Import = { from: string; to: string; typeOnly: boolean };

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

const files = sourceFiles(SRC);
const isTest = (file: string): boolean => file.endsWith('.test.ts') || /\btest-/.test(file.split('/').at(-1) ?? '');

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?['"]([^'"]+)['"]/gm;
const WORKER_URL = /new URL\('([^']+\.ts)', import\.meta\.url\)/g;

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8');
  const found: { specifier: string; typeOnly: boolean }[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const names = match[2] ?? '';
    const inline = names.startsWith('{') && names.replaceAll(/[{}\s]/g, '') !== '';
    const allTyped =
      inline &&
      names
        .replaceAll(/[{}]/g, '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .every((name) => name.startsWith('type '));
    found.push({ specifier: match[3] ?? '', typeOnly: match[1] !== undefined || allTyped });
  }
  for (const match of text.matchAll(WORKER_URL)) found.push({ specifier: match[1] ?? '', typeOnly: false });
  return found;
}

function ownImports(file: string): Import[] {
  return importsOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, typeOnly }) => ({ from: file, to: resolve(dirname(file), specifier), typeOnly }));
}

/** `src/calls/steps/x.ts` -> `calls`; files at the top have themselves as place. */
function placeOf(file: string): string {
  return relative(SRC, file).split('/')[0] ?? '';
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  wire: ['domain'],
  support: [],
  layers: ['domain', 'support'],
  uploads: ['domain'],
  config: ['domain', 'support'],
  storage: ['support'],
  transport: ['wire', 'support', 'domain'],
};

function violation(one: Import): string | null {
  const from = placeOf(one.from);
  const to = placeOf(one.to);
  const where = `${relative(ROOT, one.from)} -> ${relative(ROOT, one.to)}`;
  if (relative(SRC, one.to).startsWith('..')) return `${where}: src imports nothing outside src`;
  if (from === to || from === 'platform.ts') return null;
  if (from === 'main.ts') {
    return ['serve.ts', 'config', 'support', COMMANDS].includes(to)
      ? null
      : `${where}: main starts the platform, it does not reach into rooms`;
  }
  if (from === 'serve.ts') {
    return ['platform.ts', 'config', 'storage', 'support'].includes(to)
      ? null
      : `${where}: serving starts and ends the platform, it does not reach into rooms`;
  }
  if (ROOT_FILES.includes(to))
    return `${where}: main.ts imports serve.ts, serve.ts platform.ts, and nobody else either`;
  const allowed = ALLOWED[from];
  if (allowed) {
    if (allowed.includes(to)) return null;
    if (to === 'config' && one.typeOnly && ['storage', 'transport'].includes(from)) return null;
    return `${where}: ${from} may import ${allowed.join(', ') || 'nothing of ours'}`;
  }
  if (from === COMMANDS) {
    return [...FOUNDATIONS, 'calls', 'demonstration'].includes(to)
      ? null
      : `${where}: commands speak HTTP or SIP to the platform`;
  }
  const order = ROOMS.indexOf(from);
  if (order < 0) return `${where}: ${from} is not a known place`;
  if (['domain', 'wire', 'storage', 'support', 'layers', 'uploads'].includes(to)) return null;
  if (to === 'transport') {
    return one.typeOnly || one.to.endsWith('rest-route.ts') ? null : `${where}: rooms take transport as types`;
  }
  const other = ROOMS.indexOf(to);
  if (other < 0) return `${where}: rooms do not import ${to}`;
  if (other > order) return `${where}: a room uses only rooms before it`;
  if (!one.typeOnly) return `${where}: another room is imported as a type only`;
  return null;
}

test('imports respect the walls', () => {
  const faults = files
    .filter((file) => !isTest(file))
    .flatMap(ownImports)
    .map(violation)
    .filter((fault) => fault !== null);
  assert.deepEqual(faults, []);
});

test('the console asks the platform over its door alone', () => {
  const imports = /\bfrom '(\.[^']+)'|\bimport\(\s*'(\.[^']+)'|\bimport '(\.[^']+)'/g;
  const sources = globSync('console/{src/**/*.{ts,tsx},*.ts}', { cwd: ROOT });
  assert.ok(sources.length > 10);
  const faults = sources.flatMap((file: string) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(imports)]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      .filter((path) => !join(ROOT, file, '..', path).startsWith(join(ROOT, 'console/')))
      .map((path) => `${file} -> ${path}`),
  );
  assert.deepEqual(faults, []);
});

test('pages of the console read in one way, which keeps what failed on the screen', () => {
  const own = 'console/src/api/use-query.ts';
  const direct = globSync('console/src/**/*.{ts,tsx}', { cwd: ROOT }).filter((file: string) =>
    /import \{[^}]*\buseQuery\b[^}]*\} from '@tanstack\/react-query'/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  assert.deepEqual(direct, [own]);
});

test('the import scan sees what is there', () => {
  assert.ok(files.length > 100);
  assert.ok(files.flatMap(ownImports).length > 300);
});

function offenders(pattern: RegExp, allowed: (file: string) => boolean): string[] {
  return files
    .filter((file) => !isTest(file))
    .map((file) => relative(SRC, file))
    .filter((file) => !allowed(file) && pattern.test(readFileSync(join(SRC, file), 'utf8')));
}

test('the environment is read in config/env.ts only', () => {
  assert.deepEqual(
    offenders(/process\.env\b/, (file) => file === 'config/env.ts'),
    [],
  );
});

test('SQL stands in *-records.ts and storage only', () => {
  const sql = /\.(selectFrom|insertInto|updateTable|deleteFrom|mergeInto)\(|\bsql`/;
  assert.deepEqual(
    offenders(sql, (file) => file.startsWith('storage/') || file.endsWith('-records.ts')),
    [],
  );
});

test('sockets stand in transport, senders and the database driver only', () => {
  const sockets = /from 'node:(net|dgram|tls|http|https|http2)'|from '(nodemailer|fastify|pg|undici)'|\bfetch\(/;
  const known = (file: string): boolean =>
    file.startsWith('transport/') || file.startsWith('alerts/senders/') || file.startsWith('storage/');
  const faults = offenders(sockets, known).filter((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    // isIP and friends are text functions, no sockets.
    const named = [...text.matchAll(/import \{([^}]*)\} from 'node:net'/g)].flatMap((m) => (m[1] ?? '').split(','));
    const onlyText = named.length > 0 && named.every((name) => /^\s*(isIP|isIPv4|isIPv6|BlockList|)\s*$/.test(name));
    return !(onlyText && !/node:(dgram|tls|https?|http2)'|\bfetch\(/.test(text));
  });
  assert.deepEqual(faults, []);
});

/** Made once, or once a connection, a run or an import. */
const LITERALS_WITH_ACCESSORS = [
  'alerts/delivery/dispatch-messages.ts',
  'alerts/delivery/message-turns.ts',
  'alerts/recipients/import-recipients.ts',
  'calls/answering-dialogs.ts',
  'calls/call-journal.ts',
  'calls/calls.ts',
  'calls/essential-alerts.ts',
  'calls/events/event-streams.ts',
  'calls/journal-segments.ts',
  'calls/live-calls.ts',
  'calls/transactions/transaction-layer.ts',
  'calls/write-behind.ts',
  'location/search-texts.ts',
  'location/wire-map-index.ts',
  'storage/snapshot.ts',
  'support/fair-lines.ts',
  'support/fair-turns.ts',
  'transport/sip-intake.ts',
  'transport/sip-stream.ts',
  'transport/sip-transport.ts',
  'wire/sip/stream-framer.ts',
];

test('what is made for every call or request is no literal with accessors (decision 91)', () => {
  // Those of classes say what they return.
  const found = offenders(/^ +(?:get|set) \w+\([^)]*\) \{$/m, () => false);
  assert.deepEqual(found, LITERALS_WITH_ACCESSORS);
});

test('every folder of src has its line in ARCHITECTURE.md, and no drawer appears', () => {
  const architecture = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const places = readdirSync(SRC, { withFileTypes: true });
  for (const place of places) {
    if (place.isDirectory()) {
      assert.ok([...ROOMS, ...FOUNDATIONS, COMMANDS].includes(place.name), `${place.name} is no room of the design`);
      assert.match(architecture, new RegExp(`\`${place.name}/\``), `ARCHITECTURE.md has no line for ${place.name}/`);
    } else {
      assert.ok(ROOT_FILES.includes(place.name), `${place.name} does not belong at the top of src`);
    }
  }
  const drawers = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)(utils?|helpers?|common|managers?|misc|base)(\.ts)?$/.test(name),
  );
  assert.deepEqual(drawers, []);
});

test('files are kebab-case and every room has its README', () => {
  const odd = files.map((file) => relative(SRC, file)).filter((name) => !/^[a-z0-9./-]+\.ts$/.test(name));
  assert.deepEqual(odd, []);
  for (const place of readdirSync(SRC, { withFileTypes: true })) {
    if (!place.isDirectory() || ['domain', 'support', 'config'].includes(place.name)) continue;
    assert.ok(readdirSync(join(SRC, place.name)).includes('README.md'), `${place.name} has no README.md`);
  }
});

test('the project does not name machines or hosts it was written on', () => {
  const listed = ['package-lock.json', '.npmrc', 'package.json'].map((name) => join(ROOT, name));
  for (const file of [...files, ...listed]) {
    assert.doesNotMatch(readFileSync(file, 'utf8'), /\/work\/|\/farm\/|\/root\/|"resolved": "https?:/, file);
  }
});

test('the lock file names every optional part of every package, so that npm ci takes it on every platform', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.values(lock.packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => lock.packages[`node_modules/${name}`] === undefined);
  assert.deepEqual(missing, [], 'run node scripts/complete-lock.ts');
});
