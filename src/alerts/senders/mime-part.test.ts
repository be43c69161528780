import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { encodeQuotedPrintable, textPartHead } from './mime-part.ts';

const written = fc
  .array(fc.oneof(fc.constantFrom('\n', '\r\n', ' ', '\t', '=', '.', 'é', '🚨', 'ا', '\ud800', '=3D'), fc.string()))
  .map((pieces) => pieces.join(''));

test('any text comes back as it was, in lines that every mail server takes', () =>
  fc.assert(
    fc.asyncProperty(written, async (text) => {
      const wanted = text.toWellFormed().replace(/\r\n|\r|\n/g, '\n');
      const encoded = encodeQuotedPrintable(text);
      for (const line of encoded.split('\r\n')) {
        assert.ok(line.length <= 76, line);
        assert.match(line, /^[\t\x20-\x7e]*$/);
        assert.doesNotMatch(line, /^\.|[\t ]$/);
      }
      const { text: read } = await PostalMime.parse(textPartHead('text/plain') + encoded);
      assert.equal((read ?? '').replace(/\n+$/, ''), wanted.replace(/\n+$/, ''));
    }),
    { numRuns: 500 },
  ));
