import Select from '@cloudscape-design/components/select';
import { useAddressBar } from './address-bar.ts';

/** A choice that stands in the address bar; the first means all. */
export function Choice({
  name,
  label,
  choices,
  isSearchable = false,
}: {
  name: string;
  label: string;
  choices: Readonly<Record<string, string>>;
  /** Where there are many. */
  isSearchable?: boolean;
}) {
  const [search, changeAddress] = useAddressBar();
  const value = search.get(name) ?? '';
  const options = [
    { value: '', label },
    ...Object.entries(choices).map(([choice, text]) => ({ value: choice, label: text })),
  ];
  return (
    <Select
      ariaLabel={label}
      options={options}
      {...(isSearchable && { filteringType: 'auto' as const })}
      selectedOption={options.find((option) => option.value === value) ?? { value: '', label }}
      onChange={({ detail }) =>
        changeAddress({ page: '', before: '', after: '', [name]: detail.selectedOption.value ?? '' }, true)
      }
    />
  );
}
