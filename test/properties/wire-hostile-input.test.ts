import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../../src/domain/problem.ts';
import { decodeHeldAnswer, decodeLocationRequest } from '../../src/wire/held/held.ts';
import { decodeLostAnswer, decodeLostQuery } from '../../src/wire/lost/lost.ts';
import { decodePresence } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { type ElementReader, readXml, type XmlElement } from '../../src/wire/xml/xml.ts';
import { readWithLibxml2, type TreeVerdict, type XmlTree } from '../support/xml-schemas.ts';

const DECODERS = { decodePresence, decodeLocationRequest, decodeHeldAnswer, decodeLostQuery, decodeLostAnswer };

const EXAMPLES = ['held', 'lost', 'pidf-lo'].flatMap((folder) => {
  const directory = join(import.meta.dirname, '../conformance', folder, 'examples');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.xml'))
    .sort()
    .map((name) => readFileSync(join(directory, name)));
});

/** Bytes that mean something to XML, so that mutations hit its grammar and not only its text. */
const MARKUP = (
  `< > / & ; " ' = : ? ! -- ]]> <![CDATA[ <!-- --> <? ?> &amp; &#x41; &#0; &#xD800; &nope; xmlns xmlns:p="" xml:lang p: ` +
  `\u0000 \u0001 é \uFFFE 😀 <a> </a> <a/> <p:a/>`
).split(' ');

const markup = fc.constantFrom(
  ...MARKUP,
  ' ',
  '\t',
  '\r\n',
  '<a b="c"',
  ' a="1" a="2"',
  ' xmlns:q="urn:p" p:a="1" q:a="2"',
  '<?xml version="1.0"?>',
);

type Edit = { at: number; remove: number; insert: Uint8Array };

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: 1_000_000 }),
  remove: fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 200 }) }),
  insert: fc.oneof(
    { weight: 4, arbitrary: markup.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
  ),
});

function apply(document: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((bytes, { at, remove, insert }) => {
    const start = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]);
  }, document);
}

const mutated = fc
  .tuple(fc.constantFrom(...EXAMPLES), fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([document, edits]) => apply(document, edits));

/** Small documents made of markup alone, which hit the grammar harder than mutations of big ones. */
const fragments = fc
  .array(fc.oneof({ weight: 3, arbitrary: markup }, { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'x', ' ') }), {
    maxLength: 8,
  })
  .map((pieces) => Buffer.from(`<a xmlns:p="urn:p">${pieces.join('')}</a>`));

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
    fc.assert(fc.property(mutated, assertOnlyProblems), RUNS);
  });
});

/** Where we are stricter: no document types, no encoding but UTF-8, versions as XML 1.0 §2.8 wants them. */
function isRefusedOnPurpose(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const [declaration = ''] = /^(?:ï»¿)?<\?xml[^>]*/.exec(text) ?? [];
  const isOddVersion = declaration !== '' && !/version\s*=\s*["']1\.\d+["']/.test(declaration);
  return text.includes('<!DOCTYPE') || /encoding\s*=\s*["'](?!utf-?8["'])/i.test(declaration) || isOddVersion;
}

const ATTRIBUTES = ['a', 'b', 'id', 'entity', 'srsName', 'uom', 'profile', 'source', 'expires', 'message', 'type'];

function readTree(bytes: Uint8Array): TreeVerdict {
  let root: XmlTree | undefined;
  const reader = (element: XmlElement, done: (tree: XmlTree) => void): ElementReader => {
    const inner: XmlTree[] = [];
    const attributes = [...ATTRIBUTES.map((name) => element.attribute(name)), element.language()];
    return {
      child: (child) => reader(child, (tree) => inner.push(tree)),
      end: (text) => done({ uri: element.uri, local: element.local, text, attributes, inner }),
    };
  };
  try {
    readXml(bytes, { maxBytes: 1_000_000 }, (element) =>
      reader(element, (tree) => {
        root = tree;
      }),
    );
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return { wellFormed: false };
  }
  assert.ok(root !== undefined, 'accepted without a root');
  return { wellFormed: true, tree: root };
}

function assertSameReading(bytes: Uint8Array): void {
  const [ours, theirs] = [readTree(bytes), readWithLibxml2(bytes, ATTRIBUTES)];
  if (theirs === undefined) return;
  if (theirs.wellFormed && !ours.wellFormed && isRefusedOnPurpose(bytes)) return;
  const document = JSON.stringify(Buffer.from(bytes).toString());
  assert.equal(ours.wellFormed, theirs.wellFormed, `well-formed: we say ${ours.wellFormed} of ${document}`);
  if (theirs.wellFormed && ours.wellFormed) assert.deepEqual(ours.tree, theirs.tree);
}

suite('documents are read as libxml2 reads them: well-formedness and values', () => {
  test('every example', () => {
    for (const example of EXAMPLES) assertSameReading(example);
  });

  test('mutated documents', () => {
    fc.assert(fc.property(mutated, assertSameReading), RUNS);
  });

  test('small documents full of markup', () => {
    fc.assert(fc.property(fragments, assertSameReading), { ...RUNS, numRuns: 5_000 });
  });
});
