import { Worker } from 'node:worker_threads';
import type { Database } from '../storage/database.ts';
import type { Logger } from '../support/logger.ts';
import { readSortWord } from '../support/sort-order.ts';
import { type Candidates, hasMoreElements, readSearchPages, selectChangesSince } from './search-records.ts';
import type { SearchAnswer, SearchMessage } from './search-worker.ts';
import type { ElementColumn, ElementQuery } from './wire-map-records.ts';
import { selectNewestRevision } from './wire-map-revision-records.ts';

/** Wire maps with fewer elements the database looks through in no time. */
export const FEW = 10_000;
/** Beyond so many changes what is searched is read anew; the database looks through those that were made since. */
const MANY_CHANGES = 5_000;
/** Beyond so many the database looks through everything. */
const TOO_MANY_CHANGES = 50_000;
/** So far into what is found, and so much to be narrowed by the database; beyond that it goes by itself. */
const FAR = 10_000;
/** Some 50 MB each at a million elements. */
const MAX_ORGANIZATIONS = 4;
const IDLE_MS = 15 * 60_000;

/** What was read of an organization; what is read anew takes its place when it is whole. */
type Texts = { name: string; revision: number };
type Known = { texts: Texts | undefined; reading: Texts | undefined };

/**
 * Parts of texts in large wire maps. No index of the database finds them without making every import dearer, so what is searched
 * is kept packed in a thread of its own while somebody searches. It only says where to look: what is answered is what the
 * database holds. Nothing waits for it: until it is read the database looks through everything.
 */
export function createElementSearch(deps: { database: Pick<Database, 'db'>; logger: Logger }, few = FEW) {
  const { db } = deps.database;
  const known = new Map<string, Known>();
  const asked = new Map<number, { resolve(ids: string[]): void; reject(error: Error): void }>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let made = 0;
  let isStopped = false;

  function end(error: Error): void {
    const ended = worker;
    worker = undefined;
    clearTimeout(idle);
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

  /** The latest used stands last. */
  function touch(organizationId: string, one: Known): void {
    known.delete(organizationId);
    known.set(organizationId, one);
    clearTimeout(idle);
    idle = setTimeout(() => end(new Error('nobody searched for a while')), IDLE_MS);
    idle.unref();
  }

  function forget(texts: Texts | undefined): void {
    if (texts !== undefined) send({ what: 'forget', name: texts.name });
  }

  function forgetOrganization(organizationId: string): void {
    const one = known.get(organizationId);
    known.delete(organizationId);
    forget(one?.texts);
    forget(one?.reading);
  }

  /** Reads what is searched; until then what was read before is. */
  async function read(organizationId: string): Promise<void> {
    if (!(await hasMoreElements(db, organizationId, few))) return;
    const newest = await selectNewestRevision(db, organizationId);
    const one: Known = known.get(organizationId) ?? { texts: undefined, reading: undefined };
    if (newest === undefined || one.reading !== undefined || isStopped) return;
    const [oldest] = known.keys();
    if (!known.has(organizationId) && known.size >= MAX_ORGANIZATIONS && oldest !== undefined)
      forgetOrganization(oldest);
    made += 1;
    const own: Texts = { name: String(made), revision: newest.revision };
    one.reading = own;
    touch(organizationId, one);
    try {
      for await (const pages of readSearchPages(db, organizationId, own.revision)) {
        // Forgotten meanwhile.
        if (known.get(organizationId) !== one) return;
        send({ what: 'append', name: own.name, pages });
      }
      if (known.get(organizationId) !== one) return;
      forget(one.texts);
      one.texts = own;
    } catch (error) {
      if (known.get(organizationId) === one) forget(own);
      throw error;
    } finally {
      one.reading = undefined;
      if (one.texts === undefined && known.get(organizationId) === one) known.delete(organizationId);
    }
  }

  function beside(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (isStopped) return;
      deps.logger.warn({ err: error }, 'wire map: what is searched could not be read; the database searches');
    });
  }

  /** What happened since it was read, which is read anew where much has; null where the database is quicker. */
  async function changesSince(organizationId: string, texts: Texts): Promise<{ gone: number } | null> {
    const changes = await selectChangesSince(db, organizationId, texts.revision);
    const many = changes === null ? Number.POSITIVE_INFINITY : changes.added + changes.gone;
    if (many > MANY_CHANGES) beside(read(organizationId));
    return many > TOO_MANY_CHANGES ? null : changes;
  }

  /** Begins to read what will be searched, and reads it anew where much has changed; of small wire maps nothing is read. */
  function prepare(organizationId: string): void {
    if (isStopped) return;
    const texts = known.get(organizationId)?.texts;
    beside(texts === undefined ? read(organizationId) : changesSince(organizationId, texts));
  }

  return {
    prepare,
    stop() {
      isStopped = true;
      end(new Error('the platform ends'));
    },
    /** Where to look for the first `count` elements that the query leaves; undefined: everywhere. */
    async find(
      organizationId: string,
      query: ElementQuery & { text: string },
      count: number,
    ): Promise<Candidates | undefined> {
      const { text, kind, sort = 'kind', ...others } = query;
      const needle = text.toLowerCase();
      const one = known.get(organizationId);
      if (one?.texts === undefined) prepare(organizationId);
      // Tabs and line breaks stand between what is searched, in no element.
      if (one?.texts === undefined || count > FAR || needle === '' || /[\t\n]/.test(needle)) return undefined;
      const { texts } = one;
      const changes = await changesSince(organizationId, texts);
      if (changes === null || known.get(organizationId)?.texts !== texts) return undefined;
      touch(organizationId, one);
      made += 1;
      const number = made;
      // What else narrows the list the database knows: it needs all that hold the text, if they are not too many.
      const isNarrowed = Object.values(others).some((value) => value !== undefined);
      // Those that are gone since then do not count.
      const limit = isNarrowed ? FAR + 1 : count + changes.gone;
      const ids = await new Promise<string[]>((resolve, reject) => {
        asked.set(number, { resolve, reject });
        send({
          what: 'find',
          number,
          name: texts.name,
          needle,
          kind,
          limit,
          order: readSortWord<ElementColumn>(isNarrowed ? 'kind' : sort),
        });
      }).catch(() => undefined);
      if (ids === undefined || (isNarrowed && ids.length > FAR)) return undefined;
      return { ids, since: texts.revision };
    },
  };
}
