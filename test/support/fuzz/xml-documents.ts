/** Documents for decoders: the pinned examples changed at random, piles of markup, and well-formed ones in all of XML's ways. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

export type ExampleFolder = 'held' | 'lost' | 'pidf-lo';

export function readExamples(...folders: readonly ExampleFolder[]): Buffer[] {
  return folders.flatMap((folder) => {
    const directory = join(import.meta.dirname, '../../conformance', folder, 'examples');
    return readdirSync(directory)
      .filter((name) => name.endsWith('.xml'))
      .sort()
      .map((name) => readFileSync(join(directory, name)));
  });
}

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

/** What stands in the place of a letter or digit of a value. */
const values = fc.constantFrom(
  ...'0 1 2 7 9 -1 00 127.0.0.1 10.1.2.9 ::1 255 65536 4294967296 1e9 NaN Infinity 90.5 180.01 -97.74 a Z f é 中 _ . , ; : %41 urn: sip:'.split(
    ' ',
  ),
  ' ',
  '',
  'x'.repeat(300),
  '9'.repeat(40),
);
const place = fc.noBias(fc.nat({ max: 1_000_000 }));
/** Text between tags, or an attribute's value other than a namespace. */
const VALUE = />[^<]+<|(?<!xmlns(?::\w+)?)="[^"]*"/g;

/** Where the letters and digits of a document's values stand. */
function valuePlaces(document: string): number[] {
  const found: number[] = [];
  for (const match of document.matchAll(VALUE)) {
    for (let at = match.index + 1; at < match.index + match[0].length - 1; at += 1) {
      if (/[A-Za-z0-9]/.test(document[at] ?? '')) found.push(at);
    }
  }
  return found;
}

function changeValue(document: string, choice: number, value: string): string {
  const places = valuePlaces(document);
  if (places.length === 0) return document;
  const at = places[choice % places.length] ?? 0;
  return `${document.slice(0, at)}${value}${document.slice(at + 1)}`;
}

/** One of `documents` with some letters or digits of its text and attributes changed: mostly still well-formed. */
export function changed(documents: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(fc.tuple(place, values), { maxLength: 3 }))
    .map(([document, changes]) =>
      Buffer.from(
        changes.reduce((text, [at, value]) => changeValue(text, at, value), Buffer.from(document).toString()),
      ),
    );
}

/** One of `documents` with one to three places of its bytes changed: mostly malformed. */
export function mutated(documents: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([document, edits]) => apply(document, edits));
}

/** Small documents made of markup alone, which hit the grammar harder than mutations of big ones. */
export const piecesOfMarkup: fc.Arbitrary<Uint8Array> = fc
  .array(fc.oneof({ weight: 3, arbitrary: markup }, { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'x', ' ') }), {
    maxLength: 8,
  })
  .map((pieces) => Buffer.from(`<a xmlns:p="urn:p">${pieces.join('')}</a>`));

const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');
const text = fc
  .array(
    fc.constantFrom(
      'x',
      'é',
      '12½',
      '中',
      '😀',
      ' ',
      '\n',
      '\r\n',
      '\t',
      '&amp;',
      '&lt;',
      '&gt;',
      '&quot;',
      '&apos;',
      '&#65;',
      '&#x1F600;',
      '&#13;',
      ']',
      '>',
    ),
    { maxLength: 6 },
  )
  // Only its own end may hold that (XML 1.0 §2.4).
  .map((pieces) => pieces.join('').replaceAll(']]>', ']'));
const comment = fc.constantFrom('<!---->', '<!-- a - b -->', '<!--<a>&nope;-->');
const instruction = fc.constantFrom('<?pi?>', '<?pi a="b"?>', '<?xml-style <a> ?>');
const data = fc.constantFrom('<![CDATA[]]>', '<![CDATA[<a>&amp;]]>', '<![CDATA[ ]] > \r\n]]>');
const attributeValue = fc
  .tuple(fc.constantFrom('"', "'"), text)
  .map(([quote, value]) => `${quote}${value.replaceAll(quote, '')}${quote}`);

type Content = string;

/** Names of elements and attributes: with `p` and `q` declared at the root, `a` and `b` in the namespace of the moment. */
const { document } = fc.letrec<{ document: string; element: Content; content: Content }>((tie) => ({
  content: fc
    .array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: text },
        { weight: 1, arbitrary: comment },
        { weight: 1, arbitrary: instruction },
        { weight: 1, arbitrary: data },
        { weight: 3, arbitrary: tie('element') },
      ),
      { maxLength: 4 },
    )
    .map((pieces) => pieces.join('')),
  element: fc
    .record({
      name: fc.constantFrom('a', 'b', 'p:a', 'q:b', 'é', 'a-b.c_1'),
      attributes: fc.uniqueArray(
        fc.tuple(
          fc.constantFrom('a', 'b', 'id', 'uom', 'p:a', 'q:a', 'xml:lang', 'xmlns', 'xmlns:p', 'xmlns:r'),
          attributeValue,
        ),
        { maxLength: 4, selector: ([name]) => name },
      ),
      around: space,
      isEmpty: fc.boolean(),
      content: tie('content'),
    })
    .map(({ name, attributes, around, isEmpty, content }) => {
      const written = attributes
        // A declaration names a namespace, and a prefix cannot be undeclared (Namespaces in XML 1.0 §6.1).
        .map(([key, value]) => `${around || ' '}${key}${around}=${key.startsWith('xmlns') ? '"urn:n"' : value}`)
        .join('');
      return isEmpty ? `<${name}${written}${around}/>` : `<${name}${written}${around}>${content}</${name}${around}>`;
    }),
  document: fc
    .tuple(
      fc.array(fc.oneof(comment, instruction, fc.constantFrom(' ', '\n')), { maxLength: 2 }),
      tie('element'),
      fc.array(fc.oneof(comment, instruction, fc.constantFrom(' ', '\n')), { maxLength: 2 }),
    )
    .map(([before, element, after]) => {
      const inner = `<root xmlns:p="urn:p" xmlns:q="urn:q">${element}</root>`;
      return `${before.join('')}${inner}${after.join('')}`;
    }),
}));

const onlyLatin1 = (content: string): string => content.replace(/[^\u0000-\u00ff]/g, '?');

/** Well-formed documents with prefixes, CDATA, comments, instructions, references, in every encoding that we read. */
export const wellFormedDocuments: fc.Arbitrary<Uint8Array> = fc
  .tuple(document, fc.constantFrom('bare', 'utf-8', 'mark', 'latin-1', 'utf-16le', 'utf-16be', 'utf-16 declared'))
  .map(([content, encoding]) => {
    switch (encoding) {
      case 'utf-8':
        return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${content}`);
      case 'mark':
        return Buffer.from(`\uFEFF<?xml version='1.0'?>\n${content}`);
      case 'latin-1':
        return Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${onlyLatin1(content)}`, 'latin1');
      case 'utf-16le':
        return Buffer.from(`\uFEFF${content}`, 'utf16le');
      case 'utf-16be':
        return Buffer.from(`\uFEFF${content}`, 'utf16le').swap16();
      case 'utf-16 declared':
        return Buffer.from(`\uFEFF<?xml version="1.0" encoding="UTF-16" standalone="yes"?>${content}`, 'utf16le');
      case 'bare':
        return Buffer.from(content);
    }
  });
