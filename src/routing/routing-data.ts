import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalServiceUrn } from '../domain/service-urn.ts';
import type { Database } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { writeFileAtomically } from '../support/atomic-file.ts';
import { createBreather } from '../support/breather.ts';
import { errorText } from '../support/error-text.ts';
import { jsonPieces } from '../support/json-pieces.ts';
import type { Logger } from '../support/logger.ts';
import { runSteps } from '../support/run-steps.ts';
import { blockPieces, readBlockFile } from './block-file.ts';
import type { BoundaryBlock } from './boundary-block.ts';
import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultPlaces } from './default-data.ts';
import { createLayerPacker } from './layer-packer.ts';
import { createCivicLocator } from './locate-civic.ts';
import { selectMappingChanges } from './mapping-change-records.ts';
import { readStandings } from './registry/read-standings.ts';
import { selectRegistryState } from './registry/registry-records.ts';
import { namingsOf } from './registry/registry-standing.ts';
import { OutlinesChangedError, type SizedBoundary, selectBoundaryEntries, selectPsapPages } from './routing-records.ts';
import type { BoundaryEntry, PsapRow, RegistryNaming } from './routing-rows.ts';
import { buildRoutingSnapshot, NO_PARTS, type RoutingSnapshot, snapshotSteps } from './routing-snapshot.ts';

export type RoutingDataDeps = {
  database: Database;
  logger: Logger;
  /** Where the copy on disk stands; undefined: there is none. */
  folder: string | undefined;
  /** The simulated PSAP of a built-in mapping: `sip:us-county-48201@127.0.0.1:5071`; undefined: the relay centre takes its calls. */
  defaultUri: (sourceId: string, country: 'US' | 'CA') => string | undefined;
  relayUri: (country: 'US' | 'CA') => string;
};

/** A layer in memory; `name` is the hash of what it consists of, the same on every node. */
type HeldLayer = { service: string; name: string; boundaries: readonly BoundaryEntry[]; block: BoundaryBlock };

/** The copy on disk without the packed outlines, which have files of their own. */
type SavedRouting = {
  version: typeof SAVED_VERSION;
  psaps: readonly PsapRow[];
  namings: readonly RegistryNaming[];
  changes: readonly (readonly [string, string])[];
  layers: readonly Omit<HeldLayer, 'block'>[];
};

/** What was read, from the database or from disk. */
type Loaded = {
  psaps: readonly PsapRow[];
  namings: readonly RegistryNaming[];
  changes: ReadonlyMap<string, string>;
  layers: readonly HeldLayer[];
};

const SAVED_VERSION = 6;
/** Boundaries are the items of a list in an item of a list of the copy. */
const BOUNDARY_DEPTH = 4;
/** A change that needs longer goes on beside: what else changed is not kept waiting. */
const PATIENCE_MS = 1_000;
const RETRY_MS = 2_000;
/** Readings that a change in their midst may undo before it counts as a failure. */
const ATTEMPTS = 5;

const NAMED_AT_ONCE = 500;

const blockFile = (name: string): string => `routing-${name}.block`;
const BLOCK_FILE = /^routing-[0-9a-f]{32}\.block$/;

/**
 * What ROUTE keeps in memory: the built-in boundaries, which answer before anything is loaded and with the database away for
 * good, and imported boundaries and PSAPs on top. Outlines are read only when a layer changed, in pieces, and packed in a
 * thread of their own: a national layer takes seconds to load, in which every question is answered at once from what was
 * there before. Copies on disk are the packed memory as it is.
 */
export function createRoutingSnapshot(deps: RoutingDataDeps): Snapshot<RoutingSnapshot> {
  const { logger, folder } = deps;
  const { db } = deps.database;
  const defaults = defaultBoundaries();
  const sources = {
    defaults,
    locateCivic: createCivicLocator(defaults, readDefaultPlaces()),
    defaultUri: deps.defaultUri,
    relayUri: deps.relayUri,
  };
  const packer = createLayerPacker(deps.database);
  let index = buildRoutingSnapshot(NO_PARTS, sources);
  let held: Loaded = { psaps: [], namings: [], changes: new Map(), layers: [] };
  /** Of which state of the registries `held.namings` are; undefined: of none in the database. */
  let namingsState: string | undefined;
  let isFromDatabase = false;
  let dirty = false;
  let stopped = false;
  /** Files on disk that could not be read: they are written anew though they are there. */
  const broken = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;
  let waiting: Promise<void> | undefined;

  /** Loadings take turns: what was read earlier must not replace what was read later. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  /** What was saved gives way to what the database says, also to what it said while this was wired up. */
  async function put(next: Loaded, from: 'database' | 'disk'): Promise<void> {
    const built = await runSteps(snapshotSteps(next, sources, { parts: held, snapshot: index }));
    if (from === 'disk' && isFromDatabase) return;
    index = built;
    held = next;
    if (from === 'database') isFromDatabase = true;
  }

  /** Every imported boundary by service, each list in the order of sourceIds, whatever the database sorts by. */
  async function readEntries(takenOver: ReadonlySet<string | null>): Promise<Map<string, SizedBoundary[]>> {
    const byService = new Map<string, SizedBoundary[]>();
    const breathe = createBreather();
    for await (const page of selectBoundaryEntries(db)) {
      for (const entry of page) {
        // Nobody takes its calls, or a PSAP that took it over just now: that is read with the next change.
        if (entry.uri === '' && !takenOver.has(entry.sourceId)) continue;
        const service = canonicalServiceUrn(entry.serviceUrn);
        const list = byService.get(service);
        if (list) list.push(entry);
        else byService.set(service, [entry]);
      }
      await breathe();
    }
    for (const list of byService.values()) {
      list.sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
    }
    return byService;
  }

  const pathOf = (name: string): string | undefined =>
    folder === undefined ? undefined : join(folder, blockFile(name));

  async function readOnce(): Promise<void> {
    const psaps: PsapRow[] = [];
    for await (const page of selectPsapPages(db)) psaps.push(...page);
    const changes = new Map<string, string>();
    for await (const page of selectMappingChanges(db)) for (const [sourceId, at] of page) changes.set(sourceId, at);
    // Read before the rows: what changes in between is read once more the next time.
    const registryState = await selectRegistryState(db);
    const namings = registryState === namingsState ? held.namings : namingsOf(await readStandings(db));
    const layers: HeldLayer[] = [];
    for (const [service, boundaries] of await readEntries(new Set(psaps.map(({ sourceId }) => sourceId)))) {
      const name = await nameOf(boundaries);
      const former = held.layers.find((layer) => layer.service === service && layer.name === name);
      if (former && (await areSame(former.boundaries, boundaries))) layers.push(former);
      else {
        const block = former?.block ?? (await packer.pack(boundaries, pathOf(name)));
        layers.push({ service, name, boundaries, block });
      }
    }
    const next: Loaded = {
      psaps: (await areSame(held.psaps, psaps)) ? held.psaps : psaps,
      namings,
      changes: (await areSame([...held.changes], [...changes])) ? held.changes : changes,
      layers,
    };
    await put(next, 'database');
    namingsState = registryState;
    dirty = true;
  }

  async function read(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readOnce();
      } catch (error) {
        if (!(error instanceof OutlinesChangedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** A reading that has not begun yet sees every change that was announced before: one is enough for all of them. */
  function readInTurn(): Promise<void> {
    waiting ??= inTurn(() => {
      waiting = undefined;
      return read();
    });
    return waiting;
  }

  /** Nobody else would try again a change that took longer than the feed waits. */
  function retryLater(): void {
    if (retry !== undefined || stopped) return;
    retry = setTimeout(() => {
      retry = undefined;
      readInTurn().catch((error: unknown) => {
        logger.warn({ err: errorText(error) }, 'boundaries could not be read; trying again');
        retryLater();
      });
    }, RETRY_MS);
    retry.unref();
  }

  async function readSaved(path: string): Promise<Loaded | null> {
    const saved = JSON.parse(await readFile(join(path, 'routing.json'), 'utf8')) as SavedRouting;
    if (saved.version !== SAVED_VERSION) return null;
    const found: HeldLayer[] = [];
    for (const layer of saved.layers) {
      try {
        found.push({ ...layer, block: await readBlockFile(join(path, blockFile(layer.name))) });
      } catch (error) {
        broken.add(blockFile(layer.name));
        // The other layers, the PSAPs and the built-in boundaries still answer.
        logger.error({ err: errorText(error), service: layer.service }, 'a saved layer of boundaries cannot be used');
      }
    }
    return { psaps: saved.psaps, namings: saved.namings, changes: new Map(saved.changes), layers: found };
  }

  async function loadSaved(): Promise<boolean> {
    if (folder === undefined) return false;
    try {
      const saved = await readSaved(folder);
      if (!saved) return false;
      // A database that answered while the files were read knows better.
      if (!isFromDatabase) await put(saved, 'disk');
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        logger.warn({ err: errorText(error), snapshot: 'routing' }, 'saved snapshot cannot be used');
      }
      return false;
    }
  }

  return {
    name: 'routing',
    current: () => index,
    loadFromDatabase: () =>
      inTurn(async () => {
        // Packed layers on disk that are still what the database has need not be packed again.
        if (!isFromDatabase && held.layers.length === 0) await loadSaved();
        await read();
      }),
    loadFromDisk: loadSaved,
    async apply(changes) {
      if (!changes.some(({ kind }) => kind === 'routing')) return;
      const work = readInTurn();
      work.catch((error: unknown) => {
        logger.warn({ err: errorText(error) }, 'boundaries could not be read; trying again');
        retryLater();
      });
      await within(work, PATIENCE_MS);
    },
    async save() {
      if (!dirty || folder === undefined) return;
      dirty = false;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const saved = held;
        const there = new Set(await readdir(folder));
        for (const { block, name } of saved.layers) {
          const file = blockFile(name);
          if (there.has(file) && !broken.has(file)) continue;
          await writeFileAtomically(join(folder, file), blockPieces(block));
          broken.delete(file);
        }
        const listed: SavedRouting = {
          version: SAVED_VERSION,
          psaps: saved.psaps,
          namings: saved.namings,
          changes: [...saved.changes],
          layers: saved.layers.map(({ block: _block, ...layer }) => layer),
        };
        await writeFileAtomically(join(folder, 'routing.json'), jsonPieces(listed, BOUNDARY_DEPTH));
        const kept = new Set(saved.layers.map(({ name }) => blockFile(name)));
        for (const file of there) if (BLOCK_FILE.test(file) && !kept.has(file)) await rm(join(folder, file));
      } catch (error) {
        // A disk that was full once is written to again at the next occasion.
        dirty = true;
        throw error;
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await packer.stop();
      await turn;
    },
  };
}

/** The hash of what a layer consists of. */
async function nameOf(boundaries: readonly BoundaryEntry[]): Promise<string> {
  const hash = createHash('sha256');
  const breathe = createBreather();
  for (let start = 0; start < boundaries.length; start += NAMED_AT_ONCE) {
    const some = boundaries.slice(start, start + NAMED_AT_ONCE);
    hash.update(some.map(({ sourceId, version }) => `${version} ${sourceId}\n`).join(''));
    await breathe();
  }
  return hash.digest('hex').slice(0, 32);
}

/** Whether rows say what those say that are there. */
async function areSame(former: readonly unknown[], rows: readonly unknown[]): Promise<boolean> {
  if (former.length !== rows.length) return false;
  const breathe = createBreather();
  for (const [place, row] of rows.entries()) {
    if (!isDeepStrictEqual(row, former[place])) return false;
    await breathe();
  }
  return true;
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
