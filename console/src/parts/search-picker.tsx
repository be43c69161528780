import Select from '@cloudscape-design/components/select';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { texts } from '../texts/texts.ts';

export type Picked = { id: string; name: string };

const TYPING_MS = 200;

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
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFetching, error, refetch } = useQuery({
    queryKey: [...props.listKey, text],
    placeholderData: keepPreviousData,
    queryFn: () => props.find(text),
  });
  return (
    <Select
      ariaLabel={props.label}
      placeholder={props.placeholder}
      filteringType="manual"
      filteringPlaceholder={props.searchLabel}
      filteringAriaLabel={props.searchLabel}
      empty={props.empty}
      expandToViewport
      statusType={error ? 'error' : isFetching && !data ? 'loading' : 'finished'}
      loadingText={texts.loading}
      errorText={error?.message ?? ''}
      recoveryText={texts.retry}
      onLoadItems={({ detail }) => {
        setTyped(detail.filteringText);
        if (error) void refetch();
      }}
      options={(data ?? []).map(({ id, name, detail }) => ({ value: id, label: name, description: detail }))}
      selectedOption={props.value && { value: props.value.id, label: props.value.name }}
      onChange={({ detail }) => {
        const { value: id = '', label: name = '' } = detail.selectedOption;
        props.onChange({ id, name });
      }}
    />
  );
}
