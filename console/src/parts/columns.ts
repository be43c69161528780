import type { TableProps } from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import { texts } from '../texts/texts.ts';
import type { CsvValue } from './csv.ts';

/**
 * A column of a table. `sort` is the word by which the whole list is ordered by it, where that can be. What a cell says is what stands in the
 * CSV; a cell that is more than text says it in `csv`, and `null` leaves the column out.
 */
export type Column<Item> = Omit<TableProps.ColumnDefinition<Item>, 'cell' | 'header'> & {
  id: string;
  header: string;
  sort?: string | undefined;
} & (
    | { cell(item: Item): string | number; csv?: undefined }
    | { cell(item: Item): ReactNode; csv: ((item: Item) => CsvValue) | null }
  );

/** Upwards as it is, downwards with a minus before it. */
export type Sorting = { word: string; isDescending: boolean };

/** The order that the address bar asks for, if the table has it. */
export function readSorting(
  text: string | null,
  columns: readonly { sort?: string | undefined }[],
): Sorting | undefined {
  if (text === null) return undefined;
  const isDescending = text.startsWith('-');
  const word = isDescending ? text.slice(1) : text;
  return word !== '' && columns.some(({ sort }) => sort === word) ? { word, isDescending } : undefined;
}

export function writeSorting({ word, isDescending }: Sorting): string {
  return isDescending ? `-${word}` : word;
}

/** The columns as the table of the design system takes them. */
export function definitionsOf<Item>(columns: readonly Column<Item>[]): TableProps.ColumnDefinition<Item>[] {
  return columns.map(({ sort, csv: _csv, ...column }) => ({
    ...column,
    ...(sort !== undefined && {
      sortingField: sort,
      ariaLabel: ({ sorted, descending }: TableProps.LabelData) =>
        sorted ? texts.table.sortedBy(column.header, descending) : texts.table.sortBy(column.header),
    }),
  }));
}

/** What each column of the CSV is called, and what it says of an item. */
export function csvColumnsOf<Item>(
  columns: readonly Column<Item>[],
): readonly { header: string; valueOf: (item: Item) => CsvValue }[] {
  return columns.flatMap((column) => {
    const { csv } = column;
    if (csv === null) return [];
    if (csv !== undefined) return [{ header: column.header, valueOf: csv }];
    // Without one, the type of columns says that the cell is text.
    const valueOf = (item: Item): CsvValue => {
      const cell: unknown = column.cell(item);
      return typeof cell === 'string' || typeof cell === 'number' ? cell : null;
    };
    return [{ header: column.header, valueOf }];
  });
}
