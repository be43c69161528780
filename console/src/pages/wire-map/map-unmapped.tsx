import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { type PickedPlace, ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { elementName } from './element-name.ts';
import { wireMapChanged } from './wire-map-changed.ts';

export type Unmapped =
  paths['/api/wire-map/unmapped']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.inbox;
const NEIGHBOURS = 50;
const SUGGESTED = 3;

/** What its neighbours in the network have in common with it: the switch, the first digits, the wider subnet. */
function neighbourText({ kind, value }: Unmapped): string | null {
  switch (kind) {
    case 'switch-port':
    case 'switch-chassis':
      return value;
    case 'bssid':
    case 'mac':
      return value.slice(0, 'aa:bb:cc:dd:ee'.length);
    case 'ip-range':
      return value.split('.').length === 4
        ? `${value.split('.').slice(0, 2).join('.')}.`
        : value.split(':').slice(0, 3).join(':');
    case 'device':
      return null;
  }
}

/** Where the neighbours stand, those with most of them first. */
function useSuggestions(element: Unmapped): PickedPlace[] {
  const text = neighbourText(element);
  const { data } = useQuery({
    queryKey: ['wire-map', 'neighbours', text],
    enabled: text !== null,
    queryFn: async () => {
      const query = { text: text ?? '', max: NEIGHBOURS };
      return (await api.GET('/api/wire-map', { params: { query } })).data?.items ?? [];
    },
  });
  const places = new Map<string, { place: PickedPlace; count: number }>();
  for (const { responseLocationId: id, responseLocationName: name } of data ?? []) {
    if (name !== null) places.set(id, { place: { id, name }, count: (places.get(id)?.count ?? 0) + 1 });
  }
  return [...places.values()]
    .sort((one, other) => other.count - one.count)
    .slice(0, SUGGESTED)
    .map(({ place }) => place);
}

/** Ties an element that nobody mapped to a place: one click where its neighbours stand, two for any other. */
export function MapUnmapped({ element, onClose }: { element: Unmapped; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const suggestions = useSuggestions(element);
  const [place, setPlace] = useState<PickedPlace | null>(null);
  const map = useMutation({
    mutationFn: ({ id }: PickedPlace) =>
      api.POST('/api/wire-map/unmapped/{id}/map', {
        params: { path: { id: element.id } },
        body: { responseLocationId: id },
      }),
    onSuccess: async (_answer, { name }) => {
      await client.invalidateQueries({ queryKey: ['unmapped'] });
      await wireMapChanged(client);
      notify({ type: 'success', content: said.mapped(elementName(element), name) });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.mapOf(elementName(element))}
      action={said.map}
      error={map.error}
      isReady={place !== null}
      isPending={map.isPending}
      onSubmit={() => {
        if (place) map.mutate(place);
      }}
      onClose={onClose}
    >
      {suggestions.length > 0 && (
        <FormField label={said.suggested}>
          <SpaceBetween direction="horizontal" size="xs">
            {suggestions.map((one) => (
              <Button key={one.id} formAction="none" disabled={map.isPending} onClick={() => map.mutate(one)}>
                {one.name}
              </Button>
            ))}
          </SpaceBetween>
        </FormField>
      )}
      <FormField label={suggestions.length > 0 ? said.elsewhere : texts.wireMap.place}>
        <ResponseLocationPicker label={texts.wireMap.place} value={place} onChange={setPlace} />
      </FormField>
    </FormModal>
  );
}
