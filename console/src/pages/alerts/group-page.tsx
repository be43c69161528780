import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
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
import type { Group } from './alert-types.ts';
import { RecipientPicker } from './many-picker.tsx';
import { NamedForm } from './named-form.tsx';
import { ScheduleEditor } from './schedule-editor.tsx';
import { tidySchedule } from './tidy-schedule.ts';

const LIST = '/alerts/groups';
const LISTS = ['alert-groups', 'alert-rules'] as const;

type Draft = Omit<Group, 'id'>;

const NEW: Draft = { name: '', recipientIds: [], schedule: null };

/** One group: who is in it, and when it is on duty. */
export default function GroupPage() {
  const { id = '' } = useParams();
  const isNew = id === 'new';
  if (isNew) return <GroupForm id={null} first={NEW} />;
  return (
    <Edited key={id} isPage read={() => api.GET('/api/alert-groups/{id}', { params: { path: { id } } })}>
      {(current) => <GroupForm id={id} first={current} />}
    </Edited>
  );
}

function GroupForm({ id, first }: { id: string | null; first: Draft }) {
  const may = useMay();
  const navigate = useNavigate();
  const notify = useNotify();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(first);
  const change = (changes: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changes }));
  const saving = useMutation({
    async mutationFn() {
      const { name, recipientIds } = draft;
      const body = { name, recipientIds, schedule: tidySchedule(draft.schedule) };
      return id === null
        ? (await api.POST('/api/alert-groups', { body })).data
        : (await api.PATCH('/api/alert-groups/{id}', { params: { path: { id } }, body })).data;
    },
    async onSuccess(saved) {
      await client.invalidateQueries({ queryKey: ['alert-groups'] });
      notify({ type: 'success', content: texts.saved(saved?.name ?? draft.name) });
      await navigate(LIST);
    },
  });
  const { error } = saving;
  return (
    <NamedForm
      existing={id === null ? null : { id, name: first.name }}
      addTitle={texts.groups.add}
      mayWrite={may(id === null ? 'POST /api/alert-groups' : 'PATCH /api/alert-groups/{id}')}
      mayRemove={may('DELETE /api/alert-groups/{id}')}
      saving={saving}
      drillBy="groupId"
      list={LIST}
      removal={{
        help: texts.groups.removeHelp,
        lists: LISTS,
        canForce: true,
        remove: (one, force) =>
          api.DELETE('/api/alert-groups/{id}', { params: { path: { id: one }, query: { force } } }),
      }}
    >
      <Container header={<Header variant="h2">{texts.groups.who}</Header>}>
        <SpaceBetween size="m">
          <FormField label={texts.recipients.name} errorText={faultOf(error, 'name')}>
            <Input
              value={draft.name}
              autoFocus={id === null}
              onChange={({ detail }) => change({ name: detail.value })}
            />
          </FormField>
          <FormField label={texts.groups.members} errorText={faultOf(error, 'recipientIds')} stretch>
            <RecipientPicker
              label={texts.groups.members}
              ids={draft.recipientIds}
              onChange={(recipientIds) => change({ recipientIds })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{texts.schedule.title}</Header>}>
        <ScheduleEditor schedule={draft.schedule} onChange={(schedule) => change({ schedule })} />
      </Container>
    </NamedForm>
  );
}
