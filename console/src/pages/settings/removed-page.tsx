import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { Choice } from '../../parts/choice.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useBringBack } from '../../parts/undo-removal.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

type ListQuery = NonNullable<paths['/api/removed']['get']['parameters']['query']>;
type Removed = paths['/api/removed']['get']['responses']['200']['content']['application/json']['items'][number];

const said = texts.removedThings;

/** Says what comes with it before it is brought back. */
function BringBack({ removed, onClose }: { removed: Removed; onClose: () => void }) {
  const notify = useNotify();
  const back = useBringBack();
  return (
    <Confirm
      title={said.bringBackOf(removed.name)}
      action={said.bringBack}
      onClose={onClose}
      run={async () => {
        await back.mutateAsync(removed.id);
        notify({ type: 'success', content: said.isBack(removed.name) });
      }}
    >
      <Box>{said.comesWith[removed.kind]}</Box>
    </Confirm>
  );
}

/** What was removed of late, newest first, and the way back. */
export default function RemovedPage() {
  const may = useMay();
  const locations = useLocations();
  const [chosen, setChosen] = useState<Removed | null>(null);
  return (
    <>
      <DataTable<Removed>
        title={said.title}
        description={said.description}
        usualSort="-removedAt"
        listKey="removed"
        isSearchable
        filterNames={['kind']}
        filters={<Choice name="kind" label={said.anyKind} choices={said.kinds} />}
        itemKey={({ id }) => id}
        read={async ({ start, max, text, filters, sort }) => {
          const query = {
            start,
            max,
            ...(text !== '' && { text }),
            ...(filters as Pick<ListQuery, 'kind'>),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/removed', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{said.empty}</Box>}
        columns={[
          { id: 'name', header: said.name, sort: 'name', cell: ({ name }) => name, isRowHeader: true },
          { id: 'kind', header: said.kind, sort: 'kind', cell: ({ kind }) => said.kinds[kind] },
          {
            id: 'location',
            header: said.location,
            csv: ({ kind, locationId }) =>
              kind === 'location' || locationId === null ? texts.none : (locations[locationId] ?? said.goneToo),
            cell({ kind, locationId }) {
              if (kind === 'location' || locationId === null) return texts.none;
              const name = locations[locationId];
              return name === undefined ? said.goneToo : <PageLink to={`/places/${locationId}`}>{name}</PageLink>;
            },
          },
          { id: 'by', header: said.by, sort: 'removedBy', cell: ({ removedBy }) => removedBy },
          {
            id: 'at',
            header: said.at,
            sort: 'removedAt',
            csv: ({ removedAt }) => removedAt,
            cell: ({ removedAt }) => <Moment at={removedAt} withAge />,
          },
          {
            id: 'until',
            header: said.until,
            csv: ({ restorableUntil }) => restorableUntil,
            cell: ({ restorableUntil }) => <Moment at={restorableUntil} />,
          },
          ...(may('POST /api/removed/{id}/restore')
            ? [
                {
                  id: 'actions',
                  header: texts.table.actions,
                  minWidth: 130,
                  csv: null,
                  cell: (removed: Removed) => (
                    <Button
                      variant="inline-link"
                      ariaLabel={said.bringBackOf(removed.name)}
                      onClick={() => setChosen(removed)}
                    >
                      {said.bringBack}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {chosen && <BringBack removed={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}
