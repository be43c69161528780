import { useState } from 'react';
import { keepHere, readKept } from './kept-here.ts';

export const PAGE_SIZES: readonly number[] = [25, 50, 100];
export const USUAL_PAGE_SIZE = 25;

type ColumnChoice = { readonly id: string; readonly visible: boolean };

/** How somebody likes to look at a list. */
export type TableChoices = {
  pageSize: number;
  wrapLines: boolean;
  isCompact: boolean;
  /** In their order; those of the table that are not named stand behind them. */
  columns: readonly ColumnChoice[];
};

const keyOf = (listKey: string): string => `waymark.table.${listKey}`;

const isColumn = (value: unknown): value is ColumnChoice =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'visible' in value &&
  typeof value.visible === 'boolean';

/** What this browser keeps; whatever is not understood is as usual. */
function readChoices(listKey: string, usual: TableChoices): TableChoices {
  let value: unknown;
  try {
    value = JSON.parse(readKept(keyOf(listKey)) ?? 'null');
  } catch {
    // Somebody else wrote there: nothing of ours is lost.
    return usual;
  }
  if (typeof value !== 'object' || value === null) return usual;
  const { pageSize, wrapLines, isCompact, columns } = value as Readonly<Record<string, unknown>>;
  return {
    pageSize: PAGE_SIZES.find((size) => size === pageSize) ?? usual.pageSize,
    wrapLines: typeof wrapLines === 'boolean' ? wrapLines : usual.wrapLines,
    isCompact: isCompact === true,
    columns: Array.isArray(columns) ? columns.filter(isColumn) : [],
  };
}

/** How a list is looked at in this browser, and how one changes that for good. */
export function useTableChoices(
  listKey: string,
  usualWrapLines: boolean,
): [TableChoices, (choices: TableChoices) => void] {
  const [choices, setChoices] = useState(() =>
    readChoices(listKey, { pageSize: USUAL_PAGE_SIZE, wrapLines: usualWrapLines, isCompact: false, columns: [] }),
  );
  return [
    choices,
    (chosen) => {
      setChoices(chosen);
      keepHere(keyOf(listKey), JSON.stringify(chosen));
    },
  ];
}

/** Every column of a table in the order that was chosen; what names the row, and what one does with it, stays in sight. */
export function displayOf(
  columns: readonly { id: string; isRowHeader?: boolean | undefined }[],
  chosen: readonly ColumnChoice[],
): ColumnChoice[] {
  const isFixed = ({ id, isRowHeader }: { id: string; isRowHeader?: boolean | undefined }): boolean =>
    isRowHeader === true || id === ACTIONS;
  const place = new Map(chosen.map(({ id }, index) => [id, index]));
  const rank = (id: string): number => (id === ACTIONS ? chosen.length + 1 : (place.get(id) ?? chosen.length));
  return columns
    .toSorted((one, other) => rank(one.id) - rank(other.id))
    .map((column) => ({
      id: column.id,
      visible: isFixed(column) || chosen.find(({ id }) => id === column.id)?.visible !== false,
    }));
}

/** The column of what one does with a row: it stands last. */
export const ACTIONS = 'actions';
