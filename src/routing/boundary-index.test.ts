import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBoundaryIndex, METERS_PER_DEGREE } from './boundary-index.ts';
import { shapeOutline } from './shape-outline.ts';

function box(west: number, south: number, east: number, north: number): Float64Array {
  return Float64Array.of(west, south, east, south, east, north, west, north);
}

describe('boundary index', () => {
  // Four unit squares around (1, 1): 0 south-west, 1 south-east, 2 north-west, 3 north-east.
  const squares = createBoundaryIndex([
    [[box(0, 0, 1, 1)]],
    [[box(1, 0, 2, 1)]],
    [[box(0, 1, 1, 2)]],
    [[box(1, 1, 2, 2)]],
  ]);

  test('a point on a shared edge belongs to the east, on a level edge to the north', () => {
    assert.deepEqual(squares.all(0.5, 1), [1]);
    assert.deepEqual(squares.all(1, 0.5), [2]);
    assert.deepEqual(squares.all(1, 1), [3]);
    assert.deepEqual(squares.all(0, 0), [0]);
    assert.deepEqual(squares.all(2, 2), []);
    assert.deepEqual(squares.all(0.5, 2), []);
  });

  test('the edge rule does not depend on the direction in which a ring runs', () => {
    const turned = createBoundaryIndex([
      [[Float64Array.of(0, 0, 0, 1, 1, 1.3, 1, 0.1)]],
      [[Float64Array.of(1, 1.3, 2, 1, 2, 0, 1, 0.1)]],
    ]);
    for (let i = 0; i <= 100; i++) assert.equal(turned.all(0.1 + (1.2 * i) / 100, 1).length, i === 100 ? 0 : 1);
  });

  test('holes are outside, islands in holes are inside', () => {
    const ring = createBoundaryIndex([[[box(0, 0, 4, 4), box(1, 1, 3, 3)], [box(1.5, 1.5, 2, 2)]]]);
    assert.equal(ring.first(0.5, 0.5), 0);
    assert.equal(ring.first(2.5, 2.5), -1);
    assert.equal(ring.first(1.75, 1.75), 0);
  });

  test('closed rings are the same as open ones, fewer than three corners are nothing', () => {
    const index = createBoundaryIndex([
      [[Float64Array.of(0, 0, 1, 0, 1, 1, 0, 0)]],
      [[Float64Array.of(0, 0, 1, 1)]],
      [],
    ]);
    assert.deepEqual(index.all(0.2, 0.5), [0]);
    assert.equal(createBoundaryIndex([]).first(0, 0), -1);
  });

  test('overlapping boundaries: the lowest number of the asked range wins', () => {
    const index = createBoundaryIndex([[[box(0, 0, 4, 4)]], [[box(0, 0, 2, 2)]], [[box(0, 0, 1, 1)]]]);
    assert.equal(index.first(0.5, 0.5), 0);
    assert.equal(index.first(0.5, 0.5, 1), 1);
    assert.equal(index.first(3, 3, 1), -1);
    assert.equal(index.first(0.5, 0.5, 1, 1), -1);
  });

  test('distances to edges and to boundaries', () => {
    const near = (actual: number | undefined, expected: number): void => {
      assert.ok(actual !== undefined && Math.abs(actual - expected) < expected * 0.001, `${actual} is not ${expected}`);
    };
    near(squares.distanceToEdge(0, 0.1, 0.5), 0.1 * METERS_PER_DEGREE);
    assert.equal(squares.distanceToEdge(0, 0.1, 0.5, 1000), Number.POSITIVE_INFINITY);
    const found = squares.within(0.5, -0.01, 5_000);
    assert.deepEqual(
      found.map(({ boundary }) => boundary),
      [0],
    );
    near(found[0]?.distanceMeters, 0.01 * METERS_PER_DEGREE * Math.cos(Math.PI / 360));
    assert.equal(squares.within(0.5, 0.5, 1000)[0]?.distanceMeters, 0);
  });

  test('the slab search finds the same distance as a look at every edge', () => {
    const corners = 400;
    const wavy = new Float64Array(corners * 2);
    for (let i = 0; i < corners; i++) {
      const angle = (2 * Math.PI * i) / corners;
      const radius = 1 + 0.3 * Math.sin(9 * angle);
      wavy[i * 2] = radius * Math.cos(angle);
      wavy[i * 2 + 1] = radius * Math.sin(angle);
    }
    const index = createBoundaryIndex([[[wavy]]]);
    for (const [x, y] of [
      [0, 0],
      [0.9, 0.2],
      [-1.6, 1.1],
      [0.3, -2],
    ] as const) {
      let best = Number.POSITIVE_INFINITY;
      const scale = Math.cos((y * Math.PI) / 180);
      for (let i = 0; i < corners; i++) {
        const j = (i + 1) % corners;
        const ax = ((wavy[i * 2] ?? 0) - x) * scale;
        const ay = (wavy[i * 2 + 1] ?? 0) - y;
        const dx = ((wavy[j * 2] ?? 0) - x) * scale - ax;
        const dy = (wavy[j * 2 + 1] ?? 0) - y - ay;
        const t = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
        best = Math.min(best, Math.hypot(ax + t * dx, ay + t * dy));
      }
      assert.ok(Math.abs(index.distanceToEdge(0, y, x) - best * METERS_PER_DEGREE) < 0.01);
    }
  });

  test('nearness and overlap reach across longitude 180', () => {
    const index = createBoundaryIndex([[[box(179, 50, 180, 51)]], [[box(-180, 50, -179, 51)]]]);
    assert.deepEqual(
      index.within(50.5, -179.999, 500).map(({ boundary }) => boundary),
      [1, 0],
    );
    const outline = shapeOutline({
      type: 'circle',
      center: { latitude: 50.5, longitude: 179.999 },
      radiusMeters: 2000,
    });
    assert.ok(outline);
    assert.deepEqual(
      index.overlapping(outline).map(({ boundary }) => boundary),
      [0, 1],
    );
  });
});

describe('overlap areas', () => {
  const halves = createBoundaryIndex([[[box(-1, -1, 0, 1)]], [[box(0, -1, 1, 1)]]]);
  const center = { latitude: 0, longitude: 0 };
  const areas = (shape: Parameters<typeof shapeOutline>[0]): number[] => {
    const outline = shapeOutline(shape);
    assert.ok(outline);
    return halves.overlapping(outline).map(({ areaSquareMeters }) => areaSquareMeters);
  };
  const total = (list: number[]): number => list.reduce((sum, area) => sum + area, 0);
  const same = (actual: number, expected: number): void => {
    assert.ok(Math.abs(actual - expected) <= expected * 1e-6, `${actual} is not ${expected}`);
  };

  test('a circle is cut exactly in half', () => {
    const list = areas({ type: 'circle', center, radiusMeters: 500 });
    same(list[0] ?? 0, (Math.PI * 250_000) / 2);
    same(list[1] ?? 0, (Math.PI * 250_000) / 2);
  });

  test('an ellipse keeps its area however it is turned; north is along the cut', () => {
    for (const orientationDegrees of [0, 30, 90, 200]) {
      const list = areas({ type: 'ellipse', center, semiMajorMeters: 900, semiMinorMeters: 100, orientationDegrees });
      same(total(list), Math.PI * 90_000);
    }
    const east = { latitude: 0, longitude: 0.002 };
    const upright = { type: 'ellipse', center: east, semiMajorMeters: 900, semiMinorMeters: 100 } as const;
    assert.equal(areas({ ...upright, orientationDegrees: 0 }).length, 1);
    assert.equal(areas({ ...upright, orientationDegrees: 90 }).length, 2);
  });

  test('an arc band opens clockwise from north', () => {
    const band = { type: 'arc-band', center, innerRadiusMeters: 300, outerRadiusMeters: 500 } as const;
    const quarter = (Math.PI * (250_000 - 90_000)) / 4;
    const eastOnly = createBoundaryIndex([[[box(0, 0, 1, 1)]]]);
    const outline = shapeOutline({ ...band, startAngleDegrees: 0, openingAngleDegrees: 90 });
    assert.ok(outline);
    same(eastOnly.overlapping(outline)[0]?.areaSquareMeters ?? 0, quarter);
    same(total(areas({ ...band, startAngleDegrees: 200, openingAngleDegrees: 90 })), quarter);
    same(total(areas({ ...band, startAngleDegrees: 0, openingAngleDegrees: 360 })), quarter * 4);
    same(
      total(areas({ ...band, innerRadiusMeters: 0, startAngleDegrees: 10, openingAngleDegrees: 270 })),
      Math.PI * 187_500,
    );
  });

  test('polygons: open, closed, clockwise, concave and crossing themselves', () => {
    const degrees = 1000 / METERS_PER_DEGREE;
    const at = (x: number, y: number) => ({ latitude: y * degrees, longitude: x * degrees });
    const square = [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)];
    const area = (exterior: readonly { latitude: number; longitude: number }[]) =>
      total(areas({ type: 'polygon', exterior }));
    assert.ok(Math.abs(area(square) - 4e6) < 2000);
    assert.ok(Math.abs(area([...square, at(-1, -1)]) - 4e6) < 2000);
    assert.ok(Math.abs(area(square.toReversed()) - 4e6) < 2000);
    const arrow = [at(-1, -1), at(0, 0), at(1, -1), at(0, 1)];
    assert.ok(Math.abs(area(arrow) - 1e6) < 2000);
    const bowTie = [at(-1, -1), at(1, 1), at(1, -1), at(-1, 1)];
    assert.ok(Math.abs(area(bowTie) - 2e6) < 2000);
  });

  test('tangled and far too wide polygons cost no time worth mentioning', () => {
    const tangle = Array.from({ length: 5000 }, (_, i) => ({
      latitude: 0.1 * Math.sin(i * 1.7),
      longitude: 0.1 * Math.cos(i * 2.9),
    }));
    const list = areas({ type: 'polygon', exterior: tangle });
    assert.equal(list.length, 2);
    assert.equal(
      shapeOutline({
        type: 'polygon',
        exterior: tangle.map(({ latitude, longitude }) => ({ latitude: latitude * 40, longitude })),
      }),
      null,
    );
  });

  test('shapes without area or near a pole have no outline', () => {
    assert.equal(shapeOutline({ type: 'circle', center, radiusMeters: 0 }), null);
    assert.equal(shapeOutline({ type: 'polygon', exterior: [center, center, center] }), null);
    assert.equal(shapeOutline({ type: 'point', position: center }), null);
    const pole = { latitude: 90, longitude: 0 };
    assert.equal(shapeOutline({ type: 'circle', center: pole, radiusMeters: 10 }), null);
  });
});
