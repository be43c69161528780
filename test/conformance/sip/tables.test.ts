/** The tables of scenarios name tests that there are. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = globSync(['test/**/*.test.ts', 'src/**/*.test.ts'], { cwd: ROOT })
  .map((path) => readFileSync(`${ROOT}${path}`, 'utf8'))
  .join('\n');

for (const table of ['docs/conformance/esrp.md', 'test/conformance/sip/README.md']) {
  test(`${table}: every scenario and every file is there`, () => {
    const text = readFileSync(`${ROOT}${table}`, 'utf8');
    const names = [...text.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map((found) => found[1] ?? '');
    assert.ok(names.length > 20);
    const unknown = names.filter((name) => name.split('…').some((part) => !SOURCES.includes(part.trim())));
    assert.deepEqual(unknown, []);
    const files = [...text.matchAll(/`((?:src|test)\/[\w./-]+\.test\.ts)`/g)].map((found) => found[1] ?? '');
    assert.deepEqual(
      files.filter((path) => !existsSync(`${ROOT}${path}`)),
      [],
    );
  });
}
