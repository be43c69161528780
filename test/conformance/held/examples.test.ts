import assert from 'node:assert/strict';
import { suite } from 'node:test';
import {
  decodeHeldAnswer,
  decodeLocationRequest,
  encodeHeldError,
  encodeLocationRequest,
  encodeLocationResponse,
  HELD_ERROR_CODES,
} from '../../../src/wire/held/held.ts';
import { testExamples } from '../../support/must-pass.ts';
import { assertValid } from '../../support/xml-schemas.ts';

suite('HELD examples of the RFCs', () => {
  testExamples(import.meta.dirname, (xml, name) => {
    assertValid('held', xml);
    if (name.includes('locationRequest')) {
      const { notes: _, ...request } = decodeLocationRequest(xml);
      const written = encodeLocationRequest(request);
      assertValid('held', written);
      assert.deepEqual(decodeLocationRequest(written), { ...request, notes: [] });
      return;
    }
    const answer = decodeHeldAnswer(xml);
    if (answer.type === 'error') {
      const code = HELD_ERROR_CODES.find((known) => known === answer.code);
      assert.ok(code !== undefined);
      const written = encodeHeldError({ ...answer, code });
      assertValid('held', written);
      assert.deepEqual(decodeHeldAnswer(written), answer);
    } else {
      assert.ok(answer.presence !== undefined || answer.locationUriSet !== undefined, 'empty');
      const written = encodeLocationResponse(answer);
      assertValid('held', written);
      assert.deepEqual(decodeHeldAnswer(written), { ...answer, notes: [] });
    }
  });
});
