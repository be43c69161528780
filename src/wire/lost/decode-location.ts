import type { CivicAddress } from '../../domain/civic-address.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Shape } from '../../domain/shape.ts';
import {
  civicAddressReader,
  isCivicAddressElement,
  isShapeElement,
  type Notes,
  shapeReader,
  type UnusableShape,
} from '../pidf-lo/pidf-lo.ts';
import type { ElementReader, XmlElement } from '../xml/xml.ts';
import type { LostLocation, LostLocationValue } from './lost-messages.ts';

const GEODETIC = 'geodetic-2d';
const CIVIC = 'civic';

/**
 * Reads `location` of a query (RFC 5222 §12.1). Without a profile its content decides; with an unknown one it is not
 * looked into. Content that does not fit its profile makes it unusable, with the reason.
 */
export function locationReader(
  location: XmlElement,
  notes: Notes,
  done: (location: LostLocation) => void,
): ElementReader {
  const id = location.attribute('id') ?? '';
  const profile = location.attribute('profile')?.trim();
  if (id === '') notes.add('location: no id');
  const known = profile === undefined || profile === '' || profile === GEODETIC || profile === CIVIC;
  let shape: Shape | UnusableShape | undefined;
  let civic: CivicAddress | undefined;
  const child = (element: XmlElement): ElementReader | undefined => {
    if (!known) return undefined;
    if (isShapeElement(element)) {
      return shapeReader(element, notes, (outcome) => {
        if (shape === undefined) shape = outcome;
        else notes.add(`location ${id}: second shape passed over`);
      });
    }
    if (isCivicAddressElement(element)) {
      return civicAddressReader(notes, (read) => {
        if (civic === undefined) civic = read;
        else notes.add(`location ${id}: second civic address passed over`);
      });
    }
    // GML in a wrapper, and whole PIDF-LO documents, are seen where the bare location belongs.
    return { child };
  };
  return {
    child,
    end: () => done({ id, value: known ? locationValue(profile, shape, civic) : unrecognized(profile) }),
  };
}

function unrecognized(profile: string): LostLocationValue {
  return {
    profile: 'unusable',
    sentProfile: profile,
    problem: 'location-profile-unrecognized',
    detail: `location profile ${profile} is not known`,
  };
}

function locationValue(
  profile: string | undefined,
  shape: Shape | UnusableShape | undefined,
  civic: CivicAddress | undefined,
): LostLocationValue {
  const sentProfile = profile === undefined || profile === '' ? {} : { sentProfile: profile };
  const wantsCivic = profile === CIVIC || (profile !== GEODETIC && shape === undefined);
  if (wantsCivic && civic !== undefined && Object.keys(civic).length > 0) return { profile: CIVIC, civic };
  if (!wantsCivic && shape !== undefined) {
    if (shape.type !== 'unusable') return { profile: GEODETIC, shape };
    return { profile: 'unusable', ...sentProfile, problem: shape.problem, detail: shape.detail };
  }
  const problem = profile === undefined ? 'location-profile-unrecognized' : 'location-invalid';
  return { profile: 'unusable', ...sentProfile, problem, detail: `location holds no usable ${profile ?? 'location'}` };
}

/** A location that a mapping can be looked up for. */
export type UsableLostLocation = {
  id: string;
  value: Exclude<LostLocationValue, { profile: 'unusable' }>;
};

/**
 * The location to use: the first whose profile is understood and whose content is usable (RFC 5222 §12.1 rule 7).
 * Throws the problem of the first with a known profile, else `location-profile-unrecognized`, whose `fields` list the
 * profiles that were sent.
 */
export function usableLocation(locations: readonly LostLocation[]): UsableLostLocation {
  let problem: ProblemError | undefined;
  for (const { id, value } of locations) {
    if (value.profile !== 'unusable') return { id, value };
    if (value.problem !== 'location-profile-unrecognized') {
      problem ??= new ProblemError(value.problem, value.detail, {
        fields: [{ path: `location[@id="${id}"]`, message: value.detail }],
      });
    }
  }
  if (problem !== undefined) throw problem;
  throw new ProblemError('location-profile-unrecognized', 'no location of a known profile', {
    fields: locations.map(({ value }) => ({
      path: (value.profile === 'unusable' ? value.sentProfile : value.profile) ?? '',
      message: 'unsupported profile',
    })),
  });
}
