/** The scripts that the first start prints, each run as a newcomer pastes it, against a platform that has just started. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 120_000;

type Run = { code: number | null; output: string; errors: string };

let platform: RunningPlatform;

before(async () => {
  platform = await runPlatform({ fromNothing: true });
});

after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
});

function run(script: string, args: readonly string[] = [], dataDir = platform.dataDir): Promise<Run> {
  const child = spawn(join('examples', script), args, {
    cwd: ROOT,
    env: { ...process.env, WAYMARK_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
  });
}

async function succeed(script: string, ...args: string[]): Promise<string> {
  const { code, output, errors } = await run(script, args);
  assert.equal(code, 0, `${script}\n${output}\n${errors}`);
  return output;
}

test('onboard.sh takes the fresh organization through every stage, and says so when it is run again', async () => {
  const first = await succeed('onboard.sh');
  for (const stage of ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED']) {
    assert.match(first, new RegExp(`${stage} is completed now`));
  }
  assert.match(first, /"orgStatus":"ENABLED","complianceStatus":"COMPLIANT"/);
  assert.match(first, /\{"integrationEnabled":true,"routingEnabled":true\}/);
  assert.doesNotMatch(first, /before/);
  const again = await succeed('onboard.sh');
  assert.doesNotMatch(again, /completed now/);
  for (const said of [
    'Denver Office was there before',
    'there was an account before',
    'there was a building before',
    'ROUTING_ENABLED was completed before',
    'the number was taken before',
  ]) {
    assert.ok(again.includes(said), said);
  }
  const { token, url } = { token: platform.firstRun().fresh?.tokens.fullAdmin, url: platform.http };
  const locations = await fetch(`${url}/v1/locations`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await locations.json()) as { items: { name: string }[] };
  assert.deepEqual(
    items.map(({ name }) => name),
    ['Denver Office'],
  );
});

test('ask-held.sh turns a switch port into floor and room, and the location URI resolves', async () => {
  const output = await succeed('ask-held.sh');
  assert.match(output, /^301 W 2nd St, Austin, TX 78701: floor 3, room 312$/m);
  assert.match(output, new RegExp(`^GET ${platform.http}/held/l/\\S+$`, 'm'));
  assert.match(output, /<presence [^]*<ROOM>312<\/ROOM>[^]*<\/presence>\s*$/);
});

test('ask-lost.sh tells who answers at a point, and says so when nobody does', async () => {
  assert.match(await succeed('ask-lost.sh'), /^== San Juan Municipio, Puerto Rico \(county-level default, simulated/m);
  assert.match(await succeed('ask-lost.sh', '43.6534', '-79.3841'), /^== .*Ontario/m);
  const nowhere = await run('ask-lost.sh', ['0', '0']);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.errors, /goes to the relay centre/);
});

test('call-911.sh calls with the location from HELD, shows the trace and the mail', async () => {
  const output = await succeed('call-911.sh');
  assert.match(output, /< 200 OK/);
  assert.match(output, /completed: Travis County, Texas .* at 301 W 2nd St, Floor 3, Room 312, Austin, TX 78701, US/);
  assert.match(output, /attach-location: .*location URI of ours .*found by switch port/);
  assert.match(output, /security\.austin@example\.com at /);
  assert.match(output, /security\.desk@example\.com at /);
  assert.match(output, /A 911 call was made[^]*Callback number: \+15125550101[^]*Room: 312/);
  const link = /Decision trace: (\S+)/.exec(output)?.[1];
  assert.ok(link, 'the mail links to the trace');
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<title>Waymark<\/title>/);
});

test('without a platform every script says what to do', async () => {
  const nowhere = mkdtempSync(join(tmpdir(), 'waymark-nowhere-'));
  try {
    for (const script of ['onboard.sh', 'ask-held.sh', 'ask-lost.sh', 'call-911.sh']) {
      const { code, errors } = await run(script, [], nowhere);
      assert.equal(code, 1);
      assert.match(errors, new RegExp(`^${script}: .*first-run.json cannot be read: start the platform first`, 'm'));
    }
    const known = JSON.parse(readFileSync(join(platform.dataDir, 'first-run.json'), 'utf8')) as object;
    writeFileSync(join(nowhere, 'first-run.json'), JSON.stringify({ ...known, baseUrl: 'http://127.0.0.1:9' }));
    const { code, errors } = await run('onboard.sh', [], nowhere);
    assert.equal(code, 1);
    assert.match(errors, /nothing answers at http:\/\/127\.0\.0\.1:9: start the platform first/);
  } finally {
    rmSync(nowhere, { recursive: true, force: true });
  }
});
