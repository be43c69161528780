import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { durationText } from '../../parts/age.tsx';
import { FormModal } from '../../parts/form-modal.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { texts } from '../../texts/texts.ts';
import type { DrillPlan, Trigger } from './alert-types.ts';
import { useRules } from './use-drill-target.ts';
import { useGroups, useRecipients } from './use-names.ts';

const MAX_NOTE = 500;
const SHOWN = 20;
const KINDS = ['trigger', 'rule', 'group', 'recipient'] as const;
type Kind = (typeof KINDS)[number];

const TRIGGERS = Object.entries(texts.alerts.triggers)
  .filter(([id]) => id !== 'drill')
  .map(([id, name]) => ({ id, name }));

type Asked = { ruleId?: string; groupId?: string; recipientId?: string; trigger?: Trigger; locationId?: string };

function askedBy(kind: Kind, id: string, locationId: string): Asked {
  const place = locationId === '' ? {} : { locationId };
  switch (kind) {
    case 'trigger':
      return { trigger: id as Trigger, ...place };
    case 'rule':
      return { ruleId: id, ...place };
    case 'group':
      return { groupId: id, ...place };
    case 'recipient':
      return { recipientId: id, ...place };
  }
}

function Plan({ plan }: { plan: DrillPlan }) {
  const { recipients, passedOver } = plan;
  if (recipients.length === 0) return <Alert type="warning">{texts.drills.nobody}</Alert>;
  return (
    <div>
      <Box variant="strong">{texts.drills.wouldTell(recipients.length)}</Box>
      <ul>
        {recipients.slice(0, SHOWN).map(({ key, label, channel, afterSeconds }) => (
          <li key={key}>
            {label} ({texts.alerts.channels[channel]})
            {afterSeconds > 0 && `, ${texts.rules.afterUnless(durationText(afterSeconds))}`}
          </li>
        ))}
      </ul>
      {recipients.length > SHOWN && <Box>{texts.andMore(recipients.length - SHOWN)}</Box>}
      {passedOver.length > 0 && (
        <Box color="text-body-secondary">
          {texts.drills.passedOver([...new Set(passedOver.map(({ name }) => name))].join(', '))}
        </Box>
      )}
    </div>
  );
}

/** Chooses whom to try out and where, shows who would be told, and sends it. */
export function StartDrill({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const locations = useLocations();
  const rules = useRules().data ?? [];
  const groups = useGroups().data ?? [];
  const recipients = useRecipients().data ?? [];
  const given = KINDS.find((one) => search.get(`${one}Id`) !== null);
  const [kind, setKind] = useState<Kind>(given ?? 'trigger');
  const [id, setId] = useState(given === undefined ? 'call-placed' : (search.get(`${given}Id`) ?? ''));
  const [locationId, setLocationId] = useState('');
  const [note, setNote] = useState('');
  const choices = { trigger: TRIGGERS, rule: rules, group: groups, recipient: recipients }[kind];
  const options = choices.map(({ id: value, name: label }) => ({ value, label }));
  const kinds = KINDS.map((value) => ({ value, label: texts.drills.kinds[value] }));
  const places = [
    { value: '', label: texts.drills.nowhere },
    ...Object.entries(locations).map(([value, label]) => ({ value, label })),
  ];
  const asked = askedBy(kind, id, locationId);
  const plan = useQuery({
    queryKey: ['drills', 'plan', asked],
    enabled: id !== '',
    queryFn: async (): Promise<DrillPlan | undefined> => {
      const { data } = await api.POST('/api/drills', { body: { ...asked, dryRun: true } });
      return data !== undefined && 'recipients' in data ? data : undefined;
    },
  });
  // Who is told by what was chosen before is not shown, and nothing is sent on the strength of it.
  const shown = id === '' ? undefined : plan.data;
  const starting = useMutation({
    mutationFn: async () => {
      const { data } = await api.POST('/api/drills', {
        body: { ...asked, ...(note.trim() !== '' && { note: note.trim() }) },
      });
      return data !== undefined && 'id' in data ? data.id : undefined;
    },
    async onSuccess(started) {
      await client.invalidateQueries({ queryKey: ['drills'] });
      if (started === undefined) onClose();
      else await navigate(`/alerts/drills/${started}`);
    },
  });
  return (
    <FormModal
      title={texts.drills.start}
      action={texts.drills.send}
      isPending={starting.isPending}
      isReady={(shown?.recipients.length ?? 0) > 0}
      error={plan.error ?? starting.error}
      onSubmit={() => starting.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <Box>{texts.drills.help}</Box>
        <FormField label={texts.drills.who}>
          <Select
            options={kinds}
            selectedOption={kinds.find(({ value }) => value === kind) ?? null}
            onChange={({ detail }) => {
              const next = detail.selectedOption.value as Kind;
              setKind(next);
              setId(next === 'trigger' ? 'call-placed' : '');
            }}
          />
        </FormField>
        <FormField label={texts.drills.of[kind]}>
          <Select
            filteringType="auto"
            placeholder={texts.drills.pick}
            empty={texts.none}
            options={options}
            selectedOption={options.find(({ value }) => value === id) ?? null}
            onChange={({ detail }) => setId(detail.selectedOption.value ?? '')}
          />
        </FormField>
        <FormField label={texts.drills.place}>
          <Select
            filteringType="auto"
            options={places}
            selectedOption={places.find(({ value }) => value === locationId) ?? null}
            onChange={({ detail }) => setLocationId(detail.selectedOption.value ?? '')}
          />
        </FormField>
        <FormField label={texts.drills.note} description={texts.drills.noteHelp}>
          <Textarea rows={2} value={note} onChange={({ detail }) => setNote(detail.value.slice(0, MAX_NOTE))} />
        </FormField>
        {shown && <Plan plan={shown} />}
      </SpaceBetween>
    </FormModal>
  );
}
