import type { Position } from '../../domain/shape.ts';
import type { ElementReader, XmlElement } from '../xml/xml.ts';
import {
  type CoordinateSystem,
  coordinatesFault,
  openRing,
  readCoordinateSystem,
  readCoordinates,
  readPositions,
  WGS84_2D,
} from './coordinates.ts';

/** What the readers of coordinates gather: positions in order, the altitude of the first `pos`, and the first fault. */
export type GatheredPositions = { positions: Position[]; altitudeMeters?: number; fault?: string };

/**
 * Reads `pos`, `posList` and `coordinates` wherever they stand below an element (`exterior`, `LinearRing`,
 * `pointMember` …) into `gathered`.
 */
export function positionsReader(gathered: GatheredPositions, system: CoordinateSystem): ElementReader {
  const child = (element: XmlElement): ElementReader => {
    switch (element.local) {
      case 'pos':
      case 'posList':
      case 'coordinates':
        return coordinatesReader(element, gathered, system);
      default:
        return { child };
    }
  };
  return { child };
}

/** Reads one `pos`, `posList` or `coordinates`. */
export function coordinatesReader(
  element: XmlElement,
  gathered: GatheredPositions,
  system: CoordinateSystem,
): ElementReader {
  const isPosition = element.local === 'pos';
  const stated = Number(element.attribute('srsDimension') ?? system.dimensions);
  return {
    end: (text) => {
      const numbers = readCoordinates(text);
      // A `pos` says by its length whether it has an altitude, whatever its system promises.
      const dimensions = isPosition ? numbers?.length : stated;
      const positions =
        numbers !== undefined && (dimensions === 2 || dimensions === 3)
          ? readPositions(numbers, system, dimensions)
          : undefined;
      if (positions === undefined) gathered.fault ??= coordinatesFault(element.local, text, numbers, system);
      else {
        const altitude = isPosition && system.dimensions === 3 ? numbers?.[2] : undefined;
        if (altitude !== undefined) gathered.altitudeMeters ??= altitude;
        for (const position of positions) gathered.positions.push(position);
      }
    },
  };
}

/**
 * Reads the ring in `exterior` or `interior` of a polygon in the system `srsName`, without its closing point; undefined
 * when it has fewer than three corners or cannot be read, as in a system that is not known.
 */
export function ringReader(
  srsName: string | undefined,
  done: (ring: readonly Position[] | undefined) => void,
): ElementReader {
  const gathered: GatheredPositions = { positions: [] };
  const system = readCoordinateSystem(srsName);
  return {
    ...positionsReader(gathered, system ?? WGS84_2D),
    end: () => {
      const ring = openRing(gathered.positions);
      done(system !== undefined && gathered.fault === undefined && ring.length >= 3 ? ring : undefined);
    },
  };
}
