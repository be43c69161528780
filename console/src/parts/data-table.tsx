import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { keepPreviousData } from '@tanstack/react-query';
import { lazy, type ReactElement, type ReactNode, Suspense, useRef } from 'react';
import { addressOf } from '../api/client.ts';
import { useQuery } from '../api/use-query.ts';
import { texts } from '../texts/texts.ts';
import { changesOf, parameterOf, useAddressBar } from './address-bar.ts';
import { type Column, definitionsOf, readSorting, writeSorting } from './columns.ts';
import type { ListPage, ListRequest } from './list-request.ts';
import { Nothing } from './nothing.tsx';
import { Part, PartsProvider } from './parts-of-table.tsx';
import { ProblemAlert } from './problem-alert.tsx';
import { SaveCsv } from './save-csv.tsx';
import {
  ACTIONS,
  displayOf,
  PAGE_SIZES,
  type TableChoices,
  USUAL_PAGE_SIZE,
  useTableChoices,
} from './table-choices.ts';
import { useAhead } from './use-ahead.ts';
import { useRowNames } from './use-row-names.ts';
import { useTyped } from './use-typed.ts';
import { WhenEmpty } from './when-empty.tsx';

export type { ListPage, ListRequest } from './list-request.ts';

const TablePreferences = lazy(() => import('./table-preferences.tsx'));

const NONE: readonly never[] = [];

/** The items of an answer, and the page that it says comes next (RFC 8288). */
export function listPage<Item>(items: readonly Item[], response: Response): ListPage<Item> {
  const next = /<([^>]+)>; *rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
  if (next === undefined) return { items, hasMore: false };
  const { searchParams } = new URL(next);
  return { items, hasMore: true, nextBefore: searchParams.get('before') ?? searchParams.get('after') ?? undefined };
}

/** The order that is asked for, as a query says it: only columns that the list can be ordered by say a word. */
export function sortedBy(sort: string | undefined): { sort?: never } {
  return sort === undefined ? {} : { sort: sort as never };
}

/** An address with a query; what is undefined is left out. */
export function pathWith(path: string, query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries)}`;
}

/** What is asked for the page behind this one; null: there is none, or none that has rows for sure. */
function nextOf(request: ListRequest, page: ListPage<unknown> | undefined): ListRequest | null {
  if (page === undefined || !page.hasMore || page.items.length === 0) return null;
  return page.nextBefore === undefined
    ? { ...request, start: request.start + request.max }
    : { ...request, before: page.nextBefore };
}

/** What a table was drawn of last. */
type Drawn<Props extends { selection?: { items: readonly unknown[] } }> = {
  table: ReactElement;
  props: Props;
  data: unknown;
  sort: string | undefined;
  isPending: boolean;
  choices: TableChoices;
  selected: readonly unknown[] | undefined;
};

/**
 * A list of the platform as a table. Page, search, filters and order stand in the address bar, so that a reload, a link and the way
 * back show the same; nothing jumps while the next page loads. All of it, as it is searched and ordered, can be saved as CSV.
 */
export function DataTable<Item>(props: {
  title: string;
  description?: string;
  /** Names the list among the cached ones. */
  listKey: string;
  /** The id of what it is a list of, where there is such a list of each of several things: they are cached apart. */
  about?: string;
  /** Its name in the address bar where it stands within a page about something else; without one it is the page. */
  within?: string;
  read(request: ListRequest): Promise<ListPage<Item>>;
  columns: readonly Column<Item>[];
  /** The order in which the list comes unless one asks for another, as `sort` would say it. */
  usualSort?: string;
  itemKey: (item: Item) => string;
  /** Where the platform finds by text. */
  isSearchable?: boolean;
  /** Names of the address bar's other parameters that narrow the list. */
  filterNames?: readonly string[];
  filters?: ReactNode;
  /** The address of the same list as CSV, where the platform writes it; null: not as it is narrowed now. */
  exportPath?: (asked: ListRequest) => string | null;
  actions?: ReactNode | ((asked: ListRequest) => ReactNode);
  /** What an empty list teaches. */
  empty: ReactNode;
  selection?: { items: readonly Item[]; onChange(items: readonly Item[]): void };
  /** Long texts go on in the next line. */
  wrapLines?: boolean;
  /** Cells are words and buttons alone, which remember nothing of their row: it is filled anew instead of made anew. */
  hasPlainCells?: boolean;
  /** Looks anew by itself, for what changes while one looks. */
  refreshMs?: number;
}) {
  const { title, listKey, itemKey, filterNames = [], selection, columns } = props;
  const within = props.within ?? null;
  const [search, changeAddress] = useAddressBar();
  const named = parameterOf(within);
  const valueOf = (name: string): string | null => search.get(named(name));
  const page = Math.max(1, Number.parseInt(valueOf('page') ?? '1', 10) || 1);
  const text = valueOf('text') ?? '';
  const filters = Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = valueOf(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
  const before = valueOf('before') ?? undefined;
  const asked = readSorting(valueOf('sort'), columns);
  const sorting = asked ?? readSorting(props.usualSort ?? null, columns);
  const sort = asked && writeSorting(asked);
  const [choices, choose] = useTableChoices(listKey, props.wrapLines === true);
  // A link to the third page shows the same rows to whoever likes other pages.
  const size =
    PAGE_SIZES.find((one) => String(one) === valueOf('size')) ?? (page > 1 ? USUAL_PAGE_SIZE : choices.pageSize);
  const request: ListRequest = { start: (page - 1) * size, max: size, before, text, filters, sort };
  const exportPath = props.exportPath?.(request) ?? null;
  const keyOf = (wanted: ListRequest): readonly unknown[] =>
    props.about === undefined ? [listKey, wanted] : [listKey, props.about, wanted];
  const { data, error, isPending, isPlaceholderData, refetch, isFetching } = useQuery({
    queryKey: keyOf(request),
    queryFn: () => props.read(request),
    placeholderData: keepPreviousData,
    ...(props.refreshMs !== undefined && { refetchInterval: props.refreshMs }),
  });
  // What looks anew by itself would be asked for twice as much.
  const isAhead = props.refreshMs === undefined && !isPlaceholderData && !isFetching;
  const next = isAhead ? nextOf(request, data) : null;
  useAhead(next && keyOf(next), next && (() => props.read(next)));
  const change = (changes: Readonly<Record<string, string>>, isStep = false): void =>
    changeAddress(changesOf(within, changes), isStep);
  const [typed, setTyped] = useTyped(text, (wanted) => change({ text: wanted, page: '', before: '' }));

  const items = data?.items ?? NONE;
  const rowName = useRowNames(items, itemKey);
  const latest = useRef(change);
  latest.current = change;
  const drawn = useRef<Drawn<typeof props>>(undefined);
  const isNarrowed = text !== '' || Object.keys(filters).length > 0;
  const pagesKnown = page + (data?.hasMore ? 1 : 0);
  const parts = {
    header: (
      <Header
        variant={within === null ? 'h1' : 'h2'}
        {...(props.description !== undefined && { description: props.description })}
        {...(selection &&
          selection.items.length > 0 && { counter: `(${texts.table.selected(selection.items.length)})` })}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              iconName="refresh"
              ariaLabel={texts.table.refresh}
              loading={isFetching && !isPending}
              onClick={() => void refetch()}
            />
            {exportPath === null ? (
              <SaveCsv
                name={listKey}
                asked={request}
                read={(wanted) => props.read(wanted)}
                itemKey={itemKey}
                columns={columns}
              />
            ) : (
              <Button iconName="download" href={addressOf(exportPath)} download>
                {texts.table.export}
              </Button>
            )}
            {typeof props.actions === 'function' ? props.actions(request) : props.actions}
          </SpaceBetween>
        }
      >
        {title}
      </Header>
    ),
    filter: (
      <div className="filters">
        {props.isSearchable === true && (
          <div className="search">
            <TextFilter
              filteringText={typed}
              filteringPlaceholder={texts.table.search}
              filteringAriaLabel={texts.table.search}
              onChange={({ detail }) => setTyped(detail.filteringText)}
            />
          </div>
        )}
        {props.filters}
      </div>
    ),
    pagination:
      before !== undefined || data?.nextBefore !== undefined ? (
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={before === undefined} onClick={() => change({ before: '' }, true)}>
            {texts.table.first}
          </Button>
          <Button
            disabled={data?.nextBefore === undefined}
            onClick={() => change({ before: data?.nextBefore ?? '' }, true)}
          >
            {texts.table.next}
          </Button>
        </SpaceBetween>
      ) : (
        <Pagination
          currentPageIndex={page}
          pagesCount={pagesKnown}
          openEnd={data?.hasMore === true}
          onChange={({ detail }) =>
            change(
              detail.currentPageIndex === 1
                ? { page: '', size: '' }
                : { page: String(detail.currentPageIndex), size: size === USUAL_PAGE_SIZE ? '' : String(size) },
            )
          }
          ariaLabels={{
            nextPageLabel: texts.table.next,
            previousPageLabel: texts.table.previous,
            pageLabel: texts.table.page,
          }}
        />
      ),
    preferences: (
      <Suspense fallback={<Button variant="icon" iconName="settings" ariaLabel={texts.preferences.title} disabled />}>
        <TablePreferences
          columns={columns}
          choices={choices}
          onChange={(chosen) => {
            choose(chosen);
            if (chosen.pageSize !== size) change({ size: '', page: '', before: '' });
          }}
        />
      </Suspense>
    ),
    empty: (
      <WhenEmpty error={data === undefined ? error : null}>
        {data?.nextBefore !== undefined ? (
          // What looks into the items goes through some of them at a time.
          <Nothing
            text={texts.table.searchesOn}
            action={texts.table.next}
            onAct={() => change({ before: data.nextBefore ?? '' }, true)}
          />
        ) : page > 1 || before !== undefined ? (
          <Nothing
            text={texts.table.beyondEnd}
            action={texts.table.first}
            onAct={() => change({ page: '', before: '' })}
          />
        ) : isNarrowed ? (
          <Nothing
            text={texts.table.noMatch}
            action={texts.table.clear}
            onAct={() => change(Object.fromEntries(['text', ...filterNames].map((name) => [name, ''])))}
          />
        ) : (
          props.empty
        )}
      </WhenEmpty>
    ),
  };
  // Rows cost a browser more than anything else here. They stay as they are drawn while the next ones are on their way, and where
  // nothing changes that they are made of.
  const last = drawn.current;
  const isKept =
    last !== undefined &&
    last.selected === selection?.items &&
    last.choices === choices &&
    (isPlaceholderData ||
      (last.props === props && last.data === data && last.sort === sort && last.isPending === isPending));
  const table = isKept ? (
    last.table
  ) : (
    <Table<Item>
      variant={within === null ? 'full-page' : 'container'}
      stickyHeader={within === null}
      wrapLines={choices.wrapLines}
      contentDensity={choices.isCompact ? 'compact' : 'comfortable'}
      // What one does with a row is in sight however wide the table is.
      {...(columns.at(-1)?.id === ACTIONS && { stickyColumns: { last: 1 } })}
      items={items}
      columnDefinitions={definitionsOf(columns)}
      columnDisplay={displayOf(columns, choices.columns)}
      preferences={<Part name="preferences" />}
      {...(sorting && {
        sortingColumn: { sortingField: sorting.word },
        sortingDescending: sorting.isDescending,
      })}
      onSortingChange={({ detail }) => {
        const word = detail.sortingColumn.sortingField;
        if (word === undefined) return;
        latest.current({
          sort: writeSorting({ word, isDescending: detail.isDescending === true }),
          page: '',
          before: '',
        });
      }}
      trackBy={props.hasPlainCells === true ? rowName : itemKey}
      // While the next page is on its way, this one stays: what one is about to click does not vanish.
      loading={isPending}
      loadingText={texts.loading}
      {...(selection && {
        selectionType: 'multi' as const,
        selectedItems: selection.items,
        onSelectionChange: ({ detail }) => selection.onChange(detail.selectedItems),
        ariaLabels: {
          selectionGroupLabel: title,
          allItemsSelectionLabel: () => texts.table.selectAll,
          itemSelectionLabel: (_data, item) => itemKey(item),
        },
      })}
      header={<Part name="header" />}
      filter={<Part name="filter" />}
      pagination={<Part name="pagination" />}
      empty={<Part name="empty" />}
    />
  );
  drawn.current = { table, props, data, sort, isPending, choices, selected: selection?.items };
  return (
    <PartsProvider value={parts}>
      <div className={isPending ? 'reading' : undefined}>
        <SpaceBetween size="m">
          <ProblemAlert error={error} onRetry={() => void refetch()} />
          {table}
        </SpaceBetween>
      </div>
    </PartsProvider>
  );
}
