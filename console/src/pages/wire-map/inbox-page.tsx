import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { FormModal } from '../../parts/form-modal.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { elementName } from './element-name.ts';
import { MapUnmapped, type Unmapped } from './map-unmapped.tsx';

const said = texts.inbox;
const LOOK_AGAIN_MS = 15_000;

function Dismiss({ element, onClose }: { element: Unmapped; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const name = elementName(element);
  const dismiss = useMutation({
    mutationFn: () => api.DELETE('/api/wire-map/unmapped/{id}', { params: { path: { id: element.id } } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['unmapped'] });
      notify({ type: 'success', content: said.dismissed(name) });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.dismissTitle}
      action={said.dismiss}
      error={dismiss.error}
      isReady
      isPending={dismiss.isPending}
      onSubmit={() => dismiss.mutate()}
      onClose={onClose}
    >
      <Alert type="warning">{said.dismisses(name)}</Alert>
    </FormModal>
  );
}

const isRule = (rule: string): rule is keyof typeof said.rules => rule in said.rules;

export default function InboxPage() {
  const may = useMay();
  const [open, setOpen] = useState<{ act: 'map' | 'dismiss'; element: Unmapped } | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <DataTable<Unmapped>
        title={said.title}
        description={said.description}
        usualSort="-seenCount"
        listKey="unmapped"
        isSearchable
        filterNames={['kind']}
        filters={<Choice name="kind" label={texts.wireMap.anyKind} choices={texts.wireMap.kinds} />}
        exportPath={({ text, filters: { kind }, sort }) =>
          pathWith('/api/wire-map/unmapped/export', { text: text || undefined, kind, sort })
        }
        refreshMs={LOOK_AGAIN_MS}
        itemKey={({ id }) => id}
        read={async ({ start, max, text, filters: { kind }, sort }) => {
          const query = {
            start,
            max,
            ...(text !== '' && { text }),
            ...sortedBy(sort),
            ...(kind !== undefined && { kind: kind as Unmapped['kind'] }),
          };
          const { data, response } = await api.GET('/api/wire-map/unmapped', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{said.empty}</Box>}
        columns={[
          {
            id: 'value',
            header: texts.wireMap.element,
            sort: 'value',
            isRowHeader: true,
            cell: ({ value, port }) => (port === '' ? value : `${value} · ${port}`),
          },
          { id: 'kind', header: texts.wireMap.kind, sort: 'kind', cell: ({ kind }) => texts.wireMap.kinds[kind] },
          {
            id: 'seen',
            header: said.seen,
            sort: 'seenCount',
            csv: ({ seenCount }) => seenCount,
            cell: ({ seenCount }) => said.times(seenCount),
          },
          {
            id: 'last',
            header: said.last,
            sort: 'lastSeenAt',
            csv: ({ lastSeenAt }) => lastSeenAt,
            cell: ({ lastSeenAt }) => <Moment at={lastSeenAt} withAge />,
          },
          {
            id: 'sample',
            header: said.sample,
            sort: 'sampleDevice',
            cell: ({ sampleDevice }) => sampleDevice || texts.unknown,
          },
          {
            id: 'rule',
            header: said.foundBy,
            sort: 'rule',
            cell: ({ rule }) => (rule === null ? said.notFound : isRule(rule) ? said.rules[rule] : rule),
          },
          ...(may('POST /api/wire-map/unmapped/{id}/map')
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
                  cell: (element: Unmapped) => (
                    <div className="in-row">
                      <Button
                        variant="inline-link"
                        ariaLabel={said.mapOf(elementName(element))}
                        onClick={() => setOpen({ act: 'map', element })}
                      >
                        {said.map}
                      </Button>
                      <Button
                        variant="inline-icon"
                        iconName="close"
                        ariaLabel={said.dismissOf(elementName(element))}
                        onClick={() => setOpen({ act: 'dismiss', element })}
                      />
                    </div>
                  ),
                },
              ]
            : []),
        ]}
      />
      {open?.act === 'map' && <MapUnmapped element={open.element} onClose={close} />}
      {open?.act === 'dismiss' && <Dismiss element={open.element} onClose={close} />}
    </>
  );
}
