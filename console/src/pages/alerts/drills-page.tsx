import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { Drill } from './alert-types.ts';
import { StartDrill } from './start-drill.tsx';
import { useDrillTarget } from './use-drill-target.ts';

/** Alerts that were tried out, and what came of them. */
export default function DrillsPage() {
  const may = useMay();
  const locations = useLocations();
  const targetText = useDrillTarget();
  const [search, setSearch] = useSearchParams();
  const isStarting = search.get('start') === '1';
  const setStarting = (start: boolean): void =>
    setSearch((before) => {
      const next = new URLSearchParams(before);
      for (const name of ['start', 'ruleId', 'groupId', 'recipientId']) next.delete(name);
      if (start) next.set('start', '1');
      return next;
    });
  return (
    <>
      <DataTable<Drill>
        title={texts.drills.title}
        description={texts.drills.description}
        usualSort="-startedAt"
        listKey="drills"
        isSearchable
        itemKey={({ id }) => id}
        actions={
          may('POST /api/drills') && (
            <Button variant="primary" wrapText={false} onClick={() => setStarting(true)}>
              {texts.drills.start}
            </Button>
          )
        }
        read={async ({ max, before, text, sort }) => {
          const query = {
            max,
            ...(text !== '' && { text }),
            ...(before !== undefined && { before }),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/drills', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.drills.empty}</Box>}
        columns={[
          {
            id: 'started',
            header: texts.drills.started,
            sort: 'startedAt',
            csv: ({ startedAt }) => startedAt,
            isRowHeader: true,
            cell: ({ id, startedAt }) => (
              <PageLink to={`/alerts/drills/${id}`}>
                <Moment at={startedAt} withAge />
              </PageLink>
            ),
          },
          { id: 'target', header: texts.drills.target, cell: ({ target }) => targetText(target) },
          {
            id: 'place',
            header: texts.drills.place,
            cell: ({ locationId }) => (locationId === null ? '–' : (locations[locationId] ?? locationId)),
          },
          { id: 'note', header: texts.drills.note, cell: ({ note }) => note || '–' },
          { id: 'by', header: texts.drills.by, cell: ({ startedBy }) => startedBy },
          { id: 'recipients', header: texts.drills.messages, cell: ({ recipients }) => recipients },
        ]}
      />
      {isStarting && <StartDrill onClose={() => setStarting(false)} />}
    </>
  );
}
