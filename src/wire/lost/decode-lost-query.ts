import { ProblemError } from '../../domain/problem.ts';
import { createNotes, type Notes } from '../pidf-lo/pidf-lo.ts';
import {
  collapseSpace,
  type ElementReader,
  REQUEST_LIMITS,
  readBoolean,
  readXml,
  tokenReader,
  type XmlElement,
  type XmlLimits,
} from '../xml/xml.ts';
import { locationReader } from './decode-location.ts';
import { pathReader } from './decode-path.ts';
import {
  ADDITIONAL_LOCATIONS,
  type AdditionalLocation,
  type CallIncident,
  type LostLocation,
  type LostQuery,
  type ReadLostQuery,
} from './lost-messages.ts';
import { CALL_INCIDENT, LOST, RETURNED_LOCATION, SERVICE_LIST_BOUNDARY } from './namespaces.ts';

/**
 * Reads a LoST query (RFC 5222 §8.3, §9, §10, §11; RFC 6197 §3). Unknown extension elements and unreadable flags leave a note.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` when the document element is no query, and
 * `invalid` when a query lacks what it cannot do without: findService its service, getServiceBoundary its key,
 * queries by location a location.
 */
export function decodeLostQuery(input: Uint8Array | string, limits: XmlLimits = REQUEST_LIMITS): ReadLostQuery {
  const notes = createNotes();
  let query: LostQuery | undefined;
  readXml(input, limits, (root) => {
    const done = (read: LostQuery): void => {
      query = read;
    };
    if (root.uri === LOST) return queryReader(root, notes, done);
    if (root.uri === SERVICE_LIST_BOUNDARY && root.local === 'getServiceListBoundary') {
      return serviceListBoundaryReader(root, done);
    }
    throw notAQuery(root);
  });
  if (query === undefined) throw new ProblemError('malformed', 'empty LoST query');
  return { ...query, notes: notes.list };
}

function notAQuery({ uri, local }: XmlElement): ProblemError {
  return new ProblemError('unsupported-message', `{${uri}}${local} is not a LoST query`);
}

/** RFC 6197 §3.2. */
function serviceListBoundaryReader(root: XmlElement, done: (query: LostQuery) => void): ElementReader {
  const key = collapseSpace(root.attribute('serviceListKey') ?? '');
  if (key === '') throw missing('getServiceListBoundary', '@serviceListKey');
  return { end: () => done({ type: 'getServiceListBoundary', key }) };
}

function readCallIncident(element: XmlElement): CallIncident {
  return {
    callId: collapseSpace(element.attribute('callId') ?? ''),
    incidentTrackingId: collapseSpace(element.attribute('incidentTrackingId') ?? ''),
  };
}

function isAdditionalLocation(text: string): text is AdditionalLocation {
  return ADDITIONAL_LOCATIONS.some((known) => known === text);
}

function queryReader(root: XmlElement, notes: Notes, done: (query: LostQuery) => void): ElementReader {
  const locations: LostLocation[] = [];
  const path: string[] = [];
  let service: string | undefined;
  let callIncident: CallIncident | undefined;
  let serviceListBoundary: 'reference' | 'value' | undefined;
  const child = (element: XmlElement): ElementReader | undefined => {
    if (element.uri === LOST) {
      switch (element.local) {
        case 'location':
          return locationReader(element, notes, (location) => locations.push(location));
        case 'service':
          return tokenReader((text) => {
            if (text !== '') service ??= text;
          });
        case 'path':
          return pathReader(path);
        default:
      }
    } else if (element.local === 'emergencyCallIncidentId' && element.uri === CALL_INCIDENT) {
      callIncident ??= readCallIncident(element);
      return undefined;
    } else if (element.local === 'serviceListBoundaryRequest' && element.uri === SERVICE_LIST_BOUNDARY) {
      serviceListBoundary = element.attribute('type')?.trim() === 'value' ? 'value' : 'reference';
      return undefined;
    }
    notes.add(`${root.local}: {${element.uri}}${element.local} passed over`);
    return undefined;
  };
  const flag = (name: string, byDefault: boolean): boolean => {
    const text = root.attribute(name);
    const value = readBoolean(text);
    if (text !== undefined && value === undefined) notes.add(`${root.local}: unreadable ${name} ${text}`);
    return value ?? byDefault;
  };

  switch (root.local) {
    case 'findService':
      return {
        child,
        end: () => {
          if (service === undefined) throw missing('findService', 'service');
          if (locations.length === 0) throw missing('findService', 'location');
          const boundary = root.attribute('serviceBoundary');
          const additional = root.attributeIn(RETURNED_LOCATION, 'returnAdditionalLocation')?.trim() ?? '';
          done({
            type: 'findService',
            locations,
            service,
            recursive: flag('recursive', false),
            validateLocation: flag('validateLocation', false),
            serviceBoundary: boundary === 'value' ? 'value' : 'reference',
            ...(isAdditionalLocation(additional) ? { additionalLocation: additional } : {}),
            path,
            ...(callIncident ? { callIncident } : {}),
          });
        },
      };
    case 'listServicesByLocation':
      return {
        child,
        end: () => {
          if (locations.length === 0) throw missing('listServicesByLocation', 'location');
          const recursive = flag('recursive', true);
          done({
            type: 'listServicesByLocation',
            locations,
            ...(service ? { service } : {}),
            recursive,
            path,
            ...(callIncident ? { callIncident } : {}),
            ...(serviceListBoundary ? { serviceListBoundary } : {}),
          });
        },
      };
    case 'listServices':
      return { child, end: () => done({ type: 'listServices', ...(service ? { service } : {}), path }) };
    case 'getServiceBoundary':
      return {
        child,
        end: () => {
          const key = collapseSpace(root.attribute('key') ?? '');
          if (key === '') throw missing('getServiceBoundary', '@key');
          done({ type: 'getServiceBoundary', key });
        },
      };
    default:
      throw notAQuery(root);
  }
}

function missing(query: string, part: string): ProblemError {
  return new ProblemError('invalid', `${query} has no ${part}`, {
    fields: [{ path: `${query}/${part}`, message: 'is missing' }],
  });
}
