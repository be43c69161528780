import { ProblemError } from '../../domain/problem.ts';
import { createNotes, type Notes } from '../pidf-lo/pidf-lo.ts';
import {
  type ElementReader,
  REQUEST_LIMITS,
  readBoolean,
  readDateTime,
  readList,
  readXml,
  type XmlElement,
  type XmlLimits,
} from '../xml/xml.ts';
import { deviceReader } from './decode-device.ts';
import { type GatheredMeasurements, measurementsReader } from './decode-measurements.ts';
import type { DeviceIdentity, HeldLocationType, HeldResponseTime, ReadLocationRequest } from './held-messages.ts';
import { DEVICE_IDENTITY, HELD, MEASUREMENTS } from './namespaces.ts';

/**
 * Reads `locationRequest` (RFC 5985 §5.1, RFC 6155, RFC 7105), sent to ask or to dereference (RFC 6753 §4).
 * Lenient: an unknown extension, identity or measurement leaves a note; an asker who names only unknown location types
 * is taken to want any, unless it insists on them.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` for another document element, and
 * `location-type-unavailable` when only unknown types are wanted, exactly.
 */
export function decodeLocationRequest(
  input: Uint8Array | string,
  limits: XmlLimits = REQUEST_LIMITS,
): ReadLocationRequest {
  const notes = createNotes();
  const devices: DeviceIdentity[] = [];
  const gathered: GatheredMeasurements & { time?: Date; expires?: Date } = { lldp: [], wifi: [], dhcp: [] };
  const wanted: Wanted = { locationTypes: 'any', exact: false };
  let responseTime: HeldResponseTime | undefined;

  readXml(input, limits, (root) => {
    if (root.uri !== HELD || root.local !== 'locationRequest') {
      throw new ProblemError('unsupported-message', `{${root.uri}}${root.local} is not a HELD locationRequest`);
    }
    responseTime = readResponseTime(root.attribute('responseTime'), notes);
    return {
      child: (element) => {
        if (element.uri === HELD && element.local === 'locationType') {
          return locationTypeReader(element, wanted, notes);
        }
        if (element.uri === DEVICE_IDENTITY && element.local === 'device') {
          return deviceReader(notes, (identity) => devices.push(identity));
        }
        if (element.uri === MEASUREMENTS && element.local === 'measurements') {
          const time = readInstant(element, 'time', notes);
          if (time !== undefined) gathered.time = time;
          const expires = readInstant(element, 'expires', notes);
          if (expires !== undefined) gathered.expires = expires;
          return measurementsReader(gathered, notes);
        }
        notes.add(`locationRequest: {${element.uri}}${element.local} passed over`);
        return undefined;
      },
    };
  });

  return {
    ...wanted,
    ...(responseTime === undefined ? {} : { responseTime }),
    devices,
    measurements: gathered,
    notes: notes.list,
  };
}

type Wanted = { locationTypes: 'any' | HeldLocationType[]; exact: boolean };

const ZONE = /(?:Z|[+-]\d\d:\d\d)\s*$/i;

/** RFC 7105 §4.1: a time without time zone is hours off in most of the world, and is passed over with a note. */
function readInstant(element: XmlElement, name: 'time' | 'expires', notes: Notes): Date | undefined {
  const text = element.attribute(name);
  if (text === undefined) return undefined;
  const instant = ZONE.test(text) ? readDateTime(text) : undefined;
  if (instant === undefined) notes.add(`measurements: ${name} ${text} is no time with time zone`);
  return instant;
}

/** RFC 5985 §6.1. */
function readResponseTime(text: string | undefined, notes: Notes): HeldResponseTime | undefined {
  const value = text?.trim();
  if (value === undefined) return undefined;
  if (value === 'emergencyRouting' || value === 'emergencyDispatch') return value;
  if (/^\+?\d{1,15}$/.test(value)) return Number(value);
  notes.add(`locationRequest: unreadable responseTime ${value}`);
  return undefined;
}

/** RFC 5985 §6.2; `exact` means nothing together with `any` (§6.2.1). */
function locationTypeReader(element: XmlElement, wanted: Wanted, notes: Notes): ElementReader {
  return {
    end: (text) => {
      const types = new Set<HeldLocationType>();
      let any = false;
      for (const word of readList(text)) {
        if (word === 'any') any = true;
        else if (word === 'civic' || word === 'geodetic' || word === 'locationURI') types.add(word);
        else notes.add(`locationType: unknown type ${word}`);
      }
      const exact = readBoolean(element.attribute('exact')) === true && !any;
      if (any || types.size === 0) {
        if (exact && text.trim() !== '') {
          throw new ProblemError(
            'location-type-unavailable',
            `no location of type ${text.trim().slice(0, 80)} is known`,
          );
        }
        wanted.locationTypes = 'any';
        wanted.exact = false;
      } else {
        wanted.locationTypes = [...types];
        wanted.exact = exact;
      }
    },
  };
}
