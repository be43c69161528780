import { api } from '../../api/client.ts';
import { type Picked, SearchPicker } from '../../parts/search-picker.tsx';
import { texts } from '../../texts/texts.ts';

const SHOWN = 50;

/** Somebody of a location, found by name or number. */
export function MemberPicker({
  value,
  onChange,
  label,
  locationId,
}: {
  value: Picked | null;
  onChange: (picked: Picked) => void;
  label: string;
  locationId: string;
}) {
  return (
    <SearchPicker
      value={value}
      onChange={onChange}
      label={label}
      placeholder={texts.members.pick}
      searchLabel={texts.members.find}
      empty={texts.members.noneFound}
      listKey={['members', 'picked', locationId]}
      find={async (text) => {
        const query = { max: SHOWN, locationId, ...(text !== '' && { text }) };
        const { data } = await api.GET('/api/members', { params: { query } });
        return (data?.items ?? []).map(({ id, displayName, numbers, extension }) => ({
          id,
          name: displayName,
          detail: numbers[0]?.number ?? extension ?? texts.none,
        }));
      }}
    />
  );
}
