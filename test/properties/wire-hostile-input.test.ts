import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../../src/domain/problem.ts';
import { decodeHeldAnswer, decodeLocationRequest } from '../../src/wire/held/held.ts';
import { decodeLostAnswer, decodeLostQuery } from '../../src/wire/lost/lost.ts';
import { decodePresence } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { assertSameReading } from '../support/fuzz/same-reading.ts';
import { mutated, piecesOfMarkup, readExamples, wellFormedDocuments } from '../support/fuzz/xml-documents.ts';

const DECODERS = { decodePresence, decodeLocationRequest, decodeHeldAnswer, decodeLostQuery, decodeLostAnswer };
const EXAMPLES = readExamples('held', 'lost', 'pidf-lo');
const RUNS = { numRuns: 2_000, seed: 112 };

function assertOnlyProblems(bytes: Uint8Array): void {
  for (const [name, decode] of Object.entries(DECODERS)) {
    try {
      decode(bytes);
    } catch (error) {
      assert.ok(error instanceof ProblemError, `${name} threw ${String(error)}`);
    }
  }
}

suite('decoders throw nothing but ProblemError', () => {
  test('on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), assertOnlyProblems), RUNS);
  });

  test('on mutated documents', () => {
    fc.assert(fc.property(mutated(EXAMPLES), assertOnlyProblems), RUNS);
  });
});

// `npm run fuzz -- xml` asks the same of many more.
suite('documents are read as libxml2 reads them: well-formedness and values', () => {
  test('every example', () => {
    for (const example of EXAMPLES) assertSameReading(example);
  });

  test('mutated documents', () => {
    fc.assert(
      fc.property(mutated(EXAMPLES), (bytes) => void assertSameReading(bytes)),
      RUNS,
    );
  });

  test('small documents full of markup', () => {
    fc.assert(
      fc.property(piecesOfMarkup, (bytes) => void assertSameReading(bytes)),
      { ...RUNS, numRuns: 5_000 },
    );
  });

  test('well-formed documents in every way and encoding', () => {
    fc.assert(fc.property(wellFormedDocuments, assertSameReading), RUNS);
  });
});
