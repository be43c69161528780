import { Client } from 'pg';
import type { LookupResult, LookupRun, LookupSample, LookupSetup, LookupSetupResult } from './load/lookup-load.ts';
import { type Contestant, compare, type Plan, QUICK } from './measure.ts';
import { layerPoints, NATIONAL, nationalEntry, nationalLayer, SMALL } from './national-layer.ts';
import { type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import { type Child, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

/** Points that PostGIS looks up in one statement, so that it spends its time on looking up. */
const BATCH = 500;
const POINTS = 65_536;
/** Points on which both sides have to agree. */
const COMPARED = 2_000;

const LOOK_UP = `select count(found.id) from points p
  left join lateral (select id from boundaries b where ST_Covers(b.geom, p.geom) limit 1) found on true
  where p.n >= $1::int and p.n < $2::int`;

/** A polygon of one ring as well-known binary. */
function polygonBytes(ring: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.alloc(13 + ring.length * 16);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt32LE(3, 1);
  bytes.writeUInt32LE(1, 5);
  bytes.writeUInt32LE(ring.length, 9);
  for (const [place, [longitude, latitude]] of ring.entries()) {
    bytes.writeDoubleLE(longitude, 13 + place * 16);
    bytes.writeDoubleLE(latitude, 21 + place * 16);
  }
  return bytes;
}

async function fillPostgis(client: Client, plan: Plan): Promise<void> {
  await client.query('create extension postgis').catch((cause: unknown) => {
    throw new Error('PostGIS is not installed: install the Debian package postgresql-postgis', { cause });
  });
  await client.query('create table boundaries (id text primary key, geom geometry(Polygon, 4326) not null)');
  await client.query('create table points (n integer primary key, geom geometry(Point, 4326) not null)');
  let number = 0;
  for (const ring of nationalLayer(plan === QUICK ? SMALL : NATIONAL)) {
    await client.query('insert into boundaries values ($1, ST_GeomFromWKB($2, 4326))', [
      nationalEntry(number++).sourceId,
      polygonBytes(ring),
    ]);
  }
  const points = layerPoints(POINTS);
  await client.query(
    `insert into points select n - 1, ST_SetSRID(ST_MakePoint(x, y), 4326)
      from unnest($1::float8[], $2::float8[]) with ordinality as p (x, y, n)`,
    [points.map(({ longitude }) => longitude), points.map(({ latitude }) => latitude)],
  );
  await client.query('create index on boundaries using gist (geom)');
  await client.query('vacuum analyze boundaries');
  await client.query('vacuum analyze points');
}

async function countDifferences(client: Client, child: Child): Promise<number> {
  const { rows } = await client.query<{ id: string | null }>(
    `select (select id from boundaries b where ST_Covers(b.geom, p.geom) limit 1) as id from points p
      where p.n < $1::int order by p.n`,
    [COMPARED],
  );
  const ours = await child.ask<(string | null)[]>({ kind: 'sample', count: COMPARED } satisfies LookupSample);
  return rows.filter(({ id }, place) => id !== ours[place]).length;
}

async function comparePostgis(child: Child, postgres: PostgresUnderTest, client: Client, plan: Plan): Promise<Row> {
  const ours: Contestant = {
    async run(ms) {
      const result = await child.ask<LookupResult>({ kind: 'run', ms } satisfies LookupRun);
      return { ...result, errors: 0 };
    },
  };
  let next = 0;
  const peer: Contestant = {
    async run(ms) {
      const before = postgres.cpuSeconds();
      const startedAt = performance.now();
      let count = 0;
      while (performance.now() - startedAt < ms) {
        await client.query({ name: 'look-up', text: LOOK_UP, values: [next, next + BATCH] });
        next = (next + BATCH) % (POINTS - BATCH);
        count += BATCH;
      }
      const seconds = (performance.now() - startedAt) / 1_000;
      return { count, errors: 0, seconds, cpuSeconds: postgres.cpuSeconds() - before };
    },
  };
  const comparison = await compare(ours, peer, plan);
  const differences = await countDifferences(client, child);
  return ratioRow('lookup', 'boundaries', 'points/s', 'postgis', {
    ...comparison,
    errors: comparison.errors + differences,
  });
}

function plainRow(metric: string, value: number, unit: string, note: string): Row {
  return { bench: 'lookup', metric, value: Number(value.toFixed(2)), unit, peer: null, ratio: null, note };
}

/** Points to boundaries over a layer as large as a nation's, in one process; the peer is PostGIS with a GiST index on the same. */
export async function benchLookup(plan: Plan): Promise<Row[]> {
  const child = startChild(new URL('load/lookup-load.ts', import.meta.url), 'server');
  const rows: Row[] = [];
  try {
    const national = plan === QUICK ? SMALL : NATIONAL;
    const packed = await child.ask<LookupSetupResult>({ kind: 'setup', national } satisfies LookupSetup);
    const { bytesPerCorner, corners, heapBytesPerCorner, packSeconds } = packed;
    rows.push(
      plainRow('memory', bytesPerCorner + heapBytesPerCorner, 'bytes', `for each of ${corners} corners, all told`),
      plainRow('pack', packSeconds, 's', `in a thread of its own`),
    );
    const postgres = await startPostgres();
    const client = new Client({ connectionString: postgres.url });
    try {
      await client.connect();
      await fillPostgis(client, plan);
      rows.push(await comparePostgis(child, postgres, client, plan));
    } finally {
      await client.end();
      await postgres.stop();
    }
  } finally {
    await child.stop();
  }
  return rows;
}
