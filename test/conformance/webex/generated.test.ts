import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { generateWebex } from '../../../scripts/generate-webex.ts';

test('the generated contract is what the pinned document gives', async () => {
  const document = await readFile(
    new URL('../../../contract/webex/emergency-services.openapi.yml', import.meta.url),
    'utf8',
  );
  const generated = await readFile(new URL('../../../src/wire/webex/operations.generated.ts', import.meta.url), 'utf8');
  assert.equal(generated, generateWebex(document));
});
