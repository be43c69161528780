import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useParams } from 'react-router';
import { addressOf, api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { durationText } from '../../parts/age.tsx';
import { PageLink } from '../../parts/links.tsx';
import { AtSite, Moment } from '../../parts/moment.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { WholeTable } from '../../parts/whole-table.tsx';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import type { DrillView } from './alert-types.ts';
import { useDrillTarget } from './use-drill-target.ts';

const LOOK_AGAIN_MS = 2_000;

const STATES: Readonly<Record<DrillView['results'][number]['state'], StatusIndicatorProps.Type>> = {
  'not-sent': 'stopped',
  queued: 'pending',
  accepted: 'success',
  failed: 'warning',
  exhausted: 'error',
};

const isUnderWay = ({ counts }: DrillView): boolean => counts.queued + counts.failed + counts['not-sent'] > 0;

/** One drill as it goes on: what became of every message, and how long it took. */
export default function DrillPage() {
  const { id = '' } = useParams();
  const locations = useLocations();
  const targetText = useDrillTarget();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['drills', 'one', id],
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
    queryFn: async () => (await api.GET('/api/drills/{id}', { params: { path: { id } } })).data,
  });
  usePageName(data && targetText(data.target));
  if (isPending) return <Spinner size="large" />;
  if (!data) return <PageProblem error={error} onRetry={() => void refetch()} />;
  const { results, counts } = data;
  const sent = results.length - counts['not-sent'];
  const place = data.locationId === null ? '–' : (locations[data.locationId] ?? data.locationId);
  return (
    <AtSite locationId={data.locationId}>
      <SpaceBetween size="l">
        <Header
          variant="h1"
          description={data.note || undefined}
          actions={
            <Button iconName="download" href={addressOf(`/api/drills/${id}/export`)} download>
              {texts.table.export}
            </Button>
          }
        >
          {targetText(data.target)}
        </Header>
        <ProblemAlert error={error} />
        <Container header={<Header variant="h2">{texts.drills.result}</Header>}>
          <SpaceBetween size="l">
            <ProgressBar
              label={texts.drills.progress}
              value={sent === 0 ? 0 : Math.round((counts.accepted / sent) * 100)}
              additionalInfo={texts.drills.accepted(counts.accepted, sent)}
            />
            <KeyValuePairs
              columns={4}
              items={[
                { label: texts.drills.started, value: <Moment at={data.startedAt} withAge /> },
                { label: texts.drills.by, value: data.startedBy },
                { label: texts.drills.place, value: place },
                {
                  label: texts.drills.slowest,
                  value: data.slowestMs === null ? '–' : texts.seconds(data.slowestMs / 1_000),
                },
                { label: texts.receipts.states.exhausted, value: counts.exhausted },
                { label: texts.receipts.states.failed, value: counts.failed },
                { label: texts.drills.notSent, value: counts['not-sent'] },
                {
                  label: texts.incidents.facts,
                  value: <PageLink to={`/alerts/incidents/${data.incidentId}`}>{texts.drills.openIncident}</PageLink>,
                },
              ]}
            />
          </SpaceBetween>
        </Container>
        <WholeTable
          name={`drill-${id}`}
          within="told"
          title={texts.incidents.told}
          headerVariant="h2"
          isSavedElsewhere
          counter={`(${results.length})`}
          itemKey={({ key }) => key}
          empty={texts.none}
          items={results}
          columns={[
            { id: 'label', header: texts.receipts.recipient, cell: ({ label }) => label, isRowHeader: true },
            {
              id: 'channel',
              header: texts.receipts.channel,
              minWidth: 110,
              cell: ({ channel }) => texts.alerts.channels[channel],
            },
            {
              id: 'step',
              header: texts.preview.when,
              minWidth: 120,
              csv: ({ afterSeconds }) => afterSeconds,
              cell: ({ afterSeconds }) =>
                afterSeconds === 0 ? texts.rules.atOnce : texts.rules.afterUnless(durationText(afterSeconds)),
            },
            {
              id: 'state',
              header: texts.call.state,
              minWidth: 150,
              csv: ({ state }) => (state === 'not-sent' ? texts.drills.notSent : texts.receipts.states[state]),
              cell: ({ state }) => (
                <StatusIndicator type={STATES[state]}>
                  {state === 'not-sent' ? texts.drills.notSent : texts.receipts.states[state]}
                </StatusIndicator>
              ),
            },
            {
              id: 'took',
              header: texts.call.took,
              minWidth: 90,
              csv: ({ acceptedAfterMs }) => acceptedAfterMs,
              cell: ({ acceptedAfterMs }) => (acceptedAfterMs === null ? '–' : texts.seconds(acceptedAfterMs / 1_000)),
            },
            {
              id: 'said',
              header: texts.drills.said,
              cell: ({ response, lastError }) => response ?? lastError ?? '–',
            },
          ]}
        />
      </SpaceBetween>
    </AtSite>
  );
}
