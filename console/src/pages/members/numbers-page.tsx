import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { PageLink } from '../../parts/links.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { NumberEntry } from './member-types.ts';

const said = texts.numbers;
const NUMBERS_PATH = '/v1/telephony/config/locations/{locationId}/numbers';
type Act = 'ACTIVATE' | 'DEACTIVATE' | 'remove';

function AddNumbers({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [locationId, setLocationId] = useState('');
  const [text, setText] = useState('');
  const phoneNumbers = text.split(/[\s,;]+/).filter((one) => one !== '');
  const add = useMutation({
    mutationFn: async () => (await api.POST('/api/numbers', { body: { locationId, phoneNumbers } })).data,
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: ['numbers'] });
      notify({ type: 'success', content: said.added(answer?.added.length ?? 0) });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.add}
      action={said.add}
      error={add.error}
      isReady={locationId !== '' && phoneNumbers.length > 0}
      isPending={add.isPending}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <FormField label={texts.members.location} errorText={faultOf(add.error, 'locationId')}>
        <LocationSelect label={texts.members.location} value={locationId} onChange={setLocationId} />
      </FormField>
      <FormField label={said.title} constraintText={said.addHelp} errorText={faultOf(add.error, 'phoneNumbers')}>
        <Textarea value={text} rows={6} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
    </FormModal>
  );
}

/** One request per location, as the contract takes them; `told` hears of each that was done, as a later one may be refused. */
async function change(
  act: Act,
  selected: readonly NumberEntry[],
  told: (numbers: readonly string[]) => void,
): Promise<void> {
  const byLocation = new Map<string, string[]>();
  for (const { number, locationId } of selected) {
    if (number !== null) byLocation.set(locationId, [...(byLocation.get(locationId) ?? []), number]);
  }
  for (const [locationId, phoneNumbers] of byLocation) {
    const params = { path: { locationId } };
    if (act === 'remove') await api.DELETE(NUMBERS_PATH, { params, body: { phoneNumbers } });
    else await api.PUT(NUMBERS_PATH, { params, body: { phoneNumbers, action: act } });
    told(phoneNumbers);
  }
}

export default function NumbersPage() {
  const may = useMay();
  const notify = useNotify();
  const notifyRemoved = useNotifyRemoved();
  const client = useQueryClient();
  const locations = useLocations();
  const [selected, setSelected] = useState<readonly NumberEntry[]>([]);
  const [open, setOpen] = useState<'add' | Act | null>(null);
  const mayChange = may(`PUT ${NUMBERS_PATH}`);
  const add = may('POST /api/numbers') && (
    <Button variant="primary" onClick={() => setOpen('add')}>
      {said.add}
    </Button>
  );
  return (
    <>
      <DataTable<NumberEntry>
        title={said.title}
        description={said.description}
        usualSort="number"
        listKey="numbers"
        isSearchable
        filterNames={['locationId', 'available', 'active']}
        filters={
          <>
            <Choice name="locationId" label={texts.wireMap.anyLocation} choices={locations} isSearchable />
            <Choice name="available" label={said.anyOwner} choices={said.owners} />
            <Choice name="active" label={said.anyState} choices={said.states} />
          </>
        }
        itemKey={({ number, locationId }) => number ?? locationId}
        {...(mayChange && { selection: { items: selected, onChange: setSelected } })}
        read={async ({ start, max, text, filters: { available, active, ...rest }, sort }) => {
          const query = {
            start,
            max,
            ...rest,
            ...(text !== '' && { text }),
            ...sortedBy(sort),
            ...(available !== undefined && { available: available === 'true' }),
            ...(active !== undefined && { active: active === 'true' }),
          };
          const { data, response } = await api.GET('/api/numbers', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {mayChange && (
              <ButtonDropdown
                disabled={selected.length === 0}
                items={[
                  { id: 'ACTIVATE', text: said.activate },
                  { id: 'DEACTIVATE', text: said.deactivate },
                  ...(may(`DELETE ${NUMBERS_PATH}`) ? [{ id: 'remove', text: said.remove }] : []),
                ]}
                onItemClick={({ detail }) => setOpen(detail.id as Act)}
              >
                {texts.wireMap.edit}
              </ButtonDropdown>
            )}
            {add}
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center">
            <SpaceBetween size="s">
              <Box>{said.empty}</Box>
              {add}
            </SpaceBetween>
          </Box>
        }
        columns={[
          { id: 'number', header: said.number, sort: 'number', cell: ({ number }) => number ?? '', isRowHeader: true },
          {
            id: 'owner',
            header: said.owner,
            sort: 'owner',
            csv: ({ owner }) => owner?.displayName,
            cell: ({ owner }) =>
              owner ? <PageLink to={`/members/${owner.id}`}>{owner.displayName}</PageLink> : said.nobody,
          },
          {
            id: 'location',
            header: texts.members.location,
            sort: 'location',
            csv: ({ locationId }) => locations[locationId] ?? texts.unknown,
            cell: ({ locationId }) => <LocationLink id={locationId} name={locations[locationId]} />,
          },
          {
            id: 'state',
            header: said.state,
            sort: 'active',
            csv: ({ active }) => (active ? said.active : said.inactive),
            cell: ({ active }) => (
              <StatusIndicator type={active ? 'success' : 'stopped'}>
                {active ? said.active : said.inactive}
              </StatusIndicator>
            ),
          },
          {
            id: 'marks',
            header: said.marks,
            csv: ({ isMain, isTollFree, isServiceNumber }) =>
              [isMain && said.main, isTollFree && said.tollFree, isServiceNumber && said.service]
                .filter((mark) => mark !== false)
                .join(', '),
            cell: ({ isMain, isTollFree, isServiceNumber }) => (
              <SpaceBetween direction="horizontal" size="xxs">
                {isMain && <Badge color="blue">{said.main}</Badge>}
                {isTollFree && <Badge>{said.tollFree}</Badge>}
                {isServiceNumber && <Badge>{said.service}</Badge>}
              </SpaceBetween>
            ),
          },
        ]}
      />
      {open === 'add' && <AddNumbers onClose={() => setOpen(null)} />}
      {open !== null && open !== 'add' && (
        <Confirm
          title={said.acts[open].title}
          action={said.acts[open].action}
          onClose={() => setOpen(null)}
          run={async () => {
            const done: string[] = [];
            try {
              await change(open, selected, (numbers) => done.push(...numbers));
            } finally {
              await client.invalidateQueries({ queryKey: ['numbers'] });
              if (done.length > 0 && open === 'remove') {
                notifyRemoved({ id: done, name: done.join(', '), content: said.removed(done.length) });
              } else if (done.length > 0) notify({ type: 'success', content: said.changed(done.length) });
              // What was refused stays selected.
              setSelected(selected.filter(({ number }) => number !== null && !done.includes(number)));
            }
          }}
        >
          <div>{said.acts[open].says}</div>
          <Box variant="p">{selected.map(({ number }) => number).join(', ')}</Box>
        </Confirm>
      )}
    </>
  );
}
