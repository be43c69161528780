import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { readSortWord, type SortWord } from '../support/sort-order.ts';

/** A column by its name, or what is reckoned from columns; it must never be null, which the two directions would put at other ends. */
export type SortedBy = string | RawBuilder<unknown>;

/**
 * The query in the order of a word. `columns` says what each column of the list is ordered by; `ties`, which no two rows share, makes
 * the order one and the same whenever it is asked for. Downwards everything is turned round: an index serves both directions.
 */
export function sorted<DB, TB extends keyof DB, Row, Column extends string>(
  query: SelectQueryBuilder<DB, TB, Row>,
  word: SortWord<Column>,
  columns: Readonly<Record<Column, readonly SortedBy[]>>,
  ties: readonly SortedBy[],
): SelectQueryBuilder<DB, TB, Row> {
  const { by, isDescending } = readSortWord<Column>(word);
  let ordered = query;
  const keys: readonly SortedBy[] = [...columns[by], ...ties];
  for (const key of keys) {
    const expression = typeof key === 'string' ? sql.ref(key) : key;
    ordered = ordered.orderBy(expression, isDescending ? 'desc' : 'asc');
  }
  return ordered;
}

/**
 * What a name is ordered by: without accents, Latin letters in either case as one, then code point by code point. The same on every
 * database, whatever its locale (migration 0053); `nameOrder` of `support/sort-order.ts` is the same in memory. `then`: those that are
 * equal so, and two that are equal altogether are told apart by what stands after.
 */
export const byName = (column: string): readonly [key: RawBuilder<string>, then: RawBuilder<string>] => [
  sql<string>`sort_key(${sql.ref(column)}) collate "C"`,
  sql<string>`${sql.ref(column)} collate "C"`,
];
