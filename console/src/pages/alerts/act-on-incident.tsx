import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Incident } from './alert-types.ts';

export type IncidentAction = 'acknowledge' | 'resolve' | 'reopen' | 'note';

const MAX_NOTE = 2_000;

async function act(id: string, action: IncidentAction, note: string): Promise<Incident | undefined> {
  const path = { id };
  const body = note === '' ? {} : { note };
  switch (action) {
    case 'acknowledge':
      return (await api.POST('/api/incidents/{id}/actions/acknowledge/invoke', { params: { path }, body })).data;
    case 'resolve':
      return (await api.POST('/api/incidents/{id}/actions/resolve/invoke', { params: { path }, body })).data;
    case 'reopen':
      return (await api.POST('/api/incidents/{id}/actions/reopen/invoke', { params: { path }, body })).data;
    case 'note':
      return (await api.POST('/api/incidents/{id}/notes', { params: { path }, body: { note } })).data;
  }
}

/** Takes an incident on, settles it, opens it again or notes something, with a word about it. */
export function ActOnIncident(props: {
  incident: Pick<Incident, 'id' | 'title' | 'place'>;
  action: IncidentAction;
  onClose: () => void;
}) {
  const { incident, action, onClose } = props;
  const words = texts.incidents.actions[action];
  const client = useQueryClient();
  const notify = useNotify();
  const [note, setNote] = useState('');
  const acting = useMutation({
    mutationFn: () => act(incident.id, action, note.trim()),
    async onSuccess(after) {
      await client.invalidateQueries({ queryKey: ['incidents'] });
      onClose();
      notify({
        type: 'success',
        content: texts.incidents.done(incident.title, after ? texts.incidents.states[after.state] : words.title),
      });
    },
  });
  const isNote = action === 'note';
  return (
    <FormModal
      title={words.title}
      action={words.button}
      error={acting.error}
      isReady={!isNote || note.trim() !== ''}
      isPending={acting.isPending}
      onSubmit={() => acting.mutate()}
      onClose={onClose}
    >
      <Box>
        <Box variant="strong">{incident.title}</Box>
        {incident.place !== null && <Box color="text-body-secondary">{incident.place}</Box>}
      </Box>
      <Box>{words.help}</Box>
      <FormField
        label={texts.incidents.note}
        description={texts.incidents.noteHelp}
        constraintText={isNote ? undefined : texts.optional}
      >
        <Textarea autoFocus rows={3} value={note} onChange={({ detail }) => setNote(detail.value.slice(0, MAX_NOTE))} />
      </FormField>
    </FormModal>
  );
}
