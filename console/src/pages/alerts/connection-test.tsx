import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { texts } from '../../texts/texts.ts';
import type { Connection } from './alert-types.ts';

/** Sends a test message now, and shows what the other side said. */
export function ConnectionTest({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const [number, setNumber] = useState('');
  const isSms = connection.kind === 'sms-gateway';
  const testing = useMutation({
    mutationFn: async () => {
      const params = { path: { id: connection.id } };
      const body = isSms ? { number } : {};
      return (await api.POST('/api/alert-connections/{id}/test', { params, body })).data;
    },
  });
  const outcome = testing.data;
  return (
    <FormModal
      title={texts.connections.testOf(connection.name)}
      action={outcome === undefined ? texts.connections.test : texts.connections.testAgain}
      isPending={testing.isPending}
      isReady={!isSms || number.trim() !== ''}
      error={testing.error}
      onSubmit={() => testing.mutate()}
      onClose={onClose}
    >
      <Box>{texts.connections.testHelp}</Box>
      {isSms && (
        <FormField label={texts.recipients.number} description={texts.connections.testNumber}>
          <Input
            inputMode="tel"
            placeholder="+15125550100"
            value={number}
            onChange={({ detail }) => setNumber(detail.value)}
          />
        </FormField>
      )}
      {outcome && (
        <Alert
          type={outcome.isAccepted ? 'success' : 'error'}
          header={outcome.isAccepted ? texts.connections.taken(outcome.tookMs) : texts.connections.notTaken}
        >
          {outcome.response}
        </Alert>
      )}
    </FormModal>
  );
}
