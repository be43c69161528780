import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { addWireMapCommands } from './wire-map-commands.ts';

/** Runs a verb against a platform that answers as told; `FOLDER` stands for a folder with `wires.csv` in it. */
async function run(t: TestContext, argv: string[], answer: (method: string, path: string) => unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-commands-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'wires.csv'), 'kind,value,erl\n');
  const asked: string[] = [];
  const said: string[] = [];
  let failed = false;
  function ask<Body>(method: string, path: string): Promise<Body> {
    asked.push(`${method} ${path}`);
    return Promise.resolve(answer(method, path) as Body);
  }
  const api: ApiClient = {
    request: ask,
    download: ask,
    page: () => Promise.reject(new Error('no list here is read by its links')),
    baseUrl: 'http://127.0.0.1',
  };
  const program = new Command();
  addWireMapCommands(program, {
    withApi: (action) => action(api),
    say: (text) => said.push(text),
    fail: () => {
      failed = true;
    },
  });
  const words = ['wiremap', ...argv, '--organization', 'a'].map((word) => word.replace('FOLDER', folder));
  await program.parseAsync(words, { from: 'user' });
  return { asked, said: said.join('\n'), failed, folder };
}

const report = {
  format: 'waymark',
  counts: { added: 3, changed: 0, removed: 0, unchanged: 1, errors: 0 },
  errors: [],
  lint: { counts: {}, findings: [] },
};

test('a dry run without faults tells how it is stored; apply waits until it is', async (t) => {
  const checked = await run(t, ['import', 'FOLDER/wires.csv', '--dry-run'], () => ({
    id: 'i',
    state: 'checked',
    percent: 100,
    report,
    problem: null,
  }));
  assert.equal(
    checked.said,
    '3 would be added, 0 changed, 0 removed, 1 unchanged\nto store it within the hour: wiremap apply i',
  );
  const applied = await run(t, ['apply', 'i'], (method) =>
    method === 'POST'
      ? { id: 'i', state: 'applying', percent: 0, report: null, problem: null }
      : { id: 'i', state: 'applied', percent: 100, report, problem: null },
  );
  assert.deepEqual(applied.asked, [
    'POST /api/wire-map/imports/i/apply?orgId=a',
    'GET /api/wire-map/imports/i?orgId=a',
  ]);
  assert.equal(applied.said, '3 were added, 0 changed, 0 removed, 1 unchanged');
  assert.equal(applied.failed, false);
});

test('elements that nobody sees are listed, what nobody mapped is written to a file', async (t) => {
  const unseen = await run(t, ['list', '--unseen-for-days', '30'], () => ({ items: [{ kind: 'mac', value: 'old' }] }));
  assert.deepEqual(unseen.asked, ['GET /api/wire-map?unseenForDays=30&orgId=a&start=0&max=1000']);
  assert.match(unseen.said, /mac +old/);
  const unmapped = await run(t, ['unmapped', 'FOLDER/out.csv'], () => 'kind,value\n');
  assert.deepEqual(unmapped.asked, ['GET /api/wire-map/unmapped/export?orgId=a']);
  assert.equal(await readFile(join(unmapped.folder, 'out.csv'), 'utf8'), 'kind,value\n');
});
