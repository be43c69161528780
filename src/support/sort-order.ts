/** By which column a list is wanted: upwards, or downwards with a minus before it. */
export type SortWord<Column extends string> = Column | `-${Column}`;

export type SortOrder<Column extends string> = { by: Column; isDescending: boolean };

/** The column and the direction of a word. */
export function readSortWord<Column extends string>(word: SortWord<Column>): SortOrder<Column> {
  const isDescending = word.startsWith('-');
  // What follows the minus is the column: the type of the word says so.
  return { by: (isDescending ? word.slice(1) : word) as Column, isDescending };
}

const ACCENTS = /[\u0300-\u036f]/gu;

/** What a name is ordered by, as the database does it (`byName` of `storage/sorted.ts`): without accents, Latin letters in either case as one. */
export function nameOrder(name: string): string {
  return name
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What rows of a list that is held in memory are ordered by: texts, numbers, truth values; null counts as the least. */
export type SortKey = string | number | boolean | null;

function compareKeys(one: SortKey, other: SortKey): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
}

/**
 * The items in the order of a word, in a new list. What is equal keeps its order when it is read upwards and turns it round downwards, so
 * that both directions show one order.
 */
export function sortItems<Item, Column extends string>(
  items: readonly Item[],
  word: SortWord<Column>,
  keys: Readonly<Record<Column, (item: Item) => SortKey>>,
): Item[] {
  const { by, isDescending } = readSortWord<Column>(word);
  const keyed = items.map((item) => ({ item, key: keys[by](item) }));
  keyed.sort((one, other) => compareKeys(one.key, other.key));
  if (isDescending) keyed.reverse();
  return keyed.map(({ item }) => item);
}
