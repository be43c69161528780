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

/** A page of a list that was read whole: found by its texts, and ordered, here. */
export function pageOfWhole<Item>(
  items: readonly Item[],
  { start, max, text, sort }: ListRequest,
  {
    keys = {},
    textOf,
  }: {
    keys?: Readonly<Record<string, (item: Item) => CsvValue>>;
    /** What the search looks into. */
    textOf?: (item: Item) => string;
  },
): ListPage<Item> {
  const wanted = text.trim().toLowerCase();
  const found = textOf && wanted !== '' ? items.filter((item) => textOf(item).toLowerCase().includes(wanted)) : items;
  return { items: inOrder(found, sort, keys).slice(start, start + max), hasMore: found.length > start + max };
}
