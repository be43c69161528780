import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { readE164 } from './phone-number.ts';

test('numbers of the North American plan are read as the library reads them', () => {
  const digits = fc.stringMatching(/^[0-9]{8,12}$/);
  fc.assert(
    fc.property(digits, (national) => {
      const text = `+1${national}`;
      const parsed = parsePhoneNumberFromString(text, 'US');
      assert.equal(readE164(text), parsed?.isPossible() ? parsed.number : null);
    }),
    { numRuns: 2_000, seed: 911 },
  );
});

test('what people write becomes E.164; what is no number does not', () => {
  assert.equal(readE164('(512) 555-0199'), '+15125550199');
  assert.equal(readE164('+44 20 7946 0018'), '+442079460018');
  for (const text of ['', '911', 'abc', '+1512555019', '1'.repeat(65)]) assert.equal(readE164(text), null);
});
