import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Actor, Audit } from '../audit/audit.ts';
import { type FieldFault, ProblemError } from '../domain/problem.ts';
import { findRegion } from '../domain/regions.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { type ImportProblem, importProblem } from '../uploads/import-problem.ts';
import { noteEnding } from '../uploads/note-ending.ts';
import { spoolUpload } from '../uploads/spool-upload.ts';
import { startBeat } from '../uploads/start-beat.ts';
import { createWorkFolder } from '../uploads/work-folder.ts';
import type { LayerDefaults } from './address-feature.ts';
import { type FieldMapping, MAPPABLE_FIELDS } from './address-layer-fields.ts';
import {
  deletePieces,
  insertLayerVersion,
  type LayerVersionRow,
  lockLayers,
  pruneLayerVersions,
  selectActiveVersion,
  selectActiveVersions,
  selectFormerVersion,
  selectLayerVersion,
  selectLayerVersions,
  switchVersion,
  updateLayerVersion,
} from './address-layer-records.ts';
import { storeFile, writeStored } from './layer-pieces.ts';
import type { LayerReport } from './read-address-layer.ts';
import { readLayerAside } from './read-layer-aside.ts';

export type LayerVersionState = 'reading' | 'checked' | 'applying' | 'active' | 'former' | 'failed';

/** A version of a layer, which is an import at the same time. Moments are ISO 8601. */
export type LayerVersion = {
  id: string;
  layer: string;
  state: LayerVersionState;
  fileName: string;
  percent: number;
  report: LayerReport | null;
  problem: ImportProblem | null;
  createdAt: string;
  updatedAt: string;
  activatedAt: string | null;
};

export type StartLayerImport = {
  /** The import becomes the whole of this layer. */
  layer: string;
  fileName?: string | undefined;
  /** Put in force at once where nothing is wrong; otherwise it waits to be applied. */
  apply?: boolean | undefined;
  /** Layers of the file; those that sound of roads and addresses unless told. */
  layers?: readonly string[] | undefined;
  /** Our field to the file's, where the file's is not a known one. */
  mapping?: FieldMapping | undefined;
  /** What holds for every address that does not say it. */
  defaults?: LayerDefaults | undefined;
};

export type AddressLayerManagement = {
  /** Takes the file in and reads it beside; resolves when it has arrived. */
  startLayerImport(actor: Actor, source: AsyncIterable<Uint8Array>, wanted: StartLayerImport): Promise<LayerVersion>;
  getLayerVersion(id: string): Promise<LayerVersion>;
  listLayerVersions(
    filter: { layer?: string | undefined },
    window: { start: number; max: number },
  ): Promise<{ items: LayerVersion[]; total: number }>;
  /** What is in force. */
  listAddressLayers(): Promise<LayerVersion[]>;
  /** Puts a version in force that was read or was in force before. */
  applyLayerVersion(actor: Actor, id: string): Promise<LayerVersion>;
  /** Puts the newest former version in force that is older than the one that is; with none older, the layer is empty. */
  undoLayer(actor: Actor, layer: string): Promise<{ active: LayerVersion | null }>;
  /** Takes a layer out of force; its versions stay. */
  removeLayer(actor: Actor, layer: string): Promise<void>;
  stop: () => Promise<void>;
};

export type AddressLayerDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  importFolder: string | undefined;
  /** What programs that read files (GDAL) get of the environment; none: nothing. */
  toolEnvironment?: Readonly<Record<string, string>>;
  /** Called when other data are in force. */
  onSwitched: (reason: string) => void;
};

const LAYER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_BYTES = 2 * 1024 ** 3;
const MOST_AT_ONCE = 2;
const VERSIONS_KEPT = 5;
const APPLICABLE: ReadonlySet<string> = new Set(['checked', 'applying', 'former']);
const UNUSED_KEPT_MS = 7 * 86_400_000;
/** A reading that has not been heard of for so long has died with its node. */
const SILENT_MS = 120_000;
const BEAT_MS = 15_000;

type Running = { version: LayerVersion; folder: string; worker?: Worker };

export function createAddressLayerManagement(deps: AddressLayerDeps): AddressLayerManagement {
  const { database, audit, clock, logger } = deps;
  const { db } = database;
  const running = new Map<string, Running>();
  const works = new Set<Promise<void>>();
  let arriving = 0;
  let stopped = false;
  const workFolder = createWorkFolder(deps.importFolder, 'address-layers');

  const now = (): Date => new Date(clock.nowMs());

  function viewOf(row: LayerVersionRow): LayerVersion {
    const here = running.get(row.id)?.version;
    if (here) return { ...here };
    const isSilent = clock.nowMs() - row.updatedAt.getTime() > SILENT_MS;
    const hasDied = row.state === 'reading' && isSilent;
    // Whole, and only not put in force: that can still be done.
    const state = row.state === 'applying' && isSilent ? 'checked' : row.state;
    return {
      id: row.id,
      layer: row.layer,
      state: hasDied ? 'failed' : (state as LayerVersionState),
      fileName: row.fileName,
      percent: row.percent,
      report: row.report as LayerReport | null,
      problem: hasDied
        ? { kind: 'unavailable', detail: 'the node that read the file has ended; nothing changed', fields: [] }
        : (row.problem as LayerVersion['problem']),
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      activatedAt: row.activatedAt?.toISOString() ?? null,
    };
  }

  async function store({ version }: Running): Promise<void> {
    version.updatedAt = now().toISOString();
    await updateLayerVersion(db, version.id, {
      state: version.state,
      percent: version.percent,
      report: version.report === null ? null : JSON.stringify(version.report),
      problem: version.problem === null ? null : JSON.stringify(version.problem),
      updatedAt: new Date(version.updatedAt),
    });
  }

  function requireGoingOn(): void {
    if (stopped) throw new ProblemError('unavailable', 'the platform ends');
  }

  async function read(one: Running, path: string, wanted: StartLayerImport): Promise<void> {
    const { version } = one;
    const active = await selectActiveVersion(db, version.layer);
    const formerDigestPath = active ? join(one.folder, 'former.digest') : undefined;
    if (active && formerDigestPath) await writeStored(db, active.id, 'digest', formerDigestPath);
    const workFolder = join(one.folder, 'work');
    await mkdir(workFolder);
    const blockPath = join(one.folder, 'block');
    const digestPath = join(one.folder, 'digest');
    const rest = startBeat(
      () => store(one),
      BEAT_MS,
      (error) => logger.warn({ err: errorText(error) }, 'the state of an address import could not be noted'),
    );
    try {
      const report = await readLayerAside(
        {
          path,
          workFolder,
          source: `${version.layer} (${version.fileName}, ${version.createdAt.slice(0, 10)})`,
          layers: wanted.layers ?? [],
          mapping: wanted.mapping ?? {},
          defaults: wanted.defaults ?? {},
          formerDigestPath,
          blockPath,
          digestPath,
        },
        {
          env: deps.toolEnvironment ?? {},
          // How many there will be is not known: the first half comes ever closer to its end.
          onProgress: (features) => {
            version.percent = Math.min(59, Math.floor(60 * (1 - 1 / (1 + features / 200_000))));
          },
          onStart: (worker) => {
            one.worker = worker;
          },
        },
      );
      delete one.worker;
      version.percent = 60;
      const pieces = Math.max(1, report.bytes / (512 * 1024));
      let stored = 0;
      await storeFile(db, version.id, 'block', blockPath, () => {
        requireGoingOn();
        stored += 1;
        version.percent = Math.min(94, 60 + Math.floor((35 * stored) / pieces));
      });
      await storeFile(db, version.id, 'digest', digestPath);
      version.report = report;
      version.state = wanted.apply === true ? 'applying' : 'checked';
      version.percent = 100;
    } finally {
      await rest();
    }
    await store(one);
  }

  async function run(one: Running, path: string, wanted: StartLayerImport, actor: Actor): Promise<void> {
    const { version } = one;
    try {
      await read(one, path, wanted);
      if (wanted.apply === true) await activate(actor, version.id);
    } catch (error) {
      version.state = 'failed';
      version.problem = stopped
        ? { kind: 'unavailable', detail: 'the platform ended; nothing changed', fields: [] }
        : importProblem(error, () =>
            logger.error({ err: errorText(error), id: version.id }, 'an import of address layers failed'),
          );
      await noteEnding(
        async () => {
          await deletePieces(db, version.id);
          await store(one);
        },
        () => stopped,
      );
    } finally {
      running.delete(version.id);
      await rm(one.folder, { recursive: true, force: true });
    }
  }

  function summaryOf(row: LayerVersionRow | undefined): object | null {
    if (!row) return null;
    return { version: row.id, ...(row.report as LayerReport | null)?.counts };
  }

  async function activate(actor: Actor, id: string): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await lockLayers(tx);
      const row = await selectLayerVersion(tx, id);
      if (!row) throw missing('version');
      if (row.state === 'active') return;
      if (!APPLICABLE.has(row.state)) throw new ProblemError('conflict', `the version is ${row.state}`);
      const before = await selectActiveVersion(tx, row.layer);
      await switchVersion(tx, row.layer, id, now());
      await pruneLayerVersions(tx, row.layer, VERSIONS_KEPT, new Date(clock.nowMs() - UNUSED_KEPT_MS));
      await audit.record(tx, actor, {
        action: 'address-layer.activated',
        subject: `address layer ${row.layer}`,
        before: summaryOf(before),
        after: summaryOf(row),
        detail: { fileName: row.fileName },
      });
      await announceChange(tx, 'address-layers', null);
    });
    deps.onSwitched(`address layer version ${id}`);
  }

  async function deactivate(actor: Actor, layer: string): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await lockLayers(tx);
      const before = await selectActiveVersion(tx, layer);
      if (!before) throw missing(`layer ${layer}`);
      await switchVersion(tx, layer, null, now());
      await audit.record(tx, actor, {
        action: 'address-layer.removed',
        subject: `address layer ${layer}`,
        before: summaryOf(before),
        after: null,
      });
      await announceChange(tx, 'address-layers', null);
    });
    deps.onSwitched(`address layer ${layer} removed`);
  }

  async function get(id: string): Promise<LayerVersion> {
    const row = isUuid(id) ? await selectLayerVersion(db, id) : undefined;
    if (!row) throw missing('version');
    return viewOf(row);
  }

  return {
    async startLayerImport(actor, source, wanted) {
      check(wanted);
      requireGoingOn();
      const isBusy = [...running.values()].some(({ version }) => version.layer === wanted.layer);
      if (isBusy || running.size + arriving >= MOST_AT_ONCE) {
        throw new ProblemError('locked', 'another import is under way; try again shortly', { retryAfterSeconds: 10 });
      }
      arriving += 1;
      try {
        const id = newId();
        const own = join(await workFolder(), id);
        await mkdir(own, { mode: 0o700 });
        const path = join(own, 'upload');
        try {
          await spoolUpload(path, source, MAX_BYTES);
          // It may have ended while the file came in.
          requireGoingOn();
          const at = now();
          const version: LayerVersion = {
            id,
            layer: wanted.layer,
            state: 'reading',
            fileName: (wanted.fileName ?? 'upload').slice(0, 200),
            percent: 0,
            report: null,
            problem: null,
            createdAt: at.toISOString(),
            updatedAt: at.toISOString(),
            activatedAt: null,
          };
          await insertLayerVersion(db, {
            id,
            layer: version.layer,
            state: version.state,
            fileName: version.fileName,
            startedBy: actor.tokenId,
            percent: 0,
            report: null,
            problem: null,
            createdAt: at,
            updatedAt: at,
          });
          const one: Running = { version, folder: own };
          running.set(id, one);
          const work = run(one, path, wanted, actor)
            .catch((error: unknown) =>
              logger.error({ err: errorText(error) }, 'the end of an address import could not be noted'),
            )
            .finally(() => works.delete(work));
          works.add(work);
          return { ...version };
        } catch (error) {
          await rm(own, { recursive: true, force: true });
          throw error;
        }
      } finally {
        arriving -= 1;
      }
    },
    getLayerVersion: get,
    async listLayerVersions(filter, window) {
      const { rows, total } = await selectLayerVersions(db, filter, window);
      return { items: rows.map(viewOf), total };
    },
    async listAddressLayers() {
      return (await selectActiveVersions(db)).map(viewOf);
    },
    async applyLayerVersion(actor, id) {
      if (running.has(id)) throw new ProblemError('conflict', 'the version is being read or applied');
      if (!isUuid(id)) throw missing('version');
      await activate(actor, id);
      return get(id);
    },
    async undoLayer(actor, layer) {
      const active = await selectActiveVersion(db, layer);
      if (!active) throw missing(`layer ${layer}`);
      const former = await selectFormerVersion(db, layer, active.createdAt);
      if (!former) {
        await deactivate(actor, layer);
        return { active: null };
      }
      await activate(actor, former.id);
      return { active: await get(former.id) };
    },
    removeLayer: deactivate,
    async stop() {
      stopped = true;
      for (const { worker } of running.values()) await worker?.terminate();
      await Promise.all(works);
      await workFolder.remove();
    },
  };
}

function missing(what: string): ProblemError {
  return new ProblemError('not-found', `there is no such address ${what}`);
}

function check({ layer, mapping, defaults }: StartLayerImport): void {
  const fields: FieldFault[] = [];
  if (!LAYER_NAME.test(layer)) {
    fields.push({ path: 'layer', message: 'expected 1 to 64 letters, digits, dots, dashes or underscores' });
  }
  for (const name of Object.keys(mapping ?? {})) {
    if (!MAPPABLE_FIELDS.includes(name))
      fields.push({ path: `mapping.${name}`, message: `is not one of ${MAPPABLE_FIELDS.join(', ')}` });
  }
  if (defaults?.A1 !== undefined && findRegion(defaults.A1) === undefined) {
    fields.push({ path: 'state', message: 'is no state, territory or province' });
  }
  if (fields.length > 0) throw new ProblemError('invalid', 'the import cannot be begun', { fields });
}
