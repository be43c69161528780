import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Worker } from 'node:worker_threads';
import { type FieldFault, missing, ProblemError, type ProblemKind } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { errorText } from '../support/error-text.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
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
import type { ImportPreparation, PreparedImport } from './prepare-import.ts';
import { prepareInThread } from './prepare-in-thread.ts';
import { ROWS_PER_BATCH } from './read-wire-map-file.ts';
import {
  deleteImportJobs,
  insertImportJob,
  selectImportJob,
  selectImportJobs,
  updateImportJob,
} from './wire-map-import-records.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';

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
  problem: { kind: ProblemKind; detail: string; fields: readonly FieldFault[] } | null;
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
  /** Stores what a dry run has checked within the last hour. */
  applyWireMapImport(scope: Scope, id: string): Promise<ImportJob>;
  /** Ends what is under way: nothing of it is stored. */
  stopWireMapImports(): Promise<void>;
};

export type ImportJobsDeps = ImportDeps & {
  logger: Logger;
  /** Where files wait while they are read; undefined: a folder of the moment. */
  importFolder: string | undefined;
};

const LIMITS = { maxBytes: 512 * 1024 * 1024, maxRows: 2_000_000 };
const MOST_AT_ONCE = 2;
const KEPT_MS = 3_600_000;
const JOBS_KEPT_MS = 7 * 86_400_000;
/** A job that no node has touched for so long has died with its node. */
const SILENT_MS = 30 * 60_000;

type Running = {
  job: ImportJob;
  scope: Scope;
  options: ImportOptions;
  files: { path: string; batchesPath: string };
  prepared?: PreparedImport;
  worker?: Worker;
  forget?: NodeJS.Timeout;
};

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(path, { encoding: 'utf8' }), crlfDelay: Infinity });
  for await (const line of lines) yield line;
}

export function createImportJobs(deps: ImportJobsDeps): ImportJobs {
  const { logger, clock } = deps;
  const { db } = deps.database;
  const running = new Map<string, Running>();
  const works = new Set<Promise<void>>();
  const active = new Set<string>();
  let folder: Promise<string> | undefined;
  let stopped = false;

  /** What an earlier run left behind is of no use: its jobs have died. */
  async function makeFolder(): Promise<string> {
    if (deps.importFolder === undefined) return mkdtemp(join(tmpdir(), 'waymark-imports-'));
    await rm(deps.importFolder, { recursive: true, force: true });
    await mkdir(deps.importFolder, { recursive: true, mode: 0o700 });
    return deps.importFolder;
  }

  const iso = (): string => new Date(clock.nowMs()).toISOString();

  function valuesOf({ state, percent, report, problem, updatedAt }: ImportJob) {
    return {
      state,
      percent,
      report: report === null ? null : JSON.stringify(report),
      problem: problem === null ? null : JSON.stringify(problem),
      updatedAt: new Date(updatedAt),
    };
  }

  function move(one: Running, changes: Partial<ImportJob>): void {
    Object.assign(one.job, changes, { updatedAt: iso() });
  }

  async function store(one: Running): Promise<void> {
    await updateImportJob(db, one.job.id, valuesOf(one.job));
  }

  /** Whoever sees how it ended may begin the next. */
  async function settle(one: Running, changes: Partial<ImportJob>): Promise<void> {
    active.delete(one.job.organizationId);
    move(one, changes);
    await store(one);
  }

  async function discard(one: Running): Promise<void> {
    clearTimeout(one.forget);
    running.delete(one.job.id);
    await rm(one.files.path, { force: true });
    await rm(one.files.batchesPath, { force: true });
  }

  /** Writes the upload to disk: it never stands in memory as a whole. */
  async function spool(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    const file = await open(path, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > LIMITS.maxBytes) {
          throw new ProblemError('too-large', `the file is larger than ${LIMITS.maxBytes} bytes`);
        }
        await file.write(chunk);
      }
    } finally {
      await file.close();
    }
    return bytes;
  }

  async function read(one: Running, preparation: ImportPreparation, bytes: number): Promise<PreparedImport> {
    const { prepared } = await prepareInThread(
      { source: one.files, preparation },
      {
        onProgress: (characters) =>
          move(one, { percent: Math.min(49, Math.floor((50 * characters) / Math.max(1, bytes))) }),
        onStart: (worker) => {
          one.worker = worker;
        },
      },
    );
    delete one.worker;
    return prepared;
  }

  /** Counts batches up to 99 percent. */
  function progressOf(one: Running, from: number): () => void {
    const batches = Math.max(1, Math.ceil((one.prepared?.file.rows ?? 0) / ROWS_PER_BATCH));
    let done = 0;
    return () => {
      if (stopped) throw new ProblemError('unavailable', 'the platform ends');
      done += 1;
      move(one, { percent: Math.min(99, from + Math.floor(((100 - from) * done) / batches)) });
    };
  }

  /** Keeps a checked file for a while: `apply` stores exactly what was looked at. */
  function keep(one: Running): void {
    one.forget = setTimeout(() => {
      discard(one).catch((error: unknown) => logger.warn({ err: errorText(error) }, 'a read import stays on disk'));
    }, KEPT_MS);
    one.forget.unref();
  }

  async function runApply(one: Running, from: number): Promise<void> {
    const { prepared } = one;
    if (prepared === undefined) throw new Error('the import has not been read');
    move(one, { state: 'applying', percent: from });
    await store(one);
    const batches = linesOf(one.files.batchesPath);
    const report = await applyImport(deps, one.scope, prepared, batches, one.options, progressOf(one, from));
    await settle(one, { state: 'applied', percent: 100, report });
    await discard(one);
  }

  async function runRead(one: Running, bytes: number): Promise<void> {
    const { scope, options, files } = one;
    const preparation = {
      places: await loadWireMapPlaces(deps, scope),
      limits: LIMITS,
      format: readFormat(options.format),
      under: options.replace === true ? undefined : deps.wireMapState(scope.organizationId),
    };
    const prepared = await read(one, preparation, bytes);
    one.prepared = prepared;
    if (options.dryRun === false) {
      if (prepared.file.errorCount > 0) throw faultyRows(prepared.file);
      await runApply(one, 50);
      return;
    }
    move(one, { state: 'comparing', percent: 50 });
    const batches = linesOf(files.batchesPath);
    const report = await compareImport(deps, scope, prepared, batches, options, progressOf(one, 50));
    await settle(one, { state: 'checked', percent: 100, report });
    if (prepared.file.errorCount > 0) await discard(one);
    else keep(one);
  }

  async function fail(one: Running, error: unknown): Promise<void> {
    const known = error instanceof ProblemError;
    if (!known) logger.error({ err: errorText(error), importId: one.job.id }, 'an import of a wire map failed');
    const problem = known
      ? { kind: error.kind, detail: error.message, fields: error.fields }
      : { kind: 'unavailable' as const, detail: 'the import failed for a reason of ours', fields: [] };
    await settle(one, { state: 'failed', problem });
    await discard(one);
  }

  /** One at a time for an organization, few at once in all. */
  function enter(organizationId: string): void {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
    if (active.has(organizationId)) {
      throw new ProblemError('locked', 'another import of this organization is under way', { retryAfterSeconds: 10 });
    }
    if (active.size >= MOST_AT_ONCE) {
      throw new ProblemError('locked', 'other imports are under way; try again shortly', { retryAfterSeconds: 10 });
    }
    active.add(organizationId);
  }

  function runBeside(one: Running, work: () => Promise<void>): void {
    const mine = work()
      .catch((error: unknown) => fail(one, error))
      .catch((error: unknown) => logger.error({ err: errorText(error) }, 'the end of an import could not be noted'))
      .finally(() => {
        active.delete(one.job.organizationId);
        works.delete(mine);
      });
    works.add(mine);
  }

  const viewOf = (job: ImportJob): ImportJob => ({ ...job });

  return {
    async startWireMapImport(scope, source, options = {}) {
      readFormat(options.format);
      const { organizationId } = scope;
      enter(organizationId);
      const id = newId();
      try {
        folder ??= makeFolder();
        const path = join(await folder, `${id}.csv`);
        const files = { path, batchesPath: join(await folder, `${id}.rows`) };
        const now = iso();
        const job: ImportJob = {
          id,
          organizationId,
          state: 'reading',
          percent: 0,
          report: null,
          problem: null,
          createdAt: now,
          updatedAt: now,
        };
        const one: Running = { job, scope, options, files };
        try {
          const bytes = await spool(path, source);
          await deleteImportJobs(db, organizationId, new Date(clock.nowMs() - JOBS_KEPT_MS));
          await insertImportJob(db, { ...valuesOf(job), id, organizationId, createdAt: new Date(now) });
          running.set(id, one);
          runBeside(one, () => runRead(one, bytes));
        } catch (error) {
          await rm(path, { force: true });
          throw error;
        }
        return viewOf(job);
      } catch (error) {
        active.delete(organizationId);
        throw error;
      }
    },

    async getWireMapImport({ organizationId }, id) {
      const here = running.get(id);
      if (here !== undefined && here.job.organizationId === organizationId) return viewOf(here.job);
      const row = isUuid(id) ? await selectImportJob(db, organizationId, id) : undefined;
      if (row === undefined) throw missing(false, `import ${id}`);
      const isOver = row.state === 'checked' || row.state === 'applied' || row.state === 'failed';
      const hasDied = !isOver && clock.nowMs() - row.updatedAt.getTime() > SILENT_MS;
      return {
        id: row.id,
        organizationId,
        state: hasDied ? 'failed' : (row.state as ImportState),
        percent: row.percent,
        report: row.report as WireMapImport | null,
        problem: hasDied
          ? { kind: 'unavailable', detail: 'the node that read the import has ended; nothing was stored', fields: [] }
          : (row.problem as ImportJob['problem']),
        createdAt: row.createdAt.toISOString(),
        updatedAt: row.updatedAt.toISOString(),
      };
    },

    async listWireMapImports({ organizationId }, window) {
      const { rows, total } = await selectImportJobs(db, organizationId, readWindow(window));
      return {
        items: rows.map((row) => {
          const { state, percent } = running.get(row.id)?.job ?? row;
          return {
            id: row.id,
            organizationId,
            state: state as ImportState,
            percent,
            createdAt: row.createdAt.toISOString(),
            updatedAt: row.updatedAt.toISOString(),
          };
        }),
        total,
      };
    },

    async applyWireMapImport(scope, id) {
      const one = running.get(id);
      if (one === undefined || one.job.organizationId !== scope.organizationId) {
        const row = isUuid(id) ? await selectImportJob(db, scope.organizationId, id) : undefined;
        if (row === undefined) throw missing(false, `import ${id}`);
        throw new ProblemError('conflict', 'the file is no longer at hand; send it again');
      }
      if (one.job.state !== 'checked') throw new ProblemError('conflict', `the import is ${one.job.state}`);
      enter(scope.organizationId);
      clearTimeout(one.forget);
      one.scope = scope;
      move(one, { state: 'applying', percent: 0 });
      runBeside(one, () => runApply(one, 0));
      return viewOf(one.job);
    },

    async stopWireMapImports() {
      stopped = true;
      for (const one of running.values()) await one.worker?.terminate();
      await Promise.all(works);
      for (const one of running.values()) await discard(one);
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
