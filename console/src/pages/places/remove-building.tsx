import Alert from '@cloudscape-design/components/alert';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from './place-types.ts';

/** Takes a building away with its rooms; where the wire map or a rule names one, the platform refuses and says so. */
export function RemoveBuilding(props: { location: LocationItem; buildingId: string; onClose: () => void }) {
  const { location, buildingId, onClose } = props;
  const client = useQueryClient();
  const notifyRemoved = useNotifyRemoved();
  return (
    <Confirm
      title={texts.rooms.removeBuildingOf(location.name)}
      action={texts.rooms.remove}
      onClose={onClose}
      run={async () => {
        await api.DELETE('/api/buildings/{id}', { params: { path: { id: buildingId } } });
        // What was in it cannot be asked any more.
        await client.invalidateQueries({ predicate: ({ queryKey }) => !queryKey.includes(buildingId) });
        const content = texts.rooms.buildingRemoved(location.name);
        notifyRemoved({ id: buildingId, name: texts.rooms.buildingOf(location.name), content });
      }}
    >
      <Alert type="warning">{texts.rooms.removeBuildingBreaks(location.responseLocations)}</Alert>
    </Confirm>
  );
}
