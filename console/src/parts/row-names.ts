/** What the rows of a table are called, by the keys of their items. */
export type RowNames = { readonly names: ReadonlyMap<string, string>; readonly made: number };

export const NO_ROWS: RowNames = { names: new Map(), made: 0 };

/**
 * Names for the rows of the next items, each another. One that stays keeps its own; one that is new takes over from one that is gone,
 * unless every row is to stay its own.
 */
export function nameRows(before: RowNames, keys: readonly string[], takesOver: boolean): RowNames {
  const staying = new Set(keys);
  const free = takesOver ? [...before.names].flatMap(([key, name]) => (staying.has(key) ? [] : [name])) : [];
  let { made } = before;
  const names = new Map<string, string>();
  for (const key of keys) {
    let name = before.names.get(key) ?? free.shift();
    if (name === undefined) {
      made += 1;
      name = `row ${made}`;
    }
    names.set(key, name);
  }
  return { names, made };
}
