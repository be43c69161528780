/** Files of boundaries come in through the API of a running platform: looked at, applied, answered by, undone; bad ones do no harm. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { packLayerFile } from '../../src/commands/pack-layer-file.ts';
import { makeGeoPackage } from '../../src/layers/testing/make-geopackage.ts';
import { makeShapefile } from '../../src/layers/testing/make-shapefile.ts';
import { eventually } from '../support/platform-client.ts';
import { type RunningPlatform, runPlatform } from '../support/run-platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-boundaries-'));
let platform: RunningPlatform;

before(async () => {
  platform = await runPlatform();
});

after(async () => {
  await platform.stop();
  rmSync(platform.dataDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

type Job = {
  id: string;
  state: string;
  report: { counts: Record<string, number>; lint: { counts: Record<string, number> }; file: { format: string } } | null;
  problem: { kind: string; detail: string } | null;
};

async function ask<Body>(
  method: string,
  path: string,
  body?: Uint8Array | object,
): Promise<{ status: number; body: Body }> {
  const isFile = body instanceof Uint8Array;
  const response = await fetch(`${platform.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${platform.firstRun().tokens.operator}`,
      ...(body !== undefined && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
    },
    ...(body !== undefined && { body: isFile ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

const ended = (id: string): Promise<Job> =>
  eventually('the end of an import', 60_000, async () => {
    const { body } = await ask<Job>('GET', `/api/boundaries/imports/${id}`);
    return ['checked', 'applied', 'failed'].includes(body.state) && body;
  });

async function send(file: Uint8Array, query = ''): Promise<Job> {
  const { status, body } = await ask<Job>('POST', `/api/boundaries/imports?layer=texas${query}`, file);
  assert.equal(status, 202, JSON.stringify(body));
  return ended(body.id);
}

async function answersAt(latitude: number, longitude: number): Promise<string> {
  const path = `/api/explain/route?lat=${latitude}&lon=${longitude}`;
  const { body } = await ask<{ mapping: { uri: string } }>('GET', path);
  return body.mapping.uri;
}

const square = (x: number, y: number, size: number): number[][] => [
  [x, y],
  [x, y + size],
  [x + size, y + size],
  [x + size, y],
  [x, y],
];

const row = (id: string, x: number) => ({
  properties: { NGUID: id, DsplayName: id, ServiceURI: `sip:${id}@psap.example`, Agency_ID: 'psap.example' },
  polygons: [[square(x, 30, 0.5)]],
});

function geoPackage(...rows: ReturnType<typeof row>[]): Buffer {
  const path = join(folder, 'made.gpkg');
  rmSync(path, { force: true });
  makeGeoPackage(path, [{ name: 'PsapPolygon', rows }]);
  return readFileSync(path);
}

test('checked first, applied as checked, answered at once, the same again is nothing, undone', async () => {
  const before = await answersAt(30.2, -97.8);
  const file = geoPackage(row('west', -98), row('east', -97.5));
  const checked = await send(file);
  assert.deepEqual(
    [checked.state, checked.report?.counts['added'], checked.report?.file.format],
    ['checked', 2, 'GeoPackage'],
  );
  assert.equal(await answersAt(30.2, -97.8), before);
  assert.equal((await ask('POST', `/api/boundaries/imports/${checked.id}/apply`)).status, 202);
  assert.equal((await ended(checked.id)).state, 'applied');
  await eventually('the new boundary', 20_000, async () => (await answersAt(30.2, -97.8)) === 'sip:west@psap.example');

  const again = await send(file, '&dryRun=false');
  assert.deepEqual(again.report?.counts, { added: 0, changed: 0, removed: 0, unchanged: 2 });
  const { body: twice } = await ask<{ message: string }>('POST', `/api/boundaries/imports/${checked.id}/apply`);
  assert.match(twice.message, /no longer at hand/);
  const { body: versions } = await ask<{ items: { revision: number }[] }>('GET', '/api/boundaries/texas/versions');
  assert.deepEqual(
    versions.items.map(({ revision }) => revision),
    [1],
  );

  assert.equal((await ask('POST', '/api/boundaries/texas/undo', {})).status, 200);
  await eventually('the old answer', 20_000, async () => (await answersAt(30.2, -97.8)) === before);
  assert.equal((await ask('POST', '/api/boundaries/texas/undo', { revision: 1 })).status, 200);
  await eventually('the new answer', 20_000, async () => (await answersAt(30.2, -97.8)) === 'sip:west@psap.example');
});

test('files that are damaged, hostile or of another kind: said why, nothing changes, the platform goes on', async () => {
  const listed = async (): Promise<string> => JSON.stringify((await ask('GET', '/api/boundaries?layer=texas')).body);
  const stood = await listed();
  const whole = geoPackage(...Array.from({ length: 200 }, (_, i) => row(`p${i}`, -98)));
  const hit = Buffer.from(whole);
  for (let at = 4_096; at < hit.length; at += 4_096) hit.fill(0x5a, at, at + 200);
  const { shp, dbf } = makeShapefile([{ fields: { NGUID: 'a' }, rings: [square(-98, 30, 1)] }]);
  const bomb = zipSync({ 'a.geojson': Buffer.alloc(64 * 1024 * 1024) });
  const attempts: [string, Uint8Array, string][] = [
    ['a GeoPackage cut off', whole.subarray(0, whole.length / 2), 'malformed'],
    ['a GeoPackage overwritten in places', hit, 'malformed'],
    [
      'a truncated Shapefile',
      zipSync({ 'a.shp': shp.subarray(0, 150), 'a.dbf': dbf, 'a.prj': Buffer.from('GEOGCS["x"]') }),
      'invalid',
    ],
    ['an archive cut off', bomb.subarray(0, 1_000), 'malformed'],
    ['zeroes in an archive', bomb, 'unsupported-media-type'],
    ['text', Buffer.from('hello'), 'unsupported-media-type'],
    ['JSON that is no map', Buffer.from('{"type":"Topology"}'), 'invalid'],
    ['nested without end', Buffer.from(`{"type":"FeatureCollection","features":${'['.repeat(200_000)}`), 'malformed'],
  ];
  for (const [what, file, kind] of attempts) {
    const job = await send(file, '&dryRun=false');
    assert.deepEqual([job.state, job.problem?.kind], ['failed', kind], `${what}: ${JSON.stringify(job.problem)}`);
  }
  assert.equal((await ask('POST', '/api/boundaries/imports?layer=texas', new Uint8Array(0))).status, 400);
  for (const query of ['layer=..', 'layer=imports', 'service=urn:x', 'mapping=%7B']) {
    assert.equal((await ask('POST', `/api/boundaries/imports?${query}`, Buffer.from('{}'))).status, 400, query);
  }
  assert.equal(await listed(), stood);
  assert.equal(await answersAt(30.2, -97.8), 'sip:west@psap.example');
  // A dry run that may still be applied keeps its file; nothing else stays behind.
  assert.deepEqual(readdirSync(join(platform.dataDir, 'boundary-imports')), []);
});

test('a Shapefile as it lies in a folder is packed with what belongs to it', async () => {
  const { shp, dbf } = makeShapefile([
    {
      fields: { NGUID: 'north', DsplayName: 'Norte', ServiceURI: 'sip:north@psap.example', AGENCYID: 'psap.example' },
      rings: [square(-98, 31, 0.5)],
    },
  ]);
  const prj =
    'GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]';
  for (const [name, content] of Object.entries({
    'PSAPs.SHP': shp,
    'psaps.dbf': dbf,
    'PSAPs.prj': prj,
    'other.dbf': 'x',
  })) {
    writeFileSync(join(folder, name), content);
  }
  const packed = await packLayerFile(join(folder, 'PSAPs.SHP'));
  try {
    const job = await send(readFileSync(packed.path), '&fileLayer=psaps');
    assert.deepEqual([job.state, job.report?.file.format, job.report?.counts['added']], ['checked', 'Shapefile', 1]);
  } finally {
    await packed.remove();
  }
});
