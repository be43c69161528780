import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { paths } from '../api/schema.generated.ts';
import { CallOutcome } from '../parts/call-status.tsx';
import { PageLink } from '../parts/links.tsx';
import { Moment } from '../parts/moment.tsx';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { useMay, useSession } from '../session/session.ts';
import { texts } from '../texts/texts.ts';

type Compliance = paths['/api/compliance']['get']['responses']['200']['content']['application/json'];
type Site = Compliance['locations'][number];

const LOOK_AGAIN_MS = 5_000;
const LATEST = 5;

const stageName = (stage: string | null): string =>
  stage === null ? texts.none : (texts.home.stages[stage as keyof typeof texts.home.stages] ?? stage);

const isExempt = ({ state }: Site): boolean => state === 'EXEMPTED';

function Standing({ site }: { site: Site }) {
  if (isExempt(site)) return <StatusIndicator type="stopped">{texts.home.exempted}</StatusIndicator>;
  if (site.optedOut) return <StatusIndicator type="stopped">{texts.home.optedOut}</StatusIndicator>;
  if (site.routingEnabled) return <StatusIndicator type="success">{texts.home.canCall}</StatusIndicator>;
  if (site.testCallsEnabled) return <StatusIndicator type="warning">{texts.home.canTest}</StatusIndicator>;
  return <StatusIndicator type="error">{texts.home.cannot}</StatusIndicator>;
}

function Verdict({ sites }: { sites: readonly Site[] }) {
  const counted = sites.filter((site) => !isExempt(site));
  const left = counted.filter(({ routingEnabled }) => !routingEnabled).length;
  if (counted.length === 0) return <Alert type="info">{texts.home.empty}</Alert>;
  return left === 0 ? (
    <Alert type="success">{texts.home.allRouted(counted.length)}</Alert>
  ) : (
    <Alert type="warning">{texts.home.someNot(left, counted.length)}</Alert>
  );
}

function Calls() {
  const { data, error, isPending } = useQuery({
    queryKey: ['calls', 'latest'],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: async () => (await api.GET('/api/calls', { params: { query: { max: LATEST } } })).data?.items ?? [],
  });
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error} />
      <Table
        header={
          <Header variant="h2" actions={<PageLink to="/calls">{texts.home.allCalls}</PageLink>}>
            {texts.home.lastCalls}
          </Header>
        }
        loading={isPending}
        loadingText={texts.loading}
        items={data ?? []}
        trackBy="id"
        empty={<Box textAlign="center">{texts.calls.empty}</Box>}
        columnDefinitions={[
          {
            id: 'started',
            header: texts.calls.started,
            isRowHeader: true,
            cell: ({ id, startedAt }) => (
              <PageLink to={`/calls/${id}`}>
                <Moment at={startedAt} />
              </PageLink>
            ),
          },
          { id: 'kind', header: texts.calls.kind, cell: ({ kind }) => texts.calls.kinds[kind] },
          { id: 'caller', header: texts.calls.caller, cell: ({ callerNumber }) => callerNumber ?? texts.unknown },
          { id: 'place', header: texts.calls.place, cell: ({ location }) => location?.text ?? texts.unknown },
          { id: 'outcome', header: texts.calls.outcome, cell: ({ outcome }) => <CallOutcome outcome={outcome} /> },
        ]}
      />
    </SpaceBetween>
  );
}

/** Whether everybody can call for help now, and what to do where they cannot. */
export default function HomePage() {
  const may = useMay();
  const { organization } = useSession();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['compliance'],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: async () => (await api.GET('/api/compliance')).data,
  });
  if (isPending) return <Spinner size="large" />;
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.home.description}>
        {organization.name}
      </Header>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data && (
        <SpaceBetween size="l">
          {data.organization.accountExists ? (
            <Verdict sites={data.locations} />
          ) : (
            <Alert type="warning">{texts.home.noAccount}</Alert>
          )}
          <Container>
            <Table
              variant="embedded"
              header={<Header variant="h2">{texts.home.locations}</Header>}
              items={data.locations}
              trackBy="id"
              empty={<Box textAlign="center">{texts.home.empty}</Box>}
              columnDefinitions={[
                { id: 'name', header: texts.home.location, cell: ({ name }) => name, isRowHeader: true },
                { id: 'standing', header: texts.home.standing, cell: (site) => <Standing site={site} /> },
                { id: 'stage', header: texts.home.stage, cell: ({ completed }) => stageName(completed) },
                { id: 'next', header: texts.home.nextStage, cell: ({ next }) => stageName(next) },
              ]}
            />
          </Container>
        </SpaceBetween>
      )}
      {may('GET /api/calls') && <Calls />}
    </SpaceBetween>
  );
}
