import { encodePresenceElement, XML_DECLARATION } from '../pidf-lo/pidf-lo.ts';
import { collapseSpace, escapeAttribute, escapeText, writeDateTimeMillis } from '../xml/xml.ts';
import { encodeDevice } from './encode-device.ts';
import type { HeldError, LocationResponse, LocationUriSet } from './held-messages.ts';
import { DEVICE_IDENTITY, HELD } from './namespaces.ts';

/** A `locationResponse` document (RFC 5985 §5.2). */
export function encodeLocationResponse({ locationUriSet, presence, devices = [] }: LocationResponse): string {
  let xml = `${XML_DECLARATION}<locationResponse xmlns="${HELD}">`;
  if (locationUriSet !== undefined) xml += encodeLocationUriSet(locationUriSet);
  if (presence !== undefined) xml += encodePresenceElement(presence);
  // Last, where readers that only know RFC 5985 have found all they look for.
  return `${xml}${encodeDevice(devices)}</locationResponse>`;
}

/** RFC 5985 §6.5; without any URI there is no set. */
function encodeLocationUriSet({ uris, expires }: LocationUriSet): string {
  if (uris.length === 0) return '';
  let xml = `<locationUriSet expires="${writeDateTimeMillis(expires)}">`;
  for (const uri of uris) xml += `<locationURI>${escapeText(uri)}</locationURI>`;
  return `${xml}</locationUriSet>`;
}

/** An `error` document (RFC 5985 §5.3), sent in a successful HTTP answer (§6.3). */
export function encodeHeldError({ code, message, language = 'en', requiredIdentifiers = [] }: HeldError): string {
  const text =
    message === undefined
      ? ''
      : `<message xml:lang="${escapeAttribute(language)}">${escapeText(collapseSpace(message))}</message>`;
  const required =
    requiredIdentifiers.length === 0
      ? ''
      : `<requiredIdentifiers xmlns="${DEVICE_IDENTITY}">${requiredIdentifiers.join(' ')}</requiredIdentifiers>`;
  return `${XML_DECLARATION}<error xmlns="${HELD}" code="${code}">${text}${required}</error>`;
}
