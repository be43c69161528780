import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { type ReactNode, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { type Column, csvColumnsOf, definitionsOf, readSorting, writeSorting } from './columns.ts';
import type { CsvValue } from './csv.ts';
import type { ListRequest } from './list-request.ts';
import { SaveCsv } from './save-csv.tsx';
import { pageOfWhole } from './whole-list.ts';

const PAGE_SIZE = 25;
/** Fewer are seen at a glance. */
const WORTH_SEARCHING = 5;

/**
 * A list that is there as a whole, as a table within a page: found by what its cells say, ordered by every column that says something,
 * page by page, and saved as CSV.
 */
export function WholeTable<Item>(props: {
  /** Names the file that is saved. */
  name: string;
  title: string;
  /** Without one, what stands around it says what it is. */
  headerVariant?: 'h2' | 'h3';
  description?: string;
  counter?: string;
  actions?: ReactNode;
  items: readonly Item[];
  itemKey: (item: Item) => string;
  columns: readonly Column<Item>[];
  variant?: 'container' | 'embedded';
  /** What stands around it has an export of its own. */
  isSavedElsewhere?: boolean;
  isPending?: boolean;
  pageSize?: number;
  empty: ReactNode;
  footer?: ReactNode;
}) {
  const { items, itemKey, headerVariant, pageSize = PAGE_SIZE } = props;
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const [sort, setSort] = useState<string>();
  const saying = new Map(csvColumnsOf(props.columns).map(({ header, valueOf }) => [header, valueOf]));
  const columns = props.columns.map((column) => ({
    ...column,
    ...(saying.has(column.header) && { sort: column.id }),
  })) as readonly Column<Item>[];
  const keys = Object.fromEntries(
    props.columns.flatMap(({ id, header }): [string, (item: Item) => CsvValue][] => {
      const valueOf = saying.get(header);
      return valueOf === undefined ? [] : [[id, valueOf]];
    }),
  );
  const textOf = (item: Item): string => [...saying.values()].map((valueOf) => String(valueOf(item) ?? '')).join('\n');
  const asked: ListRequest = {
    start: (page - 1) * pageSize,
    max: pageSize,
    before: undefined,
    text,
    filters: {},
    sort,
  };
  const read = (request: ListRequest) => pageOfWhole(items, request, { keys, textOf });
  const found = read(asked);
  const sorting = readSorting(sort ?? null, columns);
  return (
    <Table<Item>
      variant={props.variant ?? 'container'}
      wrapLines
      items={found.items}
      trackBy={itemKey}
      columnDefinitions={definitionsOf(columns)}
      ariaLabels={{ tableLabel: props.title }}
      loading={props.isPending === true}
      loadingText={texts.loading}
      {...(sorting && { sortingColumn: { sortingField: sorting.word }, sortingDescending: sorting.isDescending })}
      onSortingChange={({ detail }) => {
        const word = detail.sortingColumn.sortingField;
        if (word === undefined) return;
        setSort(writeSorting({ word, isDescending: detail.isDescending === true }));
        setPage(1);
      }}
      header={
        <Header
          {...(headerVariant !== undefined && { variant: headerVariant })}
          {...(props.description !== undefined && { description: props.description })}
          {...(props.counter !== undefined && { counter: props.counter })}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {items.length > 0 && props.isSavedElsewhere !== true && (
                <SaveCsv
                  name={props.name}
                  asked={asked}
                  read={(request) => Promise.resolve(read(request))}
                  itemKey={itemKey}
                  columns={columns}
                />
              )}
              {props.actions}
            </SpaceBetween>
          }
        >
          {headerVariant === undefined ? null : props.title}
        </Header>
      }
      {...((items.length > WORTH_SEARCHING || text !== '') && {
        filter: (
          <TextFilter
            filteringText={text}
            filteringPlaceholder={texts.table.search}
            filteringAriaLabel={`${texts.table.search}: ${props.title}`}
            onChange={({ detail }) => {
              setText(detail.filteringText);
              setPage(1);
            }}
          />
        ),
      })}
      {...((found.hasMore || page > 1) && {
        pagination: (
          <Pagination
            currentPageIndex={page}
            pagesCount={page + (found.hasMore ? 1 : 0)}
            openEnd={found.hasMore}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
            ariaLabels={{
              nextPageLabel: texts.table.next,
              previousPageLabel: texts.table.previous,
              pageLabel: texts.table.page,
            }}
          />
        ),
      })}
      {...(props.footer !== undefined && { footer: props.footer })}
      empty={items.length > 0 ? <Box textAlign="center">{texts.table.noMatch}</Box> : props.empty}
    />
  );
}
