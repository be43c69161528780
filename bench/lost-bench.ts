import { setTimeout as pause } from 'node:timers/promises';
import { encodeLostQuery } from '../src/wire/lost/lost.ts';
import { compareDoor } from './door-bench.ts';
import type { LatencyLoad, LatencyResult } from './load/latency-load.ts';
import { type Plan, QUICK } from './measure.ts';
import { layerPoints, NATIONAL, SMALL } from './national-layer.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import { startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';
import { samplePoints } from './sample-points.ts';
import { announceBoundaries, storeNationalLayer } from './store-national-layer.ts';

const LOST_TYPE = 'application/lost+xml;charset=utf-8';
const POINTS = 512;
const NATIONAL_POINTS = 8_192;
const PATIENCE_MS = 300_000;
const CALM_MS = 10_000;

type Positions = readonly { latitude: number; longitude: number }[];

/** findService by point, boundaries by reference, as a proxy asks. */
function questions(positions: Positions): string[] {
  return positions.map((position, index) =>
    encodeLostQuery({
      type: 'findService',
      locations: [{ id: `p${index}`, value: { profile: 'geodetic-2d', shape: { type: 'point', position } } }],
      service: 'urn:service:sos',
      recursive: true,
      validateLocation: false,
      serviceBoundary: 'reference',
      path: [],
    }),
  );
}

async function compareLost(
  metric: string,
  platform: PlatformUnderTest,
  positions: Positions,
  plan: Plan,
): Promise<Row> {
  const url = new URL('/lost', platform.http);
  const bodies = questions(positions);
  const comparison = await compareDoor({ pid: platform.pid, url, contentType: LOST_TYPE, bodies }, plan);
  return ratioRow('lost', metric, '1/s', 'node-http', comparison);
}

async function untilAnswered(platform: PlatformUnderTest, text: string): Promise<number> {
  const startedAt = performance.now();
  const [body = ''] = questions(layerPoints(1));
  for (;;) {
    const headers = { 'content-type': LOST_TYPE };
    const answer = await fetch(new URL('/lost', platform.http), { method: 'POST', headers, body });
    if ((await answer.text()).includes(text)) return (performance.now() - startedAt) / 1_000;
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`no answer holds ${text}`);
    await pause(50);
  }
}

/** How long answers take while the whole layer is read anew, beside how long they take when nothing happens. */
async function benchReload(platform: PlatformUnderTest, postgres: PostgresUnderTest): Promise<Row> {
  const load = startChild(new URL('load/latency-load.ts', import.meta.url), 'load');
  try {
    const common: LatencyLoad = {
      host: '127.0.0.1',
      port: Number(platform.http.port),
      path: '/lost',
      contentType: LOST_TYPE,
      bodies: questions(layerPoints(NATIONAL_POINTS)),
      until: null,
      ms: CALM_MS,
    };
    await load.ask<LatencyResult>(common);
    const calm = await load.ask<LatencyResult>(common);
    // Another name for each: every answer tells from which of the two it comes, and every outline is read again.
    await postgres.query(
      "update service_boundaries set display_name = 'Renamed', version = 'f' || substring(version from 2)",
    );
    await announceBoundaries(postgres);
    const busy = await load.ask<LatencyResult>({ ...common, until: 'Renamed', ms: PATIENCE_MS });
    const round = (value: number): number => Number(value.toFixed(2));
    const errors = calm.errors + busy.errors + (busy.reached ? 0 : 1);
    return {
      bench: 'lost',
      metric: 'reload-p99',
      value: round(busy.p99),
      unit: 'ms',
      peer: 'no-reload',
      ratio: Number((busy.p99 / calm.p99).toFixed(3)),
      note: `median ${round(busy.p50)}, slowest ${round(busy.max)} of ${busy.count} in ${round(busy.seconds)} s; without: median ${round(calm.p50)}, p99 ${round(calm.p99)}, slowest ${round(calm.max)}`,
      ...(errors > 0 && { errors }),
    };
  } finally {
    await load.stop();
  }
}

/** LoST over the built-in layer, over one as large as a nation's, and while the latter is read anew. */
export async function benchLost(plan: Plan): Promise<Row[]> {
  const rows: Row[] = [];
  const postgres = await startPostgres();
  try {
    const platform = await startPlatform({ WAYMARK_DATABASE_URL: postgres.url });
    try {
      rows.push(await compareLost('requests', platform, samplePoints(POINTS), plan));
      await storeNationalLayer(postgres, plan === QUICK ? SMALL : NATIONAL);
      await untilAnswered(platform, 'Emergency desk');
      rows.push(await compareLost('requests-national', platform, layerPoints(NATIONAL_POINTS), plan));
      rows.push(await benchReload(platform, postgres));
    } finally {
      await platform.stop();
    }
  } finally {
    await postgres.stop();
  }
  return rows;
}
