import { api } from '../api/client.ts';
import { texts } from '../texts/texts.ts';
import { type Picked, SearchPicker } from './search-picker.tsx';
import { useLocations } from './use-locations.ts';

export type PickedPlace = Picked;

type Place = { id: string; name: string; locationId: string; civic?: { FLR?: string; ROOM?: string } };

const SHOWN = 50;
const said = texts.picker;

/** Finds a response location by its name, room or ELIN. */
export function ResponseLocationPicker({
  value,
  onChange,
  label,
}: {
  value: PickedPlace | null;
  onChange: (place: PickedPlace) => void;
  label: string;
}) {
  const locations = useLocations();
  return (
    <SearchPicker
      value={value}
      onChange={onChange}
      label={label}
      placeholder={said.pick}
      searchLabel={said.find}
      empty={said.none}
      listKey={['response-locations', 'picked']}
      find={async (text) => {
        const query = { max: SHOWN, ...(text !== '' && { text }) };
        const { data } = await api.GET('/api/response-locations', { params: { query } });
        return ((data?.items ?? []) as Place[]).map(({ id, name, locationId, civic }) => ({
          id,
          name,
          detail: [locations[locationId], civic?.FLR && said.floor(civic.FLR), civic?.ROOM && said.room(civic.ROOM)]
            .filter(Boolean)
            .join(' · '),
        }));
      }}
    />
  );
}
