import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { encodeHeldError, encodeLocationResponse } from '../wire/held/held.ts';
import { encodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import { createHttpDereference } from './dereference-by-http.ts';
import { locationValue } from './testing/fake-lookups.ts';

const presence = { entity: 'pres:x@example.net', locations: [locationValue('TX', 'Dallas')] };

function answering(text: string) {
  return createHttpDereference(() => Promise.resolve(Buffer.from(text, 'utf8')));
}

test('a LIS may answer with a bare PIDF-LO or a locationResponse', async () => {
  for (const text of [encodePresence(presence), encodeLocationResponse({ presence })]) {
    assert.equal((await answering(text)('https://lis.example.org/x', 1_500)).civic?.A3, 'Dallas');
  }
});

test('errors, empty answers and noise are failures', async () => {
  for (const text of [encodeHeldError({ code: 'locationUnknown' }), encodeLocationResponse({}), 'noise', '']) {
    await assert.rejects(answering(text)('https://lis.example.org/x', 1_500), ProblemError);
  }
});
