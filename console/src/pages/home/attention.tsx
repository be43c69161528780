import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { PageLink } from '../../parts/links.tsx';
import { useMay } from '../../session/session.ts';
import { useFirstPage } from '../../shell/first-page.ts';
import { texts } from '../../texts/texts.ts';

const LOOK_AGAIN_MS = 5_000;
/** Moves when places or routing data change. */
const LOOK_SELDOM_MS = 60_000;
const COUNTED = 100;

type Watched = {
  label: string;
  /** Lists are read anew when the platform tells of a change to what is named first. */
  key: readonly string[];
  needs: string;
  /** Where it is looked after; the first that there is. */
  at: readonly string[];
  everyMs: number;
  type: StatusIndicatorProps.Type;
  well: string;
  count: () => Promise<number>;
};

const max = COUNTED + 1;
const lengthOf = (data: { items: readonly unknown[] } | undefined): number => data?.items.length ?? 0;

const WATCHED: readonly Watched[] = [
  {
    label: texts.home.liveCalls,
    key: ['calls', 'live'],
    needs: 'GET /api/calls',
    // Those that ring and those that were answered: the newest emergency calls.
    at: ['/calls?kind=911'],
    everyMs: LOOK_AGAIN_MS,
    type: 'in-progress',
    well: texts.home.noLiveCalls,
    async count() {
      const outcomes = ['routing', 'answered'] as const;
      const counts = await Promise.all(
        outcomes.map(async (outcome) =>
          lengthOf((await api.GET('/api/calls', { params: { query: { kind: '911', outcome, max } } })).data),
        ),
      );
      return counts.reduce((sum, one) => sum + one, 0);
    },
  },
  {
    label: texts.home.openIncidents,
    key: ['incidents', 'open'],
    needs: 'GET /api/incidents',
    at: ['/alerts/incidents?state=open', '/alerts?state=open'],
    everyMs: LOOK_AGAIN_MS,
    type: 'warning',
    well: texts.home.noOpenIncidents,
    count: async () =>
      lengthOf((await api.GET('/api/incidents', { params: { query: { state: 'open', drill: false, max } } })).data),
  },
  {
    label: texts.home.failedAlerts,
    key: ['alerts', 'troubled'],
    needs: 'GET /api/alerts/troubled',
    at: ['/alerts/troubled', '/alerts/receipts', '/alerts'],
    everyMs: LOOK_AGAIN_MS,
    type: 'error',
    well: texts.home.noFailedAlerts,
    count: async () => lengthOf((await api.GET('/api/alerts/troubled', { params: { query: { max } } })).data),
  },
  {
    label: texts.home.unmapped,
    key: ['unmapped', 'count'],
    needs: 'GET /api/wire-map/unmapped',
    at: ['/wire-map/unmapped', '/wire-map/discovery', '/wire-map'],
    everyMs: LOOK_AGAIN_MS,
    type: 'warning',
    well: texts.home.noUnmapped,
    count: async () => lengthOf((await api.GET('/api/wire-map/unmapped', { params: { query: { max } } })).data),
  },
  {
    label: texts.home.ambiguous,
    key: ['route-standings', 'open'],
    needs: 'GET /api/route-standings',
    at: ['/routing'],
    everyMs: LOOK_SELDOM_MS,
    type: 'warning',
    well: texts.home.noAmbiguous,
    count: async () =>
      lengthOf((await api.GET('/api/route-standings', { params: { query: { settled: false, max } } })).data),
  },
];

const shownCount = (count: number): string => (count > COUNTED ? `${COUNTED}+` : String(count));

function Count({ watched: { at, count, everyMs, key, label, type, well } }: { watched: Watched }) {
  const firstPage = useFirstPage();
  const { data, error } = useQuery({ queryKey: key, queryFn: count, refetchInterval: everyMs });
  if (error) return <StatusIndicator type="error">{texts.problem.title}</StatusIndicator>;
  if (data === undefined) return <StatusIndicator type="loading">{texts.loading}</StatusIndicator>;
  if (data === 0) return <StatusIndicator type="success">{well}</StatusIndicator>;
  const path = firstPage(at);
  const number = (
    <Box display="inline" fontSize="heading-m" fontWeight="bold" color="inherit">
      {shownCount(data)}
    </Box>
  );
  return (
    <StatusIndicator type={type}>
      {path === null ? (
        number
      ) : (
        <PageLink to={path} ariaLabel={`${label}: ${shownCount(data)}`}>
          {number}
        </PageLink>
      )}
    </StatusIndicator>
  );
}

/** What somebody should look at now, and where. */
export function Attention() {
  const may = useMay();
  const shown = WATCHED.filter(({ needs }) => may(needs));
  if (shown.length === 0) return null;
  return (
    <Container header={<Header variant="h2">{texts.home.attention}</Header>}>
      <KeyValuePairs
        columns={3}
        items={shown.map((watched) => ({ label: watched.label, value: <Count watched={watched} /> }))}
      />
    </Container>
  );
}
