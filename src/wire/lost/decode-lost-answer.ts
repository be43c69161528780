import { type CivicAddress, type CivicElement, isCivicElement } from '../../domain/civic-address.ts';
import { ProblemError } from '../../domain/problem.ts';
import { civicAddressReader, createNotes, isCivicAddressElement, type Notes } from '../pidf-lo/pidf-lo.ts';
import {
  ANSWER_LIMITS,
  collapseSpace,
  type ElementReader,
  readDateTime,
  readList,
  readXml,
  tokenReader,
  type XmlElement,
  type XmlLimits,
} from '../xml/xml.ts';
import { pathReader } from './decode-path.ts';
import { serviceBoundaryReader } from './decode-service-boundary.ts';
import {
  type DisplayName,
  LOST_ERROR_TYPES,
  LOST_WARNING_TYPES,
  type LocationValidation,
  type LostAnswer,
  type LostException,
  type LostExceptions,
  type LostMapping,
  type LostPath,
  type ReadLostAnswer,
  type ServiceBoundary,
  type ServiceListBoundary,
} from './lost-messages.ts';
import { LOST, RETURNED_LOCATION, SERVICE_LIST_BOUNDARY } from './namespaces.ts';

/**
 * Reads what a LoST server answers (RFC 5222 §8.4, §9, §10, §11, §13; RFC 6197 §3). Lenient where a caller can still be helped: a
 * mapping without readable `expires` is not to be cached, an answer without path is told to come from its mapping's
 * source (or `unstated.invalid`), elements that are not known leave a note.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` when the document element is no answer.
 */
export function decodeLostAnswer(input: Uint8Array | string, limits: XmlLimits = ANSWER_LIMITS): ReadLostAnswer {
  const notes = createNotes();
  let answer: LostAnswer | undefined;
  readXml(input, limits, (root) => {
    const isAnswer = root.uri === LOST || root.local === 'getServiceListBoundaryResponse';
    const reader = isAnswer ? answerReader(root, notes, (read) => (answer = read)) : undefined;
    if (reader === undefined) {
      throw new ProblemError('unsupported-message', `{${root.uri}}${root.local} is not a LoST answer`);
    }
    return reader;
  });
  if (answer === undefined) throw new ProblemError('malformed', 'empty LoST answer');
  return { ...answer, notes: notes.list };
}

function answerReader(root: XmlElement, notes: Notes, done: (answer: LostAnswer) => void): ElementReader | undefined {
  switch (root.local) {
    case 'findServiceResponse':
    case 'getServiceBoundaryResponse':
    case 'listServicesResponse':
    case 'listServicesByLocationResponse':
    case 'getServiceListBoundaryResponse':
      return responseReader(root.local, notes, done);
    case 'errors':
      return exceptionsReader(root, notes, (exceptions) => done({ type: 'errors', ...exceptions }));
    case 'redirect':
      return {
        end: () => {
          const { message, language } = readMessage(root);
          done({
            type: 'redirect',
            target: root.attribute('target')?.trim() ?? '',
            source: root.attribute('source')?.trim() ?? '',
            message,
            ...(language === undefined ? {} : { language }),
          });
        },
      };
    default:
      return undefined;
  }
}

type ResponseType =
  | 'findServiceResponse'
  | 'getServiceBoundaryResponse'
  | 'listServicesResponse'
  | 'listServicesByLocationResponse'
  | 'getServiceListBoundaryResponse';

function responseReader(type: ResponseType, notes: Notes, done: (answer: LostAnswer) => void): ElementReader {
  const mappings: LostMapping[] = [];
  const serviceBoundaries: ServiceBoundary[] = [];
  const services: string[] = [];
  const warnings: LostExceptions[] = [];
  const vias: string[] = [];
  let locationValidation: LocationValidation | undefined;
  let locationUsed: string | undefined;
  const serviceListBoundaries: ServiceListBoundary[] = [];
  let serviceListBoundaryReference: { source: string; key: string } | undefined;
  return {
    child: (element) => {
      if (element.uri === LOST) {
        switch (element.local) {
          case 'mapping':
            return mappingReader(element, notes, (mapping) => mappings.push(mapping));
          case 'serviceBoundary':
            return serviceBoundaryReader(notes, (boundary) => serviceBoundaries.push(boundary));
          case 'serviceList':
            return { end: (text) => services.push(...readList(text)) };
          case 'locationValidation':
            return validationReader(notes, (validation) => {
              locationValidation = validation;
            });
          case 'warnings':
            return exceptionsReader(element, notes, (exceptions) => warnings.push(exceptions));
          case 'path':
            return pathReader(vias);
          case 'locationUsed':
            locationUsed = collapseSpace(element.attribute('id') ?? '');
            return undefined;
          default:
        }
      } else if (element.uri === SERVICE_LIST_BOUNDARY && element.local === 'serviceListBoundary') {
        const expires = readExpires(element, notes);
        return serviceBoundaryReader(notes, (boundary) => serviceListBoundaries.push({ ...boundary, expires }));
      } else if (element.uri === SERVICE_LIST_BOUNDARY && element.local === 'serviceListBoundaryReference') {
        serviceListBoundaryReference = {
          source: element.attribute('source')?.trim() ?? '',
          key: collapseSpace(element.attribute('serviceListKey') ?? ''),
        };
        return undefined;
      }
      notes.add(`${type}: {${element.uri}}${element.local} passed over`);
      return undefined;
    },
    end: () => {
      const path = readPath(vias, mappings[0]?.source, notes);
      const common = { path, ...(warnings.length > 0 ? { warnings } : {}) };
      const used = locationUsed === undefined ? {} : { locationUsed };
      switch (type) {
        case 'findServiceResponse': {
          const validated = locationValidation === undefined ? {} : { locationValidation };
          done({ type, mappings, ...validated, ...common, ...used });
          break;
        }
        case 'getServiceBoundaryResponse':
          done({ type, serviceBoundaries, ...common });
          break;
        case 'listServicesResponse':
          done({ type, services, ...common });
          break;
        case 'listServicesByLocationResponse':
          done({
            type,
            services,
            ...common,
            ...used,
            ...(serviceListBoundaries.length > 0 ? { serviceListBoundaries } : {}),
            ...(serviceListBoundaryReference ? { serviceListBoundaryReference } : {}),
          });
          break;
        case 'getServiceListBoundaryResponse':
          done({ type, serviceListBoundaries, path });
          break;
        default:
      }
    },
  };
}

function readPath([first, ...rest]: readonly string[], source: string | undefined, notes: Notes): LostPath {
  if (first !== undefined) return [first, ...rest];
  notes.add('answer without path');
  return [source || 'unstated.invalid'];
}

function mappingReader(element: XmlElement, notes: Notes, done: (mapping: LostMapping) => void): ElementReader {
  const displayNames: DisplayName[] = [];
  const uris: string[] = [];
  const serviceBoundaries: ServiceBoundary[] = [];
  let serviceBoundaryReference: { source: string; key: string } | undefined;
  let service = '';
  let serviceNumber: string | undefined;
  return {
    child: (inner) => {
      switch (inner.uri === LOST ? inner.local : '') {
        case 'displayName': {
          const language = inner.language() ?? 'en';
          return tokenReader((text) => displayNames.push({ text, language }));
        }
        case 'service':
          return tokenReader((text) => {
            service = text;
          });
        case 'serviceBoundary':
          return serviceBoundaryReader(notes, (boundary) => serviceBoundaries.push(boundary));
        case 'serviceBoundaryReference':
          serviceBoundaryReference = {
            source: inner.attribute('source')?.trim() ?? '',
            key: collapseSpace(inner.attribute('key') ?? ''),
          };
          return undefined;
        case 'uri':
          return tokenReader((text) => uris.push(text));
        case 'serviceNumber':
          return tokenReader((text) => {
            serviceNumber = text;
          });
        default:
          notes.add(`mapping: {${inner.uri}}${inner.local} passed over`);
          return undefined;
      }
    },
    end: () =>
      done({
        source: element.attribute('source')?.trim() ?? '',
        sourceId: collapseSpace(element.attribute('sourceId') ?? ''),
        lastUpdated: readLastUpdated(element, notes),
        expires: readExpires(element, notes),
        displayNames,
        service,
        ...(serviceBoundaries.length > 0 ? { serviceBoundaries } : {}),
        ...(serviceBoundaryReference === undefined ? {} : { serviceBoundaryReference }),
        uris,
        ...(serviceNumber === undefined ? {} : { serviceNumber }),
      }),
  };
}

function readExpires(element: XmlElement, notes: Notes): LostMapping['expires'] {
  const text = element.attribute('expires')?.trim();
  if (text === 'NO-CACHE' || text === 'NO-EXPIRATION') return text;
  const expires = readDateTime(text);
  if (expires === undefined) notes.add(`${element.local}: unreadable expires ${text}, taken as NO-CACHE`);
  return expires ?? 'NO-CACHE';
}

function readLastUpdated(mapping: XmlElement, notes: Notes): Date {
  const lastUpdated = readDateTime(mapping.attribute('lastUpdated'));
  if (lastUpdated === undefined) notes.add(`mapping: unreadable lastUpdated ${mapping.attribute('lastUpdated')}`);
  return lastUpdated ?? new Date(0);
}

/** Names come bare or with a prefix (RFC 5222 §8.4.2: qualified names, but its example has bare ones). */
function validationReader(notes: Notes, done: (validation: LocationValidation) => void): ElementReader {
  const lists: Record<'valid' | 'invalid' | 'unchecked', CivicElement[]> = { valid: [], invalid: [], unchecked: [] };
  let complete: CivicAddress | undefined;
  const similar: CivicAddress[] = [];
  return {
    child: (element) => {
      const { local } = element;
      if (element.uri === RETURNED_LOCATION && local === 'completeLocation') {
        return returnedLocationReader(notes, (civic) => {
          complete ??= civic;
        });
      }
      if (element.uri === RETURNED_LOCATION && local === 'similarLocation') {
        return returnedLocationReader(notes, (civic) => similar.push(civic));
      }
      if (local !== 'valid' && local !== 'invalid' && local !== 'unchecked') return undefined;
      return {
        end: (text) => {
          for (const word of readList(text)) {
            const name = word.slice(word.indexOf(':') + 1);
            if (isCivicElement(name)) lists[local].push(name);
            else notes.add(`locationValidation: ${local} ${word} passed over`);
          }
        },
      };
    },
    end: () => done({ ...lists, ...(complete ? { complete } : {}), ...(similar.length > 0 ? { similar } : {}) }),
  };
}

function returnedLocationReader(notes: Notes, done: (civic: CivicAddress) => void): ElementReader {
  const child = (element: XmlElement): ElementReader =>
    isCivicAddressElement(element) ? civicAddressReader(notes, done) : { child };
  return { child };
}

const EXCEPTION_TYPES: ReadonlySet<string> = new Set([...LOST_ERROR_TYPES, ...LOST_WARNING_TYPES]);

function isExceptionType(name: string): name is LostException['type'] {
  return EXCEPTION_TYPES.has(name);
}

/** `errors` and `warnings`; an error of a type that RFC 5222 does not have reads as a serverError that names it. */
function exceptionsReader(
  container: XmlElement,
  notes: Notes,
  done: (exceptions: LostExceptions) => void,
): ElementReader {
  const exceptions: LostException[] = [];
  return {
    child: (element) => {
      const { message, language } = readMessage(element);
      const spoken = language === undefined ? {} : { language };
      if (!isExceptionType(element.local)) {
        notes.add(`${container.local}: unknown {${element.uri}}${element.local}`);
        exceptions.push({ type: 'serverError', message: `${element.local} ${message}`.trim(), ...spoken });
      } else if (element.local === 'locationProfileUnrecognized') {
        const unsupportedProfiles = readList(element.attribute('unsupportedProfiles') ?? '');
        exceptions.push({ type: element.local, message, ...spoken, unsupportedProfiles });
      } else {
        exceptions.push({ type: element.local, message, ...spoken });
      }
      return undefined;
    },
    end: () => done({ source: container.attribute('source')?.trim() ?? '', exceptions }),
  };
}

function readMessage(element: XmlElement): { message: string; language: string | undefined } {
  return { message: collapseSpace(element.attribute('message') ?? ''), language: element.language() };
}
