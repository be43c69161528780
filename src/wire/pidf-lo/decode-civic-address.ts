import { type CivicAddress, type CivicElement, isCivicElement } from '../../domain/civic-address.ts';
import { type ElementReader, tokenReader, type XmlElement } from '../xml/xml.ts';
import { CIVIC, CIVIC_EXTENSION, CIVIC_OLD } from './namespaces.ts';
import type { Notes } from './notes.ts';

/** True for `civicAddress` of RFC 5139 and of RFC 4119, which peers still send. */
export function isCivicAddressElement(element: XmlElement): boolean {
  return element.local === 'civicAddress' && (element.uri === CIVIC || element.uri === CIVIC_OLD);
}

/**
 * Reads `civicAddress` (RFC 5139 §3, RFC 6848 §5). Elements of other namespaces and repeated ones are not part of the
 * address: each leaves a note with its value, so that nothing sent is lost silently; `isWhole` says that there were none.
 */
export function civicAddressReader(notes: Notes, done: (civic: CivicAddress, isWhole: boolean) => void): ElementReader {
  const civic: { [element in CivicElement]?: string } = {};
  let isWhole = true;
  const passOver = (note: string): void => {
    isWhole = false;
    notes.add(note);
  };
  return {
    child: ({ uri, local }) => {
      const known = isCivicElement(local) && (uri === CIVIC || uri === CIVIC_EXTENSION || uri === CIVIC_OLD);
      if (!known) return tokenReader((text) => passOver(`civicAddress: element {${uri}}${local} passed over: ${text}`));
      return tokenReader((text) => {
        if (text === '') return;
        if (civic[local] !== undefined) passOver(`civicAddress: repeated ${local} passed over: ${text}`);
        else civic[local] = local === 'country' ? text.toUpperCase() : text;
      });
    },
    end: () => done(civic, isWhole),
  };
}
