import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import type { Column } from '../../parts/columns.ts';
import { Confirm } from '../../parts/confirm.tsx';
import type { CsvValue } from '../../parts/csv.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { pageOfWhole } from '../../parts/whole-list.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { LayerVersions } from './layer-versions.tsx';

export type Layer =
  paths['/api/boundaries/layers']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.routing.layers;

const boundariesOf = (layer: string, isOpen = false): string =>
  `/routing/boundaries?layer=${encodeURIComponent(layer)}${isOpen ? '&withoutDestination=true' : ''}`;

/** What is missing in a layer, with the way to it. */
function Quality({ layer: { layer, withoutDestination, notInForce } }: { layer: Layer }) {
  return (
    <>
      {withoutDestination === 0 ? (
        <StatusIndicator type="success">{said.complete}</StatusIndicator>
      ) : (
        <StatusIndicator type="warning">
          <PageLink to={boundariesOf(layer, true)}>{said.withoutDestination(withoutDestination)}</PageLink>
        </StatusIndicator>
      )}
      {notInForce > 0 && (
        <Box color="text-body-secondary" fontSize="body-s">
          {said.notInForce(notInForce)}
        </Box>
      )}
    </>
  );
}

/** What the columns are ordered by: the platform tells all layers at once. */
const KEYS: Readonly<Record<string, (layer: Layer) => CsvValue>> = {
  layer: ({ layer }) => layer,
  boundaries: ({ boundaries }) => boundaries,
  withoutDestination: ({ withoutDestination }) => withoutDestination,
  revision: ({ revision }) => revision,
};

type Open = { what: 'versions' | 'remove'; layer: Layer };

/** Layers of imported boundaries: what they hold, what is missing, and what they were before. */
export default function LayersPage() {
  const may = useMay();
  const navigate = useNavigate();
  const notify = useNotify();
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const mayChange = may('POST /api/boundaries/{layer}/undo');
  async function remove(layer: string): Promise<void> {
    await api.DELETE('/api/boundaries/{layer}', { params: { path: { layer } } });
    await client.invalidateQueries({ queryKey: ['boundary-layers'] });
    notify({ type: 'success', content: said.removed(layer) });
  }
  const columns: Column<Layer>[] = [
    {
      id: 'layer',
      header: said.layer,
      sort: 'layer',
      csv: ({ layer }) => layer,
      isRowHeader: true,
      cell: ({ layer }) => <PageLink to={boundariesOf(layer)}>{layer}</PageLink>,
    },
    {
      id: 'boundaries',
      header: said.count,
      sort: 'boundaries',
      csv: ({ boundaries }) => boundaries,
      cell: ({ boundaries }) => boundaries.toLocaleString(),
    },
    {
      id: 'quality',
      header: said.quality,
      sort: 'withoutDestination',
      csv: ({ withoutDestination, notInForce }) =>
        [
          withoutDestination === 0 ? said.complete : said.withoutDestination(withoutDestination),
          notInForce > 0 ? said.notInForce(notInForce) : '',
        ]
          .filter(Boolean)
          .join('; '),
      cell: (layer) => <Quality layer={layer} />,
    },
    { id: 'revision', header: said.version, sort: 'revision', cell: ({ revision }) => revision },
  ];
  if (mayChange) {
    columns.push({
      id: 'actions',
      header: texts.actions,
      csv: null,
      cell: (layer) => (
        <ButtonDropdown
          variant="inline-icon"
          expandToViewport
          ariaLabel={said.actionsOf(layer.layer)}
          items={[
            { id: 'versions', text: said.versions },
            { id: 'remove', text: said.remove },
          ]}
          onItemClick={({ detail }) => setOpen({ what: detail.id as Open['what'], layer })}
        />
      ),
    });
  }
  return (
    <>
      <DataTable<Layer>
        title={said.title}
        description={said.description}
        listKey="boundary-layers"
        itemKey={({ layer }) => layer}
        columns={columns}
        isSearchable
        usualSort="layer"
        read={async (request) => {
          const { data } = await api.GET('/api/boundaries/layers');
          return pageOfWhole(data?.items ?? [], request, { keys: KEYS, textOf: ({ layer }) => layer });
        }}
        actions={
          may('POST /api/boundaries/imports') && (
            <Button variant="primary" onClick={() => void navigate('/routing/import')}>
              {said.import}
            </Button>
          )
        }
        empty={
          <Box textAlign="center">
            <SpaceBetween size="s">
              <Box>{said.empty}</Box>
              {may('POST /api/boundaries/imports') && (
                <Button onClick={() => void navigate('/routing/import')}>{said.import}</Button>
              )}
            </SpaceBetween>
          </Box>
        }
      />
      {open?.what === 'versions' && <LayerVersions layer={open.layer.layer} onClose={close} />}
      {open?.what === 'remove' && (
        <Confirm
          title={said.removeOf(open.layer.layer)}
          action={said.remove}
          run={() => remove(open.layer.layer)}
          onClose={close}
        >
          <Alert type="warning">{said.breaks(open.layer.boundaries)}</Alert>
        </Confirm>
      )}
    </>
  );
}
