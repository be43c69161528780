import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { texts } from '../../texts/texts.ts';
import { RouteQuality } from './route-answer.tsx';

type Site = paths['/api/route-standings']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.routing.sites;

/** The address of the page that explains who answers at a place. */
const explanationOf = ({ position, address }: Site): string =>
  `/routing?where=${encodeURIComponent(position ? `${position.latitude}, ${position.longitude}` : address)}`;

/** Whether one PSAP answers for each location, before anybody calls from there. */
export default function SitesPage() {
  return (
    <DataTable<Site>
      title={said.title}
      description={said.description}
      usualSort="name"
      listKey="route-standings"
      isSearchable
      filterNames={['settled']}
      filters={<Choice name="settled" label={said.any} choices={said.choices} />}
      itemKey={({ locationId }) => locationId}
      read={async ({ start, max, text, filters, sort }) => {
        const { data, response } = await api.GET('/api/route-standings', {
          params: {
            query: {
              start,
              max,
              ...(text !== '' && { text }),
              ...sortedBy(sort),
              ...(filters['settled'] !== undefined && { settled: filters['settled'] === 'true' }),
            },
          },
        });
        return listPage(data?.items ?? [], response);
      }}
      empty={<Box textAlign="center">{said.empty}</Box>}
      columns={[
        {
          id: 'name',
          header: said.location,
          sort: 'name',
          csv: ({ name }) => name,
          isRowHeader: true,
          cell: (site) => <PageLink to={explanationOf(site)}>{site.name}</PageLink>,
        },
        { id: 'address', header: said.address, sort: 'address', cell: ({ address }) => address },
        { id: 'psap', header: said.psap, sort: 'psap', cell: ({ psap }) => psap ?? texts.routing.answer.relayCentre },
        {
          id: 'settled',
          header: said.settled,
          sort: 'isSettled',
          csv: ({ isSettled, reason }) => (isSettled ? said.isSettled : reason),
          cell: ({ isSettled, reason }) =>
            isSettled ? (
              <StatusIndicator type="success">{said.isSettled}</StatusIndicator>
            ) : (
              <StatusIndicator type="warning">{reason}</StatusIndicator>
            ),
        },
        {
          id: 'quality',
          header: texts.routing.answer.quality,
          sort: 'quality',
          csv: ({ quality }) => (quality === null ? texts.unknown : texts.routing.answer.qualities[quality]),
          cell: ({ quality }) => (quality === null ? texts.unknown : <RouteQuality quality={quality} />),
        },
      ]}
    />
  );
}
