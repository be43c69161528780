import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from './place-types.ts';

const said = texts.rooms;

/** Gives the building of a location, with all that is in it, to another one, and says before what becomes different. */
export function MoveBuilding(props: { location: LocationItem; buildingId: string; onClose: () => void }) {
  const { location, buildingId, onClose } = props;
  const client = useQueryClient();
  const notify = useNotify();
  const locations = useLocations();
  const [locationId, setLocationId] = useState('');
  const send = async (dryRun: boolean) =>
    (
      await api.POST('/api/buildings/{id}/move', {
        params: { path: { id: buildingId }, query: { dryRun } },
        body: { locationId },
      })
    ).data;
  const isOther = locationId !== '' && locationId !== location.id;
  const preview = useQuery({
    queryKey: ['buildings', 'move', buildingId, locationId],
    enabled: isOther,
    retry: false,
    queryFn: () => send(true),
  });
  const saving = useMutation({
    mutationFn: () => send(false),
    async onSuccess() {
      await client.invalidateQueries();
      notify({ type: 'success', content: said.moved(texts.sites.building, locations[locationId] ?? '') });
      onClose();
    },
  });
  const moved = preview.data?.moved;
  return (
    <FormModal
      title={said.moveBuildingOf(location.name)}
      action={said.move}
      error={saving.error}
      isReady={isOther && moved !== undefined}
      isPending={saving.isPending}
      onSubmit={() => saving.mutate()}
      onClose={onClose}
    >
      <FormField label={said.toLocation} description={said.toLocationHelp}>
        <LocationSelect label={said.toLocation} value={locationId} onChange={setLocationId} />
      </FormField>
      <ProblemAlert error={isOther ? preview.error : null} />
      {isOther && moved && (
        <SpaceBetween size="xs">
          <Box>{said.goesWithIt(moved.responseLocations)}</Box>
          <Box>{said.moves(moved.wireMapElements, moved.deviceOverrides)}</Box>
          {preview.data?.notes.map((note) => (
            <Box key={note}>{note}</Box>
          ))}
        </SpaceBetween>
      )}
    </FormModal>
  );
}
