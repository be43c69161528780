import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Item } from './worklist-page.tsx';

const said = texts.routing.worklist;
const RELAY = 'relay';

/** Says which PSAP serves a county or province, or that the relay centre shall; or takes that back. */
export function ChoosePsap({ item, onClose }: { item: Item; onClose: () => void }) {
  const { candidates, choice, name, sourceId, psap, status } = item;
  const notify = useNotify();
  const client = useQueryClient();
  const keyOf = ({ source, key }: { source: string; key: string }): string => `${source} ${key}`;
  const [chosen, setChosen] = useState(status === 'relay' ? RELAY : psap ? keyOf(psap) : '');
  const [reason, setReason] = useState(choice?.reason ?? '');
  async function done(text: string): Promise<void> {
    await Promise.all(
      ['psap-worklist', 'explain-route', 'route-standings'].map((key) => client.invalidateQueries({ queryKey: [key] })),
    );
    notify({ type: 'success', content: text });
    onClose();
  }
  const save = useMutation({
    mutationFn: async () => {
      const found = candidates.find((one) => keyOf(one) === chosen);
      const candidate = found ? { source: found.source, key: found.key } : null;
      await api.PUT('/api/psap-worklist/{sourceId}', { params: { path: { sourceId } }, body: { candidate, reason } });
    },
    onSuccess: () => done(said.saved(name)),
  });
  const clear = useMutation({
    mutationFn: async () => api.DELETE('/api/psap-worklist/{sourceId}', { params: { path: { sourceId } } }),
    onSuccess: () => done(said.cleared(name)),
  });
  return (
    <FormModal
      title={said.chooseFor(name)}
      action={said.save}
      error={save.error ?? clear.error}
      isReady={chosen !== '' && reason.trim() !== ''}
      isPending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <FormField label={said.answers} description={said.chooseHelp}>
        <RadioGroup
          value={chosen}
          onChange={({ detail }) => setChosen(detail.value)}
          items={[
            ...candidates.map((one) => ({
              value: keyOf(one),
              label: one.name,
              description: [one.psapId, one.city, one.county, one.contact, said.matches[one.match]]
                .filter(Boolean)
                .join(' · '),
            })),
            { value: RELAY, label: texts.routing.answer.relayCentre, description: said.relayHelp },
          ]}
        />
      </FormField>
      <FormField label={said.reason} constraintText={said.reasonHelp} errorText={faultOf(save.error, 'reason')}>
        <Input value={reason} onChange={({ detail }) => setReason(detail.value)} />
      </FormField>
      {choice !== null && (
        <Button formAction="none" loading={clear.isPending} onClick={() => clear.mutate()}>
          {said.clear}
        </Button>
      )}
    </FormModal>
  );
}
