import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api } from '../api/client.ts';
import { useMay } from '../session/session.ts';
import { useNotify } from '../shell/notices.tsx';
import { texts } from '../texts/texts.ts';

/** Brings a removed thing back, by the id it had. */
export function useBringBack() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => (await api.POST('/api/removed/{id}/restore', { params: { path: { id } } })).data,
    // Whatever named it may show it again.
    onSuccess: () => client.invalidateQueries(),
  });
}

/** One thing, or several that went together: each comes back by itself, and what stands in the way of one is said. */
function Undo({ ids, name }: { ids: readonly string[]; name: string }) {
  const bringBack = useBringBack();
  const left = useRef(ids);
  const back = useMutation({
    mutationFn: async () => {
      // Whoever tries once more goes on with what is not back yet.
      for (let [id] = left.current; id !== undefined; [id] = left.current) {
        await bringBack.mutateAsync(id);
        left.current = left.current.slice(1);
      }
    },
  });
  if (back.isSuccess) return <Box color="inherit">{texts.removedThings.isBack(name)}</Box>;
  return (
    <SpaceBetween size="xxs" alignItems="end">
      <Button loading={back.isPending} ariaLabel={texts.removedThings.undoOf(name)} onClick={() => back.mutate()}>
        {texts.removedThings.undo}
      </Button>
      {back.error && <Box color="inherit">{back.error.message}</Box>}
    </SpaceBetween>
  );
}

/** Says that something was removed, and offers it back to whoever may take it back. */
export function useNotifyRemoved(): (removed: {
  id: string | readonly string[];
  name: string;
  content: string;
}) => void {
  const notify = useNotify();
  const may = useMay();
  return ({ id, name, content }) =>
    notify({
      type: 'success',
      content,
      ...(may('POST /api/removed/{id}/restore') && {
        action: <Undo ids={typeof id === 'string' ? [id] : id} name={name} />,
      }),
    });
}
