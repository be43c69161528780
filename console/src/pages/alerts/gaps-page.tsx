import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { texts } from '../../texts/texts.ts';
import type { Gap } from './alert-types.ts';
import { RuleTabs } from './page-tabs.tsx';

/** Locations of whose emergency calls nobody would hear. */
export default function GapsPage() {
  return (
    <SpaceBetween size="s">
      <RuleTabs active="gaps" />
      <DataTable<Gap>
        title={texts.gaps.title}
        description={texts.gaps.description}
        listKey="alert-gaps"
        wrapLines
        isSearchable
        itemKey={({ locationId }) => locationId}
        read={async ({ start, max, text, sort }) => {
          const query = { start, max, ...(text !== '' && { text }), ...sortedBy(sort) };
          const { data, response } = await api.GET('/api/alert-rules/gaps', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={
          <Box textAlign="center">
            <StatusIndicator type="success">{texts.gaps.empty}</StatusIndicator>
          </Box>
        }
        columns={[
          {
            id: 'name',
            header: texts.gaps.location,
            sort: 'name',
            csv: ({ name }) => name,
            isRowHeader: true,
            cell: ({ name }) => <StatusIndicator type="error">{name}</StatusIndicator>,
          },
          {
            id: 'reasons',
            header: texts.gaps.reasons,
            csv: ({ reasons }) => reasons.join('; '),
            cell: ({ reasons }) => (
              <ul>
                {reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            ),
          },
          {
            id: 'do',
            header: texts.gaps.remedy,
            csv: null,
            cell: ({ locationId }) => (
              <PageLink to={`/alerts/rules/new?locationId=${locationId}`}>{texts.gaps.addRule}</PageLink>
            ),
          },
        ]}
      />
    </SpaceBetween>
  );
}
