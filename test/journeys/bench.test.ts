/** A short slice of `npm run bench`: both sides answer, and nothing goes wrong. How fast is no matter here. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));

async function bench(...names: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [RUN, '--quick', ...names], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Names of benches, and what each must print; the one at scale prints under the name of the path that it measures. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  held: ['held/requests'],
  'held-at-scale': ['held/requests-10k-elements-1-companies'],
  lost: ['lost/requests', 'lost/requests-national', 'lost/reload-p99'],
  sip: ['sip/calls', 'sip/invite-to-invite-p99'],
  lookup: ['lookup/boundaries'],
  address: ['address/validations'],
  'control-plane': [
    'control-plane/status',
    'control-plane/compliance-list',
    'control-plane/locations-list',
    'control-plane/stage-change',
  ],
  'wire-map': ['wire-map/import-10k-rows', 'wire-map/change-on-another-node'],
  alerts: ['alerts/call-latency', 'alerts/acceptance-p99'],
};

for (const [path, names] of Object.entries(PATHS)) {
  test(`${path} runs beside its peer without an error`, { timeout: 240_000 }, async () => {
    const { code, output } = await bench(path);
    assert.equal(code, 0, output);
    for (const name of names) assert.match(output, new RegExp(`^${name} +[\\d.]+ `, 'm'), output);
  });
}

test('a name that is none is told, with those that are', async () => {
  const { code, output } = await bench('nothing');
  assert.equal(code, 2);
  assert.match(
    output,
    /no benchmark nothing; there are held, held-at-scale, lost, sip, lookup, address, control-plane, wire-map, alerts/,
  );
});
