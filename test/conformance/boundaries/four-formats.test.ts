/** One layer in four formats and four coordinate systems answers the same points alike. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { zipSync } from 'fflate';
import { createAudit } from '../../../src/audit/audit.ts';
import type { BoundaryImportJob } from '../../../src/routing/routing.ts';
import { createRouting, createRoutingSnapshot, type Routing } from '../../../src/routing/routing.ts';
import type { Database } from '../../../src/storage/database.ts';
import type { Snapshot } from '../../../src/storage/snapshot.ts';
import { createLogger } from '../../../src/support/logger.ts';
import { createManualClock } from '../../../src/support/manual-clock.ts';
import { openMigratedDatabase } from '../../support/embedded-template.ts';
import { skipWithout } from '../../support/parts.ts';
import { DRAWN_EXTENT, drawBoundaries, edgesOf } from './draw-boundaries.ts';

const logger = createLogger('silent');
const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };
const folder = mkdtempSync(join(tmpdir(), 'waymark-formats-'));
const clock = createManualClock();
const features = drawBoundaries();
let database: Database;
let snapshot: Snapshot<unknown>;
let routing: Routing;

before(async () => {
  database = await openMigratedDatabase(logger);
  const routingSnapshot = createRoutingSnapshot({
    folder: undefined,
    logger,
    database,
    defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1:5071`,
    relayUri: (country) => `sip:relay-${country}@127.0.0.1:5071`,
  });
  snapshot = routingSnapshot;
  const audit = createAudit({ database, clock });
  routing = createRouting({
    snapshot: () => routingSnapshot.current(),
    database,
    audit,
    clock,
    logger,
    serverName: 'ecrf.example',
    importFolder: join(folder, 'imports'),
  });
});

after(async () => {
  await routing.stopBoundaries();
  await snapshot.stop?.();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function zipOf(path: string, prefix = ''): Uint8Array {
  const names = readdirSync(path);
  return zipSync(Object.fromEntries(names.map((name) => [`${prefix}${name}`, readFileSync(join(path, name))])));
}

/** The drawn layer under the name of the NENA model, as its agencies might publish it. */
function makeFiles(): Record<string, string> {
  const geojson = join(folder, 'PsapPolygon.geojson');
  writeFileSync(geojson, JSON.stringify({ type: 'FeatureCollection', name: 'PsapPolygon', features }));
  const convert = (...args: string[]): void => {
    execFileSync('ogr2ogr', ['-s_srs', 'EPSG:4269', ...args, geojson], { stdio: 'ignore', timeout: 60_000 });
  };
  const path = (name: string): string => join(folder, name);
  convert('-f', 'GPKG', '-t_srs', 'EPSG:26914', path('psap.gpkg'));
  convert('-f', 'ESRI Shapefile', '-lco', 'ENCODING=UTF-8', '-t_srs', 'EPSG:2277', path('shapes'));
  writeFileSync(path('shapes.zip'), zipOf(path('shapes')));
  convert('-f', 'OpenFileGDB', '-t_srs', 'EPSG:3857', path('psap.gdb'));
  writeFileSync(path('psap.gdb.zip'), zipOf(path('psap.gdb'), 'psap.gdb/'));
  return {
    GeoJSON: geojson,
    GeoPackage: path('psap.gpkg'),
    Shapefile: path('shapes.zip'),
    FileGDB: path('psap.gdb.zip'),
  };
}

async function importFile(path: string): Promise<BoundaryImportJob> {
  const started = await routing.startBoundaryImport(actor, createReadStream(path), { layer: 'tx', dryRun: false });
  for (const until = performance.now() + 60_000; performance.now() < until; await pause(20)) {
    const job = await routing.getBoundaryImport(started.id);
    if (job.state === 'failed') assert.fail(JSON.stringify(job.problem));
    if (job.state === 'applied') return job;
  }
  return assert.fail('the import does not end');
}

/** The same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Place = { latitude: number; longitude: number };

/** Half of them anywhere, half within some metres of a border; none within two centimetres, the step in which corners are kept. */
function choosePoints(count: number): Place[] {
  const random = createRandom(911);
  const edges = edgesOf(features);
  const { west, south, east, north } = DRAWN_EXTENT;
  const metersPerDegree = 111_195;
  const tooNear = ({ latitude, longitude }: Place): boolean => {
    const scale = Math.cos((latitude * Math.PI) / 180);
    return edges.some(([ax = 0, ay = 0, bx = 0, by = 0]) => {
      const [x0, y0, dx, dy] = [(ax - longitude) * scale, ay - latitude, (bx - ax) * scale, by - ay];
      const along = Math.min(1, Math.max(0, -(x0 * dx + y0 * dy) / (dx * dx + dy * dy || 1)));
      return Math.hypot(x0 + along * dx, y0 + along * dy) * metersPerDegree < 0.02;
    });
  };
  const points: Place[] = [];
  while (points.length < count) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = edges[Math.floor(random() * edges.length)] ?? [];
    const part = random();
    const point =
      points.length % 2 === 0
        ? { longitude: west + random() * (east - west), latitude: south + random() * (north - south) }
        : {
            longitude: ax + part * (bx - ax) + (random() - 0.5) * 1e-5,
            latitude: ay + part * (by - ay) + (random() - 0.5) * 1e-5,
          };
    if (!tooNear(point)) points.push(point);
  }
  return points;
}

test('GeoJSON, GeoPackage in UTM, Shapefile in state plane feet and FileGDB in Web Mercator answer 1,000 points alike', {
  skip: skipWithout('gdal'),
}, async () => {
  const files = makeFiles();
  const points = choosePoints(1_000);
  const answers = new Map<string, (string | undefined)[]>();
  for (const [format, path] of Object.entries(files)) {
    const { report } = await importFile(path);
    assert.equal(report?.file.format, format);
    const [layer] = report?.file.layers ?? [];
    assert.deepEqual([layer?.name.toLowerCase(), layer?.holds, layer?.boundaries], ['psappolygon', 'psap', 17]);
    assert.equal(report?.lint.errors, 0);
    for (const rule of ['overlap', 'gap', 'repaired', 'encoding', 'other-state', 'inside-another'] as const) {
      assert.equal(report?.lint.counts[rule], undefined, `${format}: ${JSON.stringify(report?.lint.findings)}`);
    }
    await snapshot.loadFromDatabase();
    answers.set(
      format,
      points.map(
        (position) =>
          routing.destinationsFor({ shape: { type: 'point', position } }, 'urn:service:sos')?.mapping.sourceId,
      ),
    );
    const [listed] = await routing.listBoundaries({ layer: 'tx' });
    assert.match(listed?.displayName ?? '', /^Condado Peñalosa /);
  }
  const expected = answers.get('GeoJSON') ?? [];
  assert.ok(new Set(expected).size > 17, 'the points lie in every boundary, and outside of all');
  for (const [format, given] of answers) assert.deepEqual(given, expected, format);
  assert.deepEqual((await importFile(files['FileGDB'] ?? '')).report?.counts, {
    added: 0,
    changed: 0,
    removed: 0,
    unchanged: 17,
  });
});
