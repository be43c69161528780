import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Actor, Audit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { newId } from '../../support/ids.ts';
import { BOUNDARY_RULES, type BoundaryLint } from './boundary-finding.ts';
import {
  type BoundaryChange,
  endBoundaries,
  forgetRevisions,
  insertPreparedRows,
  insertRevision,
  lockBoundaries,
  selectBoundaryVersions,
  selectNewestRevision,
} from './boundary-records.ts';
import type { PreparedBoundaries, ReadLayer } from './prepare-boundaries.ts';

export type StoreDeps = { database: Database; audit: Audit; clock: Clock };

/** What an import changed, or would change. */
export type BoundaryReport = {
  layer: string;
  /** The revision it became; null for a dry run, and when nothing differs. */
  revision: number | null;
  file: { format: string; layers: readonly ReadLayer[] };
  counts: { added: number; changed: number; removed: number; unchanged: number };
  /** Ids of boundaries, the first of each. */
  added: string[];
  changed: string[];
  removed: string[];
  lint: BoundaryLint;
};

/** How long what a layer was before stays known (decision 43 does the same). */
export const BOUNDARIES_KEPT_MS = 90 * 86_400_000;
const LISTED = 1_000;
const BATCH_CHARACTERS = 128 * 1024;
/** An import that takes away more than this much of a layer is worth a second look. */
const MANY_SHARE = 0.1;
const MANY_COUNT = 3;

export type Prepared = { boundaries: PreparedBoundaries; rowsPath: string };

type Difference = { report: BoundaryReport; write: Set<string>; end: string[] };

/** What storing would change. */
export async function compareBoundaries(db: Queryable, layer: string, prepared: Prepared): Promise<BoundaryReport> {
  return (await differ(db, layer, prepared)).report;
}

async function differ(db: Queryable, layer: string, { boundaries }: Prepared): Promise<Difference> {
  const { format, layers, versions, lint } = boundaries;
  const stored = await selectBoundaryVersions(db);
  const [added, changed, removed]: [string[], string[], string[]] = [[], [], []];
  const kept = new Set<string>();
  const elsewhere: string[] = [];
  for (const { sourceId, version } of versions) {
    const known = stored.get(sourceId);
    kept.add(sourceId);
    if (known === undefined) added.push(sourceId);
    else if (known.layer !== layer) elsewhere.push(`${sourceId} stands in layer ${known.layer}`);
    else if (known.version !== version) changed.push(sourceId);
  }
  if (elsewhere.length > 0) {
    throw new ProblemError('conflict', 'boundaries of the file stand in another layer already', {
      fields: elsewhere.slice(0, 100).map((message) => ({ path: 'NGUID', message })),
    });
  }
  let before = 0;
  for (const [sourceId, row] of stored) {
    if (row.layer !== layer) continue;
    before += 1;
    if (!kept.has(sourceId)) removed.push(sourceId);
  }
  const unchanged = versions.length - added.length - changed.length;
  const report: BoundaryReport = {
    layer,
    revision: null,
    file: { format, layers },
    counts: { added: added.length, changed: changed.length, removed: removed.length, unchanged },
    added: added.slice(0, LISTED),
    changed: changed.slice(0, LISTED),
    removed: removed.slice(0, LISTED),
    lint: withRemovals(lint, removed.length, before),
  };
  return { report, write: new Set([...added, ...changed]), end: [...removed, ...changed] };
}

function withRemovals(lint: BoundaryLint, removed: number, before: number): BoundaryLint {
  if (removed <= MANY_COUNT || removed <= before * MANY_SHARE) return lint;
  const rule = 'many-removed';
  const message = `${removed} of ${before} boundaries of the layer are not in the file`;
  return {
    ...lint,
    counts: { ...lint.counts, [rule]: 1 },
    findings: [...lint.findings, { rule, severity: BOUNDARY_RULES[rule], message }],
  };
}

/** Refuses what is nothing to store. */
export function requireStorable({ boundaries }: Prepared, skipFaulty: boolean): void {
  const { lint, versions } = boundaries;
  if (lint.errors > 0 && !skipFaulty) {
    const fields = lint.findings
      .filter(({ severity }) => severity === 'error')
      .slice(0, 100)
      .map(({ layer, row, message }) => ({ path: `${layer ?? ''}/${row ?? ''}`, message }));
    throw new ProblemError('invalid', `the file has ${lint.errors} faults; nothing was imported`, { fields });
  }
  if (versions.length === 0)
    throw new ProblemError('invalid', 'the file holds no boundary; remove the layer if none is meant');
}

/** Makes a layer what was read, in one transaction, as its next revision. */
export async function storeBoundaries(
  deps: StoreDeps,
  actor: Actor,
  layer: string,
  prepared: Prepared,
  onBatch: (rows: number) => void,
): Promise<BoundaryReport> {
  return deps.database.db.transaction().execute(async (tx) => {
    await lockBoundaries(tx);
    const { report, write, end } = await differ(tx, layer, prepared);
    if (write.size === 0 && end.length === 0) return report;
    const { added, changed, removed } = report.counts;
    const change = await beginRevision(deps, tx, actor, {
      layer,
      action: 'boundaries.imported',
      featureCount: prepared.boundaries.versions.length,
      counts: report.counts,
      source: JSON.stringify(report.file),
    });
    await endBoundaries(tx, change, end);
    await insertLines(tx, change, prepared, { write, onBatch });
    await deps.audit.record(tx, actor, {
      action: 'boundaries.imported',
      subject: `boundary layer ${layer}`,
      detail: { importId: change.id, revision: change.revision, added, changed, removed },
    });
    await announceChange(tx, 'routing', null);
    return { ...report, revision: change.revision };
  });
}

async function insertLines(
  tx: Transaction,
  change: BoundaryChange,
  { boundaries, rowsPath }: Prepared,
  { write, onBatch }: { write: ReadonlySet<string>; onBatch: (rows: number) => void },
): Promise<void> {
  const lines = createInterface({ input: createReadStream(rowsPath, { encoding: 'utf8' }), crlfDelay: Infinity });
  let [number, characters] = [0, 0];
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await insertPreparedRows(tx, change, batch);
    onBatch(batch.length);
    batch = [];
    characters = 0;
  };
  for await (const line of lines) {
    const { sourceId } = boundaries.versions[number] ?? {};
    number += 1;
    if (sourceId === undefined || !write.has(sourceId)) continue;
    batch.push(line);
    characters += line.length;
    if (characters >= BATCH_CHARACTERS) await flush();
  }
  await flush();
  if (number !== boundaries.versions.length) throw new Error('what was read of the file is no longer whole');
}

/** The next revision of a layer; what is older than 90 days is forgotten. */
export async function beginRevision(
  { clock }: StoreDeps,
  tx: Transaction,
  actor: Actor,
  about: {
    layer: string;
    action: string;
    featureCount: number;
    counts: { added: number; changed: number; removed: number };
    source: string | null;
  },
): Promise<BoundaryChange> {
  const { layer, action, featureCount, counts, source } = about;
  const now = new Date(clock.nowMs());
  const revision = ((await selectNewestRevision(tx, layer))?.revision ?? 0) + 1;
  const id = newId();
  const { added, changed, removed } = counts;
  const actorName = actor.tokenId;
  const row = {
    id,
    layer,
    revision,
    action,
    actor: actorName,
    importedAt: now,
    featureCount,
    added,
    changed,
    removed,
    source,
  };
  await insertRevision(tx, row);
  await forgetRevisions(tx, layer, new Date(now.getTime() - BOUNDARIES_KEPT_MS));
  return { id, layer, revision, now };
}
