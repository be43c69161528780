import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { isUniqueViolation } from '../storage/constraint-violation.ts';
import { errorText } from '../support/error-text.ts';
import { isUuid, newId } from '../support/ids.ts';
import { type ImportProblem, importProblem } from '../uploads/import-problem.ts';
import { noteEnding } from '../uploads/note-ending.ts';
import { spoolUpload } from '../uploads/spool-upload.ts';
import { startBeat } from '../uploads/start-beat.ts';
import { createWorkFolder } from '../uploads/work-folder.ts';
import { readWindow } from './change-wire-map.ts';
import {
  applyImport,
  compareImport,
  faultyRows,
  type ImportDeps,
  type ImportOptions,
  readFormat,
  type WireMapImport,
} from './import-wire-map.ts';
import type { PreparedImport } from './prepare-import.ts';
import { prepareInThread } from './prepare-in-thread.ts';
import { readColumns } from './wire-map-formats.ts';
import {
  claimImportJob,
  countBatches,
  deleteImportJob,
  deleteImportJobs,
  deleteSomeBatches,
  failSilentJobs,
  type ImportJobRow,
  insertBatch,
  insertImportJob,
  selectImportJob,
  selectImportJobs,
  selectImportsToForget,
  selectImportUnderWay,
  updateImportJob,
} from './wire-map-import-records.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';
import { forgetOldNamed, type ImportBatch } from './wire-map-revision-records.ts';

/** Where an import stands. `checked`: a dry run is over, and `apply` may follow. */
export type ImportState = 'reading' | 'comparing' | 'checked' | 'applying' | 'applied' | 'failed';

/** An import that runs beside its request. */
export type ImportJob = {
  id: string;
  organizationId: string;
  state: ImportState;
  /** 0 to 100. */
  percent: number;
  /** What would change or was changed; null until that is known. */
  report: WireMapImport | null;
  /** Why it failed; null unless it did. */
  problem: ImportProblem | null;
  /** The token of who started it. */
  startedBy: string;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** An import in a list: without what it found. */
export type ImportJobEntry = Omit<ImportJob, 'report' | 'problem'>;

export type ImportJobs = {
  /** Takes the file in, then reads it beside; a dry run unless `dryRun` is false. */
  startWireMapImport(scope: Scope, source: AsyncIterable<Uint8Array>, options?: ImportOptions): Promise<ImportJob>;
  getWireMapImport(scope: Scope, id: string): Promise<ImportJob>;
  /** Imports of the last seven days, the latest first. */
  listWireMapImports(
    scope: Scope,
    window: { start?: number | undefined; max?: number | undefined },
  ): Promise<{ items: ImportJobEntry[]; total: number }>;
  /** Stores what a dry run has checked within the last hour, on whichever node. */
  applyWireMapImport(scope: Scope, id: string): Promise<ImportJob>;
  /** Forgets what was read and will not be asked for. */
  forgetOldImports(): Promise<void>;
  /** Ends what is under way: nothing of it is stored. */
  stopWireMapImports(): Promise<void>;
};

export type ImportJobsDeps = ImportDeps & {
  /** Where files wait while they are read; undefined: a folder of the moment. */
  importFolder: string | undefined;
};

const LIMITS = { maxBytes: 512 * 1024 * 1024, maxRows: 2_000_000 };
const MOST_AT_ONCE = 2;
/** How long a checked import can be applied. */
const KEPT_MS = 3_600_000;
const JOBS_KEPT_MS = 7 * 86_400_000;
const HEARTBEAT_MS = 5_000;
/** A job that no node has touched for so long has died with its node. */
const SILENT_MS = 120_000;
/** Parts of a file that are forgotten by one statement. */
const BATCHES_AT_ONCE = 10;
const DIED = {
  kind: 'unavailable' as const,
  detail: 'the node that worked on the import has ended; the versions of the wire map tell whether it was stored',
  fields: [],
};

/** How an import ended. */
type Ending = Pick<ImportJob, 'state'> & Partial<Pick<ImportJob, 'percent' | 'report' | 'problem'>>;

type Running = { job: ImportJob; scope: Scope; replace: boolean; worker?: Worker };

export function createImportJobs(deps: ImportJobsDeps): ImportJobs {
  const { logger, clock } = deps;
  const { db } = deps.database;
  const running = new Map<string, Running>();
  const works = new Set<Promise<void>>();
  const workFolder = createWorkFolder(deps.importFolder, 'imports');
  let arriving = 0;
  let stopped = false;

  const now = (): Date => new Date(clock.nowMs());
  const before = (ms: number): Date => new Date(clock.nowMs() - ms);

  function valuesOf({ state, percent, report, problem, updatedAt }: ImportJob) {
    return {
      state,
      percent,
      report: report === null ? null : JSON.stringify(report),
      problem: problem === null ? null : JSON.stringify(problem),
      updatedAt: new Date(updatedAt),
    };
  }

  async function forgetBatches(id: string): Promise<void> {
    while (await deleteSomeBatches(db, id, BATCHES_AT_ONCE));
  }

  async function forgetOldImports(): Promise<void> {
    for (const id of await selectImportsToForget(db, before(KEPT_MS))) await forgetBatches(id);
    await forgetOldNamed(db, before(JOBS_KEPT_MS));
  }

  function requireGoingOn(): void {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
  }

  function move(one: Running, changes: Partial<ImportJob>): void {
    requireGoingOn();
    Object.assign(one.job, changes, { updatedAt: now().toISOString() });
  }

  /** Reads the file; what can be stored waits in the database, for whichever node is asked to apply it. */
  async function read(one: Running, options: ImportOptions, path: string, bytes: number): Promise<PreparedImport> {
    const { job, scope } = one;
    const preparation = {
      places: await loadWireMapPlaces(deps, scope),
      limits: LIMITS,
      format: readFormat(options.format),
      columns: readColumns(options.columns),
      under: one.replace ? undefined : deps.wireMapState(scope.organizationId),
    };
    let batch = 0;
    const prepared = await prepareInThread(
      { source: { path }, preparation },
      async (json, characters) => {
        await insertBatch(db, job.id, batch, json);
        batch += 1;
        move(one, { percent: Math.min(49, Math.floor((50 * characters) / Math.max(1, bytes))) });
      },
      (worker) => {
        one.worker = worker;
      },
    );
    delete one.worker;
    return prepared;
  }

  async function* batchesOf(id: string): AsyncGenerator<ImportBatch> {
    const count = await countBatches(db, id);
    for (let batch = 0; batch < count; batch += 1) yield { importId: id, batch };
  }

  /** Counts batches up to 99 percent. */
  async function progressOf(one: Running, from: number): Promise<() => void> {
    const batches = Math.max(1, await countBatches(db, one.job.id));
    let done = 0;
    return () => {
      done += 1;
      move(one, { percent: Math.min(99, from + Math.floor(((100 - from) * done) / batches)) });
    };
  }

  async function apply(one: Running, prepared: PreparedImport, from: number): Promise<Ending> {
    const { job, scope, replace } = one;
    move(one, { state: 'applying', percent: from });
    const onBatch = await progressOf(one, from);
    const report = await applyImport(deps, scope, prepared, batchesOf(job.id), { replace }, onBatch);
    return { state: 'applied', percent: 100, report };
  }

  async function check(one: Running, options: ImportOptions, path: string, bytes: number): Promise<Ending> {
    const { job, scope, replace } = one;
    const prepared = await read(one, options, path, bytes);
    if (options.dryRun === false) {
      if (prepared.file.errorCount > 0) throw faultyRows(prepared.file);
      return apply(one, prepared, 50);
    }
    move(one, { state: 'comparing', percent: 50 });
    const onBatch = await progressOf(one, 50);
    const report = await compareImport(deps, scope, prepared, batchesOf(job.id), { replace }, onBatch);
    return { state: 'checked', percent: 100, report };
  }

  function failureOf(id: string, error: unknown): Ending {
    const problem = importProblem(error, () =>
      logger.error({ err: errorText(error), importId: id }, 'an import of a wire map failed'),
    );
    return { state: 'failed', problem };
  }

  /** Meanwhile shows other nodes how far the import is, and that it is alive. */
  async function whileAlive<Result>(job: ImportJob, work: () => Promise<Result>): Promise<Result> {
    const rest = startBeat(
      () => {
        job.updatedAt = now().toISOString();
        return updateImportJob(db, job.id, valuesOf(job));
      },
      HEARTBEAT_MS,
      (error) => logger.debug({ err: errorText(error) }, 'how far an import is could not be noted'),
    );
    try {
      return await work();
    } finally {
      await rest();
    }
  }

  async function end(job: ImportJob, ending: Ending): Promise<void> {
    const ended: ImportJob = { ...job, ...ending, updatedAt: now().toISOString() };
    await noteEnding(
      () => updateImportJob(db, job.id, valuesOf(ended)),
      () => stopped,
    );
    // Seen only now: whoever sees how it ended may begin the next.
    Object.assign(job, ended);
    running.delete(job.id);
    if (job.state !== 'checked' || job.report?.counts.errors !== 0) await forgetBatches(job.id);
  }

  function runBeside(one: Running, work: () => Promise<Ending>): void {
    const { job } = one;
    running.set(job.id, one);
    const mine = whileAlive(job, work)
      .catch((error: unknown) => failureOf(job.id, error))
      .then((ending) => end(job, ending))
      .catch((error: unknown) => logger.error({ err: errorText(error) }, 'the end of an import could not be noted'))
      .finally(() => {
        running.delete(job.id);
        works.delete(mine);
      });
    works.add(mine);
  }

  /** Few at once on a node. */
  function requireRoom(): void {
    requireGoingOn();
    if (running.size + arriving >= MOST_AT_ONCE) {
      throw new ProblemError('locked', 'other imports are under way; try again shortly', { retryAfterSeconds: 10 });
    }
  }

  async function underWay(organizationId: string): Promise<ProblemError> {
    const other = await selectImportUnderWay(db, organizationId);
    const whose = other && `, begun ${other.createdAt.toISOString()} by token ${other.startedBy}`;
    return new ProblemError('locked', `another import of this organization is under way${whose ?? ''}`, {
      retryAfterSeconds: 10,
    });
  }

  function jobOf(row: ImportJobRow): ImportJob {
    const isOver = row.state === 'checked' || row.state === 'applied' || row.state === 'failed';
    const hasDied = !isOver && clock.nowMs() - row.updatedAt.getTime() > SILENT_MS;
    return {
      id: row.id,
      organizationId: row.organizationId,
      state: hasDied ? 'failed' : (row.state as ImportState),
      percent: row.percent,
      report: row.report as WireMapImport | null,
      problem: hasDied ? DIED : (row.problem as ImportJob['problem']),
      startedBy: row.startedBy,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }

  /** Notes that an import begins; nobody else may begin one of this organization then. */
  async function enter(one: Running): Promise<void> {
    const { job, replace } = one;
    const { id, organizationId, startedBy } = job;
    await failSilentJobs(db, organizationId, before(SILENT_MS), JSON.stringify(DIED));
    await deleteImportJobs(db, organizationId, before(JOBS_KEPT_MS));
    const createdAt = new Date(job.createdAt);
    const isAlone = await insertImportJob(db, { ...valuesOf(job), id, organizationId, createdAt, replace, startedBy });
    if (!isAlone) throw await underWay(organizationId);
  }

  return {
    async startWireMapImport(scope, source, options = {}) {
      readFormat(options.format);
      readColumns(options.columns);
      requireRoom();
      arriving += 1;
      try {
        const at = now().toISOString();
        const job: ImportJob = {
          id: newId(),
          organizationId: scope.organizationId,
          state: 'reading',
          percent: 0,
          report: null,
          problem: null,
          startedBy: scope.tokenId,
          createdAt: at,
          updatedAt: at,
        };
        const one: Running = { job, scope, replace: options.replace === true };
        await enter(one);
        const path = join(await workFolder(), `${job.id}.csv`);
        try {
          const bytes = await whileAlive(job, () => spoolUpload(path, source, LIMITS.maxBytes));
          // It may have ended while the file came in.
          requireGoingOn();
          runBeside(one, async () => {
            try {
              return await check(one, options, path, bytes);
            } finally {
              await rm(path, { force: true });
            }
          });
        } catch (error) {
          await rm(path, { force: true });
          await deleteImportJob(db, job.id);
          throw error;
        }
        return { ...job };
      } finally {
        arriving -= 1;
      }
    },

    async getWireMapImport({ organizationId }, id) {
      const here = running.get(id);
      if (here !== undefined && here.job.organizationId === organizationId) return { ...here.job };
      const row = isUuid(id) ? await selectImportJob(db, organizationId, id) : undefined;
      if (row === undefined) throw missing(false, `import ${id}`);
      return jobOf(row);
    },

    async listWireMapImports({ organizationId }, window) {
      const { rows, total } = await selectImportJobs(db, organizationId, readWindow(window));
      return {
        items: rows.map((row) => {
          const known = running.get(row.id)?.job;
          const { id, state, percent, startedBy, createdAt, updatedAt } = known ?? jobOf({ ...row, ...NO_FINDINGS });
          return { id, organizationId, state, percent, startedBy, createdAt, updatedAt };
        }),
        total,
      };
    },

    async applyWireMapImport(scope, id) {
      const { organizationId } = scope;
      const found = isUuid(id) ? await selectImportJob(db, organizationId, id) : undefined;
      if (found === undefined) throw missing(false, `import ${id}`);
      requireRoom();
      const errors = (found.report as WireMapImport | null)?.counts.errors ?? 0;
      if (found.state === 'checked' && errors > 0) {
        throw new ProblemError('conflict', `the file has ${errors} faults; correct and send it again`);
      }
      await failSilentJobs(db, organizationId, before(SILENT_MS), JSON.stringify(DIED));
      const claim = { organizationId, id, checkedSince: before(KEPT_MS), now: now() };
      let row: ImportJobRow | undefined;
      try {
        row = await claimImportJob(db, claim);
      } catch (error) {
        if (isUniqueViolation(error)) throw await underWay(organizationId);
        throw error;
      }
      if (row === undefined) {
        const { state } = jobOf(found);
        const why = state === 'checked' ? 'is no longer at hand; send the file again' : `is ${state}`;
        throw new ProblemError('conflict', `the import ${why}`);
      }
      const report = row.report as WireMapImport;
      const job: ImportJob = { ...jobOf(row), report: null };
      const one: Running = { job, scope, replace: row.replace };
      const { format, columns, lint } = report;
      const file = { format, columns, rows: 0, errorCount: 0, errors: [], duplicates: [], assumptions: [] };
      runBeside(one, () => apply(one, { file, lint }, 0));
      return { ...job };
    },

    forgetOldImports,

    async stopWireMapImports() {
      stopped = true;
      for (const one of running.values()) await one.worker?.terminate();
      await Promise.all(works);
      await workFolder.remove();
    },
  };
}

const NO_FINDINGS = { report: null, problem: null, replace: false };
