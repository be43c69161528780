import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ProblemError } from '../domain/problem.ts';
import { readCoordinateSystem } from './coordinate-system.ts';
import { openDbfTable } from './dbf-table.ts';
import { type FileWindow, openFileWindow } from './file-window.ts';
import { groupRings } from './group-rings.ts';
import { damaged, type Layer, type LayerBudget, type LayerFeature, type LayerGeometry, type Point } from './layer.ts';

const HEAD_BYTES = 100;
const FILE_CODE = 9994;
const MOST_RECORD_BYTES = 512 * 1024 * 1024;

/** The layer of a Shapefile (ESRI, July 1998): the .shp with its .dbf and .prj beside it, and .cpg where there is one. */
export function openShapefile(path: string, budget: LayerBudget): Layer {
  const name = basename(path, extname(path));
  const projection = beside(path, '.prj');
  if (projection === undefined) {
    throw new ProblemError('invalid', `${name}.prj is missing: it says in which coordinate system ${name}.shp is`, {
      fields: [{ path: 'crs', message: 'is not given: the .prj is missing' }],
    });
  }
  const table = beside(path, '.dbf');
  if (table === undefined) throw damaged(`${name}.dbf is missing: it holds what the shapes of ${name}.shp are`);
  const system = readCoordinateSystem(readFileSync(projection, 'utf8').replace(/^\uFEFF/, ''));
  return {
    name,
    coordinateSystem: system.name,
    notes: system.notes,
    *features() {
      const rows = openDbfTable(table, beside(path, '.cpg'));
      const shapes = openFileWindow(path, `${name}.shp`);
      try {
        checkHead(shapes, name);
        for (let number = 1; number <= rows.rowCount; number++) {
          if (shapes.position() >= shapes.size) {
            throw damaged(`${name}.shp has ${number - 1} shapes for ${rows.rowCount} rows of ${name}.dbf`);
          }
          const properties = rows.nextRow();
          const shape = readRecord(shapes, name, { toWgs84: (x, y) => system.toWgs84(x, y), budget });
          if (properties === null) continue;
          budget.takeFeature();
          yield { row: String(number), properties, ...shape };
        }
        if (shapes.position() < shapes.size) throw damaged(`${name}.shp has more shapes than ${name}.dbf has rows`);
      } finally {
        rows.close();
        shapes.close();
      }
    },
  };
}

/** The file of the same name with another ending, in any case. */
function beside(path: string, ending: string): string | undefined {
  const folder = dirname(path);
  const wanted = `${basename(path, extname(path))}${ending}`.toLowerCase();
  const exact = join(folder, `${basename(path, extname(path))}${ending}`);
  if (existsSync(exact)) return exact;
  const found = readdirSync(folder).find((name) => name.toLowerCase() === wanted);
  return found === undefined ? undefined : join(folder, found);
}

function checkHead(shapes: FileWindow, name: string): void {
  const head = shapes.take(HEAD_BYTES);
  if (head.readInt32BE(0) !== FILE_CODE) throw damaged(`${name}.shp is no Shapefile`);
  const stated = head.readInt32BE(24) * 2;
  if (stated > shapes.size) throw damaged(`${name}.shp ends early: ${shapes.size} bytes of ${stated}`);
}

type Reading = { toWgs84: (x: number, y: number) => Point; budget: LayerBudget };

function readRecord(shapes: FileWindow, name: string, reading: Reading): Pick<LayerFeature, 'geometry' | 'fault'> {
  const length = shapes.take(8).readInt32BE(4) * 2;
  if (length < 4 || length > MOST_RECORD_BYTES) throw damaged(`${name}.shp holds a shape of ${length} bytes`);
  const record = shapes.take(length);
  const type = record.readInt32LE(0);
  switch (type) {
    case 0:
      return { geometry: null, fault: null };
    case 1:
    case 11:
    case 21:
      return { geometry: { kind: 'points', points: readPoints(record, 4, 1, reading) }, fault: null };
    case 8:
    case 18:
    case 28: {
      const count = countAt(record, 36);
      return { geometry: { kind: 'points', points: readPoints(record, 40, count, reading) }, fault: null };
    }
    case 3:
    case 13:
    case 23: {
      const lines = readParts(record, reading).map((line) => line.map(([x, y]) => reading.toWgs84(x, y)));
      return { geometry: lines.length === 0 ? null : { kind: 'lines', lines }, fault: null };
    }
    case 5:
    case 15:
    case 25: {
      // On the plane of the file: in degrees a ring over the antimeridian would be one around the earth.
      const polygons = groupRings(readParts(record, reading)).map((rings) =>
        rings.map((ring) => ring.map(([x, y]) => reading.toWgs84(x, y))),
      );
      const geometry: LayerGeometry | null = polygons.length === 0 ? null : { kind: 'polygons', polygons };
      return { geometry, fault: null };
    }
    default:
      return { geometry: null, fault: type === 31 ? 'is a multipatch' : `is of shape type ${type}` };
  }
}

function countAt(record: Buffer, at: number): number {
  if (at + 4 > record.length) throw damaged('a shape ends early');
  const count = record.readInt32LE(at);
  if (count < 0 || count > record.length) throw damaged('a shape counts more than it holds');
  return count;
}

/** Corners as the file has them, in its own coordinate system. */
function readCorners(record: Buffer, at: number, count: number, { budget }: Reading): Point[] {
  if (at + count * 16 > record.length) throw damaged('a shape ends early');
  budget.takePositions(count);
  return Array.from(
    { length: count },
    (_, i): Point => [record.readDoubleLE(at + i * 16), record.readDoubleLE(at + i * 16 + 8)],
  );
}

function readPoints(record: Buffer, at: number, count: number, reading: Reading): Point[] {
  return readCorners(record, at, count, reading).map(([x, y]) => reading.toWgs84(x, y));
}

/** Rings or lines in the coordinate system of the file. */
function readParts(record: Buffer, reading: Reading): Point[][] {
  const partCount = countAt(record, 36);
  const pointCount = countAt(record, 40);
  if (44 + partCount * 4 + pointCount * 16 > record.length) throw damaged('a shape ends early');
  const starts = Array.from({ length: partCount }, (_, i) => record.readInt32LE(44 + i * 4));
  const first = 44 + partCount * 4;
  return starts.flatMap((start, i) => {
    const end = starts[i + 1] ?? pointCount;
    if (start < 0 || end < start || end > pointCount) throw damaged('the parts of a shape are out of order');
    return end === start ? [] : [readCorners(record, first + start * 16, end - start, reading)];
  });
}
