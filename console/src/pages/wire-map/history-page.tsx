import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { DAY_RANGE, DayRange } from '../../parts/day-range.tsx';
import { momentsOf } from '../../parts/days.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { wireMapChanged } from './wire-map-changed.ts';

type Version =
  paths['/api/wire-map/versions']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.wireMapHistory;
const MOST = 1_000;

const actionName = (action: string): string => said.actions[action as keyof typeof said.actions] ?? action;

/** Says what goes with it before the wire map goes back. */
function GoBack({ version, onClose }: { version: Version; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const { data: later, error } = useQuery({
    queryKey: ['wire-map', 'versions', 'since', version.revision],
    queryFn: async () => {
      const { data } = await api.GET('/api/wire-map/versions', { params: { query: { max: MOST } } });
      return (data?.items ?? []).filter(({ revision }) => revision >= version.revision);
    },
  });
  const undo = useMutation({
    mutationFn: () => api.POST('/api/wire-map/undo', { body: { revision: version.revision - 1 } }),
    onSuccess: async () => {
      await wireMapChanged(client);
      notify({ type: 'success', content: texts.wireMap.undone });
      onClose();
    },
  });
  const sum = (name: 'added' | 'changed' | 'removed'): number => (later ?? []).reduce((all, one) => all + one[name], 0);
  return (
    <FormModal
      title={said.goBackOf(version.revision)}
      action={said.goBack}
      error={undo.error ?? error}
      isReady={later !== undefined}
      isPending={undo.isPending}
      onSubmit={() => undo.mutate()}
      onClose={onClose}
    >
      {later && (
        <Alert type="warning">
          <div>{said.confirm(later.length)}</div>
          <ul>
            {later.slice(0, 10).map(({ revision, action }) => (
              <li key={revision}>
                {revision}: {actionName(action)}
              </li>
            ))}
          </ul>
          <div>{said.total(sum('added'), sum('changed'), sum('removed'))}</div>
        </Alert>
      )}
    </FormModal>
  );
}

export default function HistoryPage() {
  const may = useMay();
  const [chosen, setChosen] = useState<Version | null>(null);
  const mayUndo = may('POST /api/wire-map/undo');
  return (
    <SpaceBetween size="s">
      <DataTable<Version>
        title={said.title}
        description={said.description}
        usualSort="-revision"
        listKey="wire-map-versions"
        filterNames={[...DAY_RANGE]}
        filters={<DayRange />}
        itemKey={({ revision }) => String(revision)}
        read={async ({ start, max, filters, sort }) => {
          const query = { start, max, ...momentsOf(filters), ...sortedBy(sort) };
          const { data, response } = await api.GET('/api/wire-map/versions', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{said.empty}</Box>}
        columns={[
          {
            id: 'revision',
            header: said.revision,
            sort: 'revision',
            cell: ({ revision }) => revision,
            isRowHeader: true,
          },
          { id: 'action', header: said.action, cell: ({ action }) => actionName(action) },
          { id: 'added', header: said.added, csv: ({ added }) => added, cell: ({ added }) => added.toLocaleString() },
          {
            id: 'changed',
            header: said.changed,
            csv: ({ changed }) => changed,
            cell: ({ changed }) => changed.toLocaleString(),
          },
          {
            id: 'removed',
            header: said.removed,
            csv: ({ removed }) => removed,
            cell: ({ removed }) => removed.toLocaleString(),
          },
          {
            id: 'at',
            header: said.at,
            csv: ({ madeAt }) => madeAt,
            cell: ({ madeAt }) => <Moment at={madeAt} withAge />,
          },
          ...(mayUndo
            ? [
                {
                  id: 'undo',
                  header: texts.table.actions,
                  csv: null,
                  cell: (version: Version) => (
                    <Button
                      variant="inline-link"
                      ariaLabel={said.goBackOf(version.revision)}
                      onClick={() => setChosen(version)}
                    >
                      {said.goBack}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {chosen && <GoBack version={chosen} onClose={() => setChosen(null)} />}
    </SpaceBetween>
  );
}
