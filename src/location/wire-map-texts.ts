import type { ColumnsWriter } from './wire-map-block.ts';
import { isElementKind } from './wire-map-element.ts';
import { switchPortKey } from './wire-map-index.ts';

/** Elements of one kind that lead to one place, as `readElementTargets` reads them: `value`, tab, `port`, one a line. */
export type ElementTexts = { kind: string; responseLocationId: string; count: number; lines: string };

/** Appends the elements of some texts to what becomes a block. */
export function appendTexts(writer: ColumnsWriter, texts: readonly ElementTexts[]): void {
  for (const { kind, responseLocationId, lines } of texts) {
    if (!isElementKind(kind)) continue;
    const target = writer.target(responseLocationId);
    for (let start = 0; start < lines.length; ) {
      const newline = lines.indexOf('\n', start);
      const end = newline < 0 ? lines.length : newline;
      const tab = lines.indexOf('\t', start);
      const value = lines.slice(start, tab);
      writer.append(kind, kind === 'switch-port' ? switchPortKey(value, lines.slice(tab + 1, end)) : value, target);
      start = end + 1;
    }
  }
}
