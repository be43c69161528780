import type { ElementReader } from './read-xml.ts';
import { collapseSpace } from './xml-values.ts';

/** Gives the element's text as `xs:token` (white space collapsed) to `done`; children are passed over. */
export function tokenReader(done: (text: string) => void): ElementReader {
  return { end: (text) => done(collapseSpace(text)) };
}
