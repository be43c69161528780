import { isPosition, type Position } from '../../domain/shape.ts';
import { readNumber } from '../xml/xml.ts';

/** How the numbers of a coordinate reference system are ordered and counted. */
export type CoordinateSystem = { dimensions: 2 | 3; longitudeFirst: boolean };

export const WGS84_2D: CoordinateSystem = { dimensions: 2, longitudeFirst: false };
const WGS84_3D: CoordinateSystem = { dimensions: 3, longitudeFirst: false };
const CRS84: CoordinateSystem = { dimensions: 2, longitudeFirst: true };

const EPSG = /epsg.*[:/#](4326|4979)$/i;
const OGC_CRS84 = /crs:?84$/i;

/**
 * `srsName` (RFC 5491 §5: EPSG 4326 or 4979 as URN) in any of the spellings seen in the field; undefined for another
 * system. Without a name it is EPSG 4326.
 */
export function readCoordinateSystem(srsName: string | undefined): CoordinateSystem | undefined {
  const name = srsName?.trim() ?? '';
  if (name === '') return WGS84_2D;
  const code = EPSG.exec(name)?.[1];
  if (code !== undefined) return code === '4979' ? WGS84_3D : WGS84_2D;
  return OGC_CRS84.test(name) ? CRS84 : undefined;
}

const SEPARATORS = /[\s,;]+/;

/** The numbers of `pos`, `posList` or `coordinates`; commas between them are taken too. Undefined: not all numbers. */
export function readCoordinates(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const word of text.split(SEPARATORS)) {
    if (word === '') continue;
    const value = readNumber(word);
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  return numbers;
}

/** Positions out of a flat list of numbers, altitude dropped; undefined when it does not divide or is out of range. */
export function readPositions(
  numbers: readonly number[],
  system: CoordinateSystem,
  dimensions: number,
): Position[] | undefined {
  if (numbers.length === 0 || numbers.length % dimensions !== 0) return undefined;
  const positions: Position[] = [];
  for (let index = 0; index < numbers.length; index += dimensions) {
    const [first, second] = [numbers[index], numbers[index + 1]];
    if (first === undefined || second === undefined) return undefined;
    const position = system.longitudeFirst
      ? { latitude: second, longitude: first }
      : { latitude: first, longitude: second };
    if (!isPosition(position)) return undefined;
    positions.push(position);
  }
  return positions;
}

/** What is wrong with coordinates that `readPositions` refused, for people: many senders write longitude first. */
export function coordinatesFault(
  name: string,
  text: string,
  numbers: readonly number[] | undefined,
  system: CoordinateSystem,
): string {
  const shown = text.trim().slice(0, 80);
  if (numbers === undefined) return `${name} is no position in range: ${shown} (not all of it are numbers)`;
  const [first = 0, second = 0] = numbers;
  const read = system.longitudeFirst ? { latitude: second, longitude: first } : { latitude: first, longitude: second };
  const isExchanged = !isPosition(read) && isPosition({ latitude: read.longitude, longitude: read.latitude });
  const hint = isExchanged ? ' (latitude comes first: the two seem to be exchanged)' : '';
  return `${name} is no position in range: ${shown}${hint}`;
}

/** A ring without its closing point: senders leave rings open, our rings are (RFC 5491 §5.2.2 wants them closed). */
export function openRing(ring: readonly Position[]): readonly Position[] {
  const [first, last] = [ring[0], ring.at(-1)];
  const closed = ring.length > 1 && first?.latitude === last?.latitude && first?.longitude === last?.longitude;
  return closed ? ring.slice(0, -1) : ring;
}
