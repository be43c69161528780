import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import type { CsvValue } from '../../parts/csv.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { pageOfWhole } from '../../parts/whole-list.ts';
import { texts } from '../../texts/texts.ts';
import type { TemplateItem } from './alert-types.ts';

const FILTERS = ['trigger', 'channel', 'language', 'changed'] as const;

const nameOf = ({ trigger, channel, language }: TemplateItem): string =>
  `${texts.alerts.triggers[trigger]} ${texts.alerts.channels[channel]} ${texts.alerts.languages[language]}`;

/** What the columns are ordered by: the platform tells all templates at once. */
const KEYS: Readonly<Record<string, (item: TemplateItem) => CsvValue>> = {
  trigger: ({ trigger }) => texts.alerts.triggers[trigger],
  channel: ({ channel }) => texts.alerts.channels[channel],
  language: ({ language }) => texts.alerts.languages[language],
  isDefault: ({ isDefault }) => Number(isDefault),
  changedAt: ({ changedAt }) => changedAt,
};

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
      isSearchable
      read={async ({ filters: { changed, ...filters }, ...request }) => {
        const query = changed === undefined ? {} : { isDefault: changed !== 'own' };
        const { data } = await api.GET('/api/alert-templates', { params: { query } });
        const found = (data?.items ?? []).filter((item) =>
          Object.entries(filters).every(([name, value]) => item[name as 'trigger'] === value),
        );
        return pageOfWhole(found, { ...request, filters }, { keys: KEYS, textOf: nameOf });
      }}
      empty={texts.table.empty}
      columns={[
        {
          id: 'trigger',
          header: texts.incidents.cause,
          sort: 'trigger',
          csv: ({ trigger }) => texts.alerts.triggers[trigger],
          isRowHeader: true,
          cell: ({ trigger, channel, language }) => (
            <PageLink to={`/alerts/templates/${trigger}.${channel}.${language}`}>
              {texts.alerts.triggers[trigger]}
            </PageLink>
          ),
        },
        {
          id: 'channel',
          header: texts.receipts.channel,
          sort: 'channel',
          cell: ({ channel }) => texts.alerts.channels[channel],
        },
        {
          id: 'language',
          header: texts.recipients.language,
          sort: 'language',
          cell: ({ language }) => texts.alerts.languages[language],
        },
        {
          id: 'words',
          header: texts.templates.words,
          sort: 'isDefault',
          csv: ({ isDefault, lastFault }) =>
            lastFault === null
              ? isDefault
                ? texts.templates.whose.ours
                : texts.templates.whose.own
              : texts.templates.failed(lastFault.fault),
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
          sort: 'changedAt',
          csv: ({ changedAt, changedBy }) => [changedAt, changedBy].filter(Boolean).join(' '),
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
