/** The settings that phones get: what stands in them is what a phone then asks, and it is answered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { runCommandLine } from '../../src/commands/command-line.ts';
import { readConfig } from '../../src/config/config.ts';
import { askHeldAt } from '../support/journey-steps.ts';
import { openClient, type PlatformClient } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const SHIPPED = readFileSync(new URL('../../deploy/phones/multiplatform.xml', import.meta.url), 'utf8');
const PATH = '/api/e911-account/phone-profile';

let platform: TimedPlatform;
let admin: PlatformClient;

before(async () => {
  platform = await startTimedPlatform();
  admin = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
});
after(() => platform.stop());

async function profile(query = '', token = platform.firstRun.tokens.fullAdmin ?? ''): Promise<Response> {
  return fetch(`${platform.http}${PATH}${query}`, { headers: { authorization: `Bearer ${token}` } });
}

const parameter = (xml: string, name: string): string =>
  new RegExp(`<${name} ua="na">([^<]*)</${name}>`).exec(xml)?.[1] ?? '';

test('a phone with these settings gets its location, at both addresses', async () => {
  const answer = await profile(`?secondary=${encodeURIComponent(`${platform.http}/`)}&line=2&emergencyNumbers=911`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/xml/);
  const xml = await answer.text();
  assert.equal(parameter(xml, 'Emergency_Number_2_'), '911');
  const companyId = parameter(xml, 'Company_UUID_2_');
  assert.equal(companyId, platform.firstRun.companyId);
  const { switchChassis = '', switchPort = '', mac = '' } = platform.firstRun.examples ?? {};
  for (const name of ['Primary_Request_URL_2_', 'Secondary_Request_URL_2_']) {
    // As a multiplatform phone asks when it starts: who it is, and where LLDP says it is plugged in.
    const located = await askHeldAt(parameter(xml, name), { chassis: switchChassis, port: switchPort, mac });
    assert.equal(located.status, 200);
    assert.equal(located.room, '312', located.xml);
    assert.ok(located.locationUri.startsWith(`${platform.http}/held/l/`), located.xml);
  }
});

test('what is shipped to be filled in by hand is what would be filled in', async () => {
  const secondary = 'https://e911-b.example.com';
  const xml = await (await profile(`?secondary=${secondary}`)).text();
  const filled = SHIPPED.replaceAll('COMPANY-ID', platform.firstRun.companyId ?? '').replace(
    'https://e911-a.example.com',
    platform.http,
  );
  assert.equal(xml, filled);
});

test('the command prints them', async () => {
  const said: string[] = [];
  const token = platform.firstRun.tokens.operator ?? '';
  const code = await runCommandLine(
    ['phone-profile', '--organization', platform.firstRun.organizationId ?? '', '--line', '3'],
    {
      readConfig: () => readConfig({ WAYMARK_DATA_DIR: '/nonexistent' }),
      serve: () => Promise.resolve(0),
      startForTheMoment: () => Promise.resolve({ baseUrl: platform.http, token, close: () => Promise.resolve() }),
      restore: () => Promise.resolve(),
      say: (text) => said.push(text),
    },
  );
  assert.equal(code, 0);
  assert.equal(said.join('\n'), (await (await profile('?line=3')).text()).trimEnd());
});

test('bad input is told by field, and nothing is promised that would not work', async () => {
  for (const [query, field] of [
    ['?line=0', 'line'],
    ['?line=x', 'line'],
    ['?emergencyNumbers=', 'emergencyNumbers'],
    ['?emergencyNumbers=911;933', 'emergencyNumbers'],
    [`?emergencyNumbers=${'911,'.repeat(20)}911`, 'emergencyNumbers'],
    ['?secondary=e911-b', 'secondary'],
    ['?secondary=ftp://e911-b.example.com', 'secondary'],
    ['?secondary=https://user:word@e911-b.example.com', 'secondary'],
    ['?secondary=https://e911-b.example.com/%3Fa', 'secondary'],
  ] as const) {
    const answer = await profile(query);
    const text = await answer.text();
    assert.equal(answer.status, 400, `${query}: ${text}`);
    assert.ok(text.includes(field), `${query}: ${text}`);
  }
  const without = await profile('', platform.firstRun.fresh?.tokens.fullAdmin);
  assert.equal(without.status, 404, 'no E911 account yet');
  await admin.must('PATCH', '/api/e911-account', { secretRequired: true });
  const refused = await profile();
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /secretRequired/);
  await admin.must('PATCH', '/api/e911-account', { secretRequired: false });
});
