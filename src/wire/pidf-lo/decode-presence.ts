import type { CivicAddress } from '../../domain/civic-address.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Shape } from '../../domain/shape.ts';
import {
  ANSWER_LIMITS,
  type ElementReader,
  readBoolean,
  readDateTime,
  readList,
  readNumber,
  readXml,
  tokenReader,
  type XmlElement,
  type XmlLimits,
} from '../xml/xml.ts';
import { civicAddressReader, isCivicAddressElement } from './decode-civic-address.ts';
import { isShapeElement, shapeReader } from './decode-shape.ts';
import { PIDF, SOURCE } from './namespaces.ts';
import { createNotes, type Notes } from './notes.ts';
import { LOCATION_SOURCES, type PidfLocation, type ReadPidfDocument } from './presence.ts';

/**
 * Reads a PIDF-LO document (RFC 4119, 5139, 5491, 6848, 7459). Lenient: what cannot be used is passed over with a note,
 * so a document without any usable location reads as one with no locations.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` when the root is no `presence`.
 */
export function decodePresence(input: Uint8Array | string, limits: XmlLimits = ANSWER_LIMITS): ReadPidfDocument {
  const notes = createNotes();
  let document: ReadPidfDocument | undefined;
  readXml(input, limits, (element) => {
    if (!isPresenceElement(element)) {
      throw new ProblemError('unsupported-message', `expected a PIDF presence document, got ${element.local}`);
    }
    return presenceReader(element, notes, (read) => {
      document = read;
    });
  });
  return document ?? { entity: '', locations: [], notes: notes.list };
}

export function isPresenceElement(element: XmlElement): boolean {
  return element.local === 'presence' && element.uri === PIDF;
}

/** Reads `presence` inside another document. */
export function presenceReader(
  presence: XmlElement,
  notes: Notes,
  done: (document: ReadPidfDocument) => void,
): ElementReader {
  const entity = presence.attribute('entity') ?? '';
  if (entity === '') notes.add('presence: no entity');
  const locations: PidfLocation[] = [];
  return {
    child: (element) => {
      switch (element.local) {
        case 'tuple':
        case 'device':
        case 'person':
          return containerReader(element, element.local, notes, (found) => locations.push(...found));
        default:
          notes.add(`presence: ${element.local} passed over`);
          return undefined;
      }
    },
    end: () => done({ entity, locations, notes: notes.list }),
  };
}

type Draft = { -readonly [key in keyof PidfLocation]: PidfLocation[key] };

/** `tuple`, `device` or `person`: `geopriv` elements at any depth below `status`, and the time that holds for them. */
function containerReader(
  container: XmlElement,
  element: 'tuple' | 'device' | 'person',
  notes: Notes,
  done: (locations: PidfLocation[]) => void,
): ElementReader {
  const found: Draft[] = [];
  let timestamp: Date | undefined;
  let deviceId: string | undefined;
  const child = (inner: XmlElement): ElementReader | undefined => {
    switch (inner.local) {
      case 'status':
        return { child };
      case 'geopriv':
        return geoprivReader(notes, (location) => found.push(location));
      case 'timestamp':
        return tokenReader((text) => {
          timestamp = readDateTime(text);
          if (timestamp === undefined) notes.add(`${element}: unreadable timestamp ${text}`);
        });
      case 'deviceID':
        return tokenReader((text) => {
          deviceId = text;
        });
      default:
        return undefined;
    }
  };
  return {
    child,
    end: () => {
      const id = container.attribute('id');
      for (const location of found) {
        location.element = element;
        if (id !== undefined) location.id = id;
        if (timestamp !== undefined) location.timestamp = timestamp;
        if (deviceId !== undefined) location.deviceId = deviceId;
      }
      const usable = found.filter((location) => location.civic !== undefined || location.shape !== undefined);
      if (usable.length < found.length || found.length === 0) notes.add(`${element} ${id ?? ''}: no usable location`);
      done(usable);
    },
  };
}

function geoprivReader(notes: Notes, done: (location: Draft) => void): ElementReader {
  const location: Draft = {};
  return {
    child: (element) => {
      switch (element.local) {
        case 'location-info':
          return locationInfoReader(location, notes);
        case 'usage-rules':
          return usageRulesReader(location, notes);
        case 'method':
          return tokenReader((text) => {
            if (text !== '') location.method = text;
          });
        case 'source':
          return element.uri === SOURCE ? sourceReader(location) : undefined;
        case 'provided-by':
          notes.add('geopriv: provided-by passed over');
          return undefined;
        default:
          return undefined;
      }
    },
    end: () => done(location),
  };
}

/** RFC 7105 §4.4. */
function sourceReader(location: Draft): ElementReader {
  return {
    end: (text) => {
      const words = new Set(readList(text));
      const known = LOCATION_SOURCES.filter((source) => words.has(source));
      if (known.length > 0) location.source = known;
    },
  };
}

/** RFC 4119 §2.2.2; sub-elements are known by name alone, for their namespace has been misspelt even in RFCs. */
function usageRulesReader(location: Draft, notes: Notes): ElementReader {
  return {
    child: (element) => {
      switch (element.local) {
        case 'retransmission-allowed':
          return tokenReader((text) => {
            const allowed = readBoolean(text);
            if (allowed === undefined) notes.add(`usage-rules: unreadable retransmission-allowed ${text}`);
            else location.retransmissionAllowed = allowed;
          });
        case 'retention-expiry':
          return tokenReader((text) => {
            const expiry = readDateTime(text);
            if (expiry === undefined) notes.add(`usage-rules: unreadable retention-expiry ${text}`);
            else location.retentionExpiry = expiry;
          });
        default:
          return undefined;
      }
    },
  };
}

function locationInfoReader(location: Draft, notes: Notes): ElementReader {
  const otherShapes: Shape[] = [];
  const otherCivics: CivicAddress[] = [];
  const child = (element: XmlElement): ElementReader | undefined => {
    if (isShapeElement(element)) {
      return shapeReader(element, notes, (outcome) => {
        if (outcome.type === 'unusable') notes.add(outcome.detail);
        else if (location.shape === undefined) location.shape = outcome;
        else otherShapes.push(outcome);
      });
    }
    if (isCivicAddressElement(element)) {
      const language = element.language();
      return civicAddressReader(notes, (civic) => {
        if (Object.keys(civic).length === 0) {
          notes.add('civicAddress: empty');
        } else if (location.civic === undefined) {
          location.civic = civic;
          if (location.shape === undefined) location.civicFirst = true;
          if (language !== undefined) location.civicLanguage = language;
        } else {
          otherCivics.push(civic);
        }
      });
    }
    switch (element.local) {
      // RFC 4119 wrapped GML in `gml:location`; RFC 6442 still shows it.
      case 'location':
        return { child };
      case 'confidence':
        return tokenReader((text) => {
          const percent = readNumber(text);
          if (percent !== undefined && percent >= 0 && percent <= 100) location.confidencePercent = percent;
          else if (text === 'unknown') location.confidenceUnknown = true;
          else notes.add(`location-info: unreadable confidence ${text}`);
        });
      default:
        notes.add(`location-info: {${element.uri}}${element.local} passed over`);
        return undefined;
    }
  };
  return {
    child,
    end: () => {
      if (location.shape === undefined || location.civic === undefined) delete location.civicFirst;
      if (otherShapes.length > 0) location.otherShapes = otherShapes;
      if (otherCivics.length > 0) location.otherCivics = otherCivics;
    },
  };
}
