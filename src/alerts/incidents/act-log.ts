import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { IncidentAct } from './incident.ts';

/** What people did while the database was away: in memory, and in a local file that survives a crash, until it is stored. */
export type ActLog = {
  /** Reads the file; safe to call again. */
  load(): Promise<void>;
  waiting(): readonly IncidentAct[];
  of(incidentId: string): readonly IncidentAct[];
  /**
   * Remembers at once, and resolves with whether the act is on the disk too; false as well when too many wait already, or the
   * disk refuses.
   */
  add(act: IncidentAct): Promise<boolean>;
  /** Others have their turn first. */
  putLast(id: string): void;
  /** The database has it, or it is of no use any more. */
  settle(ids: readonly string[]): Promise<void>;
};

const MAX_WAITING = 10_000;
/** A link works for a day; what was done with it is of use a while longer. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1_000;

export function createActLog(deps: { path: string | undefined; clock: Clock; logger: Logger }): ActLog {
  const { path, clock, logger } = deps;
  const acts = new Map<string, IncidentAct>();
  let loading: Promise<void> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  async function readAll(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    let content: string;
    try {
      content = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const oldest = clock.nowMs() - KEEP_MS;
    for (const line of content.split('\n')) {
      const act = readLine(line);
      if (act && Date.parse(act.at) >= oldest && acts.size < MAX_WAITING) acts.set(act.id, act);
    }
  }

  /** One write after the other. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = writing.then(work);
    writing = mine.catch(() => undefined);
    return mine;
  }

  async function append(file: string, act: IncidentAct): Promise<void> {
    const handle = await open(file, 'a', 0o600);
    try {
      // A line that a crash tore must not swallow this one.
      await handle.appendFile(`\n${JSON.stringify(act)}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  const log: ActLog = {
    load() {
      loading ??= path === undefined ? Promise.resolve() : readAll(path);
      return loading.catch((error: unknown) => {
        loading = undefined;
        logger.error(
          { err: errorText(error) },
          'incidents: what people did while the database was away cannot be read',
        );
      });
    },
    waiting: () => [...acts.values()],
    of: (incidentId) => [...acts.values()].filter((act) => act.incidentId === incidentId),
    async add(act) {
      if (acts.has(act.id)) return true;
      if (acts.size >= MAX_WAITING) return false;
      acts.set(act.id, act);
      if (path === undefined) return false;
      try {
        await log.load();
        await inTurn(() => append(path, act));
        return true;
      } catch (error) {
        logger.error(
          { err: errorText(error), incident: act.incidentId },
          'incidents: an act could not be noted on disk',
        );
        return false;
      }
    },
    putLast(id) {
      const act = acts.get(id);
      if (!act) return;
      acts.delete(id);
      acts.set(id, act);
    },
    async settle(ids) {
      const settled = ids.filter((id) => acts.delete(id));
      if (settled.length === 0 || path === undefined) return;
      try {
        await inTurn(() =>
          writeFileAtomically(path, [...acts.values()].map((act) => `${JSON.stringify(act)}\n`).join('')),
        );
      } catch (error) {
        // Stored twice, it changes nothing: acts are stored once by their id.
        logger.error({ err: errorText(error) }, 'incidents: acts that are stored could not be taken off the disk');
      }
    },
  };
  return log;
}

function readLine(line: string): IncidentAct | undefined {
  if (line === '') return undefined;
  try {
    const act = JSON.parse(line) as Partial<IncidentAct> | null;
    const isWhole = [act?.id, act?.incidentId, act?.action, act?.at, act?.by].every((text) => typeof text === 'string');
    return isWhole ? (act as IncidentAct) : undefined;
  } catch {
    // A crash can tear the last line: whoever clicked saw no answer.
    return undefined;
  }
}
