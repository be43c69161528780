import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { wireMapChanged } from './wire-map-changed.ts';

/** Takes back the change that made this revision, if it is still the last one; otherwise leads to the history. */
export function useUndo(): (revision: number) => void {
  const notify = useNotify();
  const navigate = useNavigate();
  const client = useQueryClient();
  return (revision) => {
    void (async () => {
      const { data } = await api.GET('/api/wire-map/versions', { params: { query: { max: 1 } } });
      if (data?.items[0]?.revision !== revision) {
        notify({ type: 'warning', content: texts.wireMap.cannotUndo });
        await navigate('/wire-map/history');
        return;
      }
      await api.POST('/api/wire-map/undo', { body: { revision: revision - 1 } });
      await wireMapChanged(client);
      notify({ type: 'success', content: texts.wireMap.undone });
    })().catch((error: unknown) => {
      notify({ type: 'error', content: error instanceof Error ? error.message : String(error) });
    });
  };
}
