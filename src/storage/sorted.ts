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
