import Select from '@cloudscape-design/components/select';
import { useSearchParams } from 'react-router';

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
  const [search, setSearch] = useSearchParams();
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
        setSearch((before) => {
          const next = new URLSearchParams(before);
          for (const other of ['page', 'before', 'after']) next.delete(other);
          if (detail.selectedOption.value) next.set(name, detail.selectedOption.value);
          else next.delete(name);
          return next;
        })
      }
    />
  );
}
