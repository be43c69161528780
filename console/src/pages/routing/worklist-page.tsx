import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { ChoosePsap } from './choose-psap.tsx';
import { ImportRegistry } from './import-registry.tsx';

type List = paths['/api/psap-worklist']['get'];
export type Item = List['responses']['200']['content']['application/json']['items'][number];
type Status = NonNullable<NonNullable<List['parameters']['query']>['status']>;

const said = texts.routing.worklist;

const TYPES: Readonly<Record<Item['status'], StatusIndicatorProps.Type>> = {
  one: 'success',
  several: 'warning',
  chosen: 'success',
  relay: 'info',
  gone: 'error',
  none: 'pending',
};

/** Counties and provinces of which registries name several PSAPs: somebody has to say which one answers. */
export default function WorklistPage() {
  const may = useMay();
  const [open, setOpen] = useState<Item | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  return (
    <>
      <DataTable<Item>
        title={said.title}
        description={said.description}
        listKey="psap-worklist"
        isSearchable
        filterNames={['status', 'state']}
        filters={
          <>
            <Choice name="status" label={said.anyStatus} choices={said.statuses} />
            <Choice name="state" label={said.anyState} choices={said.states} isSearchable />
          </>
        }
        itemKey={({ sourceId }) => sourceId}
        read={async ({ start, max, text, filters: { state, status }, sort }) => {
          const { data, response } = await api.GET('/api/psap-worklist', {
            params: {
              query: {
                start,
                max,
                ...(text !== '' && { text }),
                ...(state !== undefined && { state }),
                ...sortedBy(sort),
                ...(status !== undefined && { status: status as Status }),
              },
            },
          });
          return listPage(data?.items ?? [], response);
        }}
        actions={
          may('POST /api/psap-registry/imports') && (
            <Button onClick={() => setIsImporting(true)}>{said.importRegistry}</Button>
          )
        }
        empty={<Box textAlign="center">{said.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: said.area,
            sort: 'name',
            isRowHeader: true,
            cell: ({ name, state }) => `${name}, ${state}`,
          },
          {
            id: 'status',
            header: said.status,
            sort: 'status',
            csv: ({ status }) => said.statuses[status],
            cell: ({ status }) => <StatusIndicator type={TYPES[status]}>{said.statuses[status]}</StatusIndicator>,
          },
          {
            id: 'psap',
            header: said.answers,
            sort: 'psap',
            cell: ({ psap, leadsToRelay }) =>
              psap?.name ?? (leadsToRelay ? texts.routing.answer.relayCentre : said.byBoundary),
          },
          {
            id: 'candidates',
            header: said.candidates,
            sort: 'candidates',
            cell: ({ candidates }) => candidates.length,
          },
          { id: 'reason', header: said.reason, sort: 'reason', cell: ({ choice }) => choice?.reason ?? texts.none },
          {
            id: 'actions',
            header: texts.actions,
            csv: null,
            cell: (item) => (
              <Button
                variant="inline-link"
                ariaLabel={said.chooseFor(item.name)}
                disabled={item.candidates.length === 0 && item.choice === null}
                onClick={() => setOpen(item)}
              >
                {said.choose}
              </Button>
            ),
          },
        ]}
      />
      <SpaceBetween size="s">
        {open && <ChoosePsap item={open} onClose={() => setOpen(null)} />}
        {isImporting && <ImportRegistry onClose={() => setIsImporting(false)} />}
      </SpaceBetween>
    </>
  );
}
