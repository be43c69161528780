import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { Psap } from './psaps-page.tsx';

const said = texts.routing.psaps;
const DEFAULT_RING_SECONDS = 8;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const secondsOf = (milliseconds: number | null | undefined): string =>
  milliseconds === null || milliseconds === undefined ? '' : String(milliseconds / 1_000);
const millisecondsOf = (seconds: string): number | null =>
  seconds.trim() === '' ? null : Math.round(Number(seconds) * 1_000);

/** Adds a PSAP or changes one: where calls go, for which boundary, and when the next is tried. */
export function PsapForm({ psap, onClose }: { psap: Psap | null; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const [name, setName] = useState(psap?.name ?? '');
  const [uri, setUri] = useState(psap?.uri ?? '');
  const [alternates, setAlternates] = useState(psap?.alternateUris.join('\n') ?? '');
  const [sourceId, setSourceId] = useState(psap?.sourceId ?? '');
  const [phone, setPhone] = useState(psap?.phoneNumber ?? '');
  const [silent, setSilent] = useState(secondsOf(psap?.ringTimeoutMs ?? DEFAULT_RING_SECONDS * 1_000));
  const [ringing, setRinging] = useState(secondsOf(psap?.ringLimitMs));
  const [queued, setQueued] = useState(secondsOf(psap?.queueLimitMs));
  const [isText, setIsText] = useState(psap?.textTo911 ?? false);
  const [isPlain, setIsPlain] = useState(psap?.plainSipUser ?? false);
  const save = useMutation({
    mutationFn: async () => {
      const body = {
        name,
        uri,
        alternateUris: linesOf(alternates),
        sourceId: sourceId.trim() === '' ? null : sourceId.trim(),
        phoneNumber: phone.trim() === '' ? null : phone.trim(),
        ringTimeoutMs: millisecondsOf(silent) ?? DEFAULT_RING_SECONDS * 1_000,
        ringLimitMs: millisecondsOf(ringing),
        queueLimitMs: millisecondsOf(queued),
        textTo911: isText,
        plainSipUser: isPlain,
      };
      if (psap) await api.PUT('/api/psaps/{id}', { params: { path: { id: psap.id } }, body });
      else await api.POST('/api/psaps', { body });
    },
    onSuccess: async () => {
      await Promise.all(
        ['psaps', 'explain-route', 'route-standings'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      );
      notify({ type: 'success', content: said.saved(name) });
      onClose();
    },
  });
  const seconds = (label: string, help: string, field: string, value: string, set: (text: string) => void) => (
    <FormField label={label} constraintText={help} errorText={faultOf(save.error, field)}>
      <Input type="number" inputMode="numeric" value={value} onChange={({ detail }) => set(detail.value)} />
    </FormField>
  );
  return (
    <FormModal
      title={psap ? said.editOf(psap.name) : said.add}
      action={psap ? said.save : said.add}
      error={save.error}
      isReady={name.trim() !== '' && uri.trim() !== ''}
      isPending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <FormField label={said.name} errorText={faultOf(save.error, 'name')}>
        <Input autoFocus value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={said.uri} constraintText={said.uriHelp} errorText={faultOf(save.error, 'uri')}>
        <Input value={uri} onChange={({ detail }) => setUri(detail.value)} />
      </FormField>
      <FormField
        label={said.alternates}
        constraintText={said.alternatesHelp}
        errorText={[0, 1, 2, 3, 4, 5, 6, 7].map((at) => faultOf(save.error, `alternateUris/${at}`)).find(Boolean)}
      >
        <Textarea rows={2} value={alternates} onChange={({ detail }) => setAlternates(detail.value)} />
      </FormField>
      <FormField
        label={said.sourceId}
        description={said.sourceIdHelp}
        constraintText={said.sourceIdExample}
        errorText={faultOf(save.error, 'sourceId')}
      >
        <Input value={sourceId} onChange={({ detail }) => setSourceId(detail.value)} />
      </FormField>
      <FormField label={said.phone} constraintText={said.phoneHelp} errorText={faultOf(save.error, 'phoneNumber')}>
        <Input type="text" inputMode="tel" value={phone} onChange={({ detail }) => setPhone(detail.value)} />
      </FormField>
      <Checkbox checked={isText} onChange={({ detail }) => setIsText(detail.checked)}>
        {said.text}
      </Checkbox>
      <ExpandableSection headerText={said.waiting}>
        <SpaceBetween size="m">
          {seconds(said.silent, said.silentHelp, 'ringTimeoutMs', silent, setSilent)}
          {seconds(said.ringing, said.ringingHelp, 'ringLimitMs', ringing, setRinging)}
          {seconds(said.queued, said.queuedHelp, 'queueLimitMs', queued, setQueued)}
          <Checkbox
            checked={isPlain}
            description={said.plainHelp}
            onChange={({ detail }) => setIsPlain(detail.checked)}
          >
            {said.plain}
          </Checkbox>
        </SpaceBetween>
      </ExpandableSection>
    </FormModal>
  );
}
