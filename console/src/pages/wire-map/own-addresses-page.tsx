import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { pageOfWhole } from '../../parts/whole-list.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

type Range = paths['/api/address-ranges']['get']['responses']['200']['content']['application/json']['items'][number];
type NewRange = paths['/api/address-ranges']['post']['requestBody']['content']['application/json'];

const said = texts.ownAddresses;
const KEY = 'address-ranges';

const addRange = (body: NewRange) => api.POST('/api/address-ranges', { body });

function AddRange({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const locations = useLocations();
  const [range, setRange] = useState('');
  const [locationId, setLocationId] = useState('');
  const [description, setDescription] = useState('');
  const add = useMutation({
    mutationFn: () => addRange({ range, description, ...(locationId !== '' && { locationId }) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [KEY] });
      notify({ type: 'success', content: said.added(range) });
      onClose();
    },
  });
  const options = [
    { value: '', label: said.anyLocation },
    ...Object.entries(locations).map(([id, name]) => ({ value: id, label: name })),
  ];
  return (
    <FormModal
      title={said.add}
      action={said.add}
      error={add.error}
      isReady={range.trim() !== ''}
      isPending={add.isPending}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <FormField label={said.range} constraintText={said.rangeHelp} errorText={faultOf(add.error, 'range')}>
        <Input value={range} autoFocus onChange={({ detail }) => setRange(detail.value)} />
      </FormField>
      <FormField label={said.location} errorText={faultOf(add.error, 'locationId')}>
        <Select
          filteringType="auto"
          options={options}
          selectedOption={options.find(({ value }) => value === locationId) ?? null}
          onChange={({ detail }) => setLocationId(detail.selectedOption.value ?? '')}
        />
      </FormField>
      <FormField label={texts.wireMap.note} errorText={faultOf(add.error, 'description')}>
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormModal>
  );
}

function RemoveRange({ range, onClose }: { range: Range; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const again = (): void => {
    const { range: text, locationId, description } = range;
    void addRange({ range: text, locationId, description })
      .then(() => client.invalidateQueries({ queryKey: [KEY] }))
      .catch((error: unknown) =>
        notify({ type: 'error', content: error instanceof Error ? error.message : String(error) }),
      );
  };
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/address-ranges/{id}', { params: { path: { id: range.id } } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [KEY] });
      notify({
        type: 'success',
        content: said.removed(range.range),
        action: <Button onClick={again}>{said.undo}</Button>,
      });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.removeTitle}
      action={texts.wireMap.remove}
      error={remove.error}
      isReady
      isPending={remove.isPending}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <Alert type="warning">{said.removes(range.range)}</Alert>
    </FormModal>
  );
}

export default function OwnAddressesPage() {
  const may = useMay();
  const locations = useLocations();
  const placeOf = ({ locationId }: Range): string =>
    locationId === null ? said.anyLocation : (locations[locationId] ?? locationId);
  const [isAdding, setIsAdding] = useState(false);
  const [removed, setRemoved] = useState<Range | null>(null);
  return (
    <SpaceBetween size="s">
      <DataTable<Range>
        title={said.title}
        description={said.description}
        listKey={KEY}
        itemKey={({ id }) => id}
        isSearchable
        usualSort="range"
        read={async (request) => {
          const { data } = await api.GET('/api/address-ranges');
          return pageOfWhole(data?.items ?? [], request, {
            keys: { range: ({ range }) => range, location: placeOf, note: ({ description }) => description },
            textOf: (range) => `${range.range} ${placeOf(range)} ${range.description}`,
          });
        }}
        actions={
          may('POST /api/address-ranges') && (
            <Button variant="primary" onClick={() => setIsAdding(true)}>
              {said.add}
            </Button>
          )
        }
        empty={<Box textAlign="center">{said.empty}</Box>}
        columns={[
          { id: 'range', header: said.range, sort: 'range', cell: ({ range }) => range, isRowHeader: true },
          {
            id: 'location',
            header: said.location,
            sort: 'location',
            cell: placeOf,
          },
          { id: 'note', header: texts.wireMap.note, sort: 'note', cell: ({ description }) => description },
          ...(may('DELETE /api/address-ranges/{id}')
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  csv: null,
                  cell: (range: Range) => (
                    <Button
                      variant="inline-icon"
                      iconName="remove"
                      ariaLabel={said.removeOf(range.range)}
                      onClick={() => setRemoved(range)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
      {isAdding && <AddRange onClose={() => setIsAdding(false)} />}
      {removed && <RemoveRange range={removed} onClose={() => setRemoved(null)} />}
    </SpaceBetween>
  );
}
