import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { type PickedPlace, ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { ResponseLocation } from './place-types.ts';

const USES = 'response-location-uses';

/** Takes a response location away: says what names it, and lets that lead to another one instead of nowhere. */
export function RemoveRoom({ room, onClose }: { room: ResponseLocation; onClose: () => void }) {
  const client = useQueryClient();
  const notify = useNotify();
  const notifyRemoved = useNotifyRemoved();
  const [into, setInto] = useState<PickedPlace | null>(null);
  // A move onto its own name changes nothing and counts what names it.
  const uses = useQuery({
    queryKey: [USES, room.id],
    queryFn: async () =>
      (
        await api.POST('/api/response-locations/{id}/move', {
          params: { path: { id: room.id }, query: { dryRun: true } },
          body: { name: room.name },
        })
      ).data?.references,
  });
  const counted = uses.data;
  const isNamed = counted !== undefined && counted.wireMapElements + counted.deviceOverrides > 0;
  const removing = useMutation({
    async mutationFn() {
      const path = { id: room.id };
      if (into === null) await api.DELETE('/api/response-locations/{id}', { params: { path } });
      else await api.POST('/api/response-locations/{id}/merge', { params: { path }, body: { into: into.id } });
    },
    async onSuccess() {
      // What named it cannot be asked any more.
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== USES });
      if (into === null) notifyRemoved({ id: room.id, name: room.name, content: texts.rooms.removed(room.name) });
      else notify({ type: 'success', content: texts.rooms.merged(room.name, into.name) });
      onClose();
    },
  });
  return (
    <Modal
      visible
      header={texts.rooms.removeOf(room.name)}
      closeAriaLabel={texts.edit.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button
              variant="primary"
              loading={removing.isPending}
              disabled={counted === undefined || (isNamed && into === null)}
              onClick={() => removing.mutate()}
            >
              {into === null ? texts.rooms.remove : texts.rooms.mergeInto}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={uses.error ?? removing.error} />
        {uses.isPending && <Spinner />}
        {counted !== undefined && (
          <Alert type={isNamed ? 'warning' : 'info'}>
            {isNamed
              ? texts.rooms.isNamed(counted.wireMapElements, counted.deviceOverrides)
              : texts.rooms.isNotNamed(room.elins.length)}
          </Alert>
        )}
        {counted !== undefined && (
          <FormField
            label={texts.rooms.leadTo}
            description={isNamed ? texts.rooms.leadToNeeded : texts.rooms.leadToOptional}
          >
            <ResponseLocationPicker
              label={texts.rooms.leadTo}
              value={into}
              onChange={(place) => setInto(place.id === room.id ? null : place)}
            />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
