import Button from '@cloudscape-design/components/button';
import LiveRegion from '@cloudscape-design/components/live-region';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useNotify } from '../shell/notices.tsx';
import { texts } from '../texts/texts.ts';
import { type Column, csvColumnsOf } from './columns.ts';
import { csvLine } from './csv.ts';
import type { ListRequest } from './list-request.ts';
import { ListChangedError, type ReadPage, readAllRows } from './read-all-rows.ts';

/** More would fill the memory of the browser; larger lists have an export of their own. */
const MOST_ROWS = 100_000;

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
      const { rows, isWhole } = await readAllRows({ ...props, most: MOST_ROWS }, controller.signal, setRead);
      if (controller.signal.aborted) return;
      const columns = csvColumnsOf(props.columns);
      const lines = [csvLine(columns.map(({ header }) => header))];
      for (const row of rows) lines.push(csvLine(columns.map(({ valueOf }) => valueOf(row))));
      saveFile(`${props.name}.csv`, lines);
      if (!isWhole) notify({ type: 'warning', content: texts.table.exportCut(MOST_ROWS) });
    } catch (error) {
      if (controller.signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      notify({
        type: 'error',
        content: error instanceof ListChangedError ? texts.table.exportUnsettled : texts.table.exportFailed(reason),
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
