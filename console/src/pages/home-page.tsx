import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { api } from '../api/client.ts';
import { useQuery } from '../api/use-query.ts';
import { CallOutcome } from '../parts/call-status.tsx';
import { PageLink } from '../parts/links.tsx';
import { Moment } from '../parts/moment.tsx';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { WhenEmpty } from '../parts/when-empty.tsx';
import { useMay, useSession } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { Attention } from './home/attention.tsx';
import { PlatformHealth } from './home/platform-health.tsx';
import { Sites } from './home/sites.tsx';

const LOOK_AGAIN_MS = 5_000;
const LATEST = 5;

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
        empty={
          <WhenEmpty error={error}>
            <Box textAlign="center">{texts.calls.empty}</Box>
          </WhenEmpty>
        }
        columnDefinitions={[
          {
            id: 'started',
            header: texts.calls.started,
            isRowHeader: true,
            cell: ({ id, startedAt, location }) => (
              <PageLink to={`/calls/${id}`}>
                <Moment at={startedAt} locationId={location?.locationId} withAge />
              </PageLink>
            ),
          },
          { id: 'kind', header: texts.calls.kind, cell: ({ kind }) => texts.calls.kinds[kind] },
          { id: 'outcome', header: texts.calls.outcome, cell: ({ outcome }) => <CallOutcome outcome={outcome} /> },
          { id: 'caller', header: texts.calls.caller, cell: ({ callerNumber }) => callerNumber ?? texts.unknown },
          { id: 'place', header: texts.calls.place, cell: ({ location }) => location?.text ?? texts.unknown },
        ]}
      />
    </SpaceBetween>
  );
}

/** Whether everybody can call for help now, and what to do where they cannot. */
export default function HomePage() {
  const may = useMay();
  const { organization } = useSession();
  return (
    <SpaceBetween size="l" className="in-order">
      <Header variant="h1" description={texts.home.description}>
        {organization.name}
      </Header>
      <PlatformHealth />
      {may('GET /api/compliance') && <Sites />}
      <Attention />
      {may('GET /api/calls') && <Calls />}
    </SpaceBetween>
  );
}
