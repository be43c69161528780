import { Worker } from 'node:worker_threads';
import type { Database } from '../storage/database.ts';
import type { Logger } from '../support/logger.ts';
import { type Candidates, hasMoreElements, readSearchPages, selectChangesSince } from './search-records.ts';
import type { SearchAnswer, SearchMessage } from './search-worker.ts';
import { selectNewestRevision } from './wire-map-revision-records.ts';

/** Wire maps with fewer elements the database looks through in no time. */
export const FEW = 10_000;
/** Beyond so many changes what is searched is read anew; until then the database looks through them. */
const MANY_CHANGES = 5_000;
/** So far into what is found; further the database goes by itself. */
const FAR = 10_000;
/** Some 50 MB each at a million elements. */
const MAX_ORGANIZATIONS = 4;
const IDLE_MS = 15 * 60_000;

type Known = { name: string; revision: number; isRead: boolean };

/**
 * Parts of texts in large wire maps. No index of the database finds them without making every import dearer, so what is searched
 * is kept packed in a thread of its own while somebody searches. It only says where to look: what is answered is what the
 * database holds. Nothing waits for it: until it is read the database looks through everything.
 */
export function createElementSearch(deps: { database: Pick<Database, 'db'>; logger: Logger }, few = FEW) {
  const { db } = deps.database;
  // The latest used stands last.
  const known = new Map<string, Known>();
  const asked = new Map<number, { resolve(ids: string[]): void; reject(error: Error): void }>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let made = 0;

  function end(error: Error): void {
    const ended = worker;
    worker = undefined;
    known.clear();
    for (const waiting of asked.values()) waiting.reject(error);
    asked.clear();
    void ended?.terminate();
  }

  function send(message: SearchMessage): void {
    if (worker === undefined) {
      const started = new Worker(new URL('./search-worker.ts', import.meta.url), { name: 'waymark-search' });
      started.on('message', ({ number, ids }: SearchAnswer) => {
        asked.get(number)?.resolve(ids);
        asked.delete(number);
      });
      started.on('error', (error) => {
        deps.logger.error({ err: error }, 'wire map: the thread that searches has ended; the database searches');
        if (worker === started) end(error instanceof Error ? error : new Error(String(error)));
      });
      // After the listeners, which hold the process otherwise.
      started.unref();
      worker = started;
    }
    worker.postMessage(message);
  }

  function touch(): void {
    clearTimeout(idle);
    idle = setTimeout(() => end(new Error('nobody searched for a while')), IDLE_MS);
    idle.unref();
  }

  function forget(organizationId: string): void {
    const one = known.get(organizationId);
    known.delete(organizationId);
    if (one !== undefined) send({ what: 'forget', name: one.name });
  }

  async function read(organizationId: string): Promise<void> {
    if (!(await hasMoreElements(db, organizationId, few))) return;
    const newest = await selectNewestRevision(db, organizationId);
    if (newest === undefined || known.has(organizationId)) return;
    const [oldest] = known.keys();
    if (known.size >= MAX_ORGANIZATIONS && oldest !== undefined) forget(oldest);
    made += 1;
    const own: Known = { name: String(made), revision: newest.revision, isRead: false };
    known.set(organizationId, own);
    touch();
    try {
      for await (const pages of readSearchPages(db, organizationId, own.revision)) {
        // Forgotten meanwhile.
        if (known.get(organizationId) !== own) return;
        send({ what: 'append', name: own.name, pages });
      }
      own.isRead = true;
    } catch (error) {
      if (known.get(organizationId) === own) forget(organizationId);
      throw error;
    }
  }

  /** Begins to read what will be searched; of small wire maps nothing is read. */
  function prepare(organizationId: string): void {
    if (known.has(organizationId)) return;
    read(organizationId).catch((error: unknown) => {
      deps.logger.warn({ err: error }, 'wire map: what is searched could not be read; the database searches');
    });
  }

  return {
    prepare,
    stop: () => end(new Error('the platform ends')),
    /** Where to look for the first `count` elements that hold the text; undefined: everywhere. */
    async find(
      organizationId: string,
      { text, kind }: { text: string; kind?: string | undefined },
      count: number,
    ): Promise<Candidates | undefined> {
      const needle = text.toLowerCase();
      const own = known.get(organizationId);
      if (own === undefined) prepare(organizationId);
      // Tabs and line breaks stand between what is searched, in no element.
      if (own?.isRead !== true || count > FAR || needle === '' || /[\t\n]/.test(needle)) return undefined;
      const changes = await selectChangesSince(db, organizationId, own.revision);
      if (changes === null || changes.added + changes.gone > MANY_CHANGES) {
        forget(organizationId);
        prepare(organizationId);
        return undefined;
      }
      if (known.get(organizationId) !== own) return undefined;
      known.delete(organizationId);
      known.set(organizationId, own);
      touch();
      made += 1;
      const number = made;
      const ids = await new Promise<string[]>((resolve, reject) => {
        asked.set(number, { resolve, reject });
        // Those that are gone since then do not count.
        send({ what: 'find', number, name: own.name, needle, kind, limit: count + changes.gone });
      }).catch(() => undefined);
      return ids && { ids, since: own.revision };
    },
  };
}
