import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/texts.ts';

type Boundary = paths['/api/boundaries']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.routing.boundaries;

function Force({ boundary: { inForce, effectiveAt, expiresAt } }: { boundary: Boundary }) {
  if (!inForce) {
    const at = effectiveAt !== null && new Date(effectiveAt) > new Date() ? effectiveAt : null;
    return <StatusIndicator type="stopped">{at === null ? said.expired : <Moment at={at} />}</StatusIndicator>;
  }
  return (
    <StatusIndicator type="success">{expiresAt === null ? said.inForce : <Moment at={expiresAt} />}</StatusIndicator>
  );
}

/** Imported boundaries: whose they are, and where calls from there go. */
export default function BoundariesPage() {
  const layers = useQuery({
    queryKey: ['boundary-layers', 'names'],
    queryFn: async () => (await api.GET('/api/boundaries/layers')).data?.items ?? [],
  });
  return (
    <DataTable<Boundary>
      title={said.title}
      description={said.description}
      usualSort="layer"
      listKey="boundaries"
      isSearchable
      filterNames={['layer', 'withoutDestination']}
      filters={
        <>
          <Choice
            name="layer"
            label={said.anyLayer}
            choices={Object.fromEntries((layers.data ?? []).map(({ layer }) => [layer, layer]))}
          />
          <Choice name="withoutDestination" label={said.anyDestination} choices={{ true: said.withoutDestination }} />
        </>
      }
      itemKey={({ sourceId }) => sourceId}
      read={async ({ start, max, text, filters: { layer, withoutDestination }, sort }) => {
        const { data, response } = await api.GET('/api/boundaries', {
          params: {
            query: {
              start,
              max,
              ...(text !== '' && { text }),
              ...(layer !== undefined && { layer }),
              ...sortedBy(sort),
              ...(withoutDestination === 'true' && { withoutDestination: true }),
            },
          },
        });
        return listPage(data?.items ?? [], response);
      }}
      empty={<Box textAlign="center">{texts.routing.layers.empty}</Box>}
      columns={[
        {
          id: 'name',
          header: said.name,
          sort: 'displayName',
          isRowHeader: true,
          cell: ({ displayName }) => displayName,
        },
        {
          id: 'id',
          header: texts.formats.nguid,
          sort: 'sourceId',
          csv: ({ sourceId }) => sourceId,
          cell: ({ sourceId }) => <span className="address">{sourceId}</span>,
        },
        { id: 'layer', header: texts.routing.layers.layer, sort: 'layer', cell: ({ layer }) => layer },
        {
          id: 'service',
          header: said.service,
          sort: 'serviceUrn',
          csv: ({ serviceUrn, kind }) => (kind === 'service' ? serviceUrn : said.provisioning),
          cell: ({ serviceUrn, kind }) => (kind === 'service' ? serviceUrn : <Badge>{said.provisioning}</Badge>),
        },
        {
          id: 'uri',
          header: said.sentTo,
          sort: 'uri',
          csv: ({ uri }) => uri,
          cell: ({ uri, kind }) =>
            uri !== '' ? (
              <span className="address">{uri}</span>
            ) : kind === 'service' ? (
              <StatusIndicator type="warning">{said.nowhere}</StatusIndicator>
            ) : (
              texts.none
            ),
        },
        { id: 'source', header: said.source, sort: 'source', cell: ({ source }) => source },
        {
          id: 'force',
          header: said.force,
          csv: ({ inForce }) => (inForce ? said.inForce : said.expired),
          cell: (boundary) => <Force boundary={boundary} />,
        },
        {
          id: 'updated',
          header: texts.routing.psaps.updated,
          sort: 'updatedAt',
          csv: ({ updatedAt }) => updatedAt,
          cell: ({ updatedAt }) => <Moment at={updatedAt} />,
        },
      ]}
    />
  );
}
