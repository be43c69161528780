import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import type { Column } from '../../parts/columns.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { Edited } from '../../parts/edited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { PsapForm } from './psap-form.tsx';
import { PsapHistory } from './psap-history.tsx';

export type Psap = paths['/api/psaps']['get']['responses']['200']['content']['application/json']['items'][number];
type Destination =
  paths['/api/destinations']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.routing.psaps;
const MANY = 1_000;
const LOOK_AGAIN_MS = 10_000;

/** Whether PSAPs answer, as the node that was asked sees it; empty for those who may not know. */
function useHealth(): ReadonlyMap<string, Destination> {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['destinations'],
    enabled: may('GET /api/destinations'),
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: async () => (await api.GET('/api/destinations', { params: { query: { max: MANY } } })).data?.items ?? [],
  });
  return new Map(
    (data ?? []).flatMap((one) =>
      one.serves.filter(({ kind }) => kind === 'psap').map(({ name }) => [name, one] as const),
    ),
  );
}

function Health({ state }: { state: Destination['state'] | undefined }) {
  if (state === 'up') return <StatusIndicator type="success">{said.up}</StatusIndicator>;
  if (state === 'down') return <StatusIndicator type="error">{said.down}</StatusIndicator>;
  return <StatusIndicator type="pending">{said.unknown}</StatusIndicator>;
}

/** What was stored of a PSAP, as it is sent to store it again. */
const bodyOf = ({ id: _id, updatedAt: _at, ...values }: Psap) => values;

function RemovePsap({ psap, onClose }: { psap: Psap; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const restore = useMutation({
    // Under the id it had: what names it, and its history, find it again.
    mutationFn: async () => api.PUT('/api/psaps/{id}', { params: { path: { id: psap.id } }, body: bodyOf(psap) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['psaps'] });
      notify({ type: 'success', content: said.restored(psap.name) });
    },
    onError: (error) => notify({ type: 'error', content: error.message }),
  });
  async function remove(): Promise<void> {
    await api.DELETE('/api/psaps/{id}', { params: { path: { id: psap.id } } });
    await client.invalidateQueries({ queryKey: ['psaps'] });
    notify({
      type: 'success',
      content: said.removed(psap.name),
      action: <Button onClick={() => restore.mutate()}>{said.undo}</Button>,
    });
  }
  return (
    <Confirm title={said.removeOf(psap.name)} action={said.remove} run={remove} onClose={onClose}>
      <Alert type="warning">
        {psap.sourceId === null ? said.breaksUri(psap.uri) : said.breaksMapping(psap.sourceId)}
      </Alert>
    </Confirm>
  );
}

const readPsap = (id: string) => () => api.GET('/api/psaps/{id}', { params: { path: { id } } });

type Open = { what: 'form'; psap: Psap | null } | { what: 'history' | 'remove'; psap: Psap };

/** PSAPs with their contacts: where calls go. Only the operator of the platform changes them. */
export default function PsapsPage() {
  const may = useMay();
  const health = useHealth();
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const mayChange = may('PUT /api/psaps/{id}');
  const columns: Column<Psap>[] = [
    { id: 'name', header: said.name, sort: 'name', isRowHeader: true, cell: ({ name }) => name },
    { id: 'serves', header: said.serves, sort: 'sourceId', cell: ({ sourceId, uri }) => sourceId ?? said.byUri(uri) },
    {
      id: 'uri',
      header: said.contacts,
      sort: 'uri',
      csv: ({ uri, alternateUris }) => [uri, ...alternateUris].join(' '),
      cell: ({ uri, alternateUris }) => (
        <>
          {[uri, ...alternateUris].map((one) => (
            <div className="address" key={one}>
              {one}
            </div>
          ))}
        </>
      ),
    },
    { id: 'phone', header: said.phone, sort: 'phoneNumber', cell: ({ phoneNumber }) => phoneNumber ?? texts.none },
    { id: 'text', header: said.text, sort: 'textTo911', cell: ({ textTo911 }) => (textTo911 ? said.yes : said.no) },
    {
      id: 'updated',
      header: said.updated,
      sort: 'updatedAt',
      csv: ({ updatedAt }) => updatedAt,
      cell: ({ updatedAt }) => <Moment at={updatedAt} />,
    },
  ];
  if (may('GET /api/destinations')) {
    columns.splice(2, 0, {
      id: 'health',
      header: said.health,
      csv: ({ name }) => said[health.get(name)?.state ?? 'unknown'],
      cell: ({ name }) => <Health state={health.get(name)?.state} />,
    });
  }
  if (mayChange) {
    columns.push({
      id: 'actions',
      header: said.actions,
      csv: null,
      cell: (psap) => (
        <ButtonDropdown
          variant="inline-icon"
          expandToViewport
          ariaLabel={said.actionsOf(psap.name)}
          items={[
            { id: 'form', text: said.edit },
            { id: 'history', text: said.history },
            { id: 'remove', text: said.remove },
          ]}
          onItemClick={({ detail }) => setOpen({ what: detail.id as Open['what'], psap })}
        />
      ),
    });
  }
  return (
    <>
      <DataTable<Psap>
        title={said.title}
        description={said.description}
        usualSort="name"
        listKey="psaps"
        isSearchable
        itemKey={({ id }) => id}
        columns={columns}
        read={async ({ start, max, text, sort }) => {
          const query = { start, max, ...(text !== '' && { text }), ...sortedBy(sort) };
          const { data, response } = await api.GET('/api/psaps', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        {...(may('POST /api/psaps') && {
          actions: (
            <Button variant="primary" onClick={() => setOpen({ what: 'form', psap: null })}>
              {said.add}
            </Button>
          ),
        })}
        empty={<Box textAlign="center">{mayChange ? said.emptyOperator : said.empty}</Box>}
      />
      {open?.what === 'form' && open.psap === null && <PsapForm psap={null} onClose={close} />}
      {open?.what === 'form' && open.psap !== null && (
        <Edited read={readPsap(open.psap.id)} onClose={close}>
          {(psap) => <PsapForm psap={psap} onClose={close} />}
        </Edited>
      )}
      {open?.what === 'history' && <PsapHistory psap={open.psap} onClose={close} />}
      {open?.what === 'remove' && <RemovePsap psap={open.psap} onClose={close} />}
    </>
  );
}
