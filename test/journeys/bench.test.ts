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

const CONTROL_PLANE = ['status', 'compliance-list', 'locations-list', 'stage-change'].map(
  (one) => `control-plane/${one}`,
);

const PATHS = ['held', 'held-at-scale', 'lost', 'sip', 'lookup', 'address', 'control-plane', 'wire-map'];

test('every path runs beside its peer without an error', { timeout: 240_000 }, async () => {
  const { code, output } = await bench(...PATHS);
  assert.equal(code, 0, output);
  for (const name of [
    'held/requests',
    'lost/requests',
    'lost/requests-national',
    'lost/reload-p99',
    'sip/calls',
    'lookup/boundaries',
    'address/validations',
    ...CONTROL_PLANE,
  ]) {
    assert.match(output, new RegExp(`^${name} +[\\d.]+ `, 'm'), output);
  }
});

test('the burst of alerts runs beside calm without an error', { timeout: 240_000 }, async () => {
  const { code, output } = await bench('alerts');
  assert.equal(code, 0, output);
  for (const name of ['alerts/call-latency', 'alerts/acceptance-p99']) {
    assert.match(output, new RegExp(`^${name} +[\\d.]+ `, 'm'), output);
  }
});

test('a name that is none is told, with those that are', async () => {
  const { code, output } = await bench('nothing');
  assert.equal(code, 2);
  assert.match(
    output,
    /no benchmark nothing; there are held, held-at-scale, lost, sip, lookup, address, control-plane, wire-map, alerts/,
  );
});
