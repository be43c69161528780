import { Client } from 'pg';
import { askedPoint, benchPoint } from './address-points.ts';
import type { AddressRun, AddressRunResult, AddressSetup, AddressSetupResult } from './load/address-load.ts';
import { type Contestant, compare, type Plan, QUICK } from './measure.ts';
import { type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import { type Child, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

const POINTS = 1_000_000;
const FEW = 50_000;
const INSERTED = 10_000;

const LOOK_UP = 'select latitude, longitude from points where postal_code = $1 and street = $2 and number = $3 limit 1';

function streetOf(place: number): string {
  const { direction, name, type } = benchPoint(place);
  return `${direction} ${name} ${type}`.trim();
}

async function fill(client: Client, points: number): Promise<void> {
  await client.query(
    'create table points (postal_code text, street text, number integer, city text, latitude float8, longitude float8)',
  );
  for (let from = 0; from < points; from += INSERTED) {
    const places = Array.from({ length: Math.min(INSERTED, points - from) }, (_, index) => from + index);
    await client.query(
      `insert into points select c, s, n, t, 30, -97 from unnest($1::text[], $2::text[], $3::int[], $4::text[]) as p (c, s, n, t)`,
      [
        places.map((place) => benchPoint(place).postalCode),
        places.map(streetOf),
        places.map((place) => benchPoint(place).number),
        places.map((place) => benchPoint(place).city),
      ],
    );
  }
  await client.query('create index on points (postal_code, street, number)');
  await client.query('vacuum analyze points');
}

async function compareIndex(
  child: Child,
  { postgres, client }: { postgres: PostgresUnderTest; client: Client },
  points: number,
  plan: Plan,
): Promise<Row> {
  const ours: Contestant = {
    async run(ms) {
      const { missed, ...slice } = await child.ask<AddressRunResult>({ kind: 'run', ms } satisfies AddressRun);
      return { ...slice, errors: missed };
    },
  };
  let next = 0;
  const peer: Contestant = {
    async run(ms) {
      const before = postgres.cpuSeconds();
      const startedAt = performance.now();
      let count = 0;
      let errors = 0;
      while (performance.now() - startedAt < ms) {
        const place = askedPoint(next, points);
        const values = [benchPoint(place).postalCode, streetOf(place), benchPoint(place).number];
        const { rowCount } = await client.query({ name: 'look-up', text: LOOK_UP, values });
        if (rowCount !== 1) errors += 1;
        next += 1;
        count += 1;
      }
      const seconds = (performance.now() - startedAt) / 1_000;
      return { count, errors, seconds, cpuSeconds: postgres.cpuSeconds() - before };
    },
  };
  return ratioRow('address', 'validations', 'addresses/s', 'postgres-index', await compare(ours, peer, plan));
}

function plainRow(metric: string, value: number, unit: string, note: string): Row {
  return { bench: 'address', metric, value: Number(value.toFixed(2)), unit, peer: null, ratio: null, note };
}

/**
 * Addresses checked whole against a million address points, in one process; the peer is PostgreSQL that finds the same points
 * by an index, one after the other, given postal code, street and number as they are stored, and does nothing else.
 */
export async function benchAddress(plan: Plan): Promise<Row[]> {
  const points = plan === QUICK ? FEW : POINTS;
  const child = startChild(new URL('load/address-load.ts', import.meta.url), 'server');
  try {
    const packed = await child.ask<AddressSetupResult>({ kind: 'setup', points } satisfies AddressSetup);
    const postgres = await startPostgres();
    const client = new Client({ connectionString: postgres.url });
    try {
      await client.connect();
      await fill(client, points);
      return [
        plainRow(
          'memory',
          packed.bytesPerPoint + packed.heapBytesPerPoint,
          'bytes',
          `for each of ${points} points, all told`,
        ),
        plainRow('pack', packed.packSeconds, 's', 'in a thread of its own'),
        await compareIndex(child, { postgres, client }, points, plan),
      ];
    } finally {
      await client.end();
      await postgres.stop();
    }
  } finally {
    await child.stop();
  }
}
