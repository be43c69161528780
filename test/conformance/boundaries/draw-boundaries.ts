/** Boundaries that share winding borders, drawn from a seed: a grid of counties, a city in a hole of one, an island. */

export type DrawnFeature = {
  type: 'Feature';
  properties: Record<string, string>;
  geometry: { type: 'MultiPolygon'; coordinates: number[][][][] };
};

const SIDE = 4;
const STEPS = 24;
const WEST = -98.6;
const SOUTH = 29.4;
const CELL = 0.4;

/** A number from 0 to below 1, the same for the same text. */
function chance(text: string): number {
  let hash = 2_166_136_261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619) >>> 0;
  // The last letters reach the upper bits only by mixing.
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_519) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_917) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

/** Corners from one crossing of the grid to the next, the same from both sides. */
function border(fromX: number, fromY: number, toX: number, toY: number): number[][] {
  const isForward = fromX + fromY < toX + toY;
  const [ax, ay, bx, by] = isForward ? [fromX, fromY, toX, toY] : [toX, toY, fromX, fromY];
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const part = i / STEPS;
    const name = `${ax},${ay},${bx},${by},${i}`;
    const isEnd = i === 0 || i === STEPS;
    const wobble = isEnd ? 0 : (chance(name) - 0.5) * 0.03;
    return [
      round(WEST + (ax + (bx - ax) * part) * CELL + (ay === by ? 0 : wobble)),
      round(SOUTH + (ay + (by - ay) * part) * CELL + (ay === by ? wobble : 0)),
    ];
  });
  return isForward ? points : points.reverse();
}

function cell(x: number, y: number): number[][] {
  return [
    ...border(x, y, x + 1, y).slice(0, -1),
    ...border(x + 1, y, x + 1, y + 1).slice(0, -1),
    ...border(x + 1, y + 1, x, y + 1).slice(0, -1),
    ...border(x, y + 1, x, y),
  ];
}

function circle(longitude: number, latitude: number, radius: number, corners: number): number[][] {
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    return [round(longitude + radius * Math.cos(angle)), round(latitude + radius * Math.sin(angle))];
  });
  return [...ring, ring[0] ?? []];
}

function feature(name: string, coordinates: number[][][][]): DrawnFeature {
  const properties = {
    NGUID: `urn:emergency:uid:gis:PSAP:${name}:tx.example`,
    Agency_ID: 'tx.example',
    DsplayName: `Condado Peñalosa ${name}`,
    ServiceURI: `sip:${name}@psap.example`,
    ServiceURN: 'urn:emergency:service:sos.psap',
    ServiceNum: '911',
  };
  return { type: 'Feature', properties, geometry: { type: 'MultiPolygon', coordinates } };
}

/** 17 boundaries between 29.4 and 31 north, 98.6 and 97 west. */
export function drawBoundaries(): DrawnFeature[] {
  const city = circle(WEST + 1.5 * CELL, SOUTH + 1.5 * CELL, 0.09, 40);
  const features: DrawnFeature[] = [feature('city', [[city]])];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const outer = cell(x, y);
      const polygons = [x === 1 && y === 1 ? [outer, [...city].reverse()] : [outer]];
      if (x === 3 && y === 3) polygons.push([circle(-96.8, 30.8, 0.05, 16)]);
      features.push(feature(`county-${x}-${y}`, polygons));
    }
  }
  return features;
}

export const DRAWN_EXTENT = { west: WEST - 0.1, south: SOUTH - 0.1, east: -96.7, north: SOUTH + SIDE * CELL + 0.1 };

/** Every corner, and the way to the next. */
export function edgesOf(features: readonly DrawnFeature[]): number[][] {
  return features.flatMap(({ geometry }) =>
    geometry.coordinates.flat().flatMap((ring) => ring.slice(1).map((to, i) => [...(ring[i] ?? []), ...to])),
  );
}
