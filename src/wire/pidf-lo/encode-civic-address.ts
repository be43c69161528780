import { CIVIC_ELEMENTS, type CivicAddress, type CivicElement } from '../../domain/civic-address.ts';
import { collapseSpace, escapeAttribute, escapeText } from '../xml/xml.ts';
import { CIVIC, CIVIC_EXTENSION } from './namespaces.ts';

/** The elements that RFC 6848 §5 added, in a namespace of their own. */
export const CIVIC_EXTENSION_ELEMENTS: ReadonlySet<CivicElement> = new Set<CivicElement>(['PN', 'MP', 'STP', 'HNP']);
const COUNTRY = /^[A-Z]{2}$/;

/** What was written before: addresses of places never change, and the same ones are asked for again and again. */
const written = new WeakMap<CivicAddress, string>();

/**
 * `civicAddress` in the order that its schema demands (RFC 5139 §4), the elements of RFC 6848 last and in their own
 * namespace. A country that is no two-letter code is left out: the schema allows nothing else.
 */
export function encodeCivicAddress(civic: CivicAddress, language?: string): string {
  if (language !== undefined) return writeCivicAddress(civic, language);
  let xml = written.get(civic);
  if (xml === undefined) {
    xml = writeCivicAddress(civic, undefined);
    written.set(civic, xml);
  }
  return xml;
}

function writeCivicAddress(civic: CivicAddress, language: string | undefined): string {
  let xml = `<civicAddress xmlns="${CIVIC}"${language === undefined ? '' : ` xml:lang="${escapeAttribute(language)}"`}>`;
  for (const element of CIVIC_ELEMENTS) {
    const value = civic[element];
    if (value === undefined || value === '') continue;
    if (CIVIC_EXTENSION_ELEMENTS.has(element)) {
      xml += `<cae:${element} xmlns:cae="${CIVIC_EXTENSION}">${escapeText(collapseSpace(value))}</cae:${element}>`;
    } else if (element !== 'country') {
      xml += `<${element}>${escapeText(collapseSpace(value))}</${element}>`;
    } else if (COUNTRY.test(value.toUpperCase())) {
      xml += `<country>${value.toUpperCase()}</country>`;
    }
  }
  return `${xml}</civicAddress>`;
}
