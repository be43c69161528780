import assert from 'node:assert/strict';
import { suite } from 'node:test';
import { decodeLostAnswer, decodeLostQuery, encodeLostAnswer, encodeLostQuery } from '../../../src/wire/lost/lost.ts';
import { testExamples } from '../../support/must-pass.ts';
import { assertValid } from '../../support/xml-schemas.ts';

/** Messages of RFC 6197 whose root the schema of RFC 5222 does not know. */
const IN_OTHER_SCHEMA = /getServiceListBoundary/;

suite('LoST examples of the RFCs', () => {
  testExamples(import.meta.dirname, (xml, name) => {
    if (/Response|errors|redirect/.test(name)) {
      const { notes: _, ...answer } = decodeLostAnswer(xml);
      const written = encodeLostAnswer(answer);
      if (!IN_OTHER_SCHEMA.test(name)) assertValid('lost', written);
      assert.deepEqual(decodeLostAnswer(written), { ...answer, notes: [] });
      return;
    }
    const { notes: _, ...query } = decodeLostQuery(xml);
    // A location of an unknown profile is kept as such; only the others can be written again.
    const writable =
      'locations' in query
        ? { ...query, locations: query.locations.filter(({ value }) => value.profile !== 'unusable') }
        : query;
    const written = encodeLostQuery(query);
    if (!IN_OTHER_SCHEMA.test(name)) assertValid('lost', written);
    assert.deepEqual(decodeLostQuery(written), { ...writable, notes: [] });
  });
});
