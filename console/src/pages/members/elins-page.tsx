import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, type ListRequest, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/texts.ts';

type Binding = paths['/api/elin-bindings']['get']['responses']['200']['content']['application/json']['items'][number];
/** A number that leads to a place, lent to somebody or not. */
type Elin = { number: string; place: string; binding: Binding | null };

const said = texts.elins;
const LOOK_AGAIN_MS = 10_000;
const ALL = 'all';

async function readBindings({ start, max, text, filters: { lent }, sort }: ListRequest) {
  const query = {
    start,
    max,
    ...(text !== '' && { number: text }),
    ...sortedBy(sort),
    ...(lent !== undefined && { active: lent === 'true' }),
  };
  const { data, response } = await api.GET('/api/elin-bindings', { params: { query } });
  const items = (data?.items ?? []).map(
    (binding): Elin => ({
      number: binding.number,
      place: binding.responseLocationName ?? texts.wireMap.lostPlace,
      binding,
    }),
  );
  return listPage(items, response);
}

async function readAll({ start, max, text, sort }: ListRequest) {
  const query = { start, max, ...(text !== '' && { number: text }), ...sortedBy(sort) };
  const { data, response } = await api.GET('/api/elins', { params: { query } });
  const items = (data?.items ?? []).map(
    ({ number, responseLocationName, binding }): Elin => ({ number, place: responseLocationName, binding }),
  );
  return listPage(items, response);
}

export default function ElinsPage() {
  const [search] = useSearchParams();
  const isAll = search.get('lent') === ALL;
  return (
    <DataTable<Elin>
      title={said.title}
      description={said.description}
      usualSort="number"
      listKey="elins"
      isSearchable
      filterNames={['lent']}
      filters={<Choice name="lent" label={said.lentAtAll} choices={said.choices} />}
      refreshMs={LOOK_AGAIN_MS}
      itemKey={({ number }) => number}
      read={(request) => (request.filters['lent'] === ALL ? readAll(request) : readBindings(request))}
      empty={<Box textAlign="center">{isAll ? said.noneAtAll : said.empty}</Box>}
      columns={[
        { id: 'number', header: said.number, sort: 'number', cell: ({ number }) => number, isRowHeader: true },
        {
          id: 'place',
          header: texts.wireMap.place,
          sort: isAll ? 'responseLocation' : undefined,
          cell: ({ place }) => place,
        },
        {
          id: 'state',
          header: said.state,
          sort: isAll ? undefined : 'isActive',
          csv: ({ binding }) => (binding === null ? said.free : binding.isActive ? said.holds : said.over),
          cell: ({ binding }) => (
            <StatusIndicator type={binding?.isActive ? 'in-progress' : 'stopped'}>
              {binding === null ? said.free : binding.isActive ? said.holds : said.over}
            </StatusIndicator>
          ),
        },
        {
          id: 'caller',
          header: said.caller,
          sort: isAll ? undefined : 'caller',
          csv: ({ binding }) => binding?.caller,
          cell: ({ binding }) =>
            binding === null ? (
              texts.none
            ) : binding.memberId === null ? (
              binding.caller
            ) : (
              <PageLink to={`/members/${binding.memberId}`}>{binding.caller}</PageLink>
            ),
        },
        {
          id: 'since',
          header: said.since,
          sort: isAll ? undefined : 'boundAt',
          csv: ({ binding }) => binding?.boundAt,
          cell: ({ binding }) =>
            binding ? (
              <PageLink to={`/calls/${binding.callId}`}>
                <Moment at={binding.boundAt} />
              </PageLink>
            ) : (
              texts.none
            ),
        },
        {
          id: 'until',
          header: said.until,
          sort: isAll ? undefined : 'expiresAt',
          csv: ({ binding }) => binding?.expiresAt,
          cell: ({ binding }) => (binding ? <Moment at={binding.expiresAt} /> : texts.none),
        },
      ]}
    />
  );
}
