import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import proj4 from 'proj4';
import { programPath, skipWithout } from '../../test/support/parts.ts';
import { ProblemError } from '../domain/problem.ts';
import { LAYER_LIMITS, type LayerFeature, type LayerLimits } from './layer.ts';
import { openLayers } from './open-layers.ts';
import { geometryBlob, makeGeoPackage } from './testing/make-geopackage.ts';
import { makeShapefile } from './testing/make-shapefile.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-layers-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

const WGS84_PRJ =
  'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';

function save(content: Uint8Array | string, name = `file-${made++}`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

type Read = { format: string; layers: Record<string, LayerFeature[]>; notes: string[]; unpackedTo: string };

/** A machine without GDAL, unless told where it is. */
const noGdal = join(folder, 'no-gdal');

async function read(path: string, limits: Partial<LayerLimits> = {}, gdalFolder = noGdal): Promise<Read> {
  const workFolder = join(folder, `work-${made++}`);
  mkdirSync(workFolder);
  const file = await openLayers(path, {
    workFolder,
    name: 'unnamed',
    limits: { ...LAYER_LIMITS, ...limits },
    gdalFolder,
  });
  try {
    const layers = Object.fromEntries(file.layers.map((layer) => [layer.name, [...layer.features()]]));
    return {
      format: file.format,
      layers,
      notes: file.layers.flatMap(({ notes }) => [...notes]),
      unpackedTo: workFolder,
    };
  } finally {
    file.close();
  }
}

async function problemOf(path: string, limits: Partial<LayerLimits> = {}, gdalFolder = noGdal): Promise<string> {
  try {
    await read(path, limits, gdalFolder);
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return `${error.kind}: ${error.message}`;
  }
  return assert.fail('expected a problem');
}

const square = (x: number, y: number, size: number): number[][] => [
  [x, y],
  [x, y + size],
  [x + size, y + size],
  [x + size, y],
  [x, y],
];

const shapeZip = (parts: Record<string, Uint8Array | string>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, Buffer.from(part)])));

test('a Shapefile: holes go to the ring around them, null shapes and every encoding are read', async () => {
  const outer = square(-98, 30, 1);
  const hole = square(-97.8, 30.2, 0.2).reverse();
  const island = square(-97.75, 30.25, 0.05);
  const { shp, dbf } = makeShapefile([
    { fields: { NAME: 'Peñasco' }, rings: [hole, island, outer, square(-90, 30, 1)] },
    { fields: { NAME: Buffer.from('Ca\xf1on', 'latin1') }, rings: null },
  ]);
  const { format, layers } = await read(
    save(shapeZip({ 'sub/Psap.shp': shp, 'sub/Psap.DBF': dbf, 'sub/Psap.prj': WGS84_PRJ })),
  );
  assert.equal(format, 'Shapefile');
  const [first, second] = layers['Psap'] ?? [];
  assert.equal(first?.properties['NAME'], 'Peñasco');
  assert.equal(second?.properties['NAME'], 'Cañon');
  assert.deepEqual([second?.row, second?.geometry, second?.fault], ['2', null, null]);
  assert.equal(first?.geometry?.kind, 'polygons');
  const rings = first?.geometry?.kind === 'polygons' ? first.geometry.polygons.map((polygon) => polygon.length) : [];
  assert.deepEqual(
    rings.toSorted((a, b) => a - b),
    [1, 1, 2],
  );
});

test('a Shapefile whose code page is named is read by it', async () => {
  const { shp, dbf } = makeShapefile([{ fields: { NAME: Buffer.from([0x8e, 0x82]) }, rings: null }]);
  const parts = { 'a.shp': shp, 'a.dbf': dbf, 'a.prj': WGS84_PRJ, 'a.cpg': 'ISO 88591' };
  const { layers } = await read(save(shapeZip(parts)));
  assert.equal(layers['a']?.[0]?.properties['NAME'], new TextDecoder('iso-8859-1').decode(Buffer.from([0x8e, 0x82])));
});

test('a Shapefile that is not whole says what is missing', async () => {
  const { shp, dbf } = makeShapefile([
    { fields: { NAME: 'a' }, rings: [square(-98, 30, 1)] },
    { fields: { NAME: 'b' }, rings: [square(-97, 30, 1)] },
  ]);
  const zipped = (parts: Record<string, Uint8Array | string>): string => save(shapeZip(parts));
  const prj = WGS84_PRJ;
  assert.match(await problemOf(zipped({ 'a.shp': shp, 'a.dbf': dbf })), /invalid: a\.prj is missing/);
  assert.match(await problemOf(zipped({ 'a.shp': shp, 'a.prj': prj })), /malformed: .*a\.dbf is missing/);
  assert.match(
    await problemOf(zipped({ 'a.shp': shp.subarray(0, shp.length - 40), 'a.dbf': dbf, 'a.prj': prj })),
    /malformed: .*a\.shp ends early/,
  );
  assert.match(
    await problemOf(zipped({ 'a.shp': shp, 'a.dbf': dbf.subarray(0, dbf.length - 30), 'a.prj': prj })),
    /malformed: .*the \.dbf ends early/,
  );
  const one = makeShapefile([{ fields: { NAME: 'a' }, rings: [square(-98, 30, 1)] }]);
  assert.match(await problemOf(zipped({ 'a.shp': one.shp, 'a.dbf': dbf, 'a.prj': prj })), /1 shapes for 2 rows/);
  assert.match(await problemOf(zipped({ 'a.shp': shp, 'a.dbf': one.dbf, 'a.prj': prj })), /more shapes than/);
  const lying = Buffer.from(shp);
  lying.writeInt32LE(2_000_000_000, 108 + 40);
  assert.match(await problemOf(zipped({ 'a.shp': lying, 'a.dbf': dbf, 'a.prj': prj })), /counts more than it holds/);
  assert.match(await problemOf(save(shp)), /invalid: a \.shp alone/);
});

const ALASKA_ALBERS_PRJ =
  'PROJCS["NAD_1983_Alaska_Albers",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Albers"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-154.0],PARAMETER["Standard_Parallel_1",55.0],PARAMETER["Standard_Parallel_2",65.0],PARAMETER["Latitude_Of_Origin",50.0],UNIT["Meter",1.0]]';

test('a Shapefile over the antimeridian: a hole stays a hole', async () => {
  const albers = proj4(ALASKA_ALBERS_PRJ);
  const around = (size: number): number[][] =>
    square(180 - size / 2, 52 - size / 2, size).map(([x = 0, y = 0]) => [...albers.forward([x, y])]);
  const { shp, dbf } = makeShapefile([{ fields: { NAME: 'Rat Islands' }, rings: [around(2), around(1).reverse()] }]);
  const { layers } = await read(save(shapeZip({ 'a.shp': shp, 'a.dbf': dbf, 'a.prj': ALASKA_ALBERS_PRJ })));
  const geometry = layers['a']?.[0]?.geometry;
  assert.ok(geometry?.kind === 'polygons');
  assert.deepEqual(
    geometry.polygons.map((rings) => rings.length),
    [2],
  );
});

test('two Shapefiles of one name: none of them is passed over silently', async () => {
  const { shp, dbf } = makeShapefile([{ fields: { NAME: 'a' }, rings: [square(-98, 30, 1)] }]);
  const parts = ['north', 'south'].flatMap((sub) => [
    [`${sub}/Psap.shp`, shp] as const,
    [`${sub}/Psap.dbf`, dbf] as const,
    [`${sub}/Psap.prj`, WGS84_PRJ] as const,
  ]);
  assert.match(
    await problemOf(save(shapeZip(Object.fromEntries(parts)))),
    /^invalid: .*several Shapefiles of one name/,
  );
});

test('a GeoPackage whose tables write the column of geometries in different capitals', async () => {
  const path = join(folder, 'capitals.gpkg');
  makeGeoPackage(path, [{ name: 'PsapPolygon', rows: [{ properties: { n: 1 }, polygons: [[square(-98, 30, 1)]] }] }]);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(path);
  database.exec("update gpkg_geometry_columns set column_name = 'GEOM'");
  assert.deepEqual((await read(path)).layers['PsapPolygon']?.[0]?.geometry, {
    kind: 'polygons',
    polygons: [[square(-98, 30, 1)]],
  });
  database.exec("update gpkg_geometry_columns set column_name = 'shape'");
  database.close();
  assert.match(await problemOf(path), /^malformed: .*PsapPolygon has no column shape/);
});

test('a GeoPackage: several layers, no geometry, a curve; in a zip too', async () => {
  const path = join(folder, 'made.gpkg');
  makeGeoPackage(path, [
    { name: 'PsapPolygon', rows: [{ properties: { n: 1, t: 'x' }, polygons: [[square(-98, 30, 1)]] }] },
    { name: "Fire 'Polygon'", rows: [{ properties: { n: null }, polygons: null }] },
  ]);
  for (const file of [path, save(zipSync({ 'inner/made.gpkg': readFileSync(path) }))]) {
    const { format, layers } = await read(file);
    assert.equal(format, 'GeoPackage');
    assert.deepEqual(Object.keys(layers).toSorted(), ["Fire 'Polygon'", 'PsapPolygon']);
    const [row] = layers['PsapPolygon'] ?? [];
    assert.deepEqual(row?.properties, { fid: 1, n: 1, t: 'x' });
    assert.deepEqual(row?.geometry, { kind: 'polygons', polygons: [[square(-98, 30, 1)]] });
    assert.equal(layers["Fire 'Polygon'"]?.[0]?.geometry, null);
  }
});

test('a corrupted GeoPackage is said to be so, wherever it was hit', async () => {
  const path = join(folder, 'whole.gpkg');
  const rows = Array.from({ length: 300 }, (_, n) => ({ properties: { n }, polygons: [[square(-98, 30, 1)]] }));
  makeGeoPackage(path, [{ name: 'PsapPolygon', rows }]);
  const whole = readFileSync(path);
  const cut = save(whole.subarray(0, Math.floor(whole.length / 2)));
  assert.match(await problemOf(cut), /^malformed: the file is damaged/);
  let refused = 0;
  for (let at = 100; at < whole.length; at += 997) {
    const hit = Buffer.from(whole);
    hit.fill(0xa5, at, at + 60);
    try {
      await read(save(hit));
    } catch (error) {
      assert.ok(error instanceof ProblemError && error.kind === 'malformed', String(error));
      refused += 1;
    }
  }
  assert.ok(refused > 3);
  assert.match(await problemOf(save(`SQLite format 3\0${'x'.repeat(5_000)}`)), /^malformed/);
});

test('a GeoPackage that does not say of which coordinate system it is', async () => {
  const path = join(folder, 'undefined.gpkg');
  makeGeoPackage(path, [{ name: 'PsapPolygon', srsId: 0, rows: [] }]);
  assert.match(await problemOf(path), /invalid: .*coordinate system is not known/);
});

test('a geometry that counts more than it holds is damage, one of an unknown kind is said of its row', async () => {
  const path = join(folder, 'blobs.gpkg');
  makeGeoPackage(path, [{ name: 'PsapPolygon', rows: [{ properties: {}, polygons: [[square(0, 0, 1)]] }] }]);
  const { DatabaseSync } = await import('node:sqlite');
  const put = (blob: Buffer): void => {
    const database = new DatabaseSync(path);
    database.prepare('update PsapPolygon set geom = ?').run(blob);
    database.close();
  };
  const blob = geometryBlob([[square(0, 0, 1)]]);
  const lying = Buffer.from(blob);
  lying.writeUInt32LE(4_000_000_000, 13);
  put(lying);
  assert.match(await problemOf(path), /counts more than it holds/);
  const curve = Buffer.from(blob);
  curve.writeUInt32LE(10, 9);
  put(curve);
  assert.equal((await read(path)).layers['PsapPolygon']?.[0]?.fault, 'is a polygon of curves');
  put(Buffer.from('no geometry'));
  assert.equal((await read(path)).layers['PsapPolygon']?.[0]?.fault, 'is no geometry');
});

test('GeoJSON: every kind of geometry, faults of a row, a crs member', async () => {
  const collection = (features: unknown[], more: object = {}): string =>
    JSON.stringify({ type: 'FeatureCollection', features, ...more });
  const feature = (geometry: unknown, properties: unknown = {}) => ({ type: 'Feature', properties, geometry });
  const { layers } = await read(
    save(
      collection(
        [
          feature({ type: 'Point', coordinates: [-98, 30, 5] }, { a: [1], b: true }),
          feature({
            type: 'MultiLineString',
            coordinates: [
              [
                [-98, 30],
                [-97, 30],
              ],
            ],
          }),
          feature({ type: 'MultiPolygon', coordinates: [[square(-98, 30, 1)]] }),
          feature({ type: 'Polygon', coordinates: [] }),
          feature({ type: 'Polygon', coordinates: [[[1, 'x']]] }),
          feature({ type: 'GeometryCollection', geometries: [] }),
          'nonsense',
        ],
        { name: 'PsapPolygon' },
      ),
    ),
  );
  const rows = layers['PsapPolygon'] ?? [];
  assert.deepEqual(
    rows.map(({ geometry }) => geometry?.kind),
    ['points', 'lines', 'polygons', ...Array.from({ length: 4 })],
  );
  assert.deepEqual(rows[0]?.properties, { a: '[1]', b: true });
  assert.deepEqual(
    rows.map(({ fault }) => fault),
    [null, null, null, null, 'holds a position that is no two numbers', 'is a GeometryCollection', 'is no Feature'],
  );
  const crs = (name: string): object => ({ crs: { type: 'name', properties: { name } } });
  const metric = feature({ type: 'Point', coordinates: [474466.937353248, 4449998.79281779] });
  const utm = await read(save(collection([metric], crs('urn:ogc:def:crs:EPSG::26912'))));
  const [point] = utm.layers['unnamed'] ?? [];
  assert.ok(point?.geometry?.kind === 'points');
  const [[x, y] = [0, 0]] = point.geometry.points;
  assert.ok(Math.abs(x + 111.3) < 1e-8 && Math.abs(y - 40.2) < 1e-8);
  assert.match(utm.notes.join(), /taken as WGS 84/);
  const asUrl = await read(save(collection([metric], crs('http://www.opengis.net/def/crs/EPSG/0/26912'))));
  assert.deepEqual(asUrl.layers, utm.layers);
  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const deep = collection([feature(null, { a: 'DEEP' })]).replace('"DEEP"', nested);
  assert.match(await problemOf(save(deep)), /^malformed: .*nested too deep/);
  assert.match(await problemOf(save(collection([], crs('EPSG:99999')))), /invalid: the coordinate system EPSG:99999/);
  assert.match(await problemOf(save(collection([], { crs: { type: 'link' } }))), /names no coordinate system/);
});

test('files that are nothing of all that', async () => {
  assert.match(await problemOf(save('hello')), /^unsupported-media-type/);
  assert.match(await problemOf(save('')), /^unsupported-media-type/);
  assert.match(await problemOf(save('[]')), /^invalid: the file is not a GeoJSON FeatureCollection/);
  assert.match(await problemOf(save('{"type":')), /^malformed: the file is not JSON/);
  assert.match(await problemOf(save(Buffer.of(0x7b, 0xff))), /^malformed: the file is not UTF-8/);
  assert.match(await problemOf(save('{"geometryType":"esriGeometryPolygon","features":[]}')), /f=geojson/);
  assert.match(await problemOf(save(zipSync({ 'readme.txt': Buffer.from('x') }))), /holds no layer/);
  assert.match(
    await problemOf(save(zipSync({ 'a.geojson': Buffer.of(1), 'b.geojson': Buffer.of(1) }))),
    /several files/,
  );
});

test('archives: bombs, lies, damage and ways out of the folder', async () => {
  const bomb = save(zipSync({ 'a.geojson': Buffer.alloc(8_000_000) }));
  assert.match(
    await problemOf(bomb, { unpackedBytes: 1_000_000 }),
    /^too-large: the archive holds more than 1000000 bytes/,
  );
  const lie = Buffer.from(readFileSync(bomb));
  const directory = lie.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  lie.writeUInt32LE(10, directory + 24);
  assert.match(await problemOf(save(lie), { unpackedBytes: 1_000_000 }), /^too-large/);
  assert.match(await problemOf(save(lie)), /^malformed: .*is not what was packed/);

  const whole = Buffer.from(zipSync({ 'a.geojson': Buffer.from('{"type":"FeatureCollection","features":[]}') }));
  assert.deepEqual(
    await problemOf(save(whole.subarray(0, whole.length - 30))).then((text) => text.split(':')[0]),
    'malformed',
  );
  const flipped = Buffer.from(whole);
  flipped.writeUInt8(flipped.readUInt8(45) ^ 0xff, 45);
  assert.match(await problemOf(save(flipped)), /^malformed/);
  for (const name of ['../out.geojson', '/etc/out.geojson', 'a/../../out.geojson', 'C:\\out.geojson']) {
    assert.match(await problemOf(save(zipSync({ [name]: Buffer.from('{}') }))), /names a file outside of itself/);
  }
  assert.ok(!readdirSync(folder).includes('out.geojson'));
  // Two files of one name, both empty.
  const empties = Buffer.from(zipSync({ 'a.txt': Buffer.of(), 'b.txt': Buffer.of() }));
  for (let at = empties.indexOf('b.txt'); at >= 0; at = empties.indexOf('b.txt')) empties.write('a.txt', at, 'latin1');
  assert.match(await problemOf(save(empties)), /^malformed: .*a\.txt cannot be unpacked/);
  const inFile = zipSync({ a: Buffer.of(1), 'a/b.txt': Buffer.of(1) });
  assert.match(await problemOf(save(inFile)), /^malformed: .*a\/b\.txt cannot be unpacked/);
  const many = Object.fromEntries(Array.from({ length: 4_100 }, (_, i) => [`${i}.txt`, Buffer.of(0)]));
  assert.match(await problemOf(save(zipSync(many, { level: 0 }))), /more than 4000 files/);
});

const noGeodatabase = (): string =>
  save(zipSync({ 'x.gdb/a00000001.gdbtable': Buffer.from('no table'), 'x.gdb/gdb': Buffer.of(0) }));

test('a File Geodatabase: without GDAL it is said what to do', async () => {
  assert.match(await problemOf(noGeodatabase()), /^unsupported-media-type: .*install gdal-bin, or send GeoPackage/);
});

test('a File Geodatabase: with GDAL it is said what is wrong', { skip: skipWithout('gdal') }, async () => {
  const gdalFolder = dirname(programPath('ogrinfo') ?? assert.fail('no ogrinfo'));
  assert.match(await problemOf(noGeodatabase(), {}, gdalFolder), /^malformed: opening the geodatabase failed/);
});

test('a File Geodatabase whose layer is called like an option of a program', async () => {
  const gdalFolder = join(folder, 'gdal-that-lists');
  mkdirSync(gdalFolder);
  writeFileSync(join(gdalFolder, 'ogrinfo'), '#!/bin/sh\necho "1: -sql (Multi Polygon)"\n', { mode: 0o755 });
  writeFileSync(join(gdalFolder, 'ogr2ogr'), '#!/bin/sh\necho "ERROR 1: was run" >&2; exit 1\n', { mode: 0o755 });
  assert.match(await problemOf(noGeodatabase(), {}, gdalFolder), /^invalid: a layer cannot be called -sql/);
});

test('rows and corners are counted over all layers', async () => {
  const features = Array.from({ length: 20 }, () => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Polygon', coordinates: [square(-98, 30, 1)] },
  }));
  const path = save(JSON.stringify({ type: 'FeatureCollection', features }));
  assert.match(await problemOf(path, { features: 19 }), /^too-large: the file has more than 19 rows/);
  assert.match(await problemOf(path, { positions: 99 }), /^too-large: the file has more than 99 corners/);
  assert.match(await problemOf(path, { documentBytes: 99 }), /^too-large: a GeoJSON file may have 99 bytes/);
  assert.equal((await read(path, { features: 20, positions: 100 })).layers['unnamed']?.length, 20);
});

test('files beyond 2 GiB: what is wrong is said at once, and none of it stands in memory', async () => {
  const bytes = 2 ** 31 + 2 ** 20;
  /** `content`, then nothing but zeros, which take no space on disk. */
  const sparse = (content: Uint8Array | string): string => {
    const path = save(content);
    truncateSync(path, bytes);
    return path;
  };
  const before = process.memoryUsage().rss;
  const archive = zipSync({ 'x.geojson': Buffer.from('{"type":"FeatureCollection","features":[]}') });
  const problems = [
    await problemOf(sparse('{"type":"FeatureCollection","features":[')),
    await problemOf(sparse(archive)),
    await problemOf(sparse('SQLite format 3\0')),
    await problemOf(sparse('')),
  ];
  assert.match(
    problems[0] ?? '',
    new RegExp(`^too-large: a GeoJSON file may have .* this one has ${bytes}: send it as`),
  );
  assert.match(problems[1] ?? '', /^malformed: /);
  assert.match(problems[2] ?? '', /^malformed: /);
  assert.match(problems[3] ?? '', /^unsupported-media-type: /);
  assert.ok(process.memoryUsage().rss - before < 256 * 1024 * 1024);
});
