import { closeSync, openSync, writeSync } from 'node:fs';
import { ProblemError } from '../../domain/problem.ts';
import type { Layer, LayerFormat } from '../../layers/layer.ts';
import { type ChooseLayers, openLayers } from '../../layers/open-layers.ts';
import { sha256Hex } from '../../support/ids.ts';
import { type BoundaryLint, createBoundaryLint, type NoteFinding } from './boundary-finding.ts';
import { type BoundaryMapping, readBoundaryMapping } from './boundary-mapping.ts';
import { type LintedBoundary, lintCoverage } from './lint-coverage.ts';
import { lintWhereabouts } from './lint-whereabouts.ts';
import { contentOfLayer, type LayerContent, plainName } from './nena-layers.ts';
import { outlineSize } from './outline-size.ts';
import { readBoundaryOutline } from './read-boundary-outline.ts';
import { type BoundaryValues, readBoundaryRow } from './read-boundary-row.ts';

/** What is to be made of a file. */
export type BoundaryTask = {
  path: string;
  /** Empty, and of this task alone. */
  workFolder: string;
  /** Takes the boundaries, each as a line of JSON. */
  rowsPath: string;
  /** What the file is called, for layers without a name of their own. */
  name: string;
  /** Layers of the file by name; those of the NENA model unless told, or the only one there is. */
  fileLayers?: readonly string[] | undefined;
  /** Every row serves this one, whatever it says. */
  service?: string | undefined;
  /** YAML, see `readBoundaryMapping`. */
  mapping?: string | undefined;
  nowMs: number;
};

/** A layer of the file, as it was understood. */
export type ReadLayer = {
  name: string;
  holds: LayerContent;
  coordinateSystem: string;
  notes: readonly string[];
  rows: number;
  boundaries: number;
};

/** A boundary as the database takes it: one line of `rowsPath`. */
export type PreparedRow = BoundaryValues & {
  /** Hash of all that a client can see. */
  version: string;
  /** Base64. */
  outline: string;
};

export type PreparedBoundaries = {
  format: LayerFormat;
  layers: ReadLayer[];
  /** In the order of `rowsPath`. */
  versions: { sourceId: string; version: string }[];
  lint: BoundaryLint;
};

export type PrepareOptions = {
  onProgress?: (percent: number) => void;
  /** Ends it, where it runs in a process of its own. */
  signal?: AbortSignal;
};

/** Reads a file of boundaries: `prepareBoundaries`, or the same somewhere else. */
export type PrepareBoundaries = (task: BoundaryTask, options?: PrepareOptions) => Promise<PreparedBoundaries>;

const MOST_BOUNDARIES = 50_000;
const COVERAGE_BUDGET_MS = 120_000;
/** One of many outlines is the whole file in the end: progress is told by rows. */
const PROGRESS_ROWS = 50;

/** Reads a file of boundaries, judges it, and writes what can be stored. Blocks: for a process of its own. */
export async function prepareBoundaries(task: BoundaryTask, options: PrepareOptions = {}): Promise<PreparedBoundaries> {
  const onProgress = options.onProgress ?? (() => undefined);
  const mapping = readBoundaryMapping(task.mapping);
  const file = await openLayers(task.path, {
    workFolder: task.workFolder,
    name: task.name,
    choose: createChooser(task, mapping),
  });
  const rowsFile = openSync(task.rowsPath, 'w', 0o600);
  try {
    const { lint, note } = createBoundaryLint();
    const read = readLayers(file.layers, { task, mapping, note, rowsFile, onProgress });
    lintWhereabouts(read.linted, note);
    onProgress(70);
    const serving = read.linted.filter(({ serviceUrn }) => serviceUrn !== '');
    lintCoverage(serving, { budgetMs: COVERAGE_BUDGET_MS, monotonicMs: () => performance.now(), note });
    return { format: file.format, layers: read.layers, versions: read.versions, lint };
  } finally {
    closeSync(rowsFile);
    file.close();
  }
}

function createChooser({ fileLayers }: BoundaryTask, mapping: BoundaryMapping): ChooseLayers {
  return (names) => {
    const list = names.slice(0, 30).join(', ') || 'none';
    if (fileLayers !== undefined && fileLayers.length > 0) {
      return fileLayers.map((wanted) => {
        const found = names.find((name) => plainName(name) === plainName(wanted));
        if (found !== undefined) return found;
        throw new ProblemError('invalid', `the file has no layer ${wanted}; it has ${list}`, {
          fields: [{ path: 'fileLayer', message: `is none of ${list}` }],
        });
      });
    }
    const known = names.filter((name) => contentOf(name, mapping) !== undefined);
    if (known.length > 0) return known;
    if (names.length === 1) return names;
    throw new ProblemError('invalid', `no layer of the file is one of the NENA model; it has ${list}: say which`, {
      fields: [{ path: 'fileLayer', message: `expected one of ${list}` }],
    });
  };
}

const contentOf = (name: string, { layers }: BoundaryMapping): LayerContent | undefined =>
  layers.get(plainName(name)) ?? contentOfLayer(name);

type Reading = {
  task: BoundaryTask;
  mapping: BoundaryMapping;
  note: NoteFinding;
  rowsFile: number;
  onProgress: (percent: number) => void;
};

function readLayers(layers: readonly Layer[], { task, mapping, note, rowsFile, onProgress }: Reading) {
  const versions: { sourceId: string; version: string }[] = [];
  const linted: LintedBoundary[] = [];
  const read: ReadLayer[] = [];
  const firstOf = new Map<string, { layer: string; row: string }>();
  for (const layer of layers) {
    const holds = contentOf(layer.name, mapping) ?? 'service';
    const summary = {
      name: layer.name,
      holds,
      coordinateSystem: layer.coordinateSystem,
      notes: layer.notes,
      rows: 0,
      boundaries: 0,
    };
    read.push(summary);
    const context = { layer: layer.name, content: holds, mapping, service: task.service, nowMs: task.nowMs, note };
    for (const feature of layer.features()) {
      summary.rows += 1;
      if (summary.rows % PROGRESS_ROWS === 0) onProgress(Math.min(65, 5 + Math.floor(summary.rows / PROGRESS_ROWS)));
      const values = readBoundaryRow(feature, context);
      if (values === null) continue;
      const at = { layer: layer.name, row: feature.row };
      const named = claimId(values, at, firstOf, note);
      const drawn = named && readBoundaryOutline(feature, { ...at, boundary: named.sourceId }, note);
      if (!named || !drawn) continue;
      if (versions.length >= MOST_BOUNDARIES) {
        throw new ProblemError('too-large', `the file has more than ${MOST_BOUNDARIES} boundaries`);
      }
      const row = preparedRow(named, drawn.outline);
      writeSync(rowsFile, `${JSON.stringify(row)}\n`);
      versions.push({ sourceId: row.sourceId, version: row.version });
      linted.push({
        ...at,
        sourceId: row.sourceId,
        serviceUrn: row.serviceUrn,
        polygons: drawn.polygons,
        size: outlineSize(drawn.polygons),
      });
      summary.boundaries += 1;
    }
  }
  return { versions, linted, layers: read };
}

/** Ids are unique in a layer, and where older files repeat them from layer to layer, the layer tells them apart. */
function claimId(
  values: BoundaryValues,
  at: { layer: string; row: string },
  firstOf: Map<string, { layer: string; row: string }>,
  note: NoteFinding,
): BoundaryValues | null {
  let { sourceId } = values;
  const first = firstOf.get(sourceId);
  if (first !== undefined && first.layer !== at.layer) {
    const given = sourceId;
    sourceId = `${plainName(at.layer)}:${given}`;
    note({
      ...at,
      rule: 'id-in-two-layers',
      boundary: sourceId,
      message: `${given} stands in ${first.layer} too: it becomes ${sourceId}`,
    });
  }
  const again = firstOf.get(sourceId);
  if (again?.layer === at.layer) {
    note({ ...at, rule: 'duplicate-id', boundary: sourceId, message: `has the NGUID of row ${again.row}` });
    return null;
  }
  firstOf.set(sourceId, at);
  return { ...values, sourceId };
}

function preparedRow(values: BoundaryValues, outline: Uint8Array): PreparedRow {
  const packed = Buffer.from(outline).toString('base64');
  return { ...values, version: sha256Hex(`${JSON.stringify(values)} ${packed}`).slice(0, 32), outline: packed };
}
