import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { CONTRACTS, generateWebex } from '../../../scripts/generate-webex.ts';

test('the generated contract is what the pinned documents give', async () => {
  const documents = await Promise.all(CONTRACTS.map((contract) => readFile(contract, 'utf8')));
  const generated = await readFile(new URL('../../../src/wire/webex/operations.generated.ts', import.meta.url), 'utf8');
  assert.equal(generated, generateWebex(documents));
});

test('two documents cannot mean two things by one name', async () => {
  const [document = ''] = await Promise.all(CONTRACTS.map((contract) => readFile(contract, 'utf8')));
  assert.throws(() => generateWebex([document, document]), /two schemas of the name/);
});
