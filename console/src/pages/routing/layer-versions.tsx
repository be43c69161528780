import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

const said = texts.routing.layers;

/** Every change of a layer in the last 90 days, and the way back to each. */
export function LayerVersions({ layer, onClose }: { layer: string; onClose: () => void }) {
  const notify = useNotify();
  const client = useQueryClient();
  const { data, error, isPending } = useQuery({
    queryKey: ['boundary-layers', layer, 'versions'],
    queryFn: async () =>
      (await api.GET('/api/boundaries/{layer}/versions', { params: { path: { layer } } })).data?.items ?? [],
  });
  const restore = useMutation({
    mutationFn: async (revision: number) =>
      (await api.POST('/api/boundaries/{layer}/undo', { params: { path: { layer } }, body: { revision } })).data,
    onSuccess: async (done) => {
      await client.invalidateQueries({ queryKey: ['boundary-layers'] });
      if (done) notify({ type: 'success', content: said.restored(layer, done.restored, done.counts) });
      onClose();
    },
  });
  const newest = data?.[0]?.revision;
  return (
    <Modal visible size="large" header={said.versionsOf(layer)} closeAriaLabel={texts.edit.close} onDismiss={onClose}>
      <SpaceBetween size="m">
        <ProblemAlert error={error ?? restore.error} />
        <WholeTable
          name={`${layer}-versions`}
          within={null}
          title={said.versionsOf(layer)}
          variant="embedded"
          isPending={isPending}
          items={data ?? []}
          itemKey={({ revision }) => String(revision)}
          empty={<WhenEmpty error={error}>{texts.none}</WhenEmpty>}
          columns={[
            { id: 'revision', header: said.version, isRowHeader: true, cell: ({ revision }) => revision },
            {
              id: 'at',
              header: said.changed,
              csv: ({ madeAt }) => madeAt,
              cell: ({ madeAt }) => <Moment at={madeAt} />,
            },
            {
              id: 'what',
              header: said.what,
              cell: ({ action, added, changed, removed }) =>
                `${said.actions[action as keyof typeof said.actions] ?? action}: +${added} ~${changed} −${removed}`,
            },
            {
              id: 'count',
              header: said.count,
              csv: ({ boundaries }) => boundaries,
              cell: ({ boundaries }) => boundaries.toLocaleString(),
            },
            {
              id: 'back',
              header: texts.actions,
              csv: null,
              cell: ({ revision, restorable }) =>
                revision === newest ? (
                  said.inForce
                ) : (
                  <Button
                    disabled={!restorable}
                    loading={restore.isPending && restore.variables === revision}
                    ariaLabel={said.goBackTo(revision)}
                    onClick={() => restore.mutate(revision)}
                  >
                    {said.goBack}
                  </Button>
                ),
            },
          ]}
        />
      </SpaceBetween>
    </Modal>
  );
}
