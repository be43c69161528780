import { addFinding, emptyLintReport, type LintReport, lintWireMap } from './lint-wire-map.ts';
import { type AcceptedRow, type FileLimits, type FileReport, readWireMapFile } from './read-wire-map-file.ts';
import {
  createColumnsWriter,
  type ElementChange,
  openWireMapBlock,
  packWireMap,
  type WireMapBlock,
} from './wire-map-block.ts';
import { isElementKind } from './wire-map-element.ts';
import type { WireMapColumns, WireMapFormat } from './wire-map-formats.ts';
import { createWireMapIndex, switchPortKey } from './wire-map-index.ts';
import type { WireMapPlaces } from './wire-map-places.ts';

/** The wire map as it stands: what an import is laid over to be judged as a whole. */
export type WireMapState = { block: Uint32Array; changes: readonly ElementChange[] };

export type ImportPreparation = {
  places: WireMapPlaces;
  limits: FileLimits;
  format?: WireMapFormat | undefined;
  columns?: WireMapColumns | undefined;
  /** undefined where nothing is stored yet, or where the file replaces everything. */
  under: WireMapState | undefined;
};

export type PreparedImport = { file: FileReport; lint: LintReport };

/** The block of a state with its changes worked in. */
export function wholeBlock({ block, changes }: WireMapState): WireMapBlock {
  const writer = createColumnsWriter();
  for (const { kind, key, responseLocationId } of visibleEntries(block, changes)) {
    writer.append(kind, key, writer.target(responseLocationId));
  }
  return openWireMapBlock(packWireMap(writer.columns, 0));
}

function* visibleEntries(block: Uint32Array, changes: readonly ElementChange[]) {
  const changed = new Map(changes.map((one) => [`${one.kind}\n${one.key}`, one]));
  for (const entry of openWireMapBlock(block).entries()) {
    if (!changed.has(`${entry.kind}\n${entry.key}`)) yield entry;
  }
  for (const { kind, key, responseLocationId } of changes) {
    if (responseLocationId !== null) yield { kind, key, responseLocationId };
  }
}

/** Reads and judges a file; what can be stored goes to `take`, batch by batch, as JSON text. */
export async function prepareImport(
  source: AsyncIterable<string>,
  { under, ...options }: ImportPreparation,
  take: (json: string, charactersRead: number) => Promise<void>,
): Promise<PreparedImport> {
  const writer = createColumnsWriter();
  const file = await readWireMapFile(source, options, async (batch: AcceptedRow[], charactersRead) => {
    for (const { kind, value, port, erl } of batch) {
      if (!isElementKind(kind)) continue;
      writer.append(kind, kind === 'switch-port' ? switchPortKey(value, port) : value, writer.target(erl));
    }
    await take(JSON.stringify(batch), charactersRead);
  });
  let block = packWireMap(writer.columns, 0);
  if (under !== undefined) {
    const named = createWireMapIndex(block);
    for (const { kind, key, responseLocationId } of visibleEntries(under.block, under.changes)) {
      if (!named.holds(kind, key)) writer.append(kind, key, writer.target(responseLocationId));
    }
    block = packWireMap(writer.columns, 0);
  }
  const lint = emptyLintReport();
  for (const { line, column, message } of file.duplicates) {
    addFinding(lint, { rule: 'duplicate', element: column, message, line });
  }
  for (const { line, column, message } of file.assumptions) {
    addFinding(lint, { rule: 'prefix-assumed', element: column, message, line });
  }
  return { file, lint: lintWireMap(openWireMapBlock(block), options.places, lint) };
}
