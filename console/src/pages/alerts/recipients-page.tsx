import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { Channel, Recipient } from './alert-types.ts';
import { endpointText } from './endpoint-editor.tsx';
import { ImportRecipients } from './import-recipients.tsx';
import { RecipientTabs } from './page-tabs.tsx';
import { scheduleText } from './schedule-week.tsx';
import { useConnections } from './use-names.ts';

const FILTERS = ['channel', 'groupId', 'connectionId'] as const;

/** Who can be told: people, desks, programs. */
export default function RecipientsPage() {
  const may = useMay();
  const navigate = useNavigate();
  const [isImporting, setImporting] = useState(false);
  const connections = new Map((useConnections().data ?? []).map(({ id, name }) => [id, name]));
  return (
    <SpaceBetween size="s">
      <RecipientTabs active="recipients" />
      <DataTable<Recipient>
        title={texts.recipients.title}
        description={texts.recipients.description}
        usualSort="name"
        listKey="alert-recipients"
        isSearchable
        filterNames={FILTERS}
        filters={<Choice name="channel" label={texts.receipts.anyChannel} choices={texts.alerts.channels} />}
        exportPath={({ text, filters, sort }) =>
          pathWith('/api/alert-recipients/export', { ...filters, text: text || undefined, sort })
        }
        wrapLines
        itemKey={({ id }) => id}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {may('POST /api/alert-recipients/import') && (
              <Button iconName="upload" wrapText={false} onClick={() => setImporting(true)}>
                {texts.recipients.import}
              </Button>
            )}
            {may('POST /api/alert-recipients') && (
              <Button variant="primary" wrapText={false} onClick={() => void navigate('/alerts/recipients/new')}>
                {texts.recipients.add}
              </Button>
            )}
          </SpaceBetween>
        }
        read={async ({ start, max, text, filters, sort }) => {
          const query = {
            start,
            max,
            ...(filters as { channel?: Channel; groupId?: string; connectionId?: string }),
            ...(text !== '' && { text }),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/alert-recipients', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.recipients.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.recipients.name,
            sort: 'name',
            csv: ({ name }) => name,
            isRowHeader: true,
            cell: ({ id, name }) => <PageLink to={`/alerts/recipients/${id}`}>{name}</PageLink>,
          },
          {
            id: 'endpoints',
            header: texts.recipients.endpoints,
            csv: ({ endpoints }) => endpoints.map((endpoint) => endpointText(endpoint, connections)).join('; '),
            minWidth: 220,
            cell: ({ endpoints }) => (
              <SpaceBetween size="xxxs">
                {endpoints.map((endpoint) => (
                  <div key={JSON.stringify(endpoint)}>
                    <Badge>{texts.alerts.channels[endpoint.channel]}</Badge> {endpointText(endpoint, connections)}
                  </div>
                ))}
              </SpaceBetween>
            ),
          },
          { id: 'duty', header: texts.schedule.title, cell: ({ schedule }) => scheduleText(schedule) },
          {
            id: 'language',
            header: texts.recipients.language,
            sort: 'language',
            cell: ({ language }) => texts.alerts.languages[language],
          },
        ]}
      />
      {isImporting && <ImportRecipients onClose={() => setImporting(false)} />}
    </SpaceBetween>
  );
}
