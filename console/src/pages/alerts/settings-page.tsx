import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { AlertSettings, Trigger } from './alert-types.ts';

const LANGUAGES = Object.entries(texts.alerts.languages).map(([value, label]) => ({ value, label }));
const HOUR_SECONDS = 3_600;
const TRIGGERS = Object.entries(texts.alerts.triggers)
  .filter(([value]) => value !== 'drill')
  .map(([value, label]) => ({ value, label, ...(value === 'call-placed' && { disabled: true }) }));

/** What the organization settles about its alerts, beside who is told. */
export default function AlertSettingsPage() {
  return (
    <Edited isPage read={() => api.GET('/api/alert-settings')}>
      {(current, again) => <SettingsForm first={current} onSaved={again} />}
    </Edited>
  );
}

const orNull = (text: string, factor = 1): number | null =>
  text.trim() === '' ? null : Math.round(Number(text) * factor);
const asText = (value: number | null, factor = 1): string => (value === null ? '' : String(value / factor));

function SettingsForm({ first, onSaved }: { first: AlertSettings; onSaved: () => void }) {
  const may = useMay();
  const client = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState(first);
  const [stale, setStale] = useState(asText(first.staleAfterSeconds, HOUR_SECONDS));
  const [retention, setRetention] = useState(asText(first.retentionDays));
  const change = (changes: Partial<AlertSettings>): void => setDraft((before) => ({ ...before, ...changes }));
  const saving = useMutation({
    async mutationFn() {
      const body = {
        ...draft,
        staleAfterSeconds: orNull(stale, HOUR_SECONDS),
        retentionDays: orNull(retention),
      };
      return (await api.PUT('/api/alert-settings', { body })).data;
    },
    onSuccess(saved) {
      client.setQueryData(['alert-settings'], saved);
      notify({ type: 'success', content: texts.saved(texts.alertSettings.title) });
      onSaved();
    },
  });
  const { error } = saving;
  const isReadOnly = !may('PUT /api/alert-settings');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <Form
        header={
          <Header variant="h1" description={texts.alertSettings.description}>
            {texts.alertSettings.title}
          </Header>
        }
        actions={
          !isReadOnly && (
            <Button variant="primary" loading={saving.isPending}>
              {texts.save}
            </Button>
          )
        }
      >
        <SpaceBetween size="l">
          <Container>
            <SpaceBetween size="l">
              <FormField
                label={texts.alertSettings.triggers}
                description={texts.alertSettings.triggersHelp}
                errorText={faultOf(error, 'contractTriggers')}
                stretch
              >
                <Multiselect
                  ariaLabel={texts.alertSettings.triggers}
                  disabled={isReadOnly}
                  options={TRIGGERS}
                  deselectAriaLabel={({ label = '' }) => texts.remove(label)}
                  selectedOptions={TRIGGERS.filter(({ value }) => draft.contractTriggers.includes(value as Trigger))}
                  onChange={({ detail }) => {
                    const chosen = detail.selectedOptions.map(({ value }) => value as Trigger);
                    change({ contractTriggers: chosen.includes('call-placed') ? chosen : ['call-placed', ...chosen] });
                  }}
                />
              </FormField>
              <FormField
                label={texts.alertSettings.stale}
                description={texts.alertSettings.staleHelp}
                errorText={faultOf(error, 'staleAfterSeconds')}
              >
                <Input
                  type="number"
                  step="any"
                  inputMode="decimal"
                  disabled={isReadOnly}
                  value={stale}
                  onChange={({ detail }) => setStale(detail.value)}
                />
              </FormField>
              <FormField label={texts.alertSettings.language} description={texts.alertSettings.languageHelp}>
                <Select
                  disabled={isReadOnly}
                  options={LANGUAGES}
                  selectedOption={LANGUAGES.find(({ value }) => value === draft.language) ?? null}
                  onChange={({ detail }) =>
                    change({ language: detail.selectedOption.value as AlertSettings['language'] })
                  }
                />
              </FormField>
              <Toggle
                checked={draft.tellsAcknowledgements}
                disabled={isReadOnly}
                description={texts.alertSettings.acknowledgementsHelp}
                onChange={({ detail }) => change({ tellsAcknowledgements: detail.checked })}
              >
                {texts.alertSettings.acknowledgements}
              </Toggle>
              <FormField
                label={texts.alertSettings.retention}
                description={texts.alertSettings.retentionHelp}
                errorText={faultOf(error, 'retentionDays')}
              >
                <Input
                  type="number"
                  inputMode="numeric"
                  disabled={isReadOnly}
                  value={retention}
                  onChange={({ detail }) => setRetention(detail.value)}
                />
              </FormField>
            </SpaceBetween>
          </Container>
          <ProblemAlert error={error} />
        </SpaceBetween>
      </Form>
    </form>
  );
}
