import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { ResponseLocation } from './place-types.ts';

const said = texts.rooms;

/** Gives a room to another floor or location, and says before what follows it there. */
export function MoveRoom({ room, onClose }: { room: ResponseLocation; onClose: () => void }) {
  const client = useQueryClient();
  const notify = useNotify();
  const locations = useLocations();
  const [locationId, setLocationId] = useState(room.locationId);
  const [floor, setFloor] = useState(room.detail['FLR'] ?? '');
  const move = {
    ...(locationId !== room.locationId && { locationId }),
    ...(floor.trim() !== '' && floor !== room.detail['FLR'] && { floor: floor.trim() }),
  };
  const isOther = Object.keys(move).length > 0;
  const send = async (dryRun: boolean) =>
    (
      await api.POST('/api/response-locations/{id}/move', {
        params: { path: { id: room.id }, query: { dryRun } },
        body: move,
      })
    ).data;
  const preview = useQuery({
    queryKey: ['response-locations', 'move', room.id, move],
    enabled: isOther,
    retry: false,
    queryFn: () => send(true),
  });
  const saving = useMutation({
    mutationFn: () => send(false),
    async onSuccess() {
      await client.invalidateQueries();
      notify({ type: 'success', content: said.moved(room.name, locations[locationId] ?? '') });
      onClose();
    },
  });
  const { wireMapElements = 0, deviceOverrides = 0 } = preview.data?.references ?? {};
  return (
    <FormModal
      title={said.moveOf(room.name)}
      action={said.move}
      error={saving.error}
      isReady={isOther && preview.data !== undefined}
      isPending={saving.isPending}
      onSubmit={() => saving.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <FormField label={said.toLocation} errorText={faultOf(preview.error, 'locationId')}>
          <LocationSelect label={said.toLocation} value={locationId} onChange={setLocationId} />
        </FormField>
        <FormField label={said.floor} errorText={faultOf(preview.error, 'floor')}>
          <Input value={floor} onChange={({ detail }) => setFloor(detail.value)} />
        </FormField>
        <ProblemAlert error={isOther ? preview.error : null} />
        {isOther && preview.data && <Box>{said.moves(wireMapElements, deviceOverrides)}</Box>}
      </SpaceBetween>
    </FormModal>
  );
}
