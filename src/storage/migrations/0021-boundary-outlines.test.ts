import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createLogger } from '../../support/logger.ts';
import { openDatabase } from '../database.ts';
import { migrations } from './index.ts';

const IMPORT = '00000000-0000-4000-8000-000000000001';

/** A square with a hole, and an island beyond the equator; closed as GeoJSON has them, one point repeated. */
const COORDINATES = [
  [
    [
      [-95.5, 29.6],
      [-95.1, 29.6],
      [-95.1, 29.6],
      [-95.1, 30],
      [-95.5, 30],
      [-95.5, 29.6],
    ],
    [
      [-95.4, 29.7],
      [-95.4, 29.8],
      [-95.3, 29.8],
      [-95.4, 29.7],
    ],
  ],
  [
    [
      [172.5, -0.5],
      [172.6, -0.5],
      [172.55, 0.1234567],
      [172.5, -0.5],
    ],
  ],
];

/** The points of a packed outline, ring after ring, read by the description of the format alone. */
function unpack(bytes: Uint8Array): number[][][] {
  let at = 0;
  const take = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const takeWay = (): number => {
    const value = take();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  assert.equal(take(), 1);
  const rings: number[][][] = [];
  let [x, y] = [0, 0];
  for (let polygons = take(); polygons > 0; polygons--) {
    for (let count = take(); count > 0; count--) {
      const ring: number[][] = [];
      for (let points = take(); points > 0; points--) {
        x += takeWay();
        y += takeWay();
        ring.push([x / 1e7, y / 1e7]);
      }
      rings.push(ring);
    }
  }
  assert.equal(at, bytes.length);
  return rings;
}

test('outlines that were JSON are packed, every row', async () => {
  const database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
  try {
    const { db } = database;
    const names = Object.keys(migrations);
    const before = names[names.indexOf('0021-boundary-outlines') - 1] ?? '';
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    assert.equal((await new Migrator({ db, provider }).migrateTo(before)).error, undefined);
    await sql`insert into boundary_imports (id, layer, actor, imported_at, feature_count, added, changed, removed)
      values (${IMPORT}, 'a', 'operator', now(), 2, 2, 0, 0)`.execute(db);
    for (const id of ['one', 'two']) {
      await sql`insert into service_boundaries (source_id, layer, import_id, source, service_urn, uri, display_name,
        service_number, coordinates, version, updated_at) values (${id}, 'a', ${IMPORT}, 'psap.example', 'urn:service:sos',
        'sip:a@psap.example', 'A', '911', ${JSON.stringify(COORDINATES)}::jsonb, '1', now())`.execute(db);
    }

    await database.migrate();

    const rows = await db.selectFrom('serviceBoundaries').select(['sourceId', 'outline']).orderBy('sourceId').execute();
    assert.deepEqual(
      rows.map(({ sourceId }) => sourceId),
      ['one', 'two'],
    );
    for (const { outline } of rows) {
      assert.deepEqual(unpack(outline), [
        [
          [-95.5, 29.6],
          [-95.1, 29.6],
          [-95.1, 30],
          [-95.5, 30],
        ],
        [
          [-95.4, 29.7],
          [-95.4, 29.8],
          [-95.3, 29.8],
        ],
        [
          [172.5, -0.5],
          [172.6, -0.5],
          [172.55, 0.1234567],
        ],
      ]);
    }
  } finally {
    await database.close();
  }
});
