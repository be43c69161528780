import { appendKey } from './key-table.ts';
import { createWireMapColumns, type WireMapColumns } from './wire-map-block.ts';
import { isElementKind } from './wire-map-element.ts';
import { switchPortKey } from './wire-map-index.ts';

/** Elements of one kind that lead to one place, as `readElementTargets` reads them: `value`, tab, `port`, one a line. */
export type ElementTexts = { kind: string; responseLocationId: string; count: number; lines: string };

export type TextColumns = { columns: WireMapColumns; places: Map<string, number> };

export function createTextColumns(): TextColumns {
  return { columns: createWireMapColumns(), places: new Map() };
}

/** Appends the elements of some texts to the columns of a block. */
export function appendTexts({ columns, places }: TextColumns, texts: readonly ElementTexts[]): void {
  for (const { kind, responseLocationId, lines } of texts) {
    if (!isElementKind(kind)) continue;
    let target = places.get(responseLocationId);
    if (target === undefined) {
      target = columns.responseLocations.count;
      appendKey(columns.responseLocations, responseLocationId, 0);
      places.set(responseLocationId, target);
    }
    const column = columns.elements[kind];
    for (let start = 0; start < lines.length; ) {
      const newline = lines.indexOf('\n', start);
      const end = newline < 0 ? lines.length : newline;
      const tab = lines.indexOf('\t', start);
      const value = lines.slice(start, tab);
      appendKey(column, kind === 'switch-port' ? switchPortKey(value, lines.slice(tab + 1, end)) : value, target);
      start = end + 1;
    }
  }
}
