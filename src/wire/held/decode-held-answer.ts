import { ProblemError } from '../../domain/problem.ts';
import {
  createNotes,
  isPresenceElement,
  type Notes,
  presenceReader,
  type ReadPidfDocument,
} from '../pidf-lo/pidf-lo.ts';
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
import type { HeldAnswer, LocationUriSet } from './held-messages.ts';
import { DEVICE_IDENTITY, HELD } from './namespaces.ts';

/**
 * Reads what a location server answers: `locationResponse` or `error` (RFC 5985 §5), or a bare `presence` when a
 * location URI is fetched by GET (RFC 6753 §4). A URI set without readable expiry is passed over with a note.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` for another document element.
 */
export function decodeHeldAnswer(input: Uint8Array | string, limits: XmlLimits = ANSWER_LIMITS): HeldAnswer {
  const notes = createNotes();
  let answer: HeldAnswer = { type: 'locationResponse', notes: notes.list };
  readXml(input, limits, (root) => {
    if (isPresenceElement(root)) {
      return presenceReader(root, notes, (presence) => {
        answer = { type: 'locationResponse', presence, notes: notes.list };
      });
    }
    if (root.uri === HELD && root.local === 'locationResponse') {
      return locationResponseReader(notes, (locationUriSet, presence) => {
        answer = {
          type: 'locationResponse',
          ...(locationUriSet === undefined ? {} : { locationUriSet }),
          ...(presence === undefined ? {} : { presence }),
          notes: notes.list,
        };
      });
    }
    if (root.uri === HELD && root.local === 'error') {
      return errorReader(root, (error) => {
        answer = error;
      });
    }
    throw new ProblemError('unsupported-message', `{${root.uri}}${root.local} is no answer of a location server`);
  });
  return answer;
}

function locationResponseReader(
  notes: Notes,
  done: (locationUriSet: LocationUriSet | undefined, presence: ReadPidfDocument | undefined) => void,
): ElementReader {
  let locationUriSet: LocationUriSet | undefined;
  let presence: ReadPidfDocument | undefined;
  return {
    child: (element) => {
      if (element.uri === HELD && element.local === 'locationUriSet') {
        return locationUriSetReader(element, notes, (read) => {
          locationUriSet ??= read;
        });
      }
      if (isPresenceElement(element)) {
        return presenceReader(element, notes, (read) => {
          // RFC 5985 §6.6 knows one; the first is the one to believe.
          presence ??= read;
        });
      }
      notes.add(`locationResponse: {${element.uri}}${element.local} passed over`);
      return undefined;
    },
    end: () => done(locationUriSet, presence),
  };
}

function locationUriSetReader(set: XmlElement, notes: Notes, done: (read: LocationUriSet) => void): ElementReader {
  const uris: string[] = [];
  return {
    child: (element) =>
      element.local === 'locationURI'
        ? tokenReader((text) => {
            if (text !== '') uris.push(text);
          })
        : undefined,
    end: () => {
      const expires = readDateTime(set.attribute('expires'));
      if (expires === undefined) notes.add(`locationUriSet: unreadable expires ${set.attribute('expires')}`);
      else if (uris.length > 0) done({ uris, expires });
    },
  };
}

function errorReader(error: XmlElement, done: (answer: HeldAnswer) => void): ElementReader {
  let message: string | undefined;
  let language: string | undefined;
  let required: readonly string[] | undefined;
  return {
    child: (element) => {
      if (element.uri === DEVICE_IDENTITY && element.local === 'requiredIdentifiers') {
        return {
          end: (text) => {
            required = readList(text).map((name) => name.slice(name.indexOf(':') + 1));
          },
        };
      }
      if (element.uri !== HELD || element.local !== 'message' || message !== undefined) return undefined;
      language = element.language();
      return {
        end: (text) => {
          message = collapseSpace(text);
        },
      };
    },
    end: () =>
      done({
        type: 'error',
        code: collapseSpace(error.attribute('code') ?? ''),
        ...(message === undefined ? {} : { message }),
        ...(language === undefined ? {} : { language }),
        ...(required === undefined ? {} : { requiredIdentifiers: required }),
      }),
  };
}
