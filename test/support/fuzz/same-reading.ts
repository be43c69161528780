/** Whether our XML reader and libxml2 see the same in a document: well-formed or not, and every value. */
import assert from 'node:assert/strict';
import { ProblemError } from '../../../src/domain/problem.ts';
import { type ElementReader, readXml, type XmlElement } from '../../../src/wire/xml/xml.ts';
import { readWithLibxml2, type TreeVerdict, type XmlTree } from '../xml-schemas.ts';

const MAX_BYTES = 1_000_000;
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
    readXml(bytes, { maxBytes: MAX_BYTES }, (element) =>
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

/** Where we are stricter: no document types, no encodings but four, versions as XML 1.0 §2.8 wants them. */
function isRefusedOnPurpose(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\u0000', '');
  const [declaration = ''] = /^(?:ï»¿|ÿþ|þÿ)?<\?xml[^>]*/.exec(text) ?? [];
  const isOddVersion = declaration !== '' && !/version\s*=\s*["']1\.\d+["']/.test(declaration);
  const encoding = /encoding\s*=\s*["']([^"']*)["']/i.exec(declaration)?.[1];
  const isOddEncoding = encoding !== undefined && !/^(?:utf-?8|iso-8859-1)$/i.test(encoding);
  return text.includes('<!DOCTYPE') || isOddEncoding || isOddVersion;
}

/** Answers whether we took the document. */
export function assertSameReading(bytes: Uint8Array): boolean {
  const [ours, theirs] = [readTree(bytes), readWithLibxml2(bytes, ATTRIBUTES)];
  if (theirs === undefined) return ours.wellFormed;
  if (theirs.wellFormed && !ours.wellFormed && isRefusedOnPurpose(bytes)) return false;
  const document = JSON.stringify(Buffer.from(bytes).toString());
  assert.equal(ours.wellFormed, theirs.wellFormed, `well-formed: we say ${ours.wellFormed} of ${document}`);
  if (theirs.wellFormed && ours.wellFormed) assert.deepEqual(ours.tree, theirs.tree);
  return ours.wellFormed;
}
