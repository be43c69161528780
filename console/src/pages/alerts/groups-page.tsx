import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { Group } from './alert-types.ts';
import { RecipientTabs } from './page-tabs.tsx';
import { scheduleText } from './schedule-week.tsx';

/** Recipients who are told together. */
export default function GroupsPage() {
  const may = useMay();
  const navigate = useNavigate();
  return (
    <SpaceBetween size="s">
      <RecipientTabs active="groups" />
      <DataTable<Group>
        title={texts.groups.title}
        description={texts.groups.description}
        usualSort="name"
        listKey="alert-groups"
        isSearchable
        filterNames={['recipientId']}
        itemKey={({ id }) => id}
        actions={
          may('POST /api/alert-groups') && (
            <Button variant="primary" wrapText={false} onClick={() => void navigate('/alerts/groups/new')}>
              {texts.groups.add}
            </Button>
          )
        }
        read={async ({ start, max, text, filters, sort }) => {
          const query = {
            start,
            max,
            ...(filters as { recipientId?: string }),
            ...(text !== '' && { text }),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/alert-groups', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.groups.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.recipients.name,
            sort: 'name',
            csv: ({ name }) => name,
            isRowHeader: true,
            cell: ({ id, name }) => <PageLink to={`/alerts/groups/${id}`}>{name}</PageLink>,
          },
          {
            id: 'count',
            header: texts.groups.members,
            sort: 'recipients',
            csv: ({ recipientIds }) => recipientIds.length,
            cell: ({ id, recipientIds }) => (
              <PageLink to={`/alerts/recipients?groupId=${id}`}>{recipientIds.length.toLocaleString()}</PageLink>
            ),
          },
          { id: 'duty', header: texts.schedule.title, cell: ({ schedule }) => scheduleText(schedule) },
        ]}
      />
    </SpaceBetween>
  );
}
