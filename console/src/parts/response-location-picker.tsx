import Select from '@cloudscape-design/components/select';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../api/client.ts';
import { texts } from '../texts/texts.ts';
import { useLocations } from './use-locations.ts';

export type PickedPlace = { id: string; name: string };

type Place = { id: string; name: string; locationId: string; civic?: { FLR?: string; ROOM?: string } };

const SHOWN = 50;
const TYPING_MS = 200;

/** Finds a response location by its name, floor, room or ELIN; the platform searches. */
export function ResponseLocationPicker({
  value,
  onChange,
  label,
  locationId,
  isInvalid = false,
}: {
  value: PickedPlace | null;
  onChange(place: PickedPlace): void;
  label: string;
  /** Only those of this location. */
  locationId?: string | undefined;
  isInvalid?: boolean;
}) {
  const locations = useLocations();
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFetching, error, refetch } = useQuery({
    queryKey: ['response-locations', 'picked', text, locationId ?? ''],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { max: SHOWN, ...(text !== '' && { text }), ...(locationId !== undefined && { locationId }) };
      const answer = await api.GET('/api/response-locations', { params: { query } });
      return (answer.data?.items ?? []) as Place[];
    },
  });
  const places = data ?? [];
  return (
    <Select
      ariaLabel={label}
      placeholder={texts.picker.pick}
      filteringType="manual"
      filteringPlaceholder={texts.picker.find}
      filteringAriaLabel={texts.picker.find}
      empty={texts.picker.none}
      invalid={isInvalid}
      expandToViewport
      statusType={error ? 'error' : isFetching && !data ? 'loading' : 'finished'}
      loadingText={texts.loading}
      errorText={error?.message ?? ''}
      recoveryText={texts.retry}
      onLoadItems={({ detail }) => {
        setTyped(detail.filteringText);
        if (error) void refetch();
      }}
      options={places.map(({ id, name, locationId: site, civic }) => ({
        value: id,
        label: name,
        description: [
          locations[site],
          civic?.FLR && texts.picker.floor(civic.FLR),
          civic?.ROOM && texts.picker.room(civic.ROOM),
        ]
          .filter(Boolean)
          .join(' · '),
      }))}
      selectedOption={value && { value: value.id, label: value.name }}
      onChange={({ detail }) => {
        const { value: id = '', label: name = '' } = detail.selectedOption;
        onChange({ id, name });
      }}
    />
  );
}
