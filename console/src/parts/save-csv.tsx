import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useNotify } from '../shell/notices.tsx';
import { texts } from '../texts/texts.ts';
import { type Column, csvColumnsOf } from './columns.ts';
import { csvLine } from './csv.ts';
import type { ListPage, ListRequest } from './list-request.ts';

const ROWS_AT_ONCE = 1_000;
/** More would fill the memory of the browser; larger lists have an export of their own. */
export const MOST_ROWS = 100_000;

/** Hands the browser a file to keep. The mark in front tells spreadsheets that it is UTF-8. */
function saveFile(name: string, lines: readonly string[]): void {
  const address = URL.createObjectURL(new Blob(['\uFEFF', ...lines], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Every row of a list, page after page; `told` hears how many there are so far. */
async function readAllRows<Item>(
  { asked, read, itemKey }: { asked: ListRequest; read: ReadPage<Item>; itemKey: (item: Item) => string },
  signal: AbortSignal,
  told: (rows: number) => void,
): Promise<{ rows: readonly Item[]; isWhole: boolean }> {
  // Rows that are added meanwhile move others to the next page, where they stand again.
  const rows = new Map<string, Item>();
  let before: string | undefined;
  for (let start = 0; ; start += ROWS_AT_ONCE) {
    const page = await read({ ...asked, start, max: ROWS_AT_ONCE, before });
    if (signal.aborted) return { rows: [], isWhole: false };
    for (const item of page.items) if (rows.size < MOST_ROWS) rows.set(itemKey(item), item);
    told(rows.size);
    if (!page.hasMore) return { rows: [...rows.values()], isWhole: true };
    if (rows.size >= MOST_ROWS) return { rows: [...rows.values()], isWhole: false };
    before = page.nextBefore;
  }
}

type ReadPage<Item> = (request: ListRequest) => Promise<ListPage<Item>>;

/** A button that saves all of a list as CSV, as it is searched, narrowed and ordered now. */
export function SaveCsv<Item>(props: {
  name: string;
  asked: ListRequest;
  read: ReadPage<Item>;
  itemKey: (item: Item) => string;
  columns: readonly Column<Item>[];
}): ReactNode {
  const notify = useNotify();
  const [read, setRead] = useState<number | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  async function save(): Promise<void> {
    const controller = new AbortController();
    stopping.current = controller;
    setRead(0);
    try {
      const { rows, isWhole } = await readAllRows(props, controller.signal, setRead);
      if (controller.signal.aborted) return;
      const columns = csvColumnsOf(props.columns);
      const lines = [csvLine(columns.map(({ header }) => header))];
      for (const row of rows) lines.push(csvLine(columns.map(({ valueOf }) => valueOf(row))));
      saveFile(`${props.name}.csv`, lines);
      if (!isWhole) notify({ type: 'warning', content: texts.table.exportCut(MOST_ROWS) });
    } catch (error) {
      notify({
        type: 'error',
        content: texts.table.exportFailed(error instanceof Error ? error.message : String(error)),
      });
    } finally {
      if (stopping.current === controller) setRead(null);
    }
  }

  if (read === null) {
    return (
      <Button iconName="download" onClick={() => void save()}>
        {texts.table.export}
      </Button>
    );
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <LiveRegion>{texts.table.exporting(read)}</LiveRegion>
      <Button
        onClick={() => {
          stopping.current?.abort();
          stopping.current = null;
          setRead(null);
        }}
      >
        {texts.cancel}
      </Button>
    </SpaceBetween>
  );
}
