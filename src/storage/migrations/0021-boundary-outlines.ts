import { type Kysely, sql } from 'kysely';

const STEPS_PER_DEGREE = 10_000_000;

type Row = { id: string; coordinates: number[][][][] };

/** Outlines of boundaries as packed bytes in place of JSON: a sixth of the size, read without a parser. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table service_boundaries add column outline bytea`.execute(db);
  for (let after = ''; ; ) {
    // One by one: the outline of a state alone is tens of megabytes of JSON.
    const { rows } = await sql<Row>`select source_id as id, coordinates from service_boundaries
      where source_id > ${after} order by source_id limit 1`.execute(db);
    const [row] = rows;
    if (!row) break;
    after = row.id;
    const outline = packOutline(row.coordinates);
    await sql`update service_boundaries set outline = ${outline} where source_id = ${after}`.execute(db);
  }
  await sql`alter table service_boundaries alter column outline set not null`.execute(db);
  // Packed already: trying to compress it again costs time and gains little.
  await sql`alter table service_boundaries alter column outline set storage external`.execute(db);
  await sql`alter table service_boundaries drop column coordinates`.execute(db);
}

/** Format 1: counts, then every point as the way from the one before; variable-length integers, rings open. */
function packOutline(polygons: readonly number[][][][]): Buffer {
  const bytes: number[] = [1];
  const put = (value: number): void => {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  const drawn = polygons.map((rings) => rings.map(openRing).filter((ring) => ring.length >= 3));
  const usable = drawn.filter((rings) => rings.length > 0);
  put(usable.length);
  let [x, y] = [0, 0];
  for (const rings of usable) {
    put(rings.length);
    for (const ring of rings) {
      put(ring.length);
      for (const [nextX, nextY] of ring) {
        for (const way of [nextX - x, nextY - y]) put(way < 0 ? -2 * way - 1 : 2 * way);
        [x, y] = [nextX, nextY];
      }
    }
  }
  return Buffer.from(bytes);
}

function openRing(ring: readonly number[][]): [number, number][] {
  const points: [number, number][] = [];
  for (const [longitude = 0, latitude = 0] of ring) {
    const x = Math.round(longitude * STEPS_PER_DEGREE);
    const y = Math.round(latitude * STEPS_PER_DEGREE);
    const last = points.at(-1);
    if (last?.[0] !== x || last[1] !== y) points.push([x, y]);
  }
  const [first, last] = [points[0], points.at(-1)];
  if (points.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]) points.pop();
  return points;
}
