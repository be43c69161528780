import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ProblemError } from '../../domain/problem.ts';
import type { XmlLimits } from './xml-limits.ts';
import { checkDeclaredEncoding, readXmlText } from './xml-text.ts';

/** A start tag with its namespaces resolved. */
export class XmlElement {
  /** Namespace name, empty when the element has none. */
  readonly uri: string;
  /** Name without prefix. */
  readonly local: string;
  readonly #tag: SaxesTagNS;

  constructor(tag: SaxesTagNS) {
    this.uri = tag.uri;
    this.local = tag.local;
    this.#tag = tag;
  }

  /** Value of the attribute that has this name and no namespace. */
  attribute(name: string): string | undefined {
    return this.#tag.attributes[name]?.value;
  }

  /** Value of `xml:lang`. */
  language(): string | undefined {
    return this.#tag.attributes['xml:lang']?.value;
  }
}

/**
 * Reads one element. A decoder is a handful of these, each made when its start tag is seen, so that the code has the
 * shape of the document and no tree is built.
 */
export type ElementReader = {
  /** Who reads this child; undefined: nobody, it is passed over with all that is in it. */
  readonly child?: (element: XmlElement) => ElementReader | undefined;
  /** Called at the end tag with the element's own text: references resolved, CDATA included, white space as it came. */
  readonly end?: (text: string) => void;
};

const PASSED_OVER: ElementReader = {};
const DEFAULT_MAX_ELEMENTS = 20_000;
const DEFAULT_MAX_ATTRIBUTES = 64;
const DEFAULT_MAX_DEPTH = 64;

/**
 * Reads a whole document, `root` deciding who reads its root element. Throws `malformed` (with line and column) for
 * what is not namespace-well-formed XML 1.0, has a document type or exceeds a limit of count or depth, and
 * `too-large` above `maxBytes`. What readers throw comes through unchanged.
 */
export function readXml(
  input: Uint8Array | string,
  limits: XmlLimits,
  root: (element: XmlElement) => ElementReader | undefined,
): void {
  const text = readXmlText(input, limits.maxBytes);
  const maxElements = limits.maxElements ?? DEFAULT_MAX_ELEMENTS;
  const maxAttributes = limits.maxAttributes ?? DEFAULT_MAX_ATTRIBUTES;
  const maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;

  // XML 1.1 would let control characters in; peers that say 1.1 send 1.0.
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const refuse = (detail: string): never => {
    throw new ProblemError('malformed', `XML line ${parser.line}, column ${parser.column + 1}: ${detail}`);
  };

  /** Readers of the open elements, and their texts so far. */
  const readers: ElementReader[] = [];
  const texts: string[] = [];
  let elements = 0;
  let attributes = 0;

  parser.on('xmldecl', (declaration) => {
    if (declaration.encoding !== undefined) checkDeclaredEncoding(declaration.encoding, input);
  });
  parser.on('doctype', () => refuse('a document type declaration is not allowed'));
  parser.on('error', (error) => refuse(error.message.replace(/^\d+:\d+: /, '')));
  parser.on('opentagstart', () => {
    attributes = 0;
    elements += 1;
    if (elements > maxElements) refuse(`more than ${maxElements} elements`);
    if (readers.length >= maxDepth) refuse(`elements nested deeper than ${maxDepth}`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > maxAttributes) refuse(`more than ${maxAttributes} attributes on one element`);
  });
  parser.on('opentag', (tag) => {
    const parent = readers.at(-1);
    const reader = parent === undefined ? root(new XmlElement(tag)) : parent.child?.(new XmlElement(tag));
    readers.push(reader ?? PASSED_OVER);
    texts.push('');
  });
  const collect = (piece: string): void => {
    const top = readers.length - 1;
    if (readers[top]?.end !== undefined) texts[top] += piece;
  };
  parser.on('text', collect);
  parser.on('cdata', collect);
  parser.on('closetag', () => {
    const text = texts.pop() ?? '';
    readers.pop()?.end?.(text);
  });

  parser.write(text).close();
}
