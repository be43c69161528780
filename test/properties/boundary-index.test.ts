/** What must hold for outlines and lookups whatever is drawn. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { blockPieces, readBlockFile } from '../../src/routing/block-file.ts';
import { type BoundaryGeometry, createBoundaryIndex, openBoundaryIndex } from '../../src/routing/boundary-index.ts';
import { decodeOutline, encodeOutline, outlineCoordinates } from '../../src/routing/boundary-outline.ts';
import { repairOutline } from '../../src/routing/repair-outline.ts';

const seed = 911;

type Position = [longitude: number, latitude: number];

const degree = (min: number, max: number) => fc.integer({ min: min * 1e7, max: max * 1e7 }).map((steps) => steps / 1e7);

/** A ring around a centre: simple, of any form, with corners on the grid. */
const starRing = fc
  .record({
    x: degree(-170, 170),
    y: degree(-80, 80),
    radii: fc.array(fc.double({ min: 0.2, max: 3, noNaN: true }), { minLength: 3, maxLength: 60 }),
  })
  .map(({ radii, x, y }) =>
    radii.map((radius, i): Position => {
      const angle = (2 * Math.PI * i) / radii.length;
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)].map(
        (v) => Math.round(v * 1e7) / 1e7,
      ) as Position;
    }),
  );

const flat = (ring: readonly Position[]): Float64Array => Float64Array.from(ring.flat());

/** Even and odd over every edge, taken from its southern end. */
function bruteHolds(geometry: BoundaryGeometry, longitude: number, latitude: number): boolean {
  const [x, y] = [Math.round(longitude * 1e7), Math.round(latitude * 1e7)];
  return geometry.some((rings) => {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        let [x0, y0, x1, y1] = [ring[j] ?? 0, ring[j + 1] ?? 0, ring[i] ?? 0, ring[i + 1] ?? 0].map((v) =>
          Math.round(v * 1e7),
        ) as [number, number, number, number];
        if (y0 > y1) [x0, y0, x1, y1] = [x1, y1, x0, y0];
        if (y0 <= y && y < y1 && (x - x0) * (y1 - y0) < (y - y0) * (x1 - x0)) inside = !inside;
      }
    }
    return inside;
  });
}

describe('outlines', () => {
  test('what is unpacked is what was packed', () => {
    fc.assert(
      fc.property(starRing, (ring) => {
        const bytes = encodeOutline([[ring]]);
        assert.deepEqual(encodeOutline(outlineCoordinates(bytes)), bytes);
        const corners = new Set(outlineCoordinates(bytes).flat(2).map(String));
        for (const corner of corners) assert.ok(ring.some((one) => String(one) === corner));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('turning, closing and reversing a ring changes nothing', () => {
    fc.assert(
      fc.property(starRing, fc.nat(59), fc.boolean(), fc.boolean(), (ring, turn, closed, reversed) => {
        const start = turn % ring.length;
        let other = [...ring.slice(start), ...ring.slice(0, start)];
        if (reversed) other = other.toReversed();
        if (closed && other[0]) other.push(other[0]);
        assert.deepEqual(encodeOutline([[other]]), encodeOutline([[ring]]));
      }),
      { seed, numRuns: 300 },
    );
  });

  test('damaged bytes are refused or read as some outline, never anything else', () => {
    fc.assert(
      fc.property(starRing, fc.nat(), fc.integer({ min: 1, max: 255 }), (ring, place, change) => {
        const bytes = encodeOutline([[ring]]);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          decodeOutline(bytes);
        } catch (error) {
          assert.equal((error as Error).name, 'OutlineDamagedError');
        }
        assert.throws(() => decodeOutline(encodeOutline([[ring]]).subarray(0, -1)), { name: 'OutlineDamagedError' });
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe('lookups', () => {
  test('the divided grid answers as a look at every edge does', () => {
    fc.assert(
      fc.property(
        fc.array(starRing, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(degree(-1, 1), degree(-1, 1)), { minLength: 20, maxLength: 20 }),
        (rings, ways) => {
          const geometries = rings.map((ring): BoundaryGeometry => [[flat(ring)]]);
          const index = createBoundaryIndex(geometries);
          for (const ring of rings) {
            const corner = ring[0] ?? [0, 0];
            for (const [dx, dy] of [[0, 0] as const, ...ways]) {
              const [x, y] = [corner[0] + 3 * dx, corner[1] + 3 * dy];
              const expected = geometries.flatMap((geometry, n) => (bruteHolds(geometry, x, y) ? [n] : []));
              assert.deepEqual(index.all(y, x), expected);
              assert.equal(index.first(y, x), expected[0] ?? -1);
              for (const number of rings.keys()) {
                assert.equal(index.contains(number, y, x), expected.includes(number));
              }
            }
          }
        },
      ),
      { seed, numRuns: 60 },
    );
  });

  test('of two neighbours that share a border exactly one holds every point on it and beside it', () => {
    const border = fc.array(degree(-1, 1), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(border, degree(-170, 170), degree(-70, 70), fc.boolean(), (shifts, x, y, turned) => {
        const line = shifts.map((shift, i): Position => [x + shift, y + ((i + 1) * 4) / (shifts.length + 1)]);
        const [south, north]: [Position, Position] = [
          [x, y],
          [x, y + 4],
        ];
        const west: Position[] = [south, ...line, north, [x - 2, y + 4], [x - 2, y]];
        const east: Position[] = [north, ...line.toReversed(), south, [x + 2, y], [x + 2, y + 4]];
        const index = createBoundaryIndex([[[flat(turned ? west.toReversed() : west)]], [[flat(east)]]]);
        const points = [south, ...line, north];
        for (const [i, [px, py]] of points.entries()) {
          const next = points[i + 1];
          if (!next) continue;
          for (const share of [0, 0.25, 0.5, 0.75]) {
            for (const aside of [-1e-7, 0, 1e-7]) {
              const [qx, qy]: Position = [px + share * (next[0] - px) + aside, py + share * (next[1] - py)];
              assert.equal(index.all(qy, qx).length, 1);
            }
          }
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  test('many boundaries on top of each other: every one is found, in their order', () => {
    const square = Float64Array.of(-100, 40, -99, 40, -99, 41, -100, 41);
    const index = createBoundaryIndex(Array.from({ length: 300 }, () => [[square]]));
    assert.equal(index.first(40.5, -99.5), 0);
    assert.equal(index.first(40.5, -99.5, 250), 250);
    assert.equal(index.all(40.5, -99.5).length, 300);
    assert.equal(index.first(41.5, -99.5), -1);
  });

  test('points spread over a boundary lie in it', () => {
    fc.assert(
      fc.property(starRing, (ring) => {
        const index = createBoundaryIndex([[[flat(ring)]]]);
        const positions = index.spread(0, 500);
        assert.ok(positions.length > 250 && positions.length < 800, `${positions.length}`);
        for (const { latitude, longitude } of positions) assert.ok(index.contains(0, latitude, longitude));
      }),
      { seed, numRuns: 50 },
    );
  });
});

describe('the antimeridian', () => {
  const jumping: Position[] = [
    [178, 51],
    [-178, 51],
    [-178, 53],
    [178, 53],
  ];
  const beyond = jumping.map(([x, y]): Position => [x < 0 ? x + 360 : x, y]);
  const west = jumping.map(([x, y]): Position => [x > 0 ? x - 360 : x, y]);

  test('a polygon that crosses it is the same however it is written', () => {
    const outlines = [jumping, beyond, west, beyond.toReversed()].map((ring) => encodeOutline(repairOutline([[ring]])));
    for (const outline of outlines) assert.deepEqual(outline, outlines[0]);
    const index = createBoundaryIndex([
      decodeOutline(outlines[0] ?? new Uint8Array()).map((rings) =>
        rings.map((ring) => Float64Array.from(ring, (steps) => steps / 1e7)),
      ),
    ]);
    for (const longitude of [178.5, 179.9999999, 180, -180, -179.9999999, -178.5]) {
      assert.equal(index.first(52, longitude), 0, `${longitude}`);
    }
    assert.equal(index.first(52, 0), -1);
    assert.equal(index.first(52, 177.9), -1);
    // The cut is no edge: at 180 the nearest is 2 degrees of longitude, or 1 of latitude, away.
    assert.ok(Math.abs(index.distanceToEdge(0, 52, 179.99) - 111_195) < 500);
  });

  test('a hole follows its outer ring across it', () => {
    const hole: Position[] = [
      [-179.5, 51.5],
      [-179, 51.5],
      [-179, 52.5],
      [-179.5, 52.5],
    ];
    const outline = encodeOutline(repairOutline([[beyond, hole]]));
    const geometry = decodeOutline(outline).map((rings) =>
      rings.map((ring) => Float64Array.from(ring, (steps) => steps / 1e7)),
    );
    const index = createBoundaryIndex([geometry]);
    assert.equal(index.first(52, -179.25), -1);
    assert.equal(index.first(52, 179.25), 0);
    assert.equal(index.first(52, -178.5), 0);
  });
});

test('a ring that crosses itself keeps every lobe, as "make valid" does', () => {
  const eight: Position[] = [
    [0, 0],
    [2, 2],
    [2, 0],
    [0, 2],
  ];
  const outline = decodeOutline(encodeOutline(repairOutline([[eight]])));
  assert.equal(outline.length, 2);
  const index = createBoundaryIndex([[[flat(eight)]]]);
  for (const [x, y] of [
    [0.3, 1],
    [1.7, 1],
  ] as const) {
    assert.equal(index.first(y, x), 0);
  }
});

describe('packed layers as files', () => {
  const geometries: BoundaryGeometry[] = [
    [[Float64Array.of(-100, 40, -99, 40, -99, 41, -100, 41)]],
    [[Float64Array.of(-99, 40, -98, 40, -98, 41, -99, 41)]],
  ];
  const { block } = createBoundaryIndex(geometries);

  async function withFile(play: (path: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-block-'));
    try {
      const path = join(folder, 'a.block');
      await writeFile(path, blockPieces(block));
      await play(path);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('what is read is what was written', () =>
    withFile(async (path) => {
      const read = await readBlockFile(path);
      assert.deepEqual(read, block);
      assert.equal(openBoundaryIndex(read).first(40.5, -98.5), 1);
    }));

  test('a file that is damaged anywhere, cut off or too long is refused', () =>
    withFile(async (path) => {
      const whole = await readFile(path);
      for (let at = 0; at < whole.length; at += 37) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 0x40;
        await writeFile(path, damaged);
        await assert.rejects(readBlockFile(path), Error, `byte ${at}`);
      }
      for (const length of [0, 10, whole.length - 1]) {
        await writeFile(path, whole.subarray(0, length));
        await assert.rejects(readBlockFile(path));
      }
      await writeFile(path, Buffer.concat([whole, Buffer.alloc(1)]));
      await assert.rejects(readBlockFile(path));
    }));
});
