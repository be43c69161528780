import type { Shape } from '../../domain/shape.ts';
import { collapseSpace, type ElementReader, readNumber, type XmlElement } from '../xml/xml.ts';
import { type CoordinateSystem, openRing, readCoordinateSystem, WGS84_2D } from './coordinates.ts';
import { coordinatesReader, type GatheredPositions, positionsReader } from './decode-ring.ts';
import { GML, SHAPES } from './namespaces.ts';
import type { Notes } from './notes.ts';

/** A shape that was recognized but cannot be used; `problem` is the kind RFC 5222 §13.1 has for it. */
export type UnusableShape = { type: 'unusable'; problem: 'location-invalid' | 'srs-invalid'; detail: string };

const SHAPE_NAMES: ReadonlySet<string> = new Set([
  'Point',
  'Circle',
  'Ellipse',
  'ArcBand',
  'Polygon',
  'Sphere',
  'Ellipsoid',
  'Prism',
]);

const IN_SPACE: ReadonlySet<string> = new Set(['Sphere', 'Ellipsoid', 'Prism']);

/** Also as people misspell it: RFC 7105 itself has one of these in an example. */
const SHAPE_NAMESPACES: ReadonlySet<string> = new Set([
  GML,
  SHAPES,
  'http://opengis.net/gml',
  'http://www.opengis.net/gml/3.2',
]);

/** True for the shapes of RFC 5491 §5, in the GML and the shape namespace alike. */
export function isShapeElement(element: XmlElement): boolean {
  return SHAPE_NAMES.has(element.local) && SHAPE_NAMESPACES.has(element.uri);
}

/**
 * Reads a shape (RFC 5491 §5.2). Shapes in space become what they cover on the ground: Sphere a circle, Ellipsoid an
 * ellipse, Prism its base; only a Point keeps its altitude (RFC 5222 §12.2).
 */
export function shapeReader(
  shape: XmlElement,
  notes: Notes,
  done: (outcome: Shape | UnusableShape) => void,
): ElementReader {
  const srsName = shape.attribute('srsName');
  const named = readCoordinateSystem(srsName);
  const system: CoordinateSystem = named ?? WGS84_2D;
  const gathered: GatheredPositions = { positions: [] };
  const measures = new Map<string, number>();
  if (IN_SPACE.has(shape.local)) notes.add(`${shape.local}: taken as what it covers on the ground`);
  return {
    child: (element) => {
      switch (element.local) {
        case 'pos':
        case 'posList':
        case 'coordinates':
          return coordinatesReader(element, gathered, system);
        case 'exterior':
        case 'base':
          return positionsReader(gathered, system);
        case 'interior':
          notes.add(`${shape.local}: hole passed over`);
          return undefined;
        default:
          return measureReader(element, measures, notes);
      }
    },
    end: () => {
      if (named === undefined) {
        const detail = `${shape.local}: unknown spatial reference system ${srsName}`;
        done({ type: 'unusable', problem: 'srs-invalid', detail });
        return;
      }
      const built = gathered.fault ?? buildShape(shape.local, gathered, measures);
      if (typeof built !== 'string') done(built);
      else done({ type: 'unusable', problem: 'location-invalid', detail: `${shape.local}: ${built}` });
    },
  };
}

const METERS_PER_FOOT = 0.3048;
const DEGREES_PER_RADIAN = 180 / Math.PI;

/** Units by their EPSG code, as factors to metres or degrees: RFC 5491 §5 wants 9001, 9101 or 9102; others are sent. */
const UNIT_FACTORS: ReadonlyMap<string, number> = new Map([
  ['9001', 1],
  ['9002', METERS_PER_FOOT],
  ['9003', 1_200 / 3_937],
  ['9036', 1_000],
  ['9093', 5_280 * METERS_PER_FOOT],
  ['9101', DEGREES_PER_RADIAN],
  ['9102', 1],
  ['9122', 1],
]);

/** Without `uom` in metres or degrees; in a unit that is not known too, with a note: the middle of the shape still helps. */
function measureReader(element: XmlElement, measures: Map<string, number>, notes: Notes): ElementReader {
  return {
    end: (text) => {
      const value = readNumber(collapseSpace(text));
      if (value === undefined) return;
      const uom = element.attribute('uom')?.trim() ?? '';
      const factor = UNIT_FACTORS.get(/(\d{4})$/.exec(uom)?.[1] ?? '');
      if (factor === undefined && uom !== '') notes.add(`${element.local}: unit ${uom} is not known, not converted`);
      measures.set(element.local, value * (factor ?? 1));
    },
  };
}

/** The shape, or what is wrong with it. */
function buildShape(
  name: string,
  { positions, altitudeMeters }: GatheredPositions,
  measures: ReadonlyMap<string, number>,
): Shape | string {
  const [position] = positions;
  if (position === undefined) return 'has no position';
  if (name === 'Polygon' || name === 'Prism') {
    const exterior = openRing(positions);
    return exterior.length < 3 ? 'has fewer than three corners' : { type: 'polygon', exterior };
  }
  if (positions.length > 1) return 'has more than one position';

  let missing: string | undefined;
  const measure = (measureName: string): number => {
    const value = measures.get(measureName);
    if (value === undefined) missing ??= measureName;
    return value ?? 0;
  };
  const length = (measureName: string): number => {
    const value = measure(measureName);
    if (value < 0) missing ??= measureName;
    return value;
  };
  const shape = ((): Shape => {
    switch (name) {
      case 'Circle':
      case 'Sphere':
        return { type: 'circle', center: position, radiusMeters: length('radius') };
      case 'Ellipse':
      case 'Ellipsoid':
        return {
          type: 'ellipse',
          center: position,
          semiMajorMeters: length('semiMajorAxis'),
          semiMinorMeters: length('semiMinorAxis'),
          orientationDegrees: measure('orientation'),
        };
      case 'ArcBand':
        return {
          type: 'arc-band',
          center: position,
          innerRadiusMeters: length('innerRadius'),
          outerRadiusMeters: length('outerRadius'),
          startAngleDegrees: measure('startAngle'),
          openingAngleDegrees: measure('openingAngle'),
        };
      default:
        return { type: 'point', position, ...(altitudeMeters !== undefined && { altitudeMeters }) };
    }
  })();
  return missing === undefined ? shape : `has no usable ${missing}`;
}
