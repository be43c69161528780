import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { texts } from '../../texts/texts.ts';
import type { Rule } from './alert-types.ts';

type Place = Rule['place'];

/** Where a rule holds. A building is that of its one location: whoever wants it picks the location. */
export function RulePlace(props: { place: Place; onChange: (place: Place) => void; fault?: string | undefined }) {
  const { place, onChange, fault } = props;
  const locations = useLocations();
  const [name, setName] = useState('');
  const kinds = (['organization', 'location', 'building', 'response-location'] as const)
    // There is a building in rules that were made by the API.
    .filter((kind) => kind !== 'building' || place.kind === 'building')
    .map((kind) => ({ value: kind, label: texts.rules.placeKinds[kind] }));
  const sites = Object.entries(locations).map(([value, label]) => ({ value, label }));
  return (
    <SpaceBetween size="m">
      <FormField label={texts.rules.place} description={texts.rules.placeHelp}>
        <Select
          options={kinds}
          selectedOption={kinds.find(({ value }) => value === place.kind) ?? null}
          onChange={({ detail }) => {
            const kind = detail.selectedOption.value as Place['kind'];
            onChange({ kind, id: kind === 'organization' ? null : '' });
          }}
        />
      </FormField>
      {place.kind === 'location' && (
        <FormField label={texts.rules.placeKinds.location} errorText={fault}>
          <Select
            filteringType="auto"
            placeholder={texts.rules.pickLocation}
            options={sites}
            selectedOption={sites.find(({ value }) => value === place.id) ?? null}
            onChange={({ detail }) => onChange({ ...place, id: detail.selectedOption.value ?? null })}
          />
        </FormField>
      )}
      {place.kind === 'response-location' && (
        <FormField label={texts.rules.placeKinds['response-location']} errorText={fault}>
          <ResponseLocationPicker
            label={texts.rules.placeKinds['response-location']}
            value={place.id === null || place.id === '' ? null : { id: place.id, name: name || place.id }}
            onChange={(picked) => {
              setName(picked.name);
              onChange({ ...place, id: picked.id });
            }}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}
