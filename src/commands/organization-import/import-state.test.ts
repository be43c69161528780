import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openImportState } from './import-state.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-import-state-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const silent = (text: string): void => assert.fail(text);

test('what is remembered is there next time, for that organization and that source alone; also when saved from many sides', async (t) => {
  const folder = await makeFolder(t);
  const state = await openImportState(folder, 'org', 'api.example:8911', silent);
  await state.save();
  await assert.rejects(stat(state.path), { code: 'ENOENT' });
  const saves = Array.from({ length: 50 }, (_, place) => {
    state.remember('person', `their-${place}`, `our-${place}`);
    return state.save();
  });
  await Promise.all(saves);
  const again = await openImportState(folder, 'org', 'api.example:8911', silent);
  assert.equal(again.known.size, 50);
  assert.equal(again.known.get('person/their-49'), 'our-49');
  assert.equal((await openImportState(folder, 'org', 'other.example', silent)).known.size, 0);
  assert.equal((await openImportState(folder, '../../org', 'api.example:8911', silent)).known.size, 0);
  assert.deepEqual(await readdir(join(folder, 'imports')), ['org-api.example_8911.json']);
  assert.equal((await stat(state.path)).mode & 0o777, 0o600);
});

test('a damaged file is told and begun anew', async (t) => {
  const folder = await makeFolder(t);
  const state = await openImportState(folder, 'org', 'csv', silent);
  state.remember('location', 'a', 'b');
  await state.save();
  for (const content of [
    '',
    '{"version":1,"kno',
    '[]',
    'null',
    '{"version":2,"known":{}}',
    '{"version":1,"known":7}',
  ]) {
    await writeFile(state.path, content);
    const said: string[] = [];
    const opened = await openImportState(folder, 'org', 'csv', (text) => said.push(text));
    assert.equal(opened.known.size, 0);
    assert.equal(said.length, 1, content);
    opened.remember('location', 'a', 'c');
    await opened.save();
    assert.match(await readFile(opened.path, 'utf8'), /"location\/a":"c"/);
  }
});

test('a disk that refuses is told once and stops nothing', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'imports'), 'a file where a folder should be');
  const said: string[] = [];
  await assert.rejects(openImportState(folder, 'org', 'csv', silent), { code: 'ENOTDIR' });
  await rm(join(folder, 'imports'));
  const state = await openImportState(folder, 'org', 'csv', (text) => said.push(text));
  await writeFile(join(folder, 'imports'), 'a file where a folder should be');
  for (const id of ['a', 'b']) {
    state.remember('person', id, id);
    await state.save();
  }
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /cannot be written/);
});
