import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import type { LintReport } from './lint-wire-map.ts';
import { type ImportPreparation, type PreparedImport, prepareImport, type WireMapState } from './prepare-import.ts';
import { prepareInThread } from './prepare-in-thread.ts';
import { MAX_LISTED, type RowError } from './read-wire-map-file.ts';
import { reviseInSteps } from './revise-in-steps.ts';
import { textInPieces } from './text-in-pieces.ts';
import { type ElementKey, isElementKind } from './wire-map-element.ts';
import { readColumns, WIRE_MAP_FORMATS, type WireMapColumns, type WireMapFormat } from './wire-map-formats.ts';
import { forgetNamed, ROWS_PER_STEP } from './wire-map-lease.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';
import {
  analyzeNamed,
  compareBatch,
  type EndedPart,
  endPart,
  type ImportBatch,
  type ImportRow,
  selectNewestRevision,
} from './wire-map-revision-records.ts';

export type { RowError } from './read-wire-map-file.ts';

export type ImportOptions = {
  /** Only say what would change. */
  dryRun?: boolean | undefined;
  /** Remove what the file does not name. */
  replace?: boolean | undefined;
  /** One of WIRE_MAP_FORMATS; told by the header unless given. */
  format?: string | undefined;
  /** What stands in which column, from 1: `chassis:1,port:2,erl:5`; told by the header unless given. */
  columns?: string | undefined;
};

export type ImportedElement = ElementKey & { responseLocationId: string; description: string };

export type WireMapImport = {
  applied: boolean;
  /** The revision that it made; null: it is not applied, or changed nothing. */
  revision: number | null;
  format: WireMapFormat;
  /** What was read from which column, from 1. */
  columns: WireMapColumns;
  counts: { added: number; changed: number; unchanged: number; removed: number; errors: number };
  /** The first 1,000 of each. */
  added: ImportedElement[];
  changed: { before: ImportedElement; after: ImportedElement }[];
  removed: ImportedElement[];
  errors: RowError[];
  /** What is questionable about the whole wire map as it is with the file. */
  lint: LintReport;
};

export type ImportDeps = WireMapDeps & { wireMapState: (organizationId: string) => WireMapState | undefined };

/** What one request may bring; more goes by `startImport`. */
const LIMITS = { maxBytes: 10 * 1024 * 1024, maxRows: 200_000 };
/** Files and wire maps that are read and judged in some milliseconds, where they are. */
const FEW_CHARACTERS = 200_000;
const FEW_WORDS = 20_000;

export function readFormat(format: string | undefined): WireMapFormat | undefined {
  if (format === undefined || format === '') return undefined;
  const known = WIRE_MAP_FORMATS.find((one) => one === format);
  if (known !== undefined) return known;
  throw new ProblemError('invalid', `format ${format} does not exist`, {
    fields: [{ path: 'format', message: `is not one of ${WIRE_MAP_FORMATS.join(', ')}` }],
  });
}

function importedOf({ kind, ...row }: ImportRow): ImportedElement {
  if (!isElementKind(kind)) throw new Error(`an imported element has the unknown kind ${kind}`);
  return { kind, ...row };
}

function reportOf({ file, lint }: PreparedImport): WireMapImport {
  return {
    applied: false,
    revision: null,
    format: file.format,
    columns: file.columns,
    counts: { added: 0, changed: 0, unchanged: 0, removed: 0, errors: file.errorCount },
    added: [],
    changed: [],
    removed: [],
    errors: file.errors,
    lint,
  };
}

/** A problem that names every faulty row; nothing is stored. */
export function faultyRows({ errorCount, errors }: { errorCount: number; errors: readonly RowError[] }): ProblemError {
  return new ProblemError('invalid', `${errorCount} faults in the file; nothing was changed`, {
    fields: errors.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
  });
}

/** What is compared with what is stored; rows stand in batches. */
type Comparing = {
  organizationId: string;
  newest: number;
  batches: AsyncIterable<ImportBatch>;
  replace: boolean;
  /** Under which what the file names is noted. */
  named: string;
  write?: { now: Date };
  /** One part of the work. */
  step: <Result>(work: (db: Queryable) => Promise<Result>) => Promise<Result>;
  onBatch: () => void;
};

async function compareAll(db: Queryable, of: Comparing, report: WireMapImport): Promise<void> {
  const { organizationId, newest, replace, named, write, step, onBatch } = of;
  for await (const batch of of.batches) {
    const listed = MAX_LISTED - Math.min(report.added.length, report.changed.length);
    const options = { organizationId, newest, listed, write, named: replace ? named : undefined };
    const found = await step((tx) => compareBatch(tx, batch, options));
    report.counts.added += found.added;
    report.counts.changed += found.changed;
    report.counts.unchanged += found.unchanged;
    for (const row of found.addedRows.slice(0, MAX_LISTED - report.added.length)) report.added.push(importedOf(row));
    for (const { before, after } of found.changedRows.slice(0, MAX_LISTED - report.changed.length)) {
      report.changed.push({ before: importedOf(before), after: importedOf(after) });
    }
    onBatch();
  }
  if (!replace) return;
  if (report.counts.unchanged + report.counts.changed > ROWS_PER_STEP) await analyzeNamed(db);
  for (let after: EndedPart['last'], more = true; more; more = after !== undefined) {
    const part = { organizationId, newest, after, limit: ROWS_PER_STEP };
    const listed = MAX_LISTED - report.removed.length;
    const done = await step((tx) => endPart(tx, part, { unnamedIn: named }, { listed, write: write !== undefined }));
    report.counts.removed += done.ended;
    report.removed.push(...done.endedRows.map(importedOf));
    after = done.last;
  }
}

/** What the rows would change of what is stored. */
export async function compareImport(
  deps: WireMapDeps,
  { organizationId }: Scope,
  prepared: PreparedImport,
  batches: AsyncIterable<ImportBatch>,
  options: ImportOptions,
  onBatch: () => void = () => undefined,
): Promise<WireMapImport> {
  const report = reportOf(prepared);
  const { db } = deps.database;
  const newest = (await selectNewestRevision(db, organizationId))?.revision ?? 0;
  const named = newId();
  const step: Comparing['step'] = (work) => work(db);
  const comparing = { organizationId, newest, batches, replace: options.replace === true, named, step, onBatch };
  try {
    await compareAll(db, comparing, report);
  } finally {
    await forgetNamed(deps, named);
  }
  return report;
}

/** Stores the rows: all or none, as one revision. */
export async function applyImport(
  deps: WireMapDeps,
  scope: Scope,
  prepared: PreparedImport,
  batches: AsyncIterable<ImportBatch>,
  options: ImportOptions,
  onBatch: () => void = () => undefined,
): Promise<WireMapImport> {
  const { organizationId } = scope;
  const replace = options.replace === true;
  if (prepared.file.errorCount > 0) throw faultyRows(prepared.file);
  return reviseInSteps(deps, scope, 'wire-map.imported', async ({ holder, newest, now, step }) => {
    const report = { ...reportOf(prepared), applied: true };
    const comparing = { organizationId, newest, batches, replace, named: holder, write: { now }, step, onBatch };
    await compareAll(deps.database.db, comparing, report);
    const { added, changed, removed } = report.counts;
    const revision = added + changed + removed > 0 ? newest + 1 : null;
    return {
      result: { ...report, revision },
      counts: { added, changed, removed },
      entry: { subject: 'wire map', detail: { ...report.counts, replace } },
    };
  });
}

async function* each(batches: readonly string[]): AsyncGenerator<ImportBatch> {
  for (const json of batches) {
    yield { json };
    await nextTurn();
  }
}

/**
 * Reads a wire map from CSV: all rows or none. A dry run reports what would change and every error; otherwise errors are a
 * problem whose fields are `line:column`, and nothing that is stored changes.
 */
export function createImportWireMap(
  deps: ImportDeps,
): (scope: Scope, csvText: string, options?: ImportOptions) => Promise<WireMapImport> {
  return async (scope, csvText, options = {}) => {
    if (csvText.length > LIMITS.maxBytes || Buffer.byteLength(csvText) > LIMITS.maxBytes) {
      throw new ProblemError('too-large', `the file is larger than ${LIMITS.maxBytes} bytes`);
    }
    const preparation: ImportPreparation = {
      places: await loadWireMapPlaces(deps, scope),
      limits: LIMITS,
      format: readFormat(options.format),
      columns: readColumns(options.columns),
      under: options.replace === true ? undefined : deps.wireMapState(scope.organizationId),
    };
    const batches: string[] = [];
    const prepared = await prepare(csvText, preparation, async (json) => {
      batches.push(json);
      await nextTurn();
    });
    if (options.dryRun === true) return compareImport(deps, scope, prepared, each(batches), options);
    return applyImport(deps, scope, prepared, each(batches), options);
  };
}

function prepare(
  text: string,
  preparation: ImportPreparation,
  take: (json: string) => Promise<void>,
): Promise<PreparedImport> {
  const isLarge = text.length > FEW_CHARACTERS || (preparation.under?.block.length ?? 0) > FEW_WORDS;
  if (isLarge) return prepareInThread({ source: { text }, preparation }, take);
  return prepareImport(textInPieces(text), preparation, take);
}
