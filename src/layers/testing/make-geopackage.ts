import { DatabaseSync } from 'node:sqlite';

export type MadeRow = { properties: Record<string, string | number | null>; polygons: number[][][][] | null };

export type MadeLayer = { name: string; srsId?: number; rows: readonly MadeRow[] };

/** A geometry as GeoPackage keeps it: its head without an envelope, then little-endian WKB. */
export function geometryBlob(polygons: number[][][][], srsId = 4326): Buffer {
  const head = Buffer.alloc(8);
  head.write('GP', 'latin1');
  head[3] = 1;
  head.writeInt32LE(srsId, 4);
  const start = (type: number, count: number): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 1;
    bytes.writeUInt32LE(type, 1);
    bytes.writeUInt32LE(count, 5);
    return bytes;
  };
  const ring = (points: number[][]): Buffer => {
    const bytes = Buffer.alloc(4 + points.length * 16);
    bytes.writeUInt32LE(points.length, 0);
    for (const [i, [x = 0, y = 0]] of points.entries()) {
      bytes.writeDoubleLE(x, 4 + i * 16);
      bytes.writeDoubleLE(y, 12 + i * 16);
    }
    return bytes;
  };
  const parts = polygons.flatMap((rings) => [start(3, rings.length), ...rings.map(ring)]);
  return Buffer.concat([head, start(6, polygons.length), ...parts]);
}

/** Writes a GeoPackage with the tables that its readers need; `systems` beside WGS 84 by srs id. */
export function makeGeoPackage(
  path: string,
  layers: readonly MadeLayer[],
  systems: Readonly<Record<number, string>> = {},
): void {
  const database = new DatabaseSync(path);
  database.exec(`
    create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text,
      organization_coordsys_id integer, definition text);
    create table gpkg_contents (table_name text primary key, data_type text, identifier text);
    create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text, srs_id integer, z integer, m integer);
    insert into gpkg_spatial_ref_sys values ('undefined', 0, 'NONE', 0, 'undefined'), ('WGS 84', 4326, 'EPSG', 4326, 'undefined')`);
  const addSystem = database.prepare('insert into gpkg_spatial_ref_sys values (?, ?, ?, ?, ?)');
  for (const [id, wkt] of Object.entries(systems)) addSystem.run(`srs ${id}`, Number(id), 'CUSTOM', Number(id), wkt);
  for (const { name, srsId = 4326, rows } of layers) {
    const fields = [...new Set(rows.flatMap(({ properties }) => Object.keys(properties)))];
    const columns = ['fid integer primary key', 'geom blob', ...fields.map((field) => `"${field}"`)];
    database.exec(`create table "${name}" (${columns.join(', ')})`);
    database.prepare("insert into gpkg_contents values (?, 'features', ?)").run(name, name);
    database.prepare("insert into gpkg_geometry_columns values (?, 'geom', 'MULTIPOLYGON', ?, 0, 0)").run(name, srsId);
    for (const { properties, polygons } of rows) {
      database
        .prepare(`insert into "${name}" (${['geom', ...fields.map((field) => `"${field}"`)].join(', ')})
          values (${['?', ...fields.map(() => '?')].join(', ')})`)
        .run(
          polygons === null ? null : geometryBlob(polygons, srsId),
          ...fields.map((field) => properties[field] ?? null),
        );
    }
  }
  database.close();
}
