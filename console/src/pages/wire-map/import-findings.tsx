import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import { type ReactNode, useState } from 'react';
import type { paths } from '../../api/schema.generated.ts';
import { texts } from '../../texts/texts.ts';
import type { ImportJob } from './import-state.tsx';

export type Report = NonNullable<ImportJob['report']>;
export type LintReport = paths['/api/wire-map/lint']['get']['responses']['200']['content']['application/json'];
type Imported = Report['added'][number];

const PAGE = 20;
const said = texts.imports;

/** A list of some hundred things that were found, page by page. */
function Found<Item>({
  items,
  count,
  header,
  columns,
  empty,
}: {
  items: readonly Item[];
  /** How many there are; the first thousand are listed. */
  count: number;
  header: ReactNode;
  columns: readonly { id: string; header: string; cell: (item: Item) => ReactNode; isRowHeader?: boolean }[];
  empty: string;
}) {
  const [page, setPage] = useState(1);
  const pages = Math.max(1, Math.ceil(items.length / PAGE));
  return (
    <Table
      variant="embedded"
      wrapLines
      header={header}
      items={items.slice((page - 1) * PAGE, page * PAGE)}
      columnDefinitions={columns}
      empty={<Box textAlign="center">{empty}</Box>}
      {...(count > items.length && {
        footer: <Box color="text-body-secondary">{said.firstOf(items.length, count)}</Box>,
      })}
      {...(pages > 1 && {
        pagination: (
          <Pagination
            currentPageIndex={Math.min(page, pages)}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
            ariaLabels={{
              nextPageLabel: texts.table.next,
              previousPageLabel: texts.table.previous,
              pageLabel: texts.table.page,
            }}
          />
        ),
      })}
    />
  );
}

export function ErrorTable({
  errors,
  count,
  isSample = false,
}: {
  errors: Report['errors'];
  count: number;
  isSample?: boolean;
}) {
  return (
    <Found
      items={errors}
      count={count}
      empty={said.noErrors}
      header={
        <Header
          variant="h3"
          counter={`(${count.toLocaleString()})`}
          description={isSample ? said.errorsSample : said.errorsHelp}
        >
          {said.errors}
        </Header>
      }
      columns={[
        { id: 'line', header: said.line, cell: ({ line }) => line, isRowHeader: true },
        { id: 'column', header: said.column, cell: ({ column }) => column },
        { id: 'message', header: said.problem, cell: ({ message }) => message },
      ]}
    />
  );
}

/** Elements that are added or removed. */
export function ImportedTable({ items, count }: { items: readonly Imported[]; count: number }) {
  return (
    <Found
      items={items}
      count={count}
      empty={said.none}
      header={null}
      columns={[
        { id: 'value', header: texts.wireMap.value, cell: ({ value }) => value, isRowHeader: true },
        { id: 'port', header: texts.wireMap.port, cell: ({ port }) => port },
        { id: 'kind', header: texts.wireMap.kind, cell: ({ kind }) => texts.wireMap.kinds[kind] },
        { id: 'note', header: texts.wireMap.note, cell: ({ description }) => description },
      ]}
    />
  );
}

function Difference({ before, after }: { before: string; after: string }) {
  if (before === after) return after;
  return (
    <>
      <del>{before || texts.none}</del> <ins>{after || texts.none}</ins>
    </>
  );
}

export function ChangedTable({
  items,
  count,
  nameOf,
}: {
  items: Report['changed'];
  count: number;
  nameOf: (responseLocationId: string) => string;
}) {
  return (
    <Found
      items={items}
      count={count}
      empty={said.none}
      header={null}
      columns={[
        {
          id: 'value',
          header: texts.wireMap.element,
          cell: ({ after }) => `${after.value}${after.port === '' ? '' : ` · ${after.port}`}`,
          isRowHeader: true,
        },
        {
          id: 'place',
          header: texts.wireMap.place,
          cell: ({ before, after }) => (
            <Difference before={nameOf(before.responseLocationId)} after={nameOf(after.responseLocationId)} />
          ),
        },
        {
          id: 'note',
          header: texts.wireMap.note,
          cell: ({ before, after }) => <Difference before={before.description} after={after.description} />,
        },
      ]}
    />
  );
}

export const lintCount = ({ counts }: LintReport): number => Object.values(counts).reduce((sum, one) => sum + one, 0);

export function LintTable({ lint }: { lint: LintReport }) {
  return (
    <Found
      items={lint.findings}
      count={lintCount(lint)}
      empty={said.noFindings}
      header={null}
      columns={[
        { id: 'rule', header: said.rule, cell: ({ rule }) => said.rules[rule] },
        { id: 'element', header: texts.wireMap.element, cell: ({ element }) => element, isRowHeader: true },
        { id: 'message', header: said.finding, cell: ({ message }) => message },
        { id: 'line', header: said.line, cell: ({ line }) => line ?? '' },
      ]}
    />
  );
}
