import Select from '@cloudscape-design/components/select';
import { useFound } from './use-found.ts';

export type Picked = { id: string; name: string };

/** One of many things, found as one types; the platform searches. */
export function SearchPicker(props: {
  value: Picked | null;
  onChange: (picked: Picked) => void;
  label: string;
  placeholder: string;
  /** By what it finds. */
  searchLabel: string;
  /** What nothing found teaches. */
  empty: string;
  /** Names what is found among cached answers. */
  listKey: readonly unknown[];
  find: (text: string) => Promise<readonly (Picked & { detail: string })[]>;
}) {
  const { found, picker } = useFound(props.listKey, props.find);
  return (
    <Select
      ariaLabel={props.label}
      placeholder={props.placeholder}
      {...picker}
      filteringPlaceholder={props.searchLabel}
      filteringAriaLabel={props.searchLabel}
      empty={props.empty}
      options={found.map(({ id, name, detail }) => ({ value: id, label: name, description: detail }))}
      selectedOption={props.value && { value: props.value.id, label: props.value.name }}
      onChange={({ detail }) => {
        const { value: id = '', label: name = '' } = detail.selectedOption;
        props.onChange({ id, name });
      }}
    />
  );
}
