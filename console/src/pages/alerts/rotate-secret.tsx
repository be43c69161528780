import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { texts } from '../../texts/texts.ts';
import type { Connection } from './alert-types.ts';

/** Makes a new signing secret; the old one signs beside it for a while. */
export function RotateSecret(props: {
  connection: Connection;
  onClose: () => void;
  onSecret: (name: string, secret: string) => void;
}) {
  const { connection, onClose, onSecret } = props;
  const { id, name } = connection;
  const client = useQueryClient();
  const [hours, setHours] = useState('24');
  const graceSeconds = Math.round(Number(hours) * 3_600);
  const rotating = useMutation({
    mutationFn: async () =>
      (await api.POST('/api/alert-connections/{id}/secret', { params: { path: { id }, query: { graceSeconds } } }))
        .data,
    async onSuccess(made) {
      await client.invalidateQueries({ queryKey: ['alert-connections'] });
      if (made) onSecret(name, made.secret);
    },
  });
  return (
    <FormModal
      title={texts.connections.rotate}
      action={texts.connections.rotate}
      isPending={rotating.isPending}
      isReady={hours !== '' && graceSeconds >= 0}
      error={rotating.error}
      onSubmit={() => rotating.mutate()}
      onClose={onClose}
    >
      <Box>{texts.connections.rotateHelp(name)}</Box>
      <FormField label={texts.connections.grace} description={texts.connections.graceHelp}>
        <Input type="number" inputMode="numeric" value={hours} onChange={({ detail }) => setHours(detail.value)} />
      </FormField>
    </FormModal>
  );
}
