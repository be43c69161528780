import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useAddressBar } from '../../parts/address-bar.ts';
import { DataTable, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { pageOfTrail, type TrailEntry } from '../../parts/trail-page.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';

/** Its name in the address bar. */
const HISTORY = 'history';

type Settings = Readonly<Record<string, unknown>> | null;

/** Names of what is different between two states. */
function changedNames(before: Settings, after: Settings): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
}

const changesOf = ({ before, after }: TrailEntry): string =>
  before === null ? texts.none : changedNames(before, after).join(', ') || texts.none;

/** What was done to a location, by whom, newest first; all of it, page by page. */
export function LocationHistory({ id }: { id: string }) {
  const may = useMay();
  const [search] = useAddressBar();
  const subject = `location ${id}`;
  // A link to a later page of it is a link to it.
  const [isOpen, setIsOpen] = useState([...search.keys()].some((name) => name.startsWith(`${HISTORY}.`)));
  return (
    <ExpandableSection
      variant="container"
      headerText={texts.sites.history}
      headerDescription={texts.sites.historyHelp}
      expanded={isOpen}
      onChange={({ detail }) => setIsOpen(detail.expanded)}
    >
      {isOpen && (
        <DataTable<TrailEntry>
          title={texts.sites.history}
          listKey="location-history"
          about={id}
          within={HISTORY}
          usualSort="-at"
          wrapLines
          isSearchable
          {...(may('GET /api/audit/export') && {
            exportPath: ({ sort, text }) =>
              pathWith('/api/audit/export', { subject, format: 'csv', text: text || undefined, sort }),
          })}
          itemKey={({ sequence }) => sequence}
          read={async (asked) => {
            const query = {
              subject,
              max: asked.max,
              ...pageOfTrail(asked),
              ...sortedBy(asked.sort),
              ...(asked.text !== '' && { text: asked.text }),
            };
            const { data, response } = await api.GET('/api/audit', { params: { query } });
            return listPage(data?.items ?? [], response);
          }}
          empty={<Box textAlign="center">{texts.sites.noHistory}</Box>}
          columns={[
            {
              id: 'at',
              header: texts.sites.when,
              sort: 'at',
              isRowHeader: true,
              csv: ({ at }) => at,
              cell: ({ at }) => <Moment at={at} />,
            },
            { id: 'who', header: texts.sites.who, cell: ({ actor }) => actor },
            { id: 'what', header: texts.sites.what, cell: ({ action }) => action },
            { id: 'changed', header: texts.sites.changed, cell: changesOf },
          ]}
        />
      )}
    </ExpandableSection>
  );
}
