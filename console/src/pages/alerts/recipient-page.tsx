import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { Edited } from '../../parts/edited.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Recipient } from './alert-types.ts';
import { EndpointEditor } from './endpoint-editor.tsx';
import { NamedForm } from './named-form.tsx';
import { ScheduleEditor } from './schedule-editor.tsx';
import { tidySchedule } from './tidy-schedule.ts';
import { TimeZoneField } from './time-zone-field.tsx';

const LIST = '/alerts/recipients';
const LISTS = ['alert-recipients', 'alert-groups', 'alert-rules'] as const;

type Draft = Omit<Recipient, 'id'>;

const LANGUAGES = Object.entries(texts.alerts.languages).map(([value, label]) => ({ value, label }));
const NEW: Draft = {
  name: '',
  language: 'en',
  timeZone: null,
  schedule: null,
  endpoints: [{ channel: 'email', address: '' }],
};

/** One recipient: how they are told, when, in which language. */
export default function RecipientPage() {
  const { id = '' } = useParams();
  const isNew = id === 'new';
  if (isNew) return <RecipientForm id={null} first={NEW} />;
  return (
    <Edited key={id} isPage read={() => api.GET('/api/alert-recipients/{id}', { params: { path: { id } } })}>
      {(current) => <RecipientForm id={id} first={current} />}
    </Edited>
  );
}

function RecipientForm({ id, first }: { id: string | null; first: Draft }) {
  const may = useMay();
  const navigate = useNavigate();
  const notify = useNotify();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(first);
  const change = (changes: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changes }));
  const saving = useMutation({
    async mutationFn() {
      const { name, language, timeZone, endpoints } = draft;
      const body = { name, language, timeZone, endpoints, schedule: tidySchedule(draft.schedule) };
      return id === null
        ? (await api.POST('/api/alert-recipients', { body })).data
        : (await api.PATCH('/api/alert-recipients/{id}', { params: { path: { id } }, body })).data;
    },
    async onSuccess(saved) {
      await client.invalidateQueries({ queryKey: ['alert-recipients'] });
      notify({ type: 'success', content: texts.saved(saved?.name ?? draft.name) });
      await navigate(LIST);
    },
  });
  const { error } = saving;
  const endpointFault = (at: number): string | undefined =>
    ['address', 'number', 'connectionId', 'subscriptionId', 'channel']
      .map((field) => faultOf(error, `endpoints.${at}.${field}`))
      .find((fault) => fault !== undefined) ?? faultOf(error, `endpoints.${at}`);
  return (
    <NamedForm
      existing={id === null ? null : { id, name: first.name }}
      addTitle={texts.recipients.add}
      mayWrite={may(id === null ? 'POST /api/alert-recipients' : 'PATCH /api/alert-recipients/{id}')}
      mayRemove={may('DELETE /api/alert-recipients/{id}')}
      saving={saving}
      drillBy="recipientId"
      list={LIST}
      removal={{
        help: texts.recipients.removeHelp,
        lists: LISTS,
        canForce: true,
        remove: (one, force) =>
          api.DELETE('/api/alert-recipients/{id}', { params: { path: { id: one }, query: { force } } }),
      }}
    >
      <Container header={<Header variant="h2">{texts.recipients.who}</Header>}>
        <SpaceBetween size="m">
          <FormField label={texts.recipients.name} errorText={faultOf(error, 'name')}>
            <Input
              value={draft.name}
              autoFocus={id === null}
              onChange={({ detail }) => change({ name: detail.value })}
            />
          </FormField>
          <EndpointEditor
            endpoints={draft.endpoints}
            onChange={(endpoints) => change({ endpoints })}
            faultAt={endpointFault}
            fault={faultOf(error, 'endpoints')}
          />
          <FormField label={texts.recipients.language}>
            <Select
              options={LANGUAGES}
              selectedOption={LANGUAGES.find(({ value }) => value === draft.language) ?? null}
              onChange={({ detail }) => change({ language: detail.selectedOption.value as Recipient['language'] })}
            />
          </FormField>
          <TimeZoneField
            label={texts.recipients.timeZone}
            description={texts.recipients.timeZoneHelp}
            value={draft.timeZone}
            onChange={(timeZone) => change({ timeZone })}
            fault={faultOf(error, 'timeZone')}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{texts.schedule.title}</Header>}>
        <ScheduleEditor schedule={draft.schedule} onChange={(schedule) => change({ schedule })} />
      </Container>
    </NamedForm>
  );
}
