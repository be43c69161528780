import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { LocationItem } from '../places/place-types.ts';

/** One of the locations. */
export function LocationSelect({
  label,
  locations,
  value,
  onChange,
}: {
  label: string;
  locations: readonly LocationItem[];
  value: LocationItem | undefined;
  onChange: (id: string) => void;
}) {
  const options = locations.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <FormField label={label}>
      <Select
        options={options}
        filteringType={options.length > 10 ? 'auto' : 'none'}
        selectedOption={value ? { value: value.id, label: value.name } : null}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
      />
    </FormField>
  );
}
