import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { api } from '../api/client.ts';
import { type CallItem, CallOutcome } from '../parts/call-status.tsx';
import { Choice } from '../parts/choice.tsx';
import { DataTable, type ListRequest, listPage, pathWith, sortedBy } from '../parts/data-table.tsx';
import { DAY_RANGE, DayRange } from '../parts/day-range.tsx';
import { momentsOf } from '../parts/days.ts';
import { PageLink } from '../parts/links.tsx';
import { Moment } from '../parts/moment.tsx';
import { texts } from '../texts/texts.ts';

const LOOK_AGAIN_MS = 5_000;

type Kinds = { kind?: CallItem['kind']; outcome?: CallItem['outcome'] };

function queryOf({ text, filters: { from: _from, to: _to, ...kinds }, filters, sort }: ListRequest) {
  const { since, until } = momentsOf(filters);
  return {
    ...(kinds as Kinds),
    ...(text !== '' && { text }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
    ...sortedBy(sort),
  };
}

export default function CallsPage() {
  return (
    <DataTable<CallItem>
      title={texts.calls.title}
      description={texts.calls.description}
      usualSort="-startedAt"
      listKey="calls"
      isSearchable
      filterNames={['kind', 'outcome', ...DAY_RANGE]}
      filters={
        <>
          <Choice name="kind" label={texts.calls.anyKind} choices={texts.calls.kinds} />
          <Choice name="outcome" label={texts.calls.anyOutcome} choices={texts.calls.outcomes} />
          <DayRange />
        </>
      }
      exportPath={(asked) => pathWith('/api/calls/export', { format: 'csv', ...queryOf(asked) })}
      refreshMs={LOOK_AGAIN_MS}
      itemKey={({ id }) => id}
      read={async (asked) => {
        const { data, response } = await api.GET('/api/calls', {
          params: {
            query: {
              max: asked.max,
              ...(asked.before !== undefined && { before: asked.before }),
              ...queryOf(asked),
            },
          },
        });
        return listPage(data?.items ?? [], response);
      }}
      empty={<Box textAlign="center">{texts.calls.empty}</Box>}
      columns={[
        {
          id: 'started',
          header: texts.calls.started,
          sort: 'startedAt',
          csv: ({ startedAt }) => startedAt,
          cell: ({ id, startedAt, location }) => (
            <PageLink to={`/calls/${id}`}>
              <Moment at={startedAt} locationId={location?.locationId} withAge />
            </PageLink>
          ),
          isRowHeader: true,
        },
        { id: 'kind', header: texts.calls.kind, cell: ({ kind }) => texts.calls.kinds[kind] },
        {
          id: 'outcome',
          header: texts.calls.outcome,
          csv: ({ outcome }) => texts.calls.outcomes[outcome],
          cell: ({ outcome }) => <CallOutcome outcome={outcome} />,
        },
        { id: 'caller', header: texts.calls.caller, cell: ({ callerNumber }) => callerNumber ?? texts.unknown },
        { id: 'place', header: texts.calls.place, cell: ({ location }) => location?.text ?? texts.unknown },
        { id: 'destination', header: texts.calls.destination, cell: ({ destination }) => destination.name },
        { id: 'callback', header: texts.calls.callback, cell: ({ callbackNumber }) => callbackNumber ?? texts.none },
        {
          id: 'flags',
          header: texts.calls.flags,
          csv: ({ flags }) => flags.join(' '),
          cell: ({ flags }) => (
            <SpaceBetween direction="horizontal" size="xxs">
              {flags.map((flag) => (
                <Badge key={flag}>{flag}</Badge>
              ))}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
