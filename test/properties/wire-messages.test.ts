import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  decodeHeldAnswer,
  decodeLocationRequest,
  encodeHeldError,
  encodeLocationRequest,
  encodeLocationResponse,
} from '../../src/wire/held/held.ts';
import { decodeLostAnswer, decodeLostQuery, encodeLostAnswer, encodeLostQuery } from '../../src/wire/lost/lost.ts';
import { decodePresence, encodePresence } from '../../src/wire/pidf-lo/pidf-lo.ts';
import {
  heldError,
  locationRequest,
  locationResponse,
  lostAnswer,
  lostQuery,
  pidfDocument,
} from '../support/wire-arbitraries.ts';
import { assertValid } from '../support/xml-schemas.ts';

/** What is read must be what was written, without a remark; and what is written must be valid by its schema. */
const RUNS = { numRuns: 300, seed: 911 };

function withoutNotes<T extends { notes: readonly string[] }>({ notes, ...value }: T): Omit<T, 'notes'> {
  assert.deepEqual(notes, []);
  return value;
}

suite('messages survive writing and reading', () => {
  test('PIDF-LO', () => {
    fc.assert(
      fc.property(pidfDocument, (document) => {
        const xml = encodePresence(document);
        assertValid('pidf-lo', xml);
        assert.deepEqual(withoutNotes(decodePresence(xml)), document);
      }),
      RUNS,
    );
  });

  test('HELD locationRequest', () => {
    fc.assert(
      fc.property(locationRequest, (request) => {
        const xml = encodeLocationRequest(request);
        assertValid('held', xml);
        assert.deepEqual(withoutNotes(decodeLocationRequest(Buffer.from(xml))), request);
      }),
      RUNS,
    );
  });

  test('HELD locationResponse', () => {
    fc.assert(
      fc.property(locationResponse, (response) => {
        const xml = encodeLocationResponse(response);
        assertValid('held', xml);
        const answer = decodeHeldAnswer(Buffer.from(xml));
        assert.equal(answer.type, 'locationResponse');
        if (answer.type !== 'locationResponse') return;
        const { type: _, presence, ...rest } = withoutNotes(answer);
        assert.deepEqual(presence === undefined ? rest : { ...rest, presence: withoutNotes(presence) }, response);
      }),
      RUNS,
    );
  });

  test('HELD error', () => {
    fc.assert(
      fc.property(heldError, (error) => {
        const xml = encodeHeldError(error);
        assertValid('held', xml);
        assert.deepEqual(decodeHeldAnswer(xml), { type: 'error', ...error });
      }),
      RUNS,
    );
  });

  test('LoST queries', () => {
    fc.assert(
      fc.property(lostQuery, (query) => {
        const xml = encodeLostQuery(query);
        assertValid('lost', xml);
        assert.deepEqual(withoutNotes(decodeLostQuery(Buffer.from(xml))), query);
      }),
      RUNS,
    );
  });

  test('LoST answers', () => {
    fc.assert(
      fc.property(lostAnswer, (answer) => {
        const xml = encodeLostAnswer(answer);
        assertValid('lost', xml);
        assert.deepEqual(withoutNotes(decodeLostAnswer(Buffer.from(xml))), answer);
      }),
      RUNS,
    );
  });
});
