import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { type PickedPlace, ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { elementName } from './element-name.ts';
import { useUndo } from './use-undo.ts';
import { wireMapChanged } from './wire-map-changed.ts';

type Change = paths['/api/wire-map/change']['post'];
type Body = Change['requestBody']['content']['application/json'];
type Found = Change['responses']['200']['content']['application/json'];

/** Which elements: those selected, or everything that a filter finds. */
export type Which = Pick<Body, 'ids' | 'filter'>;
export type ChangeKind = 'move' | 'describe' | 'remove';

const said = texts.wireMap.bulk;
const TITLES: Readonly<Record<ChangeKind, string>> = {
  move: said.moveTitle,
  describe: said.describeTitle,
  remove: said.removeTitle,
};

/** What a dry run says would happen. */
function Consequences({ found, isRemoval }: { found: Found; isRemoval: boolean }) {
  const count = isRemoval ? found.counts.removed : found.counts.changed;
  if (count === 0) return <Alert type="info">{said.nothing}</Alert>;
  return (
    <SpaceBetween size="s">
      <Alert type={isRemoval || found.leftWithout.length > 0 ? 'warning' : 'info'}>
        <Box fontWeight="bold">{isRemoval ? said.wouldRemove(count) : said.wouldChange(count)}</Box>
        {found.counts.unchanged > 0 && <div>{said.stay(found.counts.unchanged)}</div>}
        {found.leftWithout.length > 0 && (
          <>
            <div>{said.leftWithout}</div>
            <ul>
              {found.leftWithout.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </>
        )}
        <div>{said.canUndo}</div>
      </Alert>
      <ExpandableSection headerText={said.show}>
        <ul>
          {found.before.map((element) => (
            <li key={element.id}>
              {elementName(element)} · {element.responseLocationName ?? texts.wireMap.lostPlace}
            </li>
          ))}
        </ul>
      </ExpandableSection>
    </SpaceBetween>
  );
}

/** Moves, describes or removes many elements, after it has been shown what that does. */
export function ChangeMany({
  which,
  kind,
  onClose,
}: {
  which: Which;
  kind: ChangeKind;
  onClose: (isDone: boolean) => void;
}) {
  const notify = useNotify();
  const undo = useUndo();
  const client = useQueryClient();
  const [place, setPlace] = useState<PickedPlace | null>(null);
  const [description, setDescription] = useState('');
  const isRemoval = kind === 'remove';
  const body: Body | null =
    kind === 'remove'
      ? { ...which, remove: true }
      : kind === 'describe'
        ? { ...which, description }
        : place && { ...which, responseLocationId: place.id };
  const preview = useQuery({
    queryKey: ['wire-map', 'change', body],
    enabled: body !== null,
    gcTime: 0,
    queryFn: async () =>
      (await api.POST('/api/wire-map/change', { params: { query: { dryRun: true } }, body: body ?? {} })).data,
  });
  const apply = useMutation({
    mutationFn: async () => (await api.POST('/api/wire-map/change', { body: body ?? {} })).data,
    onSuccess: async (done) => {
      await wireMapChanged(client);
      const revision = done?.revision ?? null;
      const { changed = 0, removed = 0 } = done?.counts ?? {};
      notify({
        type: 'success',
        content: isRemoval ? said.removed(removed) : said.moved(changed),
        ...(revision !== null && { action: <Button onClick={() => undo(revision)}>{texts.wireMap.undo}</Button> }),
      });
      onClose(true);
    },
  });
  const { changed = 0, removed = 0 } = preview.data?.counts ?? {};
  return (
    <Modal
      visible
      header={TITLES[kind]}
      onDismiss={() => onClose(false)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => onClose(false)}>
              {texts.cancel}
            </Button>
            <Button
              variant="primary"
              loading={apply.isPending}
              disabled={body === null || preview.isFetching || changed + removed === 0}
              onClick={() => apply.mutate()}
            >
              {isRemoval ? texts.wireMap.remove : texts.wireMap.save}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={apply.error ?? preview.error} />
        {kind === 'move' && (
          <FormField label={said.target}>
            <ResponseLocationPicker label={said.target} value={place} onChange={setPlace} />
          </FormField>
        )}
        {kind === 'describe' && (
          <FormField label={texts.wireMap.note}>
            <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
          </FormField>
        )}
        {preview.isFetching && <StatusIndicator type="loading">{said.looking}</StatusIndicator>}
        {preview.data && !preview.isFetching && <Consequences found={preview.data} isRemoval={isRemoval} />}
      </SpaceBetween>
    </Modal>
  );
}
