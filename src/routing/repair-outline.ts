import clipping, { type MultiPolygon, type Polygon, type Ring } from 'polygon-clipping';

/** A service boundary has no edge this long: one that spans more degrees of longitude goes the other way round. */
const LONGEST_EDGE_DEGREES = 180;

/**
 * Polygons as valid ones: rings that cross themselves or each other are cut to simple ones that keep every lobe (as "make
 * valid" does, not as a buffer of 0), and what crosses longitude 180, whether written with a jump of longitude or beyond
 * ±180, is cut there (RFC 7946 §3.1.9). What the library cannot cut stays as it is: the index takes it by even and odd.
 */
export function repairOutline(polygons: readonly Polygon[]): Polygon[] {
  const unwrapped = polygons.map(unwrapPolygon);
  const [first, ...rest] = unwrapped;
  if (!first) return [];
  let valid: Polygon[];
  try {
    valid = clipping.union(first, ...rest);
  } catch {
    valid = unwrapped;
  }
  return valid.flatMap(cutAtAntimeridian);
}

/** Makes longitudes run on over 180 where an edge would span the earth; holes follow their outer ring. */
export function unwrapPolygon(polygon: Polygon): Polygon {
  const rings = polygon.map(unwrapRing);
  const [west, east] = extent(rings[0] ?? []);
  return rings.map((ring, number) => {
    if (number === 0) return ring;
    const [holeWest, holeEast] = extent(ring);
    const turns = Math.round(((west + east) / 2 - (holeWest + holeEast) / 2) / 360);
    return turns === 0 ? ring : shift(ring, turns * 360);
  });
}

function unwrapRing(ring: Ring): Ring {
  let turns = 0;
  let before: number | undefined;
  const unwrapped = ring.map(([longitude, latitude]): [number, number] => {
    const way = before === undefined ? 0 : longitude - before;
    if (way > LONGEST_EDGE_DEGREES) turns -= 360;
    if (way < -LONGEST_EDGE_DEGREES) turns += 360;
    before = longitude;
    return [longitude + turns, latitude];
  });
  const closing = (before ?? 0) - (ring[0]?.[0] ?? 0);
  if (closing > LONGEST_EDGE_DEGREES) turns += 360;
  if (closing < -LONGEST_EDGE_DEGREES) turns -= 360;
  // A ring that does not come back to where it began goes around a pole: it stays as it was drawn.
  return turns === 0 ? unwrapped : ring;
}

function extent(ring: Ring): [west: number, east: number] {
  let west = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  for (const [longitude] of ring) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
  }
  return [west, east];
}

function shift(ring: Ring, degrees: number): Ring {
  return ring.map(([longitude, latitude]) => [longitude + degrees, latitude]);
}

function cutAtAntimeridian(polygon: Polygon): MultiPolygon {
  const [west, east] = extent(polygon[0] ?? []);
  if (west >= -180 && east <= 180) return [polygon];
  const pieces: MultiPolygon = [];
  for (let turn = Math.floor((west + 180) / 360); turn * 360 - 180 < east; turn++) {
    const [left, right] = [turn * 360 - 180, turn * 360 + 180];
    const window: Polygon = [
      [
        [left, -90],
        [right, -90],
        [right, 90],
        [left, 90],
        [left, -90],
      ],
    ];
    for (const piece of clipping.intersection(polygon, window)) {
      pieces.push(piece.map((ring) => shift(ring, -360 * turn)));
    }
  }
  return pieces;
}
