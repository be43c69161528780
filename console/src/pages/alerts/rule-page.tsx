import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Rule, Severity, Trigger } from './alert-types.ts';
import { GroupPicker, RecipientPicker } from './many-picker.tsx';
import { NamedForm } from './named-form.tsx';
import { RulePlace } from './rule-place.tsx';

const LIST = '/alerts/rules';
const LISTS = ['alert-rules', 'alert-gaps'] as const;
const SECOND_STEP_SECONDS = 300;

type Step = Rule['steps'][number];
type Draft = Pick<Rule, 'name' | 'isEnabled' | 'place' | 'triggers' | 'severity' | 'steps'>;

const NEW: Draft = {
  name: '',
  isEnabled: true,
  place: { kind: 'organization', id: null },
  triggers: ['call-placed'],
  severity: null,
  steps: [{ afterSeconds: 0, recipientIds: [], groupIds: [] }],
};

const TRIGGERS = Object.entries(texts.alerts.triggers)
  .filter(([value]) => value !== 'drill')
  .map(([value, label]) => ({ value, label }));
const SEVERITIES = [
  { value: '', label: texts.rules.severityOfTrigger },
  ...Object.entries(texts.alerts.severities).map(([value, label]) => ({ value, label })),
];

/** One rule: what it is about, where it holds, who is told and who next while nobody acknowledges. */
export default function RulePage() {
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  const isNew = id === 'new';
  if (isNew) {
    const locationId = search.get('locationId');
    return (
      <RuleForm id={null} first={locationId === null ? NEW : { ...NEW, place: { kind: 'location', id: locationId } }} />
    );
  }
  return (
    <Edited key={id} isPage read={() => api.GET('/api/alert-rules/{id}', { params: { path: { id } } })}>
      {(current) => <RuleForm id={id} first={current} />}
    </Edited>
  );
}

function Minutes(props: { label: string; seconds: number; onChange: (seconds: number) => void }) {
  const [typed, setTyped] = useState(String(props.seconds / 60));
  return (
    <Input
      type="number"
      inputMode="decimal"
      step="any"
      ariaLabel={props.label}
      value={typed}
      onChange={({ detail }) => {
        setTyped(detail.value);
        const minutes = Number(detail.value);
        if (detail.value !== '' && minutes >= 0) props.onChange(Math.round(minutes * 60));
      }}
    />
  );
}

function Steps(props: { steps: readonly Step[]; error: Error | null; onChange: (steps: Step[]) => void }) {
  const { steps, error, onChange } = props;
  return (
    <SpaceBetween size="m">
      {steps.map((step, at) => {
        const label = texts.rules.step(at + 1);
        const set = (changes: Partial<Step>): void =>
          onChange(steps.map((other, index) => (index === at ? { ...step, ...changes } : other)));
        const fault = faultOf(error, `steps.${at}`) ?? faultOf(error, `steps.${at}.recipientIds`);
        return (
          <Container
            // Steps have no name of their own, and are not put in another order.
            key={`step ${at} of ${steps.length}`}
            header={
              <Header
                variant="h3"
                actions={
                  steps.length > 1 && (
                    <Button
                      formAction="none"
                      iconName="remove"
                      variant="icon"
                      ariaLabel={texts.remove(label)}
                      onClick={() => onChange(steps.filter((_, index) => index !== at))}
                    />
                  )
                }
              >
                {label}
              </Header>
            }
          >
            <SpaceBetween size="m">
              <FormField
                label={texts.rules.minutes}
                description={at === 0 ? texts.rules.minutesFirst : texts.rules.minutesLater}
                errorText={faultOf(error, `steps.${at}.afterSeconds`)}
              >
                <Minutes
                  label={`${label}: ${texts.rules.minutes}`}
                  seconds={step.afterSeconds}
                  onChange={(afterSeconds) => set({ afterSeconds })}
                />
              </FormField>
              <FormField label={texts.rules.groups} errorText={faultOf(error, `steps.${at}.groupIds`)} stretch>
                <GroupPicker
                  label={`${label}: ${texts.rules.groups}`}
                  ids={step.groupIds}
                  onChange={(groupIds) => set({ groupIds })}
                />
              </FormField>
              <FormField label={texts.rules.recipients} errorText={fault} stretch>
                <RecipientPicker
                  label={`${label}: ${texts.rules.recipients}`}
                  ids={step.recipientIds}
                  onChange={(recipientIds) => set({ recipientIds })}
                />
              </FormField>
            </SpaceBetween>
          </Container>
        );
      })}
      <Button
        formAction="none"
        iconName="add-plus"
        onClick={() =>
          onChange([
            ...steps,
            {
              afterSeconds: (steps.at(-1)?.afterSeconds ?? 0) + SECOND_STEP_SECONDS,
              recipientIds: [],
              groupIds: [],
            },
          ])
        }
      >
        {texts.rules.addStep}
      </Button>
    </SpaceBetween>
  );
}

function RuleForm({ id, first }: { id: string | null; first: Draft }) {
  const may = useMay();
  const navigate = useNavigate();
  const notify = useNotify();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(first);
  const change = (changes: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changes }));
  const saving = useMutation({
    async mutationFn() {
      const { name, isEnabled, place, triggers, severity, steps } = draft;
      const body = { name, isEnabled, place, triggers, severity, steps };
      return id === null
        ? (await api.POST('/api/alert-rules', { body })).data
        : (await api.PATCH('/api/alert-rules/{id}', { params: { path: { id } }, body })).data;
    },
    async onSuccess(saved) {
      await Promise.all(LISTS.map((list) => client.invalidateQueries({ queryKey: [list] })));
      notify({ type: 'success', content: texts.saved(saved?.name ?? draft.name) });
      await navigate(LIST);
    },
  });
  const { error } = saving;
  return (
    <NamedForm
      existing={id === null ? null : { id, name: first.name }}
      addTitle={texts.rules.add}
      mayWrite={may(id === null ? 'POST /api/alert-rules' : 'PATCH /api/alert-rules/{id}')}
      mayRemove={may('DELETE /api/alert-rules/{id}')}
      saving={saving}
      drillBy="ruleId"
      list={LIST}
      removal={{
        help: texts.rules.removeHelp,
        lists: LISTS,
        canForce: false,
        remove: (one) => api.DELETE('/api/alert-rules/{id}', { params: { path: { id: one } } }),
      }}
    >
      <Container header={<Header variant="h2">{texts.rules.about}</Header>}>
        <SpaceBetween size="m">
          <FormField label={texts.rules.name} errorText={faultOf(error, 'name')}>
            <Input
              value={draft.name}
              autoFocus={id === null}
              onChange={({ detail }) => change({ name: detail.value })}
            />
          </FormField>
          <Toggle checked={draft.isEnabled} onChange={({ detail }) => change({ isEnabled: detail.checked })}>
            {draft.isEnabled ? texts.rules.on : texts.rules.off}
          </Toggle>
          <FormField label={texts.rules.triggers} errorText={faultOf(error, 'triggers')} stretch>
            <Multiselect
              ariaLabel={texts.rules.triggers}
              placeholder={texts.rules.pickTriggers}
              options={TRIGGERS}
              deselectAriaLabel={({ label = '' }) => texts.remove(label)}
              selectedOptions={TRIGGERS.filter(({ value }) => draft.triggers.includes(value as Trigger))}
              onChange={({ detail }) =>
                change({ triggers: detail.selectedOptions.map(({ value }) => value as Trigger) })
              }
            />
          </FormField>
          <FormField label={texts.rules.severity} description={texts.rules.severityHelp}>
            <Select
              options={SEVERITIES}
              selectedOption={SEVERITIES.find(({ value }) => value === (draft.severity ?? '')) ?? null}
              onChange={({ detail }) =>
                change({
                  severity: detail.selectedOption.value ? (detail.selectedOption.value as Severity) : null,
                })
              }
            />
          </FormField>
          <RulePlace place={draft.place} onChange={(place) => change({ place })} fault={faultOf(error, 'place.id')} />
        </SpaceBetween>
      </Container>
      <Header variant="h2" description={texts.rules.stepsHelp}>
        {texts.rules.steps}
      </Header>
      <Steps steps={draft.steps} error={error} onChange={(steps) => change({ steps })} />
    </NamedForm>
  );
}
