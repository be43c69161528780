import type { CivicElement } from '../../domain/civic-address.ts';
import { CIVIC_EXTENSION_ELEMENTS, CIVIC_EXTENSION_NAMESPACE, XML_DECLARATION } from '../pidf-lo/pidf-lo.ts';
import { collapseSpace, escapeAttribute, escapeText, writeDateTimeSeconds } from '../xml/xml.ts';
import { encodePath } from './encode-path.ts';
import { encodeServiceBoundary } from './encode-service-boundary.ts';
import type {
  LocationValidation,
  LostAnswer,
  LostException,
  LostExceptions,
  LostMapping,
  ServiceBoundary,
} from './lost-messages.ts';
import { LOST } from './namespaces.ts';

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
        `${encodeServiceList(answer.services)}${encodeCommon(answer)}${encodeLocationUsed(answer.locationUsed)}` +
        '</listServicesByLocationResponse>'
      );
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
    `<mapping expires="${typeof expires === 'string' ? expires : writeDateTimeSeconds(expires)}"` +
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
function encodeValidation({ valid, invalid, unchecked }: LocationValidation): string {
  const all = [...valid, ...invalid, ...unchecked];
  const prefix = all.some((element) => CIVIC_EXTENSION_ELEMENTS.has(element))
    ? ` xmlns:cae="${CIVIC_EXTENSION_NAMESPACE}"`
    : '';
  return (
    `<locationValidation${prefix}>` +
    `${encodeNames('valid', valid)}${encodeNames('invalid', invalid)}${encodeNames('unchecked', unchecked)}` +
    '</locationValidation>'
  );
}

function encodeNames(name: keyof LocationValidation, elements: readonly CivicElement[]): string {
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
        ? ` unsupportedProfiles="${escapeAttribute((exception.unsupportedProfiles ?? []).join(' ') || 'unknown')}"`
        : '';
    xml += `<${exception.type}${profiles}${encodeMessage(exception)}/>`;
  }
  return xml;
}

function encodeMessage({ message, language = 'en' }: { message: string; language?: string }): string {
  return ` message="${escapeAttribute(collapseSpace(message))}" xml:lang="${escapeAttribute(language)}"`;
}
