import type { ListPage, ListRequest } from './list-request.ts';

const ROWS_AT_ONCE = 1_000;
const MOST_TRIES = 5;

export type ReadPage<Item> = (request: ListRequest) => Promise<ListPage<Item>>;

export class ListChangedError extends Error {}

/**
 * Every row of a list, page after page, each once, at most so many. Pages that are told by a number begin with the last row of the page before:
 * where it stands elsewhere, rows were removed meanwhile and others moved up past what is read, so the list is read anew. Throws
 * `ListChangedError` for a list that does not come to rest.
 */
export async function readAllRows<Item>(
  {
    asked,
    read,
    itemKey,
    most,
  }: { asked: ListRequest; read: ReadPage<Item>; itemKey: (item: Item) => string; most: number },
  signal: AbortSignal,
  told: (rows: number) => void,
): Promise<{ rows: readonly Item[]; isWhole: boolean }> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    // Rows that are added meanwhile move others to the next page, where they stand again.
    const rows = new Map<string, Item>();
    let before: string | undefined;
    let start = 0;
    let last: string | undefined;
    for (;;) {
      const page = await read({ ...asked, start, max: ROWS_AT_ONCE, before });
      if (signal.aborted) return { rows: [], isWhole: false };
      const keys = page.items.map(itemKey);
      if (last !== undefined && before === undefined && !keys.includes(last)) break;
      for (const [place, item] of page.items.entries()) {
        const key = keys[place];
        if (key === undefined || rows.has(key)) continue;
        if (rows.size === most) return { rows: [...rows.values()], isWhole: false };
        rows.set(key, item);
      }
      told(rows.size);
      if (!page.hasMore) return { rows: [...rows.values()], isWhole: true };
      before = page.nextBefore;
      // A page of one row holds no row besides the one that is looked for.
      const overlap = page.items.length > 1 ? 1 : 0;
      start += page.items.length - overlap;
      last = overlap === 1 ? keys.at(-1) : undefined;
    }
  }
  throw new ListChangedError();
}
