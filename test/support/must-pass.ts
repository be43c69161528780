import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/**
 * Tests every example of a conformance folder with `passes`, which throws when it does not pass. Those listed in
 * must-pass.txt must; one that passes without being listed is to be added, so that the list never lags behind.
 */
export function testExamples(folder: string, passes: (xml: Buffer, name: string) => void): void {
  const examples = join(folder, 'examples');
  const listed = new Set(readFileSync(join(folder, 'must-pass.txt'), 'utf8').split('\n').filter(Boolean));
  const names = readdirSync(examples)
    .filter((name) => name.endsWith('.xml'))
    .sort();

  test('every listed example exists', () => {
    assert.deepEqual(
      [...listed].filter((name) => !names.includes(name)),
      [],
    );
  });
  for (const name of names) {
    const xml = readFileSync(join(examples, name));
    if (listed.has(name)) test(name, () => passes(xml, name));
    else
      test(`${name} does not pass yet`, () =>
        assert.throws(() => passes(xml, name), 'passes: add it to must-pass.txt'));
  }
}
