import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonPieces } from './json-pieces.ts';

test('the pieces are what JSON.stringify gives, whatever the document', () => {
  const documents = fc.oneof(
    fc.object({ maxDepth: 8, withDate: true, withNullPrototype: true, values: [fc.anything({ maxDepth: 0 })] }),
    fc.array(fc.object({ maxDepth: 4 })),
  );
  fc.assert(
    fc.property(documents, (document) => {
      assert.equal([...jsonPieces(document)].join(''), JSON.stringify(document));
    }),
    { numRuns: 300 },
  );
});

test('one organization with many members is many pieces', () => {
  const members = Array.from({ length: 10_000 }, (_, index) => ({ id: `member ${index}`, note: 'x'.repeat(100) }));
  const document = { version: 1, rows: [['organization', { members }]] };
  const pieces = [...jsonPieces(document)];
  assert.equal(pieces.join(''), JSON.stringify(document));
  assert.ok(pieces.length > 10);
  assert.ok(pieces.every((piece) => piece.length < 80_000));
});
