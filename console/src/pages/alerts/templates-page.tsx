import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/texts.ts';
import type { TemplateItem } from './alert-types.ts';

const FILTERS = ['trigger', 'channel', 'language', 'changed'] as const;

/** What alerts say: every text by what happened, channel and language. */
export default function TemplatesPage() {
  return (
    <DataTable<TemplateItem>
      title={texts.templates.title}
      description={texts.templates.description}
      listKey="alert-templates"
      filterNames={FILTERS}
      filters={
        <>
          <Choice name="trigger" label={texts.alerts.anyTrigger} choices={texts.alerts.triggers} />
          <Choice name="channel" label={texts.receipts.anyChannel} choices={texts.templates.channels} />
          <Choice name="language" label={texts.templates.anyLanguage} choices={texts.alerts.languages} />
          <Choice name="changed" label={texts.templates.anyWords} choices={texts.templates.whose} />
        </>
      }
      itemKey={({ trigger, channel, language }) => `${trigger}.${channel}.${language}`}
      read={async ({ start, max, filters: { changed, ...filters } }) => {
        const query = changed === undefined ? {} : { isDefault: changed !== 'own' };
        const { data } = await api.GET('/api/alert-templates', { params: { query } });
        const found = (data?.items ?? []).filter((item) =>
          Object.entries(filters).every(([name, value]) => item[name as 'trigger'] === value),
        );
        return { items: found.slice(start, start + max), hasMore: found.length > start + max };
      }}
      empty={texts.table.empty}
      columns={[
        {
          id: 'trigger',
          header: texts.incidents.cause,
          isRowHeader: true,
          cell: ({ trigger, channel, language }) => (
            <PageLink to={`/alerts/templates/${trigger}.${channel}.${language}`}>
              {texts.alerts.triggers[trigger]}
            </PageLink>
          ),
        },
        { id: 'channel', header: texts.receipts.channel, cell: ({ channel }) => texts.alerts.channels[channel] },
        { id: 'language', header: texts.recipients.language, cell: ({ language }) => texts.alerts.languages[language] },
        {
          id: 'words',
          header: texts.templates.words,
          cell: ({ isDefault, lastFault }) =>
            lastFault === null ? (
              <StatusIndicator type={isDefault ? 'stopped' : 'success'}>
                {isDefault ? texts.templates.whose.ours : texts.templates.whose.own}
              </StatusIndicator>
            ) : (
              <StatusIndicator type="error">{texts.templates.failed(lastFault.fault)}</StatusIndicator>
            ),
        },
        {
          id: 'changed',
          header: texts.templates.changed,
          cell: ({ changedAt, changedBy }) =>
            changedAt === null ? (
              '–'
            ) : (
              <>
                <Moment at={changedAt} /> {changedBy}
              </>
            ),
        },
      ]}
    />
  );
}
