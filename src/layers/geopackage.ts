import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ProblemError } from '../domain/problem.ts';
import { errorText } from '../support/error-text.ts';
import { type CoordinateSystem, coordinateSystemOfCode, readCoordinateSystem, WGS84 } from './coordinate-system.ts';
import type { GdalTools } from './gdal-tools.ts';
import { damaged, type Layer, type LayerBudget, type LayerFeature, type LayerFile, type LayerValue } from './layer.ts';
import { readWkb, UnreadableGeometryError } from './read-wkb.ts';

type Row = Record<string, unknown>;

/** Bytes of the envelope after the eight of a geometry's header, by its kind (GeoPackage 1.3 §2.1.3). */
const ENVELOPE_BYTES = [0, 32, 48, 48, 64];

/** Opens a GeoPackage (OGC 12-128r17) read-only; of its layers of features those that `choose` picks by name. */
export function openGeoPackage(
  path: string,
  budget: LayerBudget,
  choose: (names: readonly string[]) => readonly string[],
  gdal: GdalTools,
): LayerFile {
  const database = sqlite(() => new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false }));
  try {
    const ask = (statement: string, ...values: string[]): Row[] =>
      sqlite(() => database.prepare(statement).all(...values) as Row[]);
    sqlite(() => database.exec('pragma trusted_schema = off; pragma cell_size_check = on'));
    const contents = ask(
      `select c.table_name as name, g.column_name as geometry, g.srs_id as srs
       from gpkg_contents c join gpkg_geometry_columns g on g.table_name = c.table_name
       where c.data_type = 'features' order by c.table_name limit 1000`,
    );
    const chosen = new Set(choose(contents.map((row) => textOf(row['name']))));
    const layers = contents.flatMap((row): Layer[] => {
      const [name, geometry] = [textOf(row['name']), textOf(row['geometry'])];
      if (!chosen.has(name)) return [];
      const [system] = ask('select * from gpkg_spatial_ref_sys where srs_id = cast(? as integer)', textOf(row['srs']));
      return [createLayer(database, { name, geometry, system: systemOf(system, row['srs'], gdal) }, budget)];
    });
    return { format: 'GeoPackage', layers, close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What SQLite says is about the file, never about us. */
function sqlite<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProblemError || error instanceof UnreadableGeometryError) throw error;
    throw damaged(`it is no readable GeoPackage (${errorText(error)})`, error);
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

function systemOf(row: Row | undefined, id: unknown, gdal: GdalTools): CoordinateSystem {
  const number = Number(id);
  if (row === undefined) throw damaged(`it names a coordinate system ${textOf(id)} that it does not hold`);
  if (number === 0 || number === -1) {
    throw new ProblemError('invalid', 'the layer says that its coordinate system is not known; give it one', {
      fields: [{ path: 'crs', message: `is undefined (srs_id ${number})` }],
    });
  }
  const organization = textOf(row['organization']).toUpperCase();
  const code = Number(row['organization_coordsys_id']);
  if (organization === 'EPSG' && code === 4326) return WGS84;
  const definition = textOf(row['definition']);
  if (definition !== '' && !/^undefined$/i.test(definition)) return readCoordinateSystem(definition);
  const newer = textOf(row['definition_12_063']);
  if (newer !== '' && !/^undefined$/i.test(newer)) return readCoordinateSystem(newer);
  if (organization === 'EPSG' && Number.isInteger(code)) return coordinateSystemOfCode(code, gdal);
  throw new ProblemError('invalid', `the coordinate system ${organization}:${code} is not described in the file`, {
    fields: [{ path: 'crs', message: `is ${organization}:${code}, which the file does not describe` }],
  });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function createLayer(
  database: DatabaseSync,
  { name, geometry, system }: { name: string; geometry: string; system: CoordinateSystem },
  budget: LayerBudget,
): Layer {
  return {
    name,
    coordinateSystem: system.name,
    notes: system.notes,
    *features() {
      const statement = sqlite(() => database.prepare(`select * from ${quoted(name)}`));
      statement.setReadBigInts(true);
      const column = columnNamed(geometry, statement, name);
      const rows = sqlite(() => statement.iterate() as Iterator<Row>);
      for (let number = 1; ; number++) {
        const next = sqlite(() => rows.next());
        if (next.done === true) return;
        budget.takeFeature();
        yield readRow(next.value, number, { geometry: column, system, budget });
      }
    },
  };
}

/** The column as the table writes it: names of columns are the same in capitals and small letters, those of fields of a row are not. */
function columnNamed(geometry: string, statement: StatementSync, layer: string): string {
  const wanted = geometry.toLowerCase();
  const column = sqlite(() => statement.columns()).find(({ name }) => name.toLowerCase() === wanted);
  if (column === undefined) throw damaged(`the table ${layer} has no column ${geometry}, which holds its geometries`);
  return column.name;
}

function readRow(
  row: Row,
  number: number,
  { geometry: column, system, budget }: { geometry: string; system: CoordinateSystem; budget: LayerBudget },
): LayerFeature {
  const properties: Record<string, LayerValue> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === column || value instanceof Uint8Array) continue;
    properties[name] = typeof value === 'bigint' ? exactNumber(value) : (value as LayerValue);
  }
  const feature = { row: String(number), properties };
  const blob = row[column];
  if (blob === null || blob === undefined) return { ...feature, geometry: null, fault: null };
  try {
    return { ...feature, geometry: readBlob(blob, system, budget), fault: null };
  } catch (error) {
    // A single shape that cannot be read is said of its row; what is damaged or too large is said of the file.
    if (!(error instanceof UnreadableGeometryError)) throw error;
    return { ...feature, geometry: null, fault: error.message };
  }
}

/** Ids beyond 2^53 keep their last digits as text. */
function exactNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A geometry with its header (GeoPackage 1.3 §2.1.3). */
function readBlob(blob: unknown, system: CoordinateSystem, budget: LayerBudget) {
  if (!(blob instanceof Uint8Array)) throw new UnreadableGeometryError('is no geometry');
  if (blob.length < 8 || blob[0] !== 0x47 || blob[1] !== 0x50) throw new UnreadableGeometryError('is no geometry');
  const flags = blob[3] ?? 0;
  const envelope = ENVELOPE_BYTES[(flags >> 1) & 7];
  if (envelope === undefined || (flags & 0x20) !== 0) throw new UnreadableGeometryError('is of an unknown kind');
  if ((flags & 0x10) !== 0) return null;
  return readWkb(blob, 8 + envelope, {
    toWgs84: (x, y) => system.toWgs84(x, y),
    takePositions: (count) => budget.takePositions(count),
  });
}
