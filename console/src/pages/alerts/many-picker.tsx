import Multiselect from '@cloudscape-design/components/multiselect';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useFound } from '../../parts/use-found.ts';
import { texts } from '../../texts/texts.ts';
import { useGroupNames, useRecipientNames } from './use-names.ts';

const SHOWN = 50;

type PickerProps = {
  ids: readonly string[];
  onChange: (ids: string[]) => void;
  label: string;
  isDisabled?: boolean;
};

type Found = readonly { id: string; name: string }[];

function Picker(
  props: PickerProps & {
    kind: string;
    names: ReadonlyMap<string, string>;
    placeholder: string;
    empty: string;
    find: (text: string) => Promise<Found>;
  },
) {
  const { ids, onChange, label, names, kind, find } = props;
  // Names of what was picked out of a search, before lists are read anew.
  const [picked, setPicked] = useState<Readonly<Record<string, string>>>({});
  const { found, picker } = useFound([kind, 'picker'], find);
  return (
    <Multiselect
      ariaLabel={label}
      placeholder={props.placeholder}
      {...picker}
      filteringAriaLabel={texts.table.search}
      filteringPlaceholder={texts.table.search}
      disabled={props.isDisabled ?? false}
      empty={props.empty}
      tokenLimit={20}
      deselectAriaLabel={({ label: name = '' }) => texts.remove(name)}
      options={found.map(({ id, name }) => ({ value: id, label: name }))}
      selectedOptions={ids.map((id) => ({ value: id, label: names.get(id) ?? picked[id] ?? id }))}
      onChange={({ detail }) => {
        const chosen = detail.selectedOptions.flatMap(({ value, label: name = '' }) =>
          value === undefined ? [] : [[value, name] as const],
        );
        setPicked((before) => ({ ...before, ...Object.fromEntries(chosen) }));
        onChange(chosen.map(([id]) => id));
      }}
    />
  );
}

/** Recipients, found by name, address or number; the platform searches. */
export function RecipientPicker(props: PickerProps) {
  return (
    <Picker
      {...props}
      kind="alert-recipients"
      names={useRecipientNames(props.ids)}
      placeholder={texts.recipients.pick}
      empty={texts.recipients.noneFound}
      find={async (text) => {
        const query = { max: SHOWN, ...(text !== '' && { text }) };
        return (await api.GET('/api/alert-recipients', { params: { query } })).data?.items ?? [];
      }}
    />
  );
}

export function GroupPicker(props: PickerProps) {
  return (
    <Picker
      {...props}
      kind="alert-groups"
      names={useGroupNames(props.ids)}
      placeholder={texts.groups.pick}
      empty={texts.groups.noneFound}
      find={async (text) => {
        const query = { max: SHOWN, ...(text !== '' && { text }) };
        return (await api.GET('/api/alert-groups', { params: { query } })).data?.items ?? [];
      }}
    />
  );
}
