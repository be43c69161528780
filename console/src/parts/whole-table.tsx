import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { type ReactNode, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { type ChangeAddress, changesOf, parameterOf, useAddressBar, withChanges } from './address-bar.ts';
import { type Column, csvColumnsOf, definitionsOf, readSorting, writeSorting } from './columns.ts';
import type { CsvValue } from './csv.ts';
import type { ListRequest } from './list-request.ts';
import { Nothing } from './nothing.tsx';
import { SaveCsv } from './save-csv.tsx';
import { useTyped } from './use-typed.ts';
import { foundInWhole, pageOfWhole, shownPage } from './whole-list.ts';

const PAGE_SIZE = 25;
/** Fewer are seen at a glance. */
const WORTH_SEARCHING = 5;

/** What one looks for, the order and the page: in the address bar under the name of the list, or (null) only while the page is open. */
function useAsked(list: string | null) {
  const [search, changeAddress] = useAddressBar();
  const [own, setOwn] = useState(new URLSearchParams());
  const named = parameterOf(list);
  const from = list === null ? own : search;
  const valueOf = (name: string): string | null => from.get(named(name));
  const change: ChangeAddress = (changes, isStep) => {
    if (list === null) setOwn((before) => withChanges(before, changes));
    else changeAddress(changesOf(list, changes), isStep);
  };
  return { valueOf, change };
}

/**
 * A list that is there as a whole, as a table within a page: found by what its cells say, ordered by every column that says something,
 * page by page, and saved as CSV. Like a list of its own it stands in the address bar.
 */
export function WholeTable<Item>(props: {
  /** Names the file that is saved. */
  name: string;
  /** What the address bar calls it, where that is not its name; null: nothing, for what stands in a dialog, which no address opens. */
  within?: string | null;
  title: string;
  /** Without one, what stands around it says what it is. */
  headerVariant?: 'h2' | 'h3';
  description?: ReactNode;
  counter?: string;
  actions?: ReactNode;
  items: readonly Item[];
  itemKey: (item: Item) => string;
  columns: readonly Column<Item>[];
  variant?: 'container' | 'embedded';
  contentDensity?: 'comfortable' | 'compact';
  /** What stands around it has an export of its own. */
  isSavedElsewhere?: boolean;
  isPending?: boolean;
  pageSize?: number;
  empty: ReactNode;
  footer?: ReactNode;
}) {
  const { items, itemKey, headerVariant, pageSize = PAGE_SIZE } = props;
  const { valueOf: asks, change } = useAsked(props.within === undefined ? props.name : props.within);
  const [text, setText] = useTyped(asks('text') ?? '', (wanted) => change({ text: wanted, page: '' }));
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
  const sorting = readSorting(asks('sort'), columns);
  const sort = sorting && writeSorting(sorting);
  const reading = { keys, textOf };
  const found = foundInWhole(items, { text, sort }, reading);
  const { page, pages } = shownPage(asks('page'), found.length, pageSize);
  const start = (page - 1) * pageSize;
  const asked: ListRequest = { start, max: pageSize, before: undefined, text, filters: {}, sort };
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      {items.length > 0 && props.isSavedElsewhere !== true && (
        <SaveCsv
          name={props.name}
          asked={asked}
          read={(request) => Promise.resolve(pageOfWhole(items, request, reading))}
          itemKey={itemKey}
          columns={columns}
        />
      )}
      {props.actions}
    </SpaceBetween>
  );
  return (
    <Table<Item>
      variant={props.variant ?? 'container'}
      wrapLines
      {...(props.contentDensity !== undefined && { contentDensity: props.contentDensity })}
      items={found.slice(start, start + pageSize)}
      trackBy={itemKey}
      columnDefinitions={definitionsOf(columns)}
      ariaLabels={{ tableLabel: props.title }}
      loading={props.isPending === true}
      loadingText={texts.loading}
      {...(sorting && { sortingColumn: { sortingField: sorting.word }, sortingDescending: sorting.isDescending })}
      onSortingChange={({ detail }) => {
        const word = detail.sortingColumn.sortingField;
        if (word === undefined) return;
        change({ sort: writeSorting({ word, isDescending: detail.isDescending === true }), page: '' });
      }}
      header={
        headerVariant === undefined ? (
          // What stands around it has a heading: an empty one would be read out.
          <Box float="right">{actions}</Box>
        ) : (
          <Header
            variant={headerVariant}
            {...(props.description !== undefined && { description: props.description })}
            {...(props.counter !== undefined && { counter: props.counter })}
            actions={actions}
          >
            {props.title}
          </Header>
        )
      }
      {...((items.length > WORTH_SEARCHING || text !== '') && {
        filter: (
          <TextFilter
            filteringText={text}
            filteringPlaceholder={texts.table.search}
            filteringAriaLabel={`${texts.table.search}: ${props.title}`}
            onChange={({ detail }) => setText(detail.filteringText)}
          />
        ),
      })}
      {...(pages > 1 && {
        pagination: (
          <Pagination
            currentPageIndex={page}
            pagesCount={pages}
            onChange={({ detail: { currentPageIndex: to } }) => change({ page: to === 1 ? '' : String(to) })}
            ariaLabels={{
              nextPageLabel: texts.table.next,
              previousPageLabel: texts.table.previous,
              pageLabel: texts.table.page,
            }}
          />
        ),
      })}
      {...(props.footer !== undefined && { footer: props.footer })}
      empty={
        items.length > 0 ? (
          <Nothing text={texts.table.noMatch} action={texts.table.clear} onAct={() => setText('')} />
        ) : (
          props.empty
        )
      }
    />
  );
}
