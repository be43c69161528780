import Box from '@cloudscape-design/components/box';
import type { paths } from '../../api/schema.generated.ts';
import type { Column } from '../../parts/columns.ts';
import { WholeTable } from '../../parts/whole-table.tsx';
import { texts } from '../../texts/texts.ts';
import type { ImportJob } from './import-state.tsx';

export type Report = NonNullable<ImportJob['report']>;
export type LintReport = paths['/api/wire-map/lint']['get']['responses']['200']['content']['application/json'];
type Imported = Report['added'][number];

const PAGE = 20;
const said = texts.imports;

/** Things that were found, of which the first thousand are listed. */
function Found<Item>({
  name,
  title,
  hasHeader = false,
  description,
  items,
  count,
  columns,
  empty,
}: {
  name: string;
  title: string;
  hasHeader?: boolean;
  description?: string;
  items: readonly Item[];
  /** How many there are. */
  count: number;
  columns: readonly Column<Item>[];
  empty: string;
}) {
  return (
    <WholeTable
      name={name}
      title={title}
      variant="embedded"
      pageSize={PAGE}
      {...(hasHeader && { headerVariant: 'h3', counter: `(${count.toLocaleString()})` })}
      {...(description !== undefined && { description })}
      items={items}
      // What was found comes as one report: its place in it is all that a finding has of its own.
      itemKey={(item) => String(items.indexOf(item))}
      columns={columns}
      empty={<Box textAlign="center">{empty}</Box>}
      {...(count > items.length && {
        footer: <Box color="text-body-secondary">{said.firstOf(items.length, count)}</Box>,
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
      name={isSample ? 'sample-errors' : 'import-errors'}
      title={said.errors}
      hasHeader
      description={isSample ? said.errorsSample : said.errorsHelp}
      items={errors}
      count={count}
      empty={said.noErrors}
      columns={[
        { id: 'line', header: said.line, cell: ({ line }) => line, isRowHeader: true },
        { id: 'column', header: said.column, cell: ({ column }) => column },
        { id: 'message', header: said.problem, cell: ({ message }) => message },
      ]}
    />
  );
}

/** Elements that are added or removed. */
export function ImportedTable({
  name,
  title,
  items,
  count,
}: {
  name: string;
  title: string;
  items: readonly Imported[];
  count: number;
}) {
  return (
    <Found
      name={name}
      title={title}
      items={items}
      count={count}
      empty={said.none}
      columns={[
        { id: 'value', header: texts.wireMap.value, cell: ({ value }) => value, isRowHeader: true },
        { id: 'port', header: texts.wireMap.port, cell: ({ port }) => port },
        { id: 'kind', header: texts.wireMap.kind, cell: ({ kind }) => texts.wireMap.kinds[kind] },
        { id: 'note', header: texts.wireMap.note, cell: ({ description }) => description },
      ]}
    />
  );
}

const differenceText = (before: string, after: string): string =>
  before === after ? after : `${before || texts.none} → ${after || texts.none}`;

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
      name="import-changed"
      title={said.changed}
      items={items}
      count={count}
      empty={said.none}
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
          csv: ({ before, after }) =>
            differenceText(nameOf(before.responseLocationId), nameOf(after.responseLocationId)),
          cell: ({ before, after }) => (
            <Difference before={nameOf(before.responseLocationId)} after={nameOf(after.responseLocationId)} />
          ),
        },
        {
          id: 'note',
          header: texts.wireMap.note,
          csv: ({ before, after }) => differenceText(before.description, after.description),
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
      name="import-lint"
      title={said.finding}
      items={lint.findings}
      count={lintCount(lint)}
      empty={said.noFindings}
      columns={[
        { id: 'rule', header: said.rule, cell: ({ rule }) => said.rules[rule] },
        { id: 'element', header: texts.wireMap.element, cell: ({ element }) => element, isRowHeader: true },
        { id: 'message', header: said.finding, cell: ({ message }) => message },
        { id: 'line', header: said.line, cell: ({ line }) => line ?? '' },
      ]}
    />
  );
}
