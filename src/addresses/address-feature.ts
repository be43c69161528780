import { findRegion } from '../domain/regions.ts';
import type { Position } from '../domain/shape.ts';
import type { LayerFeature, LayerGeometry, Point } from '../layers/layer.ts';
import {
  createPointReader,
  createRoadReader,
  type FieldMapping,
  looksLikeRoad,
  type PointField,
  type RoadField,
  type SidedField,
} from './address-layer-fields.ts';
import type { LayerLint } from './layer-lint.ts';
import { splitStreetLine } from './split-street-line.ts';

/** Where an address lies, under every name that it goes by there. */
export type LayerArea = {
  readonly country: 'US' | 'CA';
  /** Code of the state, territory or province. */
  readonly A1: string;
  readonly A2: string;
  /** Incorporated municipality. */
  readonly A3: string;
  readonly A4: string;
  readonly A5: string;
  readonly PC: string;
  /** The post office's name of it. */
  readonly PCN: string;
  readonly MSAG: string;
  readonly ESN: string;
};

export const STREET_PARTS = ['PRM', 'PRD', 'STP', 'RD', 'STS', 'POD', 'POM'] as const;
export const INDOOR_PARTS = ['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT'] as const;

export type LayerStreet = Readonly<Record<(typeof STREET_PARTS)[number], string>>;
export type Indoor = Readonly<Record<(typeof INDOOR_PARTS)[number], string>>;

export type LayerPoint = {
  readonly kind: 'point';
  readonly id: string;
  readonly street: LayerStreet;
  readonly HNP: string;
  readonly HNO: number;
  readonly HNS: string;
  readonly indoor: Indoor;
  readonly area: LayerArea;
  readonly position: Position | undefined;
};

export type LayerSide = {
  readonly side: 'L' | 'R';
  readonly HNP: string;
  /** In the direction of the line: often greater than `to`. */
  readonly from: number;
  readonly to: number;
  readonly parity: 'O' | 'E' | 'B';
  readonly area: LayerArea;
};

export type LayerRoad = {
  readonly kind: 'road';
  readonly id: string;
  readonly street: LayerStreet;
  readonly sides: readonly LayerSide[];
  /** Empty where the layer has no geometry for it. */
  readonly line: readonly Position[];
};

/** What a layer does not say of its addresses, because all of it lies in one state or city. */
export type LayerDefaults = {
  readonly country?: string;
  readonly A1?: string;
  readonly A2?: string;
  readonly A3?: string;
  readonly PC?: string;
};

export type ReadFeature = (feature: LayerFeature) => LayerPoint | LayerRoad | undefined;

const MAX_NUMBER = 999_999_999;
const MAX_TEXT = 256;
const WHERE = 'in WGS 84 that lie in the United States, their territories or Canada';
const UNIT_WORD =
  /^(?:apt|apartment|unit|suite|ste|lot|trlr|spc|space|app|bureau|bldg|building|fl|floor|rm|room|#)\.?\s*(?=\S)/i;

function cut(text: string): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** `24,348`, `94102.000`, `K1A0B1`: a postal code as it is written. */
function tidyPostalCode(text: string, country: 'US' | 'CA'): string {
  if (country === 'CA') {
    const code = text.toUpperCase().replaceAll(' ', '');
    return code.length > 3 ? `${code.slice(0, 3)} ${code.slice(3)}` : code;
  }
  const digits = text.replace(/\.0*$/, '').replaceAll(',', '').slice(0, 5);
  return /^\d{3,5}$/.test(digits) ? digits.padStart(5, '0') : '';
}

function readNumber(text: string): number | undefined {
  const digits = /^(\d{1,9})(?:\.0*)?$/.exec(text.replaceAll(',', ''))?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  return number <= MAX_NUMBER ? number : undefined;
}

/**
 * Whether a place can be one of the United States, their territories or Canada: from American Samoa to Ellesmere Island, and from
 * Guam to Newfoundland. 0, 0 is none, nor is most of what has latitude and longitude exchanged.
 */
function canBeHere({ latitude, longitude }: Position): boolean {
  const isEastOrWest = (longitude >= -180 && longitude <= -52) || (longitude >= 144 && longitude <= 180);
  return isEastOrWest && latitude >= -15 && latitude <= 84;
}

/** The corners of a geometry, one line after the other; what can be no place of an address is left out. */
function positionsOf(geometry: LayerGeometry | null): Position[] {
  if (geometry === null) return [];
  const corners: readonly Point[] =
    geometry.kind === 'points'
      ? geometry.points
      : geometry.kind === 'lines'
        ? geometry.lines.flat()
        : (geometry.polygons[0]?.[0] ?? []);
  return corners.map(([longitude, latitude]) => ({ latitude, longitude })).filter(canBeHere);
}

function middleOf(positions: readonly Position[]): Position | undefined {
  if (positions.length === 0) return undefined;
  let latitude = 0;
  let longitude = 0;
  for (const position of positions) {
    latitude += position.latitude;
    longitude += position.longitude;
  }
  return { latitude: latitude / positions.length, longitude: longitude / positions.length };
}

type ReadArea = (
  read: (field: 'country' | 'A1' | 'A2' | 'A3' | 'A4' | 'A5' | 'PC' | 'PCN' | 'MSAG' | 'ESN') => string,
) => LayerArea | undefined;

function createAreaReader(defaults: LayerDefaults): ReadArea {
  return (read) => {
    const stated = (read('country') || defaults.country || '').toUpperCase();
    const state = read('A1') || defaults.A1 || '';
    const region = findRegion(state, stated === 'CA' || stated === 'CAN' ? 'CA' : stated === '' ? undefined : 'US');
    if (!region) return undefined;
    return {
      country: region.country,
      A1: region.code,
      A2: cut(read('A2') || defaults.A2 || ''),
      A3: cut(read('A3') || defaults.A3 || '').replace(/^(?:unincorporated|unicorporated|uninc\.?)$/i, ''),
      A4: cut(read('A4')),
      A5: cut(read('A5')),
      PC: tidyPostalCode(read('PC') || defaults.PC || '', region.country),
      PCN: cut(read('PCN')),
      MSAG: cut(read('MSAG')),
      ESN: cut(read('ESN')),
    };
  };
}

/** Reads the features of one layer into addresses; what cannot be one is counted in `lint` and left out. */
export function createFeatureReader(options: {
  mapping: FieldMapping;
  defaults: LayerDefaults;
  lint: LayerLint;
}): ReadFeature {
  const { mapping, lint } = options;
  const readPoint = createPointReader(mapping);
  const readRoad = createRoadReader(mapping);
  const areaOf = createAreaReader(options.defaults);

  function point(feature: LayerFeature): LayerPoint | undefined {
    const { properties } = feature;
    const read = (field: PointField): string => cut(readPoint(properties, field));
    const id = read('id') || `#${feature.row}`;
    const area = areaOf(read);
    if (area === undefined)
      return lint.add('no-state', id, `no state, territory or province is told by "${read('A1')}"`);
    let street = namesOf(read);
    let HNO = readNumber(read('HNO'));
    let HNP = read('HNP');
    let HNS = read('HNS');
    let unit = read('UNIT');
    const line = read('address');
    if ((street.RD === '' || HNO === undefined) && line !== '') {
      const split = splitStreetLine(line, area);
      if (street.RD === '') street = namesOf((field) => (field === 'SEP' ? '' : (split[field as 'RD'] ?? '')));
      HNO ??= split.HNO === undefined ? undefined : readNumber(split.HNO);
      HNP ||= split.HNP ?? '';
      HNS ||= split.HNS ?? '';
      unit ||= split.UNIT ?? '';
    }
    if (HNO === undefined && read('HNO') !== '') {
      // `12B`, `12 B`, `12 1/2`, `W3456` in one field.
      const split = splitStreetLine(`${read('HNO').replace(/(?<=^\d+)\s(?=\p{L}$)/u, '')} Calle x`, area);
      HNO = split.HNO === undefined ? undefined : readNumber(split.HNO);
      HNP ||= split.HNP ?? '';
      HNS ||= split.HNS ?? '';
      unit ||= split.UNIT ?? '';
    }
    if (isNameless(street)) return lint.add('no-street', id, 'the point has no street');
    if (HNO === undefined || HNO === 0) return lint.add('no-number', id, `"${read('HNO') || line}" is no house number`);
    const own = middleOf(positionsOf(feature.geometry));
    const told = {
      latitude: Number(read('latitude') || Number.NaN),
      longitude: Number(read('longitude') || Number.NaN),
    };
    const position = own ?? (canBeHere(told) ? told : undefined);
    if (position === undefined) lint.note('no-position', id, `the point has no coordinates ${WHERE}`);
    const indoor = {
      BLD: read('BLD'),
      FLR: read('FLR'),
      UNIT: unit.replace(UNIT_WORD, ''),
      ROOM: read('ROOM'),
      SEAT: read('SEAT'),
    };
    return { kind: 'point', id, street, HNP, HNO, HNS, indoor, area, position };
  }

  function road(feature: LayerFeature): LayerRoad | undefined {
    const { properties } = feature;
    const read = (field: RoadField | SidedField): string => cut(readRoad(properties, field));
    const id = read('id') || `#${feature.row}`;
    const sides = (['L', 'R'] as const).flatMap((side) => sideOf(side, id, read) ?? []);
    let street = namesOf(read);
    if (street.RD === '' && read('name') !== '') {
      const region = sides[0]?.area ?? { country: 'US', A1: undefined };
      const split = splitStreetLine(`1 ${read('name')}`, region);
      street = namesOf((field) => (field === 'SEP' ? '' : (split[field as 'RD'] ?? '')));
    }
    if (isNameless(street)) return lint.add('no-street', id, 'the road has no name');
    if (sides.length === 0) return lint.add('no-range', id, 'the road has no house numbers on either side');
    const line = positionsOf(feature.geometry);
    if (line.length < 2) lint.note('no-position', id, `the road has no line ${WHERE}`);
    return { kind: 'road', id, street, sides, line: line.length < 2 ? [] : line };
  }

  function sideOf(side: 'L' | 'R', id: string, read: (field: RoadField | SidedField) => string): LayerSide | undefined {
    const from = readNumber(read(`from_${side}`));
    const to = readNumber(read(`to_${side}`));
    if (from === undefined || to === undefined || (from === 0 && to === 0)) {
      lint.note('zero-range', id, `side ${side} has no house numbers`);
      return undefined;
    }
    if (/^n/i.test(read(`valid_${side}`))) {
      lint.note('not-for-validation', id, `side ${side} is marked as not for validation`);
      return undefined;
    }
    const area = areaOf((field) => read(`${field}_${side}`));
    if (area === undefined) {
      lint.add('no-state', id, `no state, territory or province is told by "${read(`A1_${side}`)}"`);
      return undefined;
    }
    const stated = read(`parity_${side}`).slice(0, 1).toUpperCase();
    const byEnds = from % 2 === to % 2 ? (from % 2 === 0 ? 'E' : 'O') : 'B';
    // `Z` says that there is nothing; numbers say that there is.
    const isKnown = stated === 'O' || stated === 'E' || stated === 'B';
    if ((isKnown || stated === 'Z') && stated !== 'B' && stated !== byEnds) {
      lint.note('parity', id, `side ${side} says ${stated}, its numbers ${from} to ${to} say ${byEnds}`);
    }
    // Where both ends contradict the parity, the numbers count: they are what is on the houses.
    const parity = stated === 'B' ? 'B' : byEnds === 'B' && isKnown ? stated : byEnds;
    return { side, HNP: read(`HNP_${side}`), from, to, parity, area };
  }

  return (feature) => {
    if (feature.fault !== null) lint.note('fault', feature.row, feature.fault);
    return looksLikeRoad(feature.properties) || mapping['from_L'] !== undefined ? road(feature) : point(feature);
  };
}

/** San Francisco has points on `UNKNOWN`; nobody lives on a street of that name. */
function isNameless({ RD, STP, STS }: LayerStreet): boolean {
  return RD === '' || (STP === '' && STS === '' && /^(?:unknown|unnamed|unassigned|no name)$/i.test(RD));
}

function namesOf(read: (field: 'PRM' | 'PRD' | 'STP' | 'SEP' | 'RD' | 'STS' | 'POD' | 'POM') => string): LayerStreet {
  const separator = read('SEP');
  return {
    PRM: read('PRM'),
    PRD: read('PRD'),
    STP: [read('STP'), separator].filter(Boolean).join(' '),
    RD: read('RD'),
    STS: read('STS'),
    POD: read('POD'),
    POM: read('POM'),
  };
}
