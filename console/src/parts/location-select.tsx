import Select from '@cloudscape-design/components/select';
import { texts } from '../texts/texts.ts';
import { useLocations } from './use-locations.ts';

/** One of the organization's locations. */
export function LocationSelect({
  value,
  onChange,
  label,
}: {
  value: string;
  onChange: (id: string) => void;
  label: string;
}) {
  const locations = useLocations();
  return (
    <Select
      ariaLabel={label}
      placeholder={texts.picker.pickLocation}
      filteringType="auto"
      expandToViewport
      options={Object.entries(locations).map(([id, name]) => ({ value: id, label: name }))}
      selectedOption={value === '' ? null : { value, label: locations[value] ?? value }}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
    />
  );
}
