import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { ProblemError } from '../domain/problem.ts';
import { findGdalTools } from './gdal-tools.ts';
import { openGeoJson } from './geojson-layer.ts';
import { openGeoPackage } from './geopackage.ts';
import {
  createLayerBudget,
  LAYER_LIMITS,
  type Layer,
  type LayerFile,
  type LayerFormat,
  type LayerLimits,
} from './layer.ts';
import { openShapefile } from './shapefile.ts';
import { unpackZip } from './zip-archive.ts';

export type ChooseLayers = (names: readonly string[]) => readonly string[];

export type OpenOptions = {
  /** An empty folder of this file's own: archives are unpacked there. The caller removes it. */
  workFolder: string;
  /** What a layer is called that has no name in its file. */
  name: string;
  /** Given the names of all layers, those that are wanted; the others are left alone. All unless told. */
  choose?: ChooseLayers;
  limits?: LayerLimits;
  /** Folder of the programs of GDAL; those on the path unless told. */
  gdalFolder?: string;
};

const everyLayer: ChooseLayers = (names) => names;

const SQLITE = Buffer.from('SQLite format 3\0', 'latin1');
const ZIP = Buffer.from('PK', 'latin1');

/**
 * Opens a file of map layers, whatever its name: GeoJSON, GeoPackage, or an archive that holds one of them, a Shapefile (or
 * several), or a File Geodatabase. Coordinates come as WGS 84. Blocks while it reads: for a process that serves nothing else.
 */
export async function openLayers(path: string, options: OpenOptions): Promise<LayerFile> {
  const start = readStart(path);
  if (!start.subarray(0, 2).equals(ZIP)) return openPlain(path, start, options.name, options);
  const { unpackedBytes } = options.limits ?? LAYER_LIMITS;
  const names = await unpackZip(path, options.workFolder, unpackedBytes);
  return openUnpacked(names, options);
}

function readStart(path: string): Buffer {
  const buffer = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}

function openPlain(path: string, start: Buffer, name: string, options: OpenOptions): LayerFile {
  const limits = options.limits ?? LAYER_LIMITS;
  const budget = createLayerBudget(limits);
  const choose = options.choose ?? everyLayer;
  const gdal = findGdalTools(options.gdalFolder);
  if (start.subarray(0, 16).equals(SQLITE)) return openGeoPackage(path, budget, choose, gdal);
  if (/^(?:\xEF\xBB\xBF)?\s*[{[]/.test(start.toString('latin1'))) {
    const layer = openGeoJson(path, name, { budget, limits, gdal });
    return listed('GeoJSON', choose([layer.name]).length > 0 ? [layer] : []);
  }
  if (start.length >= 4 && start.readInt32BE(0) === 9994) {
    throw new ProblemError(
      'invalid',
      'a .shp alone does not say what its shapes are: send .shp, .dbf and .prj in one zip',
    );
  }
  throw new ProblemError(
    'unsupported-media-type',
    'the file is none of GeoJSON, GeoPackage, a zip of a Shapefile, a zip of a File Geodatabase',
  );
}

const listed = (format: LayerFormat, layers: readonly Layer[]): LayerFile => ({
  format,
  layers,
  close: () => undefined,
});

function openUnpacked(names: readonly string[], options: OpenOptions): LayerFile {
  const { workFolder, choose = everyLayer } = options;
  const shapes = names.filter((name) => extname(name).toLowerCase() === '.shp');
  if (shapes.length > 0) {
    const budget = createLayerBudget(options.limits ?? LAYER_LIMITS);
    const byName = new Map(shapes.map((path) => [basename(path, extname(path)), path]));
    if (byName.size < shapes.length) {
      throw new ProblemError(
        'invalid',
        'the archive holds several Shapefiles of one name: give each a name of its own',
      );
    }
    return listed(
      'Shapefile',
      choose([...byName.keys()]).map((name) => openShapefile(join(workFolder, byName.get(name) ?? name), budget)),
    );
  }
  const table = names.find((name) => /(?:^|\/)a00000001\.gdbtable$/i.test(name));
  if (table !== undefined) return openGeodatabase(geodatabaseFolder(workFolder, table), options);
  const [only, ...others] = names.filter((name) => /\.(?:gpkg|geojson|json)$/i.test(name));
  if (only !== undefined && others.length === 0) {
    const path = join(workFolder, only);
    return openPlain(path, readStart(path), basename(only, extname(only)), options);
  }
  throw new ProblemError(
    'unsupported-media-type',
    only === undefined
      ? 'the archive holds no layer: expected a Shapefile, a File Geodatabase, a GeoPackage or GeoJSON'
      : 'the archive holds several files of layers; send one',
  );
}

/** Tables may stand in a folder of any name, or in none: they are known as a geodatabase by the folder's ending. */
function geodatabaseFolder(workFolder: string, table: string): string {
  const parts = table.split('/').slice(0, -1);
  const path = join(workFolder, ...parts);
  if (parts.at(-1)?.toLowerCase().endsWith('.gdb') === true) return path;
  const alias = join(workFolder, 'opened.gdb');
  mkdirSync(alias);
  for (const name of readdirSync(path)) {
    if (/\.(?:gdb[a-z]+|atx|spx|freelist|horizon|cdf)$|^(?:gdb|timestamps)$/i.test(name))
      renameSync(join(path, name), join(alias, name));
  }
  return alias;
}

function openGeodatabase(path: string, options: OpenOptions): LayerFile {
  const gdal = findGdalTools(options.gdalFolder);
  const names = (options.choose ?? everyLayer)(gdal.listLayers(path));
  if (names.length === 0) return listed('FileGDB', []);
  const converted = join(options.workFolder, 'converted.gpkg');
  gdal.convert(path, names, converted);
  const file = openGeoPackage(converted, createLayerBudget(options.limits ?? LAYER_LIMITS), everyLayer, gdal);
  return { ...file, format: 'FileGDB' };
}
