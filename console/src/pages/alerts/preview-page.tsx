import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import DateInput from '@cloudscape-design/components/date-input';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import TimeInput from '@cloudscape-design/components/time-input';
import { keepPreviousData } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { useAddressBar } from '../../parts/address-bar.ts';
import { durationText } from '../../parts/age.tsx';
import { PageLink } from '../../parts/links.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { WholeTable } from '../../parts/whole-table.tsx';
import { texts } from '../../texts/texts.ts';
import { SeverityBadge } from './alert-badges.tsx';
import type { Preview, Trigger } from './alert-types.ts';
import { RuleTabs } from './page-tabs.tsx';

/** A wall clock of this browser as the API takes moments; undefined while it is none. */
function momentOf(date: string, time: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const at = new Date(`${date}T${/^\d\d:\d\d$/.test(time) ? time : '00:00'}`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function Result({ preview }: { preview: Preview }) {
  return (
    <SpaceBetween size="l">
      <WholeTable
        name="told"
        title={texts.preview.told}
        headerVariant="h2"
        counter={`(${preview.counts.told})`}
        description={
          <>
            {texts.alerts.triggers[preview.trigger]}, <Moment at={preview.at} />
          </>
        }
        items={preview.told}
        itemKey={(one) => String(preview.told.indexOf(one))}
        empty={
          <Box textAlign="center" color="text-status-error">
            {texts.preview.nobody}
          </Box>
        }
        columns={[
          {
            id: 'who',
            header: texts.preview.who,
            isRowHeader: true,
            csv: ({ label, recipientName }) =>
              recipientName === null || recipientName === label ? label : `${recipientName}, ${label}`,
            cell: ({ label, recipientId, recipientName }) => (
              <>
                {recipientId === null ? (
                  label
                ) : (
                  <PageLink to={`/alerts/recipients/${recipientId}`}>{recipientName ?? label}</PageLink>
                )}
                {recipientId !== null && recipientName !== label && (
                  <Box color="text-body-secondary" fontSize="body-s">
                    {label}
                  </Box>
                )}
              </>
            ),
          },
          {
            id: 'when',
            header: texts.preview.when,
            minWidth: 120,
            csv: ({ afterSeconds }) => afterSeconds,
            cell: ({ afterSeconds }) =>
              afterSeconds === 0 ? texts.rules.atOnce : texts.rules.afterUnless(durationText(afterSeconds)),
          },
          {
            id: 'channel',
            header: texts.receipts.channel,
            minWidth: 110,
            cell: ({ endpoint }) => texts.alerts.channels[endpoint.channel],
          },
          {
            id: 'severity',
            header: texts.alerts.severity,
            csv: ({ severity }) => texts.alerts.severities[severity],
            cell: ({ severity }) => <SeverityBadge severity={severity} />,
          },
          { id: 'why', header: texts.preview.why, minWidth: 200, cell: ({ reasons }) => reasons.join('; ') },
        ]}
      />
      {preview.counts.notTold > 0 && (
        <WholeTable
          name="not-told"
          title={texts.preview.notTold}
          headerVariant="h2"
          counter={`(${preview.counts.notTold})`}
          description={texts.preview.notToldHelp}
          items={preview.notTold}
          itemKey={(one) => String(preview.notTold.indexOf(one))}
          empty={texts.none}
          columns={[
            {
              id: 'who',
              header: texts.preview.who,
              isRowHeader: true,
              csv: ({ name }) => name,
              cell: ({ recipientId, name }) => <PageLink to={`/alerts/recipients/${recipientId}`}>{name}</PageLink>,
            },
            {
              id: 'rule',
              header: texts.preview.rule,
              csv: ({ ruleName }) => ruleName,
              cell: ({ ruleId, ruleName }) => <PageLink to={`/alerts/rules/${ruleId}`}>{ruleName}</PageLink>,
            },
            {
              id: 'when',
              header: texts.preview.when,
              minWidth: 120,
              csv: ({ afterSeconds }) => afterSeconds,
              cell: ({ afterSeconds }) =>
                afterSeconds === 0 ? texts.rules.atOnce : texts.rules.after(durationText(afterSeconds)),
            },
            { id: 'why', header: texts.preview.why, cell: ({ why }) => texts.preview.reasons[why] },
          ]}
        />
      )}
    </SpaceBetween>
  );
}

/** Who would be told of what might happen, when and why. */
export default function PreviewPage() {
  const locations = useLocations();
  const [search, changeAddress] = useAddressBar();
  const trigger = (search.get('trigger') ?? 'call-placed') as Trigger;
  const locationId = search.get('locationId') ?? '';
  const [date, time] = [search.get('date') ?? '', search.get('time') ?? ''];
  const at = momentOf(date, time);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['alert-rules', 'preview', trigger, locationId, at ?? 'now'],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { trigger, ...(locationId !== '' && { locationId }), ...(at !== undefined && { at }) };
      return (await api.GET('/api/alert-rules/preview', { params: { query } })).data;
    },
  });
  const change = (name: string, value: string): void => changeAddress({ [name]: value });
  const triggers = Object.entries(texts.alerts.triggers)
    .filter(([value]) => value !== 'drill')
    .map(([value, label]) => ({ value, label }));
  const places = [
    { value: '', label: texts.preview.nowhere },
    ...Object.entries(locations).map(([value, label]) => ({ value, label })),
  ];
  return (
    <SpaceBetween size="l">
      <RuleTabs active="preview" />
      <Header variant="h1" description={texts.preview.description}>
        {texts.preview.title}
      </Header>
      <Container>
        <Grid
          gridDefinition={[
            { colspan: { default: 12, s: 4 } },
            { colspan: { default: 12, s: 4 } },
            { colspan: { default: 7, s: 2 } },
            { colspan: { default: 5, s: 2 } },
          ]}
        >
          <FormField label={texts.preview.trigger}>
            <Select
              options={triggers}
              selectedOption={triggers.find(({ value }) => value === trigger) ?? null}
              onChange={({ detail }) => change('trigger', detail.selectedOption.value ?? '')}
            />
          </FormField>
          <FormField label={texts.preview.place}>
            <Select
              filteringType="auto"
              options={places}
              selectedOption={places.find(({ value }) => value === locationId) ?? null}
              onChange={({ detail }) => change('locationId', detail.selectedOption.value ?? '')}
            />
          </FormField>
          <FormField label={texts.preview.date} description={texts.preview.dateHelp}>
            <DateInput
              value={date}
              placeholder={texts.formats.day}
              onChange={({ detail }) => change('date', detail.value)}
            />
          </FormField>
          <FormField label={texts.preview.time} description={texts.preview.timeHelp}>
            <TimeInput
              value={time}
              format="hh:mm"
              placeholder={texts.formats.time}
              disabled={date === ''}
              onChange={({ detail }) => change('time', detail.value)}
            />
          </FormField>
        </Grid>
      </Container>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {isPending && <Spinner size="large" />}
      {data && <Result preview={data} />}
    </SpaceBetween>
  );
}
