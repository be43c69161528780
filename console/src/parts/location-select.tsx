import Select from '@cloudscape-design/components/select';
import { texts } from '../texts/texts.ts';
import { useLocations } from './use-locations.ts';

/** One of the organization's locations. */
export function LocationSelect({
  value,
  onChange,
  label,
  among,
}: {
  value: string;
  onChange: (id: string) => void;
  label: string;
  /** Only these. */
  among?: readonly { id: string; name: string }[];
}) {
  const all = useLocations();
  const options = among
    ? among.map(({ id, name }) => ({ value: id, label: name }))
    : Object.entries(all).map(([id, name]) => ({ value: id, label: name }));
  return (
    <Select
      ariaLabel={label}
      placeholder={texts.picker.pickLocation}
      filteringType={options.length > 10 ? 'auto' : 'none'}
      expandToViewport
      options={options}
      selectedOption={options.find((one) => one.value === value) ?? (value === '' ? null : { value, label: value })}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
    />
  );
}
