import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../audit/audit.ts';
import { missing, ProblemError } from '../../domain/problem.ts';
import { isServiceUrn } from '../../domain/service-urn.ts';
import { errorText } from '../../support/error-text.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import { type ImportProblem, importProblem } from '../../uploads/import-problem.ts';
import { noteEnding } from '../../uploads/note-ending.ts';
import { spoolUpload } from '../../uploads/spool-upload.ts';
import { startBeat } from '../../uploads/start-beat.ts';
import type { WorkFolder } from '../../uploads/work-folder.ts';
import {
  type BoundaryJobRow,
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
  problem: ImportProblem | null;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** An import in a list: without what it found. */
export type BoundaryImportEntry = Omit<BoundaryImportJob, 'report' | 'problem'>;

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
  /** Ends its beat. */
  rest?: () => Promise<void>;
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
    await one.rest?.();
    leave(one.job.id);
    move(one, changes);
    await noteEnding(
      () => store(one),
      () => stopped,
    );
  }

  async function discard(one: Running): Promise<void> {
    clearTimeout(one.forget);
    running.delete(one.job.id);
    await rm(one.folder, { recursive: true, force: true });
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
      requireGoingOn();
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
    // A signal that was given before is not given again.
    requireGoingOn();
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
    const problem = importProblem(error, () =>
      logger.error({ err: errorText(error), importId: one.job.id }, 'an import of boundaries failed'),
    );
    await settle(one, { state: 'failed', problem });
    await discard(one);
  }

  function requireGoingOn(): void {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
  }

  function enter(id: string): void {
    requireGoingOn();
    if (busyWith !== undefined) {
      throw new ProblemError('locked', 'another import of boundaries is under way', { retryAfterSeconds: 10 });
    }
    busyWith = id;
  }

  function leave(id: string): void {
    if (busyWith === id) busyWith = undefined;
  }

  function runBeside(one: Running, work: () => Promise<void>): void {
    one.rest = startBeat(
      () => {
        move(one, {});
        return store(one);
      },
      BEAT_MS,
      (error) => logger.debug({ err: errorText(error) }, 'how far an import is could not be noted'),
    );
    const mine = work()
      .catch((error: unknown) => fail(one, error))
      .catch((error: unknown) => logger.error({ err: errorText(error) }, 'the end of an import could not be noted'))
      .finally(() => {
        leave(one.job.id);
        works.delete(mine);
      });
    works.add(mine);
  }

  const viewOf = (job: BoundaryImportJob): BoundaryImportJob => ({ ...job });

  function hasDied({ state, updatedAt }: Pick<BoundaryJobRow, 'state' | 'updatedAt'>): boolean {
    const isOver = state === 'checked' || state === 'applied' || state === 'failed';
    return !isOver && clock.nowMs() - updatedAt.getTime() > SILENT_MS;
  }

  function entryOf(row: Omit<BoundaryJobRow, 'report' | 'problem'>): BoundaryImportEntry {
    return {
      id: row.id,
      layer: row.layer,
      state: hasDied(row) ? 'failed' : (row.state as BoundaryImportState),
      percent: row.percent,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }

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
        await spoolUpload(join(folder, 'file'), source, MOST_FILE_BYTES);
        // It may have ended while the file came in.
        requireGoingOn();
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
      return {
        ...entryOf(row),
        report: row.report as BoundaryReport | null,
        problem: hasDied(row)
          ? { kind: 'unavailable', detail: 'the node that read the import has ended; nothing was stored', fields: [] }
          : (row.problem as BoundaryImportJob['problem']),
      };
    },

    /** Imports of the last seven days, the latest first, without what they found. */
    async listBoundaryImports(window: {
      start: number;
      max: number;
    }): Promise<{ items: BoundaryImportEntry[]; total: number }> {
      const { rows, total } = await selectBoundaryJobs(db, window);
      return {
        items: rows.map((row) => {
          const here = running.get(row.id)?.job;
          return here === undefined ? entryOf(row) : { ...entryOf(row), state: here.state, percent: here.percent };
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
