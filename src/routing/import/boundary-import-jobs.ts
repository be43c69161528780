import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../audit/audit.ts';
import { type FieldFault, missing, ProblemError, type ProblemKind } from '../../domain/problem.ts';
import { isServiceUrn } from '../../domain/service-urn.ts';
import { errorText } from '../../support/error-text.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import {
  deleteBoundaryJobs,
  insertBoundaryJob,
  selectBoundaryJob,
  selectBoundaryJobs,
  updateBoundaryJob,
} from './boundary-job-records.ts';
import { readBoundaryMapping } from './boundary-mapping.ts';
import { requireLayerName } from './layer-name.ts';
import type { PrepareBoundaries } from './prepare-boundaries.ts';
import {
  type BoundaryReport,
  compareBoundaries,
  type Prepared,
  requireStorable,
  type StoreDeps,
  storeBoundaries,
} from './store-boundaries.ts';

/** Where an import stands. `checked`: a dry run is over, and `apply` may follow. */
export type BoundaryImportState = 'reading' | 'comparing' | 'checked' | 'applying' | 'applied' | 'failed';

/** An import of boundaries that runs beside its request. */
export type BoundaryImportJob = {
  id: string;
  layer: string;
  state: BoundaryImportState;
  /** 0 to 100. */
  percent: number;
  /** What would change or was changed; null until that is known. */
  report: BoundaryReport | null;
  /** Why it failed; null unless it did. */
  problem: { kind: ProblemKind; detail: string; fields: readonly FieldFault[] } | null;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

export type BoundaryImportOptions = {
  /** The stored layer that the file becomes the whole of. */
  layer: string;
  /** Layers of the file; those of the NENA model unless told. */
  fileLayers?: readonly string[] | undefined;
  /** Every row serves this one, whatever it says. */
  service?: string | undefined;
  /** YAML, see `readBoundaryMapping`. */
  mapping?: string | undefined;
  /** True unless told: `applyBoundaryImport` then stores what was looked at. */
  dryRun?: boolean | undefined;
  /** Stores what can be stored of a file with faulty rows. */
  skipFaulty?: boolean | undefined;
};

/** A folder in which files wait while they are read; empty at the start. */
export type WorkFolder = () => Promise<string>;

export type BoundaryImportJobsDeps = StoreDeps & {
  logger: Logger;
  workFolder: WorkFolder;
  prepare: PrepareBoundaries;
};

/** Of one file as it is sent. */
export const MOST_FILE_BYTES = 1024 ** 3;
const KEPT_MS = 3_600_000;
const JOBS_KEPT_MS = 7 * 86_400_000;
const BEAT_MS = 15_000;
/** A job that no node has touched for so long has died with its node. */
const SILENT_MS = 10 * 60_000;
const READ_SHARE = 0.6;

type Running = {
  job: BoundaryImportJob;
  actor: Actor;
  options: BoundaryImportOptions;
  folder: string;
  prepared?: Prepared;
  forget?: NodeJS.Timeout;
};

/** Imports of boundary files: taken in, read in a process of their own, compared, and stored at one stroke. */
export function createBoundaryImportJobs(deps: BoundaryImportJobsDeps) {
  const { logger, clock } = deps;
  const { db } = deps.database;
  const running = new Map<string, Running>();
  const works = new Set<Promise<void>>();
  const ending = new AbortController();
  /** The import under way. */
  let busyWith: string | undefined;
  let stopped = false;

  const iso = (): string => new Date(clock.nowMs()).toISOString();

  function valuesOf({ state, percent, report, problem, updatedAt }: BoundaryImportJob) {
    return {
      state,
      percent,
      report: report === null ? null : JSON.stringify(report),
      problem: problem === null ? null : JSON.stringify(problem),
      updatedAt: new Date(updatedAt),
    };
  }

  function move(one: Running, changes: Partial<BoundaryImportJob>): void {
    Object.assign(one.job, changes, { updatedAt: iso() });
  }

  const store = (one: Running): Promise<void> => updateBoundaryJob(db, one.job.id, valuesOf(one.job));

  /** Whoever sees how it ended may begin the next. */
  async function settle(one: Running, changes: Partial<BoundaryImportJob>): Promise<void> {
    leave(one.job.id);
    move(one, changes);
    await store(one);
  }

  async function discard(one: Running): Promise<void> {
    clearTimeout(one.forget);
    running.delete(one.job.id);
    await rm(one.folder, { recursive: true, force: true });
  }

  /** Writes the upload to disk: it never stands in memory as a whole. */
  async function spool(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > MOST_FILE_BYTES) {
          throw new ProblemError('too-large', `the file is larger than ${MOST_FILE_BYTES} bytes`);
        }
        await file.write(chunk);
      }
    } finally {
      await file.close();
    }
    if (bytes === 0) throw new ProblemError('malformed', 'the file is empty');
  }

  /** Keeps a checked file for a while: `apply` stores exactly what was looked at. */
  function keep(one: Running): void {
    one.forget = setTimeout(() => {
      discard(one).catch((error: unknown) => logger.warn({ err: errorText(error) }, 'a read import stays on disk'));
    }, KEPT_MS);
    one.forget.unref();
  }

  async function runApply(one: Running, from: number): Promise<void> {
    const { prepared, options, actor } = one;
    if (prepared === undefined) throw new Error('the import has not been read');
    requireStorable(prepared, options.skipFaulty ?? false);
    move(one, { state: 'applying', percent: from });
    await store(one);
    const rows = Math.max(1, prepared.boundaries.versions.length);
    let done = 0;
    const report = await storeBoundaries(deps, actor, options.layer, prepared, (count) => {
      if (stopped) throw new ProblemError('unavailable', 'the platform ends');
      done += count;
      move(one, { percent: Math.min(99, from + Math.floor(((100 - from) * done) / rows)) });
    });
    await settle(one, { state: 'applied', percent: 100, report });
    await discard(one);
  }

  async function runRead(one: Running): Promise<void> {
    const { options, folder } = one;
    const { layer, fileLayers, service, mapping } = options;
    const rowsPath = join(folder, 'rows');
    const workFolder = join(folder, 'work');
    await mkdir(workFolder);
    const task = { path: join(folder, 'file'), rowsPath, workFolder, name: layer, nowMs: clock.nowMs() };
    const boundaries = await deps.prepare(
      { ...task, fileLayers, service, mapping },
      {
        onProgress: (percent) => move(one, { percent: Math.floor(percent * READ_SHARE) }),
        signal: ending.signal,
      },
    );
    await rm(workFolder, { recursive: true, force: true });
    await rm(task.path);
    one.prepared = { boundaries, rowsPath };
    if (options.dryRun === false) {
      await runApply(one, 60);
      return;
    }
    move(one, { state: 'comparing', percent: 60 });
    const report = await compareBoundaries(db, layer, one.prepared);
    keep(one);
    await settle(one, { state: 'checked', percent: 100, report });
  }

  async function fail(one: Running, error: unknown): Promise<void> {
    const known = error instanceof ProblemError;
    if (!known) logger.error({ err: errorText(error), importId: one.job.id }, 'an import of boundaries failed');
    const problem = known
      ? { kind: error.kind, detail: error.message, fields: error.fields }
      : { kind: 'unavailable' as const, detail: 'the import failed for a reason of ours', fields: [] };
    await settle(one, { state: 'failed', problem });
    await discard(one);
  }

  function enter(id: string): void {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
    if (busyWith !== undefined) {
      throw new ProblemError('locked', 'another import of boundaries is under way', { retryAfterSeconds: 10 });
    }
    busyWith = id;
  }

  function leave(id: string): void {
    if (busyWith === id) busyWith = undefined;
  }

  /** Shows other nodes how far an import is, and that it is alive; the returned function ends it. */
  function keepAlive(one: Running): () => void {
    let isNoting = false;
    const timer = setInterval(() => {
      // An embedded database answers only when the import's own transaction is over: one word waits for that, not many.
      if (isNoting) return;
      isNoting = true;
      move(one, {});
      store(one)
        .catch((error: unknown) => logger.debug({ err: errorText(error) }, 'how far an import is could not be noted'))
        .finally(() => {
          isNoting = false;
        });
    }, BEAT_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  function runBeside(one: Running, work: () => Promise<void>): void {
    const rest = keepAlive(one);
    const mine = work()
      .finally(rest)
      .catch((error: unknown) => fail(one, error))
      .catch((error: unknown) => logger.error({ err: errorText(error) }, 'the end of an import could not be noted'))
      .finally(() => {
        leave(one.job.id);
        works.delete(mine);
      });
    works.add(mine);
  }

  const viewOf = (job: BoundaryImportJob): BoundaryImportJob => ({ ...job });

  return {
    /** Takes the file in, then reads it beside; a dry run unless `dryRun` is false. */
    async startBoundaryImport(
      actor: Actor,
      source: AsyncIterable<Uint8Array>,
      options: BoundaryImportOptions,
    ): Promise<BoundaryImportJob> {
      requireOptions(options);
      const id = newId();
      enter(id);
      let folder: string | undefined;
      try {
        folder = join(await deps.workFolder(), id);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await spool(join(folder, 'file'), source);
        const now = iso();
        const job: BoundaryImportJob = {
          id,
          layer: options.layer,
          state: 'reading',
          percent: 0,
          report: null,
          problem: null,
          createdAt: now,
          updatedAt: now,
        };
        await deleteBoundaryJobs(db, new Date(clock.nowMs() - JOBS_KEPT_MS));
        await insertBoundaryJob(db, { ...valuesOf(job), id, layer: job.layer, createdAt: new Date(now) });
        const one: Running = { job, actor, options, folder };
        running.set(id, one);
        runBeside(one, () => runRead(one));
        return viewOf(job);
      } catch (error) {
        leave(id);
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },

    async getBoundaryImport(id: string): Promise<BoundaryImportJob> {
      const here = running.get(id);
      if (here !== undefined) return viewOf(here.job);
      const row = isUuid(id) ? await selectBoundaryJob(db, id) : undefined;
      if (row === undefined) throw missing(false, `import ${id}`);
      const isOver = row.state === 'checked' || row.state === 'applied' || row.state === 'failed';
      const hasDied = !isOver && clock.nowMs() - row.updatedAt.getTime() > SILENT_MS;
      return {
        id: row.id,
        layer: row.layer,
        state: hasDied ? 'failed' : (row.state as BoundaryImportState),
        percent: row.percent,
        report: row.report as BoundaryReport | null,
        problem: hasDied
          ? { kind: 'unavailable', detail: 'the node that read the import has ended; nothing was stored', fields: [] }
          : (row.problem as BoundaryImportJob['problem']),
        createdAt: row.createdAt.toISOString(),
        updatedAt: row.updatedAt.toISOString(),
      };
    },

    /** Imports of the last seven days, the latest first, without what they found. */
    async listBoundaryImports(window: {
      start: number;
      max: number;
    }): Promise<{ items: Omit<BoundaryImportJob, 'report' | 'problem'>[]; total: number }> {
      const { rows, total } = await selectBoundaryJobs(db, window);
      return {
        items: rows.map((row) => {
          const { state, percent } = running.get(row.id)?.job ?? row;
          return {
            id: row.id,
            layer: row.layer,
            state: state as BoundaryImportState,
            percent,
            createdAt: row.createdAt.toISOString(),
            updatedAt: row.updatedAt.toISOString(),
          };
        }),
        total,
      };
    },

    /** Stores what a dry run has checked within the last hour. */
    async applyBoundaryImport(actor: Actor, id: string, skipFaulty?: boolean): Promise<BoundaryImportJob> {
      const one = running.get(id);
      if (one === undefined) {
        const row = isUuid(id) ? await selectBoundaryJob(db, id) : undefined;
        if (row === undefined) throw missing(false, `import ${id}`);
        throw new ProblemError('conflict', 'the file is no longer at hand; send it again');
      }
      if (one.job.state !== 'checked' || one.prepared === undefined) {
        throw new ProblemError('conflict', `the import is ${one.job.state}`);
      }
      const options = { ...one.options, skipFaulty: skipFaulty ?? one.options.skipFaulty };
      requireStorable(one.prepared, options.skipFaulty ?? false);
      enter(id);
      clearTimeout(one.forget);
      Object.assign(one, { actor, options });
      move(one, { state: 'applying', percent: 0 });
      runBeside(one, () => runApply(one, 0));
      return viewOf(one.job);
    },

    /** Ends what is under way: nothing of it is stored. */
    async stopBoundaryImports(): Promise<void> {
      stopped = true;
      ending.abort();
      await Promise.all(works);
      for (const one of running.values()) await discard(one);
    },
  };
}

function requireOptions({ layer, service, mapping }: BoundaryImportOptions): void {
  requireLayerName(layer);
  readBoundaryMapping(mapping);
  if (service !== undefined && !isServiceUrn(service)) {
    throw new ProblemError('invalid', 'the service is none of emergencies', {
      fields: [{ path: 'service', message: 'expected an emergency service URN, e.g. urn:service:sos' }],
    });
  }
}
