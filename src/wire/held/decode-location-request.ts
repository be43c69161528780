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
import type {
  DeviceIdentity,
  HeldLocationType,
  HeldResponseTime,
  Measurements,
  ReadLocationRequest,
} from './held-messages.ts';
import { DEVICE_IDENTITY, HELD, MEASUREMENTS } from './namespaces.ts';

/**
 * Reads `locationRequest` (RFC 5985 §5.1, RFC 6155, RFC 7105), sent to ask or to dereference (RFC 6753 §4).
 * Lenient: an unknown extension, identity or measurement leaves a note; an asker who names only unknown location types
 * is taken to want any, unless it insists on them.
 * Throws `malformed` or `too-large` as readXml does, `unsupported-message` for another document element, and
 * `location-type-unavailable` when an unknown type is among those that are wanted exactly.
 */
export function decodeLocationRequest(
  input: Uint8Array | string,
  limits: XmlLimits = REQUEST_LIMITS,
): ReadLocationRequest {
  const notes = createNotes();
  const devices: DeviceIdentity[] = [];
  const sets: MeasurementSet[] = [];
  let namesUnreadable = false;
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
          return deviceReader(notes, (identity) => {
            if (identity === undefined) namesUnreadable = true;
            else devices.push(identity);
          });
        }
        if (element.uri === MEASUREMENTS && element.local === 'measurements') {
          const set = setMeasuredAt(sets, readInstant(element, 'time', notes), readInstant(element, 'expires', notes));
          if (set !== undefined) return measurementsReader(set, notes);
          notes.add(`measurements: of more than ${MAX_SETS} times; passed over`);
          return undefined;
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
    measurements: measurementsOf(sets),
    notes: notes.list,
    ...(namesUnreadable && devices.length === 0 ? { namesUnreadable } : {}),
  };
}

type MeasurementSet = GatheredMeasurements & { time?: Date; expires?: Date };

const MAX_SETS = 20;

/** The set for measurements of this time (RFC 7105 §4.1.1), made where there is none; undefined when there are too many. */
function setMeasuredAt(
  sets: MeasurementSet[],
  time: Date | undefined,
  expires: Date | undefined,
): MeasurementSet | undefined {
  for (const set of sets) {
    if (set.time?.getTime() === time?.getTime() && set.expires?.getTime() === expires?.getTime()) return set;
  }
  if (sets.length === MAX_SETS) return undefined;
  const made: MeasurementSet = {
    ...(time === undefined ? {} : { time }),
    ...(expires === undefined ? {} : { expires }),
    lldp: [],
    wifi: [],
    dhcp: [],
  };
  sets.push(made);
  return made;
}

/** The newest first; what has no time is of the moment. */
function measurementsOf(sets: MeasurementSet[]): Measurements {
  if (sets.length > 1) {
    const ageOrder = ({ time }: MeasurementSet): number => time?.getTime() ?? Number.MAX_SAFE_INTEGER;
    sets.sort((a, b) => ageOrder(b) - ageOrder(a));
  }
  const [newest = { lldp: [], wifi: [], dhcp: [] }, ...others] = sets;
  return others.length === 0 ? newest : { ...newest, others };
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

/** RFC 5985 §6.1: whole milliseconds; a fraction, as some devices write it, is rounded up. */
function readResponseTime(text: string | undefined, notes: Notes): HeldResponseTime | undefined {
  const value = text?.trim();
  if (value === undefined) return undefined;
  if (value === 'emergencyRouting' || value === 'emergencyDispatch') return value;
  if (/^\+?\d{1,15}(?:\.\d{1,9})?$/.test(value)) return Math.ceil(Number(value));
  notes.add(`locationRequest: unreadable responseTime ${value}`);
  return undefined;
}

/** RFC 5985 §6.2; `exact` means nothing together with `any`, and with other types each of them must be given (§6.2.1). */
function locationTypeReader(element: XmlElement, wanted: Wanted, notes: Notes): ElementReader {
  return {
    end: (text) => {
      const types = new Set<HeldLocationType>();
      let any = false;
      let unknown = false;
      for (const word of readList(text)) {
        if (word === 'any') any = true;
        else if (word === 'civic' || word === 'geodetic' || word === 'locationURI') types.add(word);
        else {
          unknown = true;
          notes.add(`locationType: unknown type ${word}`);
        }
      }
      const written = element.attribute('exact');
      const isExact = readBoolean(written);
      if (isExact === undefined && written !== undefined) notes.add(`locationType: unreadable exact ${written}`);
      const exact = isExact === true && !any;
      if (exact && unknown) {
        throw new ProblemError('location-type-unavailable', `no location of type ${text.trim().slice(0, 80)} is known`);
      }
      if (any || types.size === 0) {
        wanted.locationTypes = 'any';
        wanted.exact = false;
      } else {
        wanted.locationTypes = [...types];
        wanted.exact = exact;
      }
    },
  };
}
