import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

const said = texts.rooms;

/** Gives a floor another name in every room on it, and says before how many those are. */
export function RenameFloor({
  buildingId,
  floor,
  onClose,
}: {
  buildingId: string;
  floor: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const notify = useNotify();
  const [to, setTo] = useState(floor);
  const name = to.trim();
  const rename = async (dryRun: boolean) =>
    (
      await api.POST('/api/buildings/{id}/floors/rename', {
        params: { path: { id: buildingId }, query: { dryRun } },
        body: { from: floor, to: name },
      })
    ).data;
  const isOther = name !== '' && name !== floor;
  const preview = useQuery({
    queryKey: ['response-locations', 'rename', buildingId, floor, name],
    enabled: isOther,
    queryFn: () => rename(true),
  });
  const saving = useMutation({
    mutationFn: () => rename(false),
    async onSuccess() {
      await client.invalidateQueries();
      notify({ type: 'success', content: said.floorRenamed(floor, name) });
      onClose();
    },
  });
  return (
    <FormModal
      title={said.renameFloorOf(floor)}
      action={said.rename}
      error={saving.error}
      isReady={isOther}
      isPending={saving.isPending}
      onSubmit={() => saving.mutate()}
      onClose={onClose}
    >
      <FormField label={said.floor} errorText={faultOf(saving.error, 'to')}>
        <Input value={to} autoFocus onChange={({ detail }) => setTo(detail.value)} />
      </FormField>
      {isOther && preview.data && (
        <Box>{said.renames(preview.data.responseLocations.length, preview.data.alreadyThere, name)}</Box>
      )}
    </FormModal>
  );
}
