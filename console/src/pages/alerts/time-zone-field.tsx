import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { texts } from '../../texts/texts.ts';

const ZONES = Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }));
const OF_SITE = { value: '', label: texts.schedule.zoneOfSite };

/** A time zone; null: that of the site. */
export function TimeZoneField(props: {
  label: string;
  description: string;
  value: string | null;
  onChange: (zone: string | null) => void;
  fault?: string | undefined;
}) {
  const { label, description, value, onChange, fault } = props;
  return (
    <FormField label={label} description={description} errorText={fault}>
      <Select
        filteringType="auto"
        virtualScroll
        expandToViewport
        options={[OF_SITE, ...ZONES]}
        selectedOption={value === null ? OF_SITE : { value, label: value }}
        onChange={({ detail }) => onChange(detail.selectedOption.value || null)}
      />
    </FormField>
  );
}
