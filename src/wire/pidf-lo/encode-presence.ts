import { escapeAttribute, escapeText, writeDateTimeMillis, writeNumber } from '../xml/xml.ts';
import { encodeCivicAddress } from './encode-civic-address.ts';
import { encodeShape } from './encode-shape.ts';
import { BASIC_POLICY, CONFIDENCE, DATA_MODEL, GEOPRIV, PIDF, SOURCE } from './namespaces.ts';
import type { PidfDocument, PidfLocation } from './presence.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A PIDF-LO document of its own, `application/pidf+xml`. */
export function encodePresence(document: PidfDocument): string {
  return XML_DECLARATION + encodePresenceElement(document);
}

/**
 * `presence` for inside another document, without prefix. Tuples come before `device` and `person` (RFC 3863 §4.1),
 * which keep their order; a `device` without deviceID is written as a tuple, for it cannot be written otherwise.
 */
export function encodePresenceElement({ entity, locations }: PidfDocument): string {
  let tuples = '';
  let others = '';
  const names = new Set<string>();
  for (const location of locations) {
    const id = nameBeside(names, location.id);
    if (location.element === 'person') {
      others += encodeDataModelElement('person', id, '', location);
    } else if (location.element === 'device' && location.deviceId !== undefined) {
      const deviceId = `<dm:deviceID>${escapeText(location.deviceId)}</dm:deviceID>`;
      others += encodeDataModelElement('device', id, deviceId, location);
    } else {
      tuples +=
        `<tuple id="${id}"><status>${encodeGeopriv(location)}</status>` +
        `${encodeTimestamp('timestamp', location)}</tuple>`;
    }
  }
  return `<presence xmlns="${PIDF}" entity="${escapeAttribute(entity)}">${tuples}${others}</presence>`;
}

function encodeDataModelElement(
  name: 'device' | 'person',
  id: string,
  identity: string,
  location: PidfLocation,
): string {
  return (
    `<dm:${name} xmlns:dm="${DATA_MODEL}" id="${id}">${encodeGeopriv(location)}${identity}` +
    `${encodeTimestamp('dm:timestamp', location)}</dm:${name}>`
  );
}

function encodeTimestamp(name: string, { timestamp }: PidfLocation): string {
  return timestamp === undefined ? '' : `<${name}>${writeDateTimeMillis(timestamp)}</${name}>`;
}

function encodeGeopriv(location: PidfLocation): string {
  const method = location.method === undefined ? '' : `<method>${escapeText(location.method)}</method>`;
  return (
    `<geopriv xmlns="${GEOPRIV}"><location-info>${encodeLocationInfo(location)}</location-info>` +
    `${encodeUsageRules(location)}${method}${encodeSource(location)}</geopriv>`
  );
}

/** RFC 7105 §4.4. */
function encodeSource({ source = [] }: PidfLocation): string {
  return source.length === 0 ? '' : `<source xmlns="${SOURCE}">${source.join(' ')}</source>`;
}

function encodeLocationInfo(location: PidfLocation): string {
  const civic = location.civic === undefined ? '' : encodeCivicAddress(location.civic, location.civicLanguage);
  const shape = location.shape === undefined ? '' : encodeShape(location.shape);
  let xml = location.civicFirst === true ? civic + shape : shape + civic;
  for (const other of location.otherShapes ?? []) xml += encodeShape(other);
  for (const other of location.otherCivics ?? []) xml += encodeCivicAddress(other);
  return xml + encodeConfidence(location);
}

/** RFC 7459 §4.1: between 0 and 100 exclusively, and meaningless for a point. */
function encodeConfidence({ shape, confidencePercent, confidenceUnknown }: PidfLocation): string {
  if (shape === undefined || shape.type === 'point') return '';
  const isKnown = confidencePercent !== undefined && confidencePercent > 0 && confidencePercent < 100;
  if (!isKnown && confidenceUnknown !== true) return '';
  return `<con:confidence xmlns:con="${CONFIDENCE}">${isKnown ? writeNumber(confidencePercent) : 'unknown'}</con:confidence>`;
}

/** The rules written last: a server gives the same ones to everybody for a while. */
let lastRules: { expiry: Date; allowed: boolean | undefined; xml: string } | undefined;

/** RFC 4119 §2.2.2. The element is mandatory even when it says nothing. */
function encodeUsageRules({ retransmissionAllowed, retentionExpiry }: PidfLocation): string {
  if (retransmissionAllowed === undefined && retentionExpiry === undefined) return '<usage-rules/>';
  if (lastRules !== undefined && lastRules.expiry === retentionExpiry && lastRules.allowed === retransmissionAllowed) {
    return lastRules.xml;
  }
  let xml = `<usage-rules xmlns:gbp="${BASIC_POLICY}">`;
  if (retransmissionAllowed !== undefined) {
    xml += `<gbp:retransmission-allowed>${retransmissionAllowed}</gbp:retransmission-allowed>`;
  }
  if (retentionExpiry !== undefined) {
    xml += `<gbp:retention-expiry>${writeDateTimeMillis(retentionExpiry)}</gbp:retention-expiry>`;
  }
  xml += '</usage-rules>';
  if (retentionExpiry !== undefined) lastRules = { expiry: retentionExpiry, allowed: retransmissionAllowed, xml };
  return xml;
}

const XML_NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;
const NOT_IN_NAME = /[^A-Za-z0-9._-]/g;

/** An `xs:ID` stands once in a document: a name that is there already, or none, gets the number of its location. */
function nameBeside(names: Set<string>, wanted: string | undefined): string {
  const name = wanted === undefined ? undefined : xmlName(wanted);
  let number = names.size + 1;
  let id = name ?? `location-${number}`;
  for (; names.has(id); number += 1) id = `${name ?? 'location'}-${number}`;
  names.add(id);
  return id;
}

/** `xs:ID` must be a name: what is none is turned into one. */
function xmlName(id: string): string {
  return XML_NAME.test(id) ? id : `_${id.replace(NOT_IN_NAME, '_')}`;
}
