import type { CivicAddress, CivicElement } from '../../domain/civic-address.ts';
import {
  CIVIC_EXTENSION_ELEMENTS,
  CIVIC_EXTENSION_NAMESPACE,
  encodeCivicAddress,
  XML_DECLARATION,
} from '../pidf-lo/pidf-lo.ts';
import { collapseSpace, escapeAttribute, escapeText, writeDateTimeSeconds } from '../xml/xml.ts';
import { encodePath } from './encode-path.ts';
import { encodeExpires, encodeServiceBoundary, encodeServiceListBoundary } from './encode-service-boundary.ts';
import type {
  ListServicesByLocationResponse,
  LocationValidation,
  LostAnswer,
  LostException,
  LostExceptions,
  LostMapping,
  ServiceBoundary,
} from './lost-messages.ts';
import { LOST, RETURNED_LOCATION, SERVICE_LIST_BOUNDARY } from './namespaces.ts';

/**
 * An answer document, `application/lost+xml`, written so that the strictest reader in the field takes it: no comments,
 * no prefixes on LoST elements, double quotes, times without fraction, `source` on every `errors`, a `displayName` in
 * every mapping.
 */
export function encodeLostAnswer(answer: LostAnswer): string {
  switch (answer.type) {
    case 'findServiceResponse': {
      let xml = `${XML_DECLARATION}<findServiceResponse xmlns="${LOST}">`;
      for (const mapping of answer.mappings) xml += encodeMapping(mapping);
      if (answer.locationValidation !== undefined) xml += encodeValidation(answer.locationValidation);
      return `${xml}${encodeCommon(answer)}${encodeLocationUsed(answer.locationUsed)}</findServiceResponse>`;
    }
    case 'getServiceBoundaryResponse':
      return (
        `${XML_DECLARATION}<getServiceBoundaryResponse xmlns="${LOST}">` +
        `${encodeBoundaries(answer.serviceBoundaries)}${encodeCommon(answer)}</getServiceBoundaryResponse>`
      );
    case 'listServicesResponse':
      return (
        `${XML_DECLARATION}<listServicesResponse xmlns="${LOST}">` +
        `${encodeServiceList(answer.services)}${encodeCommon(answer)}</listServicesResponse>`
      );
    case 'listServicesByLocationResponse':
      return (
        `${XML_DECLARATION}<listServicesByLocationResponse xmlns="${LOST}">` +
        `${encodeServiceList(answer.services)}${encodeCommon(answer)}${encodeServiceListBoundaries(answer)}` +
        `${encodeLocationUsed(answer.locationUsed)}</listServicesByLocationResponse>`
      );
    case 'getServiceListBoundaryResponse': {
      let xml = `${XML_DECLARATION}<getServiceListBoundaryResponse xmlns="${SERVICE_LIST_BOUNDARY}">`;
      for (const boundary of answer.serviceListBoundaries) xml += encodeServiceListBoundary(boundary, '');
      return `${xml}${encodePath(answer.path, LOST)}</getServiceListBoundaryResponse>`;
    }
    case 'errors':
      return (
        `${XML_DECLARATION}<errors xmlns="${LOST}" source="${escapeAttribute(answer.source)}">` +
        `${encodeExceptions(answer.exceptions)}</errors>`
      );
    case 'redirect':
    default:
      return (
        `${XML_DECLARATION}<redirect xmlns="${LOST}" target="${escapeAttribute(answer.target)}"` +
        ` source="${escapeAttribute(answer.source)}"${encodeMessage(answer)}/>`
      );
  }
}

/** RFC 5222 §5, in the order of its schema. */
function encodeMapping(mapping: LostMapping): string {
  const { expires, source, sourceId, displayNames, service, uris, serviceNumber } = mapping;
  let xml =
    `<mapping expires="${encodeExpires(expires)}"` +
    ` lastUpdated="${writeDateTimeSeconds(mapping.lastUpdated)}" source="${escapeAttribute(source)}"` +
    ` sourceId="${escapeAttribute(sourceId)}">`;
  const names = displayNames.length > 0 ? displayNames : [{ text: sourceId, language: 'en' }];
  for (const { text, language } of names) {
    xml += `<displayName xml:lang="${escapeAttribute(language)}">${escapeText(text)}</displayName>`;
  }
  xml += `<service>${escapeText(service)}</service>`;
  if (mapping.serviceBoundaries !== undefined && mapping.serviceBoundaries.length > 0) {
    xml += encodeBoundaries(mapping.serviceBoundaries);
  } else if (mapping.serviceBoundaryReference !== undefined) {
    const reference = mapping.serviceBoundaryReference;
    xml +=
      `<serviceBoundaryReference source="${escapeAttribute(reference.source)}"` +
      ` key="${escapeAttribute(reference.key)}"/>`;
  }
  for (const uri of uris) xml += `<uri>${escapeText(uri)}</uri>`;
  if (serviceNumber !== undefined) xml += `<serviceNumber>${escapeText(serviceNumber)}</serviceNumber>`;
  return `${xml}</mapping>`;
}

function encodeBoundaries(boundaries: readonly ServiceBoundary[]): string {
  let xml = '';
  for (const boundary of boundaries) xml += encodeServiceBoundary(boundary);
  return xml;
}

/** RFC 5222 §8.4.2: names as it writes them, bare; those of RFC 6848 with their prefix, for they are qualified names. */
function encodeValidation({ valid, invalid, unchecked, complete, similar = [] }: LocationValidation): string {
  const all = [...valid, ...invalid, ...unchecked];
  const prefix = all.some((element) => CIVIC_EXTENSION_ELEMENTS.has(element))
    ? ` xmlns:cae="${CIVIC_EXTENSION_NAMESPACE}"`
    : '';
  return (
    `<locationValidation${prefix}>` +
    encodeNames('valid', valid) +
    encodeNames('invalid', invalid) +
    encodeNames('unchecked', unchecked) +
    encodeReturnedLocations('complete', complete === undefined ? [] : [complete]) +
    `${encodeReturnedLocations('similar', similar)}</locationValidation>`
  );
}

/** At the extension point of the schema, where clients that do not know them pass them over. */
function encodeReturnedLocations(kind: 'complete' | 'similar', addresses: readonly CivicAddress[]): string {
  let xml = '';
  for (const [index, civic] of addresses.entries()) {
    xml +=
      `<rli:${kind}Location xmlns:rli="${RETURNED_LOCATION}"><location id="${kind}-${index + 1}" profile="civic">` +
      `${encodeCivicAddress(civic)}</location></rli:${kind}Location>`;
  }
  return xml;
}

function encodeNames(name: 'valid' | 'invalid' | 'unchecked', elements: readonly CivicElement[]): string {
  if (elements.length === 0) return '';
  const names = elements.map((element) => (CIVIC_EXTENSION_ELEMENTS.has(element) ? `cae:${element}` : element));
  return `<${name}>${names.join(' ')}</${name}>`;
}

function encodeCommon({ warnings, path }: { warnings?: readonly LostExceptions[]; path: readonly string[] }): string {
  let xml = '';
  for (const { source, exceptions } of warnings ?? []) {
    xml += `<warnings source="${escapeAttribute(source)}">${encodeExceptions(exceptions)}</warnings>`;
  }
  return xml + encodePath(path);
}

function encodeLocationUsed(id: string | undefined): string {
  return id === undefined ? '' : `<locationUsed id="${escapeAttribute(id)}"/>`;
}

/** RFC 6197 §3.1, before `locationUsed`: there the schema of RFC 5222 has room for it. */
function encodeServiceListBoundaries(answer: ListServicesByLocationResponse): string {
  const { serviceListBoundaries = [], serviceListBoundaryReference: reference } = answer;
  let xml = '';
  for (const boundary of serviceListBoundaries) xml += encodeServiceListBoundary(boundary, 'slb');
  if (xml !== '' || reference === undefined) return xml;
  return (
    `<slb:serviceListBoundaryReference xmlns:slb="${SERVICE_LIST_BOUNDARY}"` +
    ` source="${escapeAttribute(reference.source)}" serviceListKey="${escapeAttribute(reference.key)}"/>`
  );
}

function encodeServiceList(services: readonly string[]): string {
  return `<serviceList>${escapeText(services.join(' '))}</serviceList>`;
}

/** RFC 5222 §13.1 and §13.2; the schema allows each type once. */
function encodeExceptions(exceptions: readonly LostException[]): string {
  const written = new Set<string>();
  let xml = '';
  for (const exception of exceptions) {
    if (written.has(exception.type)) continue;
    written.add(exception.type);
    const profiles =
      exception.type === 'locationProfileUnrecognized'
        ? ` unsupportedProfiles="${(exception.unsupportedProfiles ?? []).filter(isToken).join(' ') || 'unknown'}"`
        : '';
    xml += `<${exception.type}${profiles}${encodeMessage(exception)}/>`;
  }
  return xml;
}

/** An `xsd:NMTOKEN` in ASCII: profiles are echoed, and nothing else may stand in their list. */
function isToken(profile: string): boolean {
  return /^[A-Za-z0-9._:-]{1,100}$/.test(profile);
}

function encodeMessage({ message, language = 'en' }: { message: string; language?: string }): string {
  return ` message="${escapeAttribute(collapseSpace(message))}" xml:lang="${escapeAttribute(language)}"`;
}
