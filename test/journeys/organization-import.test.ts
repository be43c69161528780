/** An organization is taken over from files and from another running platform, with the command as a user types it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PEOPLE = 210;
const TIMEOUT_MS = 60_000;
const CONFIG = '/v1/telephony/config';

type Side = { platform: RunningPlatform; operator: PlatformClient };
type Run = { code: number | null; lines: string[]; text: string };
type Named = { id: string; name?: string; displayName?: string; emails?: string[] };

const platforms: RunningPlatform[] = [];
let folder: string;
let source: Side;
let target: Side;
let sourceOrganization: string;
let targetOrganization: string;
/** File with a token of the source organization's full administrator. */
let tokenFile: string;

async function startSide(): Promise<Side> {
  const platform = await runPlatform({ env: { WAYMARK_DEMO: '0', WAYMARK_LOG_LEVEL: 'error' } });
  platforms.push(platform);
  return { platform, operator: openClient(platform.http, platform.firstRun().tokens.operator) };
}

async function newOrganization({ operator }: Side, name: string): Promise<string> {
  return (await operator.must<{ id: string }>('POST', '/api/organizations', { name })).id;
}

function startCommand(side: Side, parts: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WAYMARK_')));
  return spawn(process.execPath, [join(ROOT, 'bin/waymark.js'), 'organization', 'import', ...parts], {
    env: { ...inherited, WAYMARK_DATA_DIR: side.platform.dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
}

async function command(side: Side, parts: readonly string[], env?: Record<string, string>): Promise<Run> {
  const child = startCommand(side, parts, env);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text, lines: text.split('\n').map((line) => line.trimEnd()) };
}

const fromSource = (organization: string, ...more: string[]): string[] => [
  '--organization',
  organization,
  '--from',
  source.platform.http,
  '--token-file',
  tokenFile,
  ...more,
];

/** The lines of the differences alone. */
function differences({ lines }: Run): string[] {
  return lines.filter((line) => /^(?:[-+~!?] | {4}\w+: )/.test(line));
}

async function all(side: Side, organization: string, path: string, key: string): Promise<Named[]> {
  const found: Named[] = [];
  for (;;) {
    const page = `${path}${path.includes('?') ? '&' : '?'}orgId=${organization}&start=${found.length}&max=100`;
    const items = (await side.operator.must<Record<string, Named[]>>('GET', page))[key] ?? [];
    found.push(...items);
    if (items.length < 100) return found;
  }
}

const people = (side: Side, organization: string): Promise<Named[]> =>
  all(side, organization, '/v1/people?callingData=true', 'items');

function csv(name: string, rows: readonly (readonly string[])[], delimiter = ','): void {
  const cell = (text: string): string => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  writeFileSync(join(folder, name), rows.map((row) => row.map(cell).join(delimiter)).join('\r\n'));
}

const SITES = ['Austin', 'Dallas', 'Houston', 'El Paso'];

function writeFiles(): void {
  csv('locations.csv', [
    ['name', 'address1', 'city', 'state', 'postalCode', 'country', 'timeZone', 'latitude', 'longitude', 'notes'],
    ...SITES.map((site, place) => [
      site,
      `${100 + place} Main St`,
      site,
      'TX',
      `7${place}201`,
      'us',
      'America/Chicago',
      `30.${place + 1}`,
      '-97.5',
      'Ring, then "knock"',
    ]),
  ]);
  // A spreadsheet's habits: byte order mark, semicolons.
  csv(
    'people.csv',
    [
      ['\uFEFFemail', 'firstName', 'lastName', 'location', 'phoneNumber', 'extension'],
      ...Array.from({ length: PEOPLE }, (_, place) => [
        `person${place}@example.com`,
        `First${place}`,
        `Last${place}`,
        SITES[place % SITES.length]?.toUpperCase() ?? '',
        `(512) 555-${String(1_000 + place)}`,
        String(2_000 + place),
      ]),
    ],
    ';',
  );
  csv('workspaces.csv', [
    ['name', 'location', 'extension', 'supportedDevices'],
    ...Array.from({ length: 20 }, (_, place) => [`Room ${place}`, 'Austin', String(4_000 + place), 'phones']),
  ]);
  csv('virtual-lines.csv', [
    ['firstName', 'lastName', 'location', 'phoneNumber', 'extension'],
    ['Night', 'Desk', 'Dallas', '+12145550190', '5001'],
    ['Day', 'Desk', 'Dallas', '', '5002'],
  ]);
  csv('hunt-groups.csv', [
    ['name', 'location', 'phoneNumber', 'enabled'],
    ['Reception', 'Austin', '+15125550180', 'yes'],
  ]);
  csv('numbers.csv', [
    ['phoneNumber', 'location', 'main', 'state'],
    ['+15125550100', 'Austin', 'yes', ''],
    ['+12145550100', 'Dallas', 'yes', 'active'],
    ['+12145550101', 'Dallas', 'no', 'inactive'],
    ['+12145550190', 'Dallas', '', ''],
  ]);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-import-'));
  [source, target] = await Promise.all([startSide(), startSide()]);
  sourceOrganization = await newOrganization(source, 'Source');
  targetOrganization = await newOrganization(target, 'Target');
  const { token } = await source.operator.must<{ token: string }>('POST', `/api/tokens?orgId=${sourceOrganization}`, {
    role: 'fullAdmin',
    label: 'import',
  });
  tokenFile = join(folder, 'token.txt');
  writeFileSync(tokenFile, `${token}\n`);
});

after(async () => {
  for (const platform of platforms) {
    await platform.stop();
    removeData(platform.dataDir);
  }
  rmSync(folder, { recursive: true });
});

test('templates can be filled in as they are', async () => {
  const made = join(folder, 'template');
  const { code, text } = await command(target, ['--template', made]);
  assert.equal(code, 0, text);
  assert.match(text, /people\.csv\n {2}email \(required\)/);
  assert.deepEqual(readdirSync(made).sort(), [
    'hunt-groups.csv',
    'locations.csv',
    'numbers.csv',
    'people.csv',
    'virtual-lines.csv',
    'workspaces.csv',
  ]);
  const dry = await command(target, [made, '--organization', targetOrganization, '--dry-run']);
  assert.equal(dry.code, 0, dry.text);
  assert.match(dry.text, /\+ location Dallas office/);
});

test('files: every fault is told with its place and nothing is stored; then all of it is', async () => {
  writeFiles();
  const good = readFileSync(join(folder, 'people.csv'), 'utf8');
  writeFileSync(
    join(folder, 'people.csv'),
    `${good}\r\nperson0@example.com;Twin;;Nowhere;+15125551001;91\r\nperson-x;X;Y;Austin;123456789012345678;911`,
  );
  const bad = await command(source, [folder, '--organization', sourceOrganization, '--yes']);
  assert.equal(bad.code, 1);
  assert.deepEqual(bad.lines.slice(0, 5), [
    `people.csv line ${PEOPLE + 2}, location: is no location of the files nor of the organization`,
    `people.csv line ${PEOPLE + 3}, email: is not an e-mail address`,
    `people.csv line ${PEOPLE + 3}, phoneNumber: is not a phone number; expected E.164, e.g. +12145550123`,
    `people.csv line ${PEOPLE + 3}, extension: is a number of emergency or test calls`,
    '4 faults in the files; nothing was changed',
  ]);
  assert.deepEqual(await all(source, sourceOrganization, '/v1/locations', 'items'), []);

  writeFileSync(join(folder, 'people.csv'), good);
  const done = await command(source, [folder, '--organization', sourceOrganization, '--yes']);
  assert.equal(done.code, 0, done.text);
  assert.match(done.text, new RegExp(`people: ${PEOPLE} of ${PEOPLE}`));
  assert.equal((await people(source, sourceOrganization)).length, PEOPLE);
  const again = await command(source, [folder, '--organization', sourceOrganization, '--yes']);
  assert.deepEqual(differences(again), []);
  assert.match(again.text, /nothing to change/);
  assert.equal(again.code, 0);
});

test('live: a dry run changes nothing; an import that was killed goes on where it was; the next finds nothing to do', async () => {
  const dry = await command(target, fromSource(targetOrganization, '--dry-run', '--all'));
  assert.equal(dry.code, 0, dry.text);
  assert.equal(differences(dry).filter((line) => line.startsWith('+ person ')).length, PEOPLE);
  assert.deepEqual(await all(target, targetOrganization, '/v1/locations', 'items'), []);

  const unasked = await command(target, fromSource(targetOrganization));
  assert.equal(unasked.code, 1, 'nobody agreed');
  assert.match(unasked.text, /nothing was changed/);
  assert.deepEqual(await all(target, targetOrganization, '/v1/locations', 'items'), []);

  const child = startCommand(target, fromSource(targetOrganization, '--yes'));
  const ended = once(child, 'close');
  await eventually('some people are there', TIMEOUT_MS, async () => {
    const path = `/v1/people?orgId=${targetOrganization}&max=1000`;
    return (await target.operator.must<{ items: Named[] }>('GET', path)).items.length >= 20;
  });
  child.kill('SIGKILL');
  await ended;
  assert.equal(child.signalCode, 'SIGKILL', 'it was still at work');
  const some = (await people(target, targetOrganization)).length;
  assert.ok(some >= 20 && some < PEOPLE, String(some));

  const rest = await command(target, fromSource(targetOrganization, '--yes', '--all'));
  assert.equal(rest.code, 0, rest.text);
  assert.equal(differences(rest).filter((line) => line.startsWith('+ person ')).length, PEOPLE - some);
  assert.match(rest.text, / 0 failed/);
  for (const [path, key] of [
    ['/v1/locations', 'items'],
    ['/v1/people?callingData=true', 'items'],
    ['/v1/workspaces', 'items'],
    [`${CONFIG}/locations`, 'locations'],
    [`${CONFIG}/virtualLines`, 'virtualLines'],
    [`${CONFIG}/huntGroups`, 'huntGroups'],
    [`${CONFIG}/numbers`, 'phoneNumbers'],
  ] as const) {
    assert.deepEqual(
      withoutIds(await all(target, targetOrganization, path, key)),
      withoutIds(await all(source, sourceOrganization, path, key)),
      path,
    );
  }
  const again = await command(target, fromSource(targetOrganization, '--yes'));
  assert.deepEqual(differences(again), []);
  assert.match(again.text, /nothing to change/);
  assert.equal(again.code, 0);
});

/** The same on both sides but for ids. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value as Record<string, unknown>).filter(
    ([name]) => !/^(?:id|orgId|locationId)$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutIds(inner)]));
}

test('live: renamed, moved, new, exchanged and gone at the source are exactly the difference', async () => {
  const { operator } = source;
  const at = (path: string): string => `${path}?orgId=${sourceOrganization}`;
  const found = new Map((await people(source, sourceOrganization)).map((one) => [one.emails?.[0], one.id]));
  const person = (place: number): string => at(`/v1/people/${found.get(`person${place}@example.com`) ?? ''}`);
  const places = new Map(
    (await all(source, sourceOrganization, '/v1/locations', 'items')).map((one) => [one.name, one.id]),
  );

  await operator.must('PUT', at(`/v1/locations/${places.get('Houston') ?? ''}`), { name: 'Houston Plant' });
  await operator.must('PUT', person(3), { emails: ['renamed@example.com'], lastName: 'Married' });
  await operator.must('PUT', person(5), { locationId: places.get('Houston') });
  await operator.must('DELETE', person(7));
  // Two exchange their numbers.
  const number = (value: string) => ({ phoneNumbers: [{ type: 'work', value }] });
  await operator.must('PUT', person(8), { phoneNumbers: [] });
  await operator.must('PUT', person(12), number('+15125551008'));
  await operator.must('PUT', person(8), number('+15125551012'));
  await operator.must('POST', at('/v1/workspaces'), { displayName: 'New Room', locationId: places.get('Dallas') });

  const changed = await command(target, fromSource(targetOrganization, '--yes'));
  assert.deepEqual(differences(changed).sort(), [
    '    displayName: "First3 Last3" -> "First3 Married"',
    '    email: "person3@example.com" -> "renamed@example.com"',
    '    lastName: "Last3" -> "Married"',
    '    location: "Dallas" -> "Houston Plant"',
    '    name: "Houston" -> "Houston Plant"',
    '    phoneNumber: "+15125551008" -> "+15125551012"',
    '    phoneNumber: "+15125551012" -> "+15125551008"',
    '+ workspace New Room',
    '? person First7 Last7 <person7@example.com>',
    '~ location Houston Plant',
    '~ person First12 Last12 <person12@example.com>',
    '~ person First3 Married <renamed@example.com>',
    '~ person First5 Last5 <person5@example.com>',
    '~ person First8 Last8 <person8@example.com>',
  ]);
  assert.equal(changed.code, 0, changed.text);
  assert.equal((await people(target, targetOrganization)).length, PEOPLE, 'who is only here stays');
  assert.deepEqual(differences(await command(target, fromSource(targetOrganization, '--dry-run'))), [
    '? person First7 Last7 <person7@example.com>',
  ]);

  const unasked = await command(target, fromSource(targetOrganization, '--remove-missing'));
  assert.match(unasked.text, /- person First7 Last7/);
  assert.equal(unasked.code, 1);
  assert.equal((await people(target, targetOrganization)).length, PEOPLE);
  const removed = await command(target, fromSource(targetOrganization, '--remove-missing', '--yes'));
  assert.equal(removed.code, 0, removed.text);
  assert.deepEqual(
    withoutIds(await people(target, targetOrganization)),
    withoutIds(await people(source, sourceOrganization)),
  );
});

test('callback choices come over with the members that they name', async () => {
  const at = (path: string, organization: string): string => `${path}?orgId=${organization}`;
  const room = async (side: Side, organization: string, name: string): Promise<string> =>
    (await all(side, organization, '/v1/workspaces', 'items')).find((one) => one.displayName === name)?.id ?? '';
  const chooser = await room(source, sourceOrganization, 'Room 0');
  const chosen = await room(source, sourceOrganization, 'Room 1');
  const path = (id: string): string => `${CONFIG}/workspaces/${id}/emergencyCallbackNumber`;
  await source.operator.must('PUT', at(path(chooser), sourceOrganization), {
    selected: 'LOCATION_MEMBER_NUMBER',
    locationMemberId: chosen,
  });
  const done = await command(target, fromSource(targetOrganization, '--callbacks', '--yes'));
  assert.equal(done.code, 0, done.text);
  assert.match(done.text, /selected: "LOCATION_ECBN" -> "LOCATION_MEMBER_NUMBER"/);
  const again = await command(target, fromSource(targetOrganization, '--callbacks', '--dry-run'));
  assert.deepEqual(differences(again), []);
  const ours = await room(target, targetOrganization, 'Room 0');
  const { locationMemberInfo } = await target.operator.must<{ locationMemberInfo: { memberId: string } }>(
    'GET',
    at(path(ours), targetOrganization),
  );
  assert.equal(locationMemberInfo.memberId, await room(target, targetOrganization, 'Room 1'));
});

type Answer = (request: IncomingMessage, response: ServerResponse, base: string) => boolean | Promise<boolean>;

/** A server before the source, which answers by itself where `answer` does, and else hands on. */
async function startProxy(t: TestContext, answer: Answer): Promise<{ base: string; asked: string[] }> {
  const asked: string[] = [];
  let base = '';
  const server = createServer((request, response) => {
    void (async () => {
      asked.push(request.url ?? '');
      if (await answer(request, response, base)) return;
      const reply = await fetch(`${source.platform.http}${request.url ?? ''}`, {
        headers: { authorization: request.headers.authorization ?? '' },
      });
      const link = reply.headers.get('link')?.replaceAll(source.platform.http, base);
      response.writeHead(reply.status, { 'content-type': 'application/json', ...(link && { link }) });
      response.end(await reply.text());
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base, asked };
}

const isPeople = (request: IncomingMessage): boolean => (request.url ?? '').startsWith('/v1/people');

test('a source that is busy, fails now and then, and says more than we know, is read to its end', async (t) => {
  let turn = 0;
  const { base } = await startProxy(t, async (request, response) => {
    turn += 1;
    if (turn % 4 === 0) {
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    }
    if (turn % 6 === 0) {
      response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>back soon</h1>');
      return true;
    }
    if (!(request.url ?? '').startsWith('/v1/workspaces')) return false;
    const reply = await fetch(`${source.platform.http}${request.url ?? ''}`, {
      headers: { authorization: request.headers.authorization ?? '' },
    });
    const { items } = (await reply.json()) as { items: Record<string, unknown>[] };
    for (const item of items) {
      Object.assign(item, { capacity: 7, created: 'now', devices: [{ id: 'x' }], notes: null });
      // A real answer has calling details elsewhere.
      if (item['calling']) item['calling'] = { type: 'webexCalling' };
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items, notFoundIds: null }));
    return true;
  });
  const run = await command(target, ['--organization', targetOrganization, '--from', `${base}/v1`, '--dry-run'], {
    WAYMARK_IMPORT_TOKEN: readFileSync(tokenFile, 'utf8'),
  });
  assert.equal(run.code, 0, run.text);
  assert.match(run.text, new RegExp(`people: 0 new, 0 to change, ${PEOPLE - 1} unchanged`));
  // The one without calling is now said to have it.
  assert.deepEqual(differences(run), ['~ workspace New Room', '    calling: "no" -> "yes"']);
});

test('a source that cannot be read ends the import before anything is changed', async (t) => {
  const organization = await newOrganization(target, 'Empty');
  const cases: [string, Answer, RegExp][] = [
    [
      'garbage',
      (request, response) => isPeople(request) && Boolean(response.end('<html>')),
      /cannot read the people: .* answered no JSON/,
    ],
    [
      'circles',
      (request, response, base) =>
        isPeople(request) &&
        Boolean(response.setHeader('link', `<${base}/v1/people?max=100>; rel="next"`).end('{"items":[{"id":"x"}]}')),
      /cannot read the people: .* sends round in circles/,
    ],
  ];
  const runs = cases.map(async ([name, answer, expected]) => {
    const { base } = await startProxy(t, answer);
    const parts = ['--organization', organization, '--from', base, '--token-file', tokenFile, '--yes'];
    const run = await command(target, parts);
    assert.equal(run.code, 1, name);
    assert.match(run.text, expected, name);
  });
  await Promise.all(runs);
  const foreign = join(folder, 'foreign.txt');
  writeFileSync(foreign, 'wm_of_somebody_else');
  const refused = await command(target, fromSource(organization, '--token-file', foreign, '--yes'));
  assert.equal(refused.code, 1);
  assert.match(refused.text, /cannot read the locations \(401\)/);
  const unknown = await command(target, fromSource('00000000-0000-4000-8000-000000000000', '--yes'));
  assert.equal(unknown.code, 1);
  assert.deepEqual(await all(target, organization, '/v1/locations', 'items'), []);
});

test('what the platform refuses is told in its words, and the rest goes on', async () => {
  const organization = await newOrganization(target, 'Partly');
  const made = join(folder, 'partly');
  mkdirSync(made);
  const rows = ['phoneNumber', 'location'];
  writeFileSync(
    join(made, 'locations.csv'),
    'name,address1,city,state,postalCode,country,timeZone\nHQ,1 Main St,Austin,TX,78701,US,America/Chicago\n',
  );
  // The first belongs to an organization that was taken over before.
  writeFileSync(join(made, 'numbers.csv'), `${rows.join(',')}\n+15125550100,HQ\n+15125557777,HQ\n`);
  const run = await command(target, [made, '--organization', organization, '--yes']);
  assert.equal(run.code, 1);
  assert.match(run.text, /failed: number \+15125550100: the number \+15125550100 is already in use/);
  assert.match(run.text, /2 done, 1 failed/);
  const numbers = await all(target, organization, `${CONFIG}/numbers`, 'phoneNumbers');
  assert.deepEqual(
    numbers.map((one) => (one as unknown as { phoneNumber: string }).phoneNumber),
    ['+15125557777'],
  );
});
