import type { CsvValue } from './csv.ts';
import type { ListPage, ListRequest } from './list-request.ts';

const compare = (one: CsvValue, other: CsvValue): number => {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''), undefined, { numeric: true, sensitivity: 'base' });
};

/** All of it in the order of a word; what is equal keeps its order. */
export function inOrder<Item>(
  items: readonly Item[],
  word: string | undefined,
  keys: Readonly<Record<string, (item: Item) => CsvValue>>,
): readonly Item[] {
  const isDescending = word?.startsWith('-') === true;
  const key = word === undefined ? undefined : keys[isDescending ? word.slice(1) : word];
  if (key === undefined) return items;
  const ordered = items.toSorted((one, other) => compare(key(one), key(other)));
  return isDescending ? ordered.toReversed() : ordered;
}

export type WholeReading<Item> = {
  keys?: Readonly<Record<string, (item: Item) => CsvValue>>;
  /** What the search looks into. */
  textOf?: (item: Item) => string;
};

/** What is found of a list that was read whole, by its texts, in the order that is asked for. */
export function foundInWhole<Item>(
  items: readonly Item[],
  { text, sort }: Pick<ListRequest, 'text' | 'sort'>,
  { keys = {}, textOf }: WholeReading<Item>,
): readonly Item[] {
  const wanted = text.trim().toLowerCase();
  const found = textOf && wanted !== '' ? items.filter((item) => textOf(item).toLowerCase().includes(wanted)) : items;
  return inOrder(found, sort, keys);
}

/** A page of a list that was read whole. */
export function pageOfWhole<Item>(
  items: readonly Item[],
  { start, max, ...asked }: ListRequest,
  reading: WholeReading<Item>,
): ListPage<Item> {
  const found = foundInWhole(items, asked, reading);
  return { items: found.slice(start, start + max), hasMore: found.length > start + max };
}

/** The page that is shown where one is asked for: there is always one, and never one behind the last. */
export function shownPage(asked: string | null, count: number, pageSize: number): { page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(count / pageSize));
  const wanted = Number.parseInt(asked ?? '1', 10) || 1;
  return { page: Math.min(Math.max(1, wanted), pages), pages };
}
