import { useRef } from 'react';
import { watchPresses } from './pressed-row.ts';
import { NO_ROWS, nameRows } from './row-names.ts';

const isPressed = watchPresses(window);

/** Whoever is about to press a key on something in a row, or presses it with a finger, means that row. */
const isInRows = (): boolean => isPressed() || (document.activeElement?.closest('tbody') ?? null) !== null;

/**
 * By what React knows the rows of a table: one that is new takes over from one that is gone, because to fill a row with other words
 * costs a browser half of what making it anew does.
 */
export function useRowNames<Item>(items: readonly Item[], itemKey: (item: Item) => string): (item: Item) => string {
  const named = useRef({ items: [] as readonly Item[], rows: NO_ROWS });
  if (named.current.items !== items) {
    named.current = { items, rows: nameRows(named.current.rows, items.map(itemKey), !isInRows()) };
  }
  const { names } = named.current.rows;
  return (item) => {
    const key = itemKey(item);
    // What is selected on other pages has no row here.
    return names.get(key) ?? key;
  };
}
