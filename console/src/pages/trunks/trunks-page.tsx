import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { Edited } from '../../parts/edited.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { type Trunk, TrunkForm } from './trunk-form.tsx';

const said = texts.trunks;
const LOOK_AGAIN_MS = 10_000;
const STATES = { up: 'success', down: 'error', unknown: 'pending' } as const;

function Health({ health }: { health: Trunk['health'] }) {
  if (health === null) return <StatusIndicator type="stopped">{said.notMonitored}</StatusIndicator>;
  const { state, since, roundTripMs, failures } = health;
  return (
    <SpaceBetween size="xxxs">
      <StatusIndicator type={STATES[state]}>
        {said.states[state]}
        {state === 'up' && roundTripMs !== null && ` · ${texts.formats.milliseconds(Math.round(roundTripMs))}`}
        {state === 'down' && ` · ${said.failures(failures)}`}
      </StatusIndicator>
      {since !== null && (
        <Box fontSize="body-s" color="text-body-secondary">
          {said.since} <Moment at={since} withAge />
        </Box>
      )}
    </SpaceBetween>
  );
}

function RemoveTrunk({ trunk, onClose }: { trunk: Trunk; onClose: () => void }) {
  const notifyRemoved = useNotifyRemoved();
  const client = useQueryClient();
  return (
    <Confirm
      title={said.removeOf(trunk.name)}
      action={texts.wireMap.remove}
      onClose={onClose}
      run={async () => {
        await api.DELETE('/api/trunks/{id}', { params: { path: { id: trunk.id } } });
        await client.invalidateQueries({ queryKey: ['trunks'] });
        notifyRemoved({ id: trunk.id, name: trunk.name, content: said.removed(trunk.name) });
      }}
    >
      <SpaceBetween size="s">
        <div>{said.removes([...trunk.addresses, ...trunk.tlsNames].join(', '))}</div>
      </SpaceBetween>
    </Confirm>
  );
}

export default function TrunksPage() {
  const may = useMay();
  const [open, setOpen] = useState<{ act: 'edit' | 'remove'; trunk: Trunk } | 'add' | null>(null);
  const close = (): void => setOpen(null);
  const add = may('POST /api/trunks') && (
    <Button variant="primary" onClick={() => setOpen('add')}>
      {said.add}
    </Button>
  );
  return (
    <>
      <DataTable<Trunk>
        title={said.title}
        description={said.description}
        usualSort="name"
        listKey="trunks"
        isSearchable
        filterNames={['mode']}
        filters={<Choice name="mode" label={said.anyMode} choices={said.modes} />}
        refreshMs={LOOK_AGAIN_MS}
        itemKey={({ id }) => id}
        read={async ({ start, max, text, filters: { mode }, sort }) => {
          const query = {
            start,
            max,
            ...(text !== '' && { text }),
            ...sortedBy(sort),
            ...(mode !== undefined && { mode: mode as Trunk['mode'] }),
          };
          const { data, response } = await api.GET('/api/trunks', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        actions={add}
        empty={
          <Box textAlign="center">
            <SpaceBetween size="s">
              <Box>{said.empty}</Box>
              {add}
            </SpaceBetween>
          </Box>
        }
        columns={[
          { id: 'name', header: said.name, sort: 'name', cell: ({ name }) => name, isRowHeader: true },
          {
            id: 'health',
            header: said.health,
            csv: ({ health }) => (health === null ? said.notMonitored : said.states[health.state]),
            cell: ({ health }) => <Health health={health} />,
          },
          {
            id: 'peers',
            header: said.peers,
            cell: ({ addresses, tlsNames, port }) =>
              [...addresses.map((one) => (port === null ? one : `${one} (${port})`)), ...tlsNames].join(', '),
          },
          { id: 'mode', header: said.mode, sort: 'mode', cell: ({ mode }) => said.modes[mode] },
          {
            id: 'contact',
            header: said.contact,
            sort: 'contactUri',
            cell: ({ contactUri }) => contactUri ?? texts.none,
          },
          ...(may('PATCH /api/trunks/{id}')
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
                  cell: (trunk: Trunk) => (
                    <SpaceBetween direction="horizontal" size="xxs">
                      <Button
                        variant="inline-icon"
                        iconName="edit"
                        ariaLabel={said.editOf(trunk.name)}
                        onClick={() => setOpen({ act: 'edit', trunk })}
                      />
                      <Button
                        variant="inline-icon"
                        iconName="remove"
                        ariaLabel={said.removeOf(trunk.name)}
                        onClick={() => setOpen({ act: 'remove', trunk })}
                      />
                    </SpaceBetween>
                  ),
                },
              ]
            : []),
        ]}
      />
      {open === 'add' && <TrunkForm trunk={null} onClose={close} />}
      {open !== null && open !== 'add' && open.act === 'edit' && (
        <Edited read={() => api.GET('/api/trunks/{id}', { params: { path: { id: open.trunk.id } } })} onClose={close}>
          {(trunk) => <TrunkForm trunk={trunk} onClose={close} />}
        </Edited>
      )}
      {open !== null && open !== 'add' && open.act === 'remove' && <RemoveTrunk trunk={open.trunk} onClose={close} />}
    </>
  );
}
