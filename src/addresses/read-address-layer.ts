import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { ProblemError } from '../domain/problem.ts';
import type { LayerFeature } from '../layers/layer.ts';
import { openLayers } from '../layers/open-layers.ts';
import { createFeatureReader, type LayerDefaults } from './address-feature.ts';
import type { FieldMapping } from './address-layer-fields.ts';
import { createLayerLint, type LayerLintReport } from './layer-lint.ts';
import { createLayerPacker } from './pack-layer.ts';
import { readAddressCsv } from './read-address-csv.ts';

export type ReadLayerTask = {
  /** The file as it came. */
  path: string;
  /** An empty folder. */
  workFolder: string;
  /** What the layer is called: in answers, so that it is known what an address was checked against. */
  source: string;
  /** Layers of the file; those whose name sounds of roads or addresses unless told. */
  layers: readonly string[];
  mapping: FieldMapping;
  defaults: LayerDefaults;
  /** The digest of the version in force; undefined where there is none. */
  formerDigestPath: string | undefined;
  blockPath: string;
  digestPath: string;
};

export type LayerDiff = {
  counts: { added: number; changed: number; removed: number; unchanged: number };
  /** Ids; the first of each. */
  added: string[];
  changed: string[];
  removed: string[];
};

export type LayerReport = {
  format: string;
  /** What was read of the file: names of layers, with their coordinate systems and what there is to know of them. */
  layers: { name: string; features: number; coordinateSystem: string; notes: readonly string[] }[];
  counts: { features: number; points: number; ranges: number; streets: number };
  states: string[];
  diff: LayerDiff;
  lint: LayerLintReport;
  bytes: number;
  sha256: string;
};

const SOUNDS_RIGHT = /road|address|street|center_?line|centre_?line|site|addr/i;
const LISTED = 100;
const PROGRESS_EVERY = 20_000;

function chooseLayers(wanted: readonly string[]): (names: readonly string[]) => readonly string[] {
  return (names) => {
    if (wanted.length > 0) {
      const missing = wanted.filter((name) => !names.includes(name));
      if (missing.length === 0) return wanted;
      throw new ProblemError('invalid', `the file has no layer ${missing.join(', ')}`, {
        fields: [{ path: 'layers', message: `expected of ${names.join(', ')}` }],
      });
    }
    // Aliases and completed polygons are no addresses.
    const fitting = names.filter((name) => SOUNDS_RIGHT.test(name) && !/alias|polygon/i.test(name));
    return names.length === 1 || fitting.length === 0 ? names : fitting;
  };
}

async function isCsv(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
    const start = buffer.subarray(0, bytesRead).toString('latin1');
    return (
      !start.startsWith('PK') &&
      !start.startsWith('SQLite') &&
      !start.includes('\0') &&
      !/^(?:\xEF\xBB\xBF)?\s*[[{]/.test(start) &&
      start.split('\n', 1)[0]?.includes(',') === true
    );
  } finally {
    await file.close();
  }
}

function compareDigests(former: readonly string[], now: readonly string[]): LayerDiff {
  const diff: LayerDiff = {
    counts: { added: 0, changed: 0, removed: 0, unchanged: 0 },
    added: [],
    changed: [],
    removed: [],
  };
  const note = (kind: 'added' | 'changed' | 'removed', id: string): void => {
    diff.counts[kind] += 1;
    if (diff[kind].length < LISTED) diff[kind].push(id);
  };
  const known = new Map(former.map((line) => splitLine(line)));
  for (const line of now) {
    const [id, hash] = splitLine(line);
    const before = known.get(id);
    if (before === undefined) note('added', id);
    else if (before === hash) diff.counts.unchanged += 1;
    else note('changed', id);
    known.delete(id);
  }
  for (const id of known.keys()) note('removed', id);
  return diff;
}

function splitLine(line: string): [id: string, hash: string] {
  const at = line.indexOf('\t');
  return [line.slice(0, at), line.slice(at + 1)];
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Reads a file of address layers, judges it, compares it with what is in force, and writes its block. Blocks: not for a thread that answers. */
export async function readAddressLayer(
  task: ReadLayerTask,
  onProgress: (features: number) => void = () => undefined,
): Promise<LayerReport> {
  const lint = createLayerLint();
  const packer = createLayerPacker(lint);
  const read = createFeatureReader({ mapping: task.mapping, defaults: task.defaults, lint });
  const layers: LayerReport['layers'] = [];
  let features = 0;
  const take = (feature: LayerFeature): void => {
    features += 1;
    const address = read(feature);
    if (address !== undefined) packer.add(address);
    if (features % PROGRESS_EVERY === 0) onProgress(features);
  };
  let format = 'CSV';
  if (await isCsv(task.path)) {
    for await (const feature of readAddressCsv(task.path)) take(feature);
    layers.push({ name: task.source, features, coordinateSystem: 'WGS 84', notes: [] });
  } else {
    const file = await openLayers(task.path, {
      workFolder: task.workFolder,
      name: task.source,
      choose: chooseLayers(task.layers),
    });
    try {
      format = file.format;
      for (const layer of file.layers) {
        const before = features;
        for (const feature of layer.features()) take(feature);
        const { name, coordinateSystem, notes } = layer;
        layers.push({ name, features: features - before, coordinateSystem, notes });
      }
    } finally {
      file.close();
    }
  }
  const { bytes, digest, points, ranges, streets, states } = packer.finish(task.source);
  if (points + ranges === 0) {
    const found = lint.report().findings[0];
    throw new ProblemError('invalid', `the file holds no address${found ? `: ${found.id}: ${found.message}` : ''}`);
  }
  const former = task.formerDigestPath === undefined ? '' : await readFile(task.formerDigestPath, 'utf8');
  const diff = compareDigests(former === '' ? [] : former.split('\n'), digest);
  await writeFile(task.blockPath, bytes, { mode: 0o600 });
  await writeFile(task.digestPath, digest.join('\n'), { mode: 0o600 });
  return {
    format,
    layers,
    counts: { features, points, ranges, streets },
    states,
    diff,
    lint: lint.report(),
    bytes: bytes.length,
    sha256: await hashFile(task.blockPath),
  };
}
