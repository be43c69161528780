import { scanXml } from './scan-xml.ts';
import type { XmlElement } from './xml-element.ts';
import type { XmlLimits } from './xml-limits.ts';
import { checkDeclaredEncoding, readXmlText } from './xml-text.ts';

/**
 * Reads one element. A decoder is a handful of these, each made when its start tag is seen, so that the code has the
 * shape of the document and no tree is built.
 */
export type ElementReader = {
  /** Who reads this child; undefined: nobody, it is passed over with all that is in it. */
  readonly child?: (element: XmlElement) => ElementReader | undefined;
  /** Called at the end tag with the element's own text: references replaced, CDATA included, white space as it came. */
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
  const maxElements = limits.maxElements ?? DEFAULT_MAX_ELEMENTS;
  const maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;

  /** Readers of the open elements, and their texts so far. */
  const readers: ElementReader[] = [];
  const texts: string[] = [];
  let elements = 0;

  scanXml(readXmlText(input, limits.maxBytes), limits.maxAttributes ?? DEFAULT_MAX_ATTRIBUTES, {
    encoding: (name) => checkDeclaredEncoding(name, input),
    open: (element, refuse) => {
      elements += 1;
      if (elements > maxElements) refuse(`more than ${maxElements} elements`);
      if (readers.length >= maxDepth) refuse(`elements nested deeper than ${maxDepth}`);
      const parent = readers.at(-1);
      const reader = parent === undefined ? root(element) : parent.child?.(element);
      readers.push(reader ?? PASSED_OVER);
      texts.push('');
    },
    text: (piece) => {
      const top = readers.length - 1;
      if (readers[top]?.end !== undefined) texts[top] += piece;
    },
    close: () => {
      const text = texts.pop() ?? '';
      readers.pop()?.end?.(text);
    },
  });
}
