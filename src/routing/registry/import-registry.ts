import { isDeepStrictEqual } from 'node:util';
import type { Actor, Audit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import { createBreather } from '../../support/breather.ts';
import type { Clock } from '../../support/clock.ts';
import { isUuid, newId } from '../../support/ids.ts';
import { runSteps } from '../../support/run-steps.ts';
import { noteMappingChanges } from '../mapping-change-records.ts';
import type { CountyNames } from './county-names.ts';
import { prepareSteps, type RegistryLint } from './prepare-registry.ts';
import { readRegistryAside } from './read-registry-aside.ts';
import { readStandingSources } from './read-standings.ts';
import type { RegistryEntry } from './registry-entry.ts';
import {
  insertRegistryImport,
  lockRegistry,
  type RegistryImportRow,
  selectEntryPages,
  selectRegistryImport,
  selectRegistryImports,
  writeEntries,
} from './registry-records.ts';
import { leadsToRelay, renamedSteps, standingSteps } from './registry-standing.ts';

export type RegistryImport = {
  document: Uint8Array;
  /** Names the registry: `fcc` unless told. The import becomes the whole of it. */
  source?: string | undefined;
  dryRun: boolean;
};

/** What an import changed, or would change. Lists of keys hold at most `LISTED`; counts are whole. */
export type RegistryReport = {
  source: string;
  title: string;
  /** Null for a dry run, and when nothing differs. */
  importId: string | null;
  entries: number;
  active: number;
  counts: { added: number; changed: number; removed: number; unchanged: number };
  added: string[];
  changed: string[];
  removed: string[];
  /** Rows of the file without PSAP ID, name or state. */
  leftOut: { row: number; reason: string }[];
  lintCounts: Partial<Record<RegistryLint['kind'], number>>;
  lint: RegistryLint[];
  /** Boundaries by what registries say of them afterwards. */
  boundaries: { one: number; several: number; chosen: number; relay: number; gone: number };
  /** Every boundary whose calls go to the relay centre afterwards and did not before. */
  newlyToRelay: string[];
};

const LISTED = 1_000;
const SOURCE = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Imports of PSAP registries, and going back to one. Operator only: the door checks. */
export function createRegistryImports(deps: { database: Database; audit: Audit; clock: Clock; counties: CountyNames }) {
  const { audit, clock, counties, database } = deps;

  async function importRegistry(actor: Actor, wanted: RegistryImport): Promise<RegistryReport> {
    const source = wanted.source ?? 'fcc';
    if (!SOURCE.test(source)) {
      throw new ProblemError('invalid', 'the name of the registry is not allowed', {
        fields: [{ path: 'source', message: 'expected up to 32 lower-case letters, digits and dashes' }],
      });
    }
    const file = await readRegistryAside(wanted.document);
    const { entries, lint } = await runSteps(prepareSteps(file.rows, counties));
    const lintCounts: RegistryReport['lintCounts'] = {};
    for (const { kind } of lint) lintCounts[kind] = (lintCounts[kind] ?? 0) + 1;
    const found = { leftOut: file.leftOut, lintCounts, lint: lint.slice(0, LISTED) };
    const next = { source, title: file.title, entries, restoredFrom: null };
    return { ...(await replace(actor, next, wanted.dryRun)), ...found };
  }

  async function restoreRegistry(actor: Actor, importId: string, dryRun: boolean): Promise<RegistryReport> {
    const version = isUuid(importId) ? await selectRegistryImport(database.db, importId) : undefined;
    if (!version) throw new ProblemError('not-found', 'there is no such import of a registry');
    const { entries, source, title } = version;
    if (!entries) throw new ProblemError('gone', 'the rows of that import are kept no more');
    return replace(actor, { source, title, entries, restoredFrom: importId }, dryRun);
  }

  type Replacement = { source: string; title: string; entries: RegistryEntry[]; restoredFrom: string | null };

  async function replace(actor: Actor, next: Replacement, dryRun: boolean): Promise<RegistryReport> {
    if (dryRun) return (await compare(database.db, next)).report;
    return database.db.transaction().execute(async (tx) => {
      await lockRegistry(tx);
      const { removed, renamed, report, write } = await compare(tx, next);
      if (write.length === 0 && removed.length === 0) return report;
      const importId = newId();
      const { added, changed } = report.counts;
      const row: RegistryImportRow = {
        id: importId,
        source: next.source,
        title: next.title,
        actor: actor.tokenId,
        importedAt: new Date(clock.nowMs()),
        restoredFrom: next.restoredFrom,
        entryCount: next.entries.length,
        added,
        changed,
        removed: removed.length,
      };
      await writeEntries(tx, next.source, { write, removedKeys: removed });
      await insertRegistryImport(tx, row, next.entries);
      await noteMappingChanges(tx, renamed, row.importedAt);
      await audit.record(
        tx,
        { ...actor, organizationId: null },
        {
          action: next.restoredFrom === null ? 'psap-registry.imported' : 'psap-registry.restored',
          subject: `psap registry ${next.source}`,
          detail: { importId, title: next.title, restoredFrom: next.restoredFrom, ...report.counts },
        },
      );
      await announceChange(tx, 'routing', null);
      return { ...report, importId };
    });
  }

  async function compare(
    db: Queryable,
    { entries, source, title }: Replacement,
  ): Promise<{ report: RegistryReport; write: RegistryEntry[]; removed: string[]; renamed: string[] }> {
    const stored = new Map<string, RegistryEntry>();
    for await (const page of selectEntryPages(db, source)) for (const entry of page) stored.set(entry.key, entry);
    const added: string[] = [];
    const changed: string[] = [];
    const write: RegistryEntry[] = [];
    const kept = new Set<string>();
    const breathe = createBreather();
    for (const entry of entries) {
      kept.add(entry.key);
      const before = stored.get(entry.key);
      await breathe();
      if (before && isDeepStrictEqual(before, entry)) continue;
      (before ? changed : added).push(entry.key);
      write.push(entry);
    }
    const removed = [...stored.keys()].filter((key) => !kept.has(key)).sort();
    const { active, choices } = await readStandingSources(db);
    const before = await runSteps(standingSteps(active, choices));
    const others = active.filter((entry) => entry.source !== source);
    const own = entries.filter(({ isActive }) => isActive).map((entry) => ({ ...entry, source }));
    const after = await runSteps(standingSteps([...others, ...own], choices));
    const boundaries = { one: 0, several: 0, chosen: 0, relay: 0, gone: 0 };
    const newlyToRelay: string[] = [];
    for (const [sourceId, standing] of after) {
      boundaries[standing.status] += 1;
      const was = before.get(sourceId);
      if (leadsToRelay(standing) && !(was && leadsToRelay(was))) newlyToRelay.push(sourceId);
    }
    const counts = {
      added: added.length,
      changed: changed.length,
      removed: removed.length,
      unchanged: entries.length - write.length,
    };
    return {
      report: {
        source,
        title,
        importId: null,
        entries: entries.length,
        active: own.length,
        counts,
        added: added.slice(0, LISTED),
        changed: changed.slice(0, LISTED),
        removed: removed.slice(0, LISTED),
        leftOut: [],
        lintCounts: {},
        lint: [],
        boundaries,
        newlyToRelay: newlyToRelay.sort(),
      },
      write,
      removed,
      renamed: await runSteps(renamedSteps(before, after)),
    };
  }

  return {
    importRegistry,
    restoreRegistry,
    listRegistryImports: (page: { start: number; max: number }) => selectRegistryImports(database.db, page),
  };
}
