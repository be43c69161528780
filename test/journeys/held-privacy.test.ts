/**
 * Where people are is told to them and to nobody else: not to the log, at any level, not to the trail, and not to the saved
 * copies once it is purged (RFC 7105 §6.2, RFC 6753 §6).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const HOME = '198.51.100.77';
const ADDRESS = { address1: '301 Front St W', city: 'Toronto', state: 'ON', postalCode: 'M5V 2T6', country: 'CA' };
const BSSID = '02-00-5E-00-53-41';
/** Parts of the address, the network and the location URI that must stand nowhere. */
const TELLING = /Front|M5V|198\.51\.100\.77|00-53-41|00:53:41|held\/l\/[\w-]{20}/i;

let platform: RunningPlatform;
let client: PlatformClient;

before(async () => {
  platform = await runPlatform({ env: { WAYMARK_LOG_LEVEL: 'debug' } });
  await eventually('the demonstration organization', 60_000, () => {
    try {
      return Promise.resolve(platform.firstRun());
    } catch {
      return Promise.resolve(undefined);
    }
  });
  client = openClient(platform.http, platform.firstRun().tokens.fullAdmin ?? '');
});

after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
});

async function held(content: string): Promise<string> {
  const response = await fetch(`${platform.http}/held/c/${platform.firstRun().companyId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/held+xml' },
    body: content,
  });
  return response.text();
}

const request = (inner: string): string =>
  `<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held">${inner}</locationRequest>`;

test('a nomadic journey leaves no location in the log or the trail, and none in saved copies after the purge', async () => {
  const path = '/api/devices/softphone-41';
  const network = { publicAddress: HOME, bssids: [BSSID] };
  await client.must('PUT', `${path}/address`, { address: ADDRESS, network });
  const softphone =
    `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><fqdn>softphone-41</fqdn><ip v="4">${HOME}</ip></device>` +
    '<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm"><wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi">' +
    `<ap serving="true"><bssid>${BSSID}</bssid></ap></wifi></measurements>`;
  const answer = await held(request(softphone));
  assert.match(answer, /Front/, 'who asks is told');
  const uri = /<locationURI>([^<]+)</.exec(answer)?.[1] ?? '';
  assert.match(await (await fetch(uri)).text(), /Front/);
  assert.match(await (await fetch(uri, { method: 'POST', body: request('') })).text(), /Front/);
  await client.must('POST', '/api/explain/location', { request: request(softphone), sourceAddress: HOME });
  // What fails is logged more readily than what works.
  await held(`${request(softphone)}<`);
  await held(request(softphone).replace('fqdn>', 'x>'));
  await fetch(`${uri}x`);
  await client.ask('PUT', `${path}/address`, { address: { ...ADDRESS, country: 'XX' }, network });
  await client.ask('PUT', `${path}/address`, { address: ADDRESS, network: { bssids: ['Front'] } });

  await client.must('DELETE', path);
  assert.match(await (await fetch(uri)).text(), /locationUnknown/);
  assert.doesNotMatch(await held(request(softphone)), /Front/);
  const { items } = await client.must<{ items: { action: string; subject: string }[] }>('GET', '/api/audit?max=100');
  const trail = items.filter(({ subject }) => subject === 'device softphone-41');
  assert.deepEqual(
    trail.map(({ action }) => action),
    ['device.purged', 'device.address-registered'],
  );
  assert.doesNotMatch(JSON.stringify(trail), /Front|M5V|198\.51\.100\.77|00:53:41/);

  await platform.stop();
  assert.match(platform.log(), /"level":30/, 'the log is there');
  const told = platform
    .log()
    .split('\n')
    .filter((line) => TELLING.test(line));
  assert.deepEqual(told, []);
  const folder = join(platform.dataDir, 'snapshots');
  const saved = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  assert.ok(saved.some(({ name }) => name.startsWith('devices')));
  for (const { parentPath, name } of saved) {
    assert.doesNotMatch(readFileSync(join(parentPath, name), 'latin1'), /301 Front|M5V 2T6/, name);
  }
});
