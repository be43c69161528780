import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { PageLink } from '../../parts/links.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Reading } from '../../parts/reading.tsx';
import { isExempt, type Site, Standing, stageName, standingOf, standingText } from '../../parts/standing.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { useFirstPage } from '../../shell/first-page.ts';
import { texts } from '../../texts/texts.ts';

type Compliance = paths['/api/compliance']['get']['responses']['200']['content']['application/json'];

const LOOK_AGAIN_MS = 5_000;
const SHOWN = 10;
const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;
/** Where a stage is worked on when there is no guide through all of them. */
const WHERE: Readonly<Record<(typeof STAGES)[number], readonly string[]>> = {
  LOCATION_SETUP: ['/onboarding', '/places', '/settings'],
  ALERTS: ['/onboarding', '/alerts', '/settings'],
  NETWORK_ELEMENTS: ['/onboarding', '/wire-map', '/settings'],
  ROUTING_ENABLED: ['/onboarding', '/settings'],
};

/** Those that count and do not route yet; the least advanced come first. */
function waiting(sites: readonly Site[]): Site[] {
  const rank = ({ next }: Site): number => STAGES.findIndex((stage) => stage === next);
  return sites
    .filter((site) => !isExempt(site) && !site.optedOut && !site.routingEnabled)
    .sort((a, b) => rank(a) - rank(b));
}

function GoThere({ paths: wanted, children }: { paths: readonly string[]; children: string }) {
  const navigate = useNavigate();
  const path = useFirstPage()(wanted);
  if (path === null) return null;
  return (
    <Button
      href={path}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(path);
      }}
    >
      {children}
    </Button>
  );
}

/** Whether everybody can call for help now; if not, what to do next and where. */
function Verdict({ compliance: { locations, organization } }: { compliance: Compliance }) {
  const counted = locations.filter((site) => !isExempt(site));
  const left = counted.filter(({ routingEnabled }) => !routingEnabled).length;
  const [first] = waiting(locations);
  const next = STAGES.find((stage) => stage === (first?.next ?? organization.next));
  // Whoever only watches is told what is missing; completing stages is for others.
  const mayComplete = useMay()('PUT /v1/telephony/config/redSky/status');
  const start = mayComplete && <GoThere paths={WHERE.LOCATION_SETUP}>{texts.home.begin}</GoThere>;
  if (!organization.accountExists) {
    return (
      <Alert type="warning" header={texts.home.noAccountTitle} action={start}>
        {texts.home.noAccount}
      </Alert>
    );
  }
  if (counted.length === 0) {
    return (
      <Alert type="info" header={texts.home.emptyTitle} action={start}>
        {texts.home.empty}
      </Alert>
    );
  }
  if (left === 0) return <Alert type="success">{texts.home.allRouted(counted.length)}</Alert>;
  return (
    <Alert
      type="warning"
      header={texts.home.someNot(left, counted.length)}
      action={mayComplete && next && <GoThere paths={WHERE[next]}>{texts.home.goTo(stageName(next))}</GoThere>}
    >
      {first && next ? texts.home.nextFor(first.name, texts.home.stageHelp[next]) : texts.home.optedOutHelp}
    </Alert>
  );
}

/** How every location stands, as it is read again and again. */
const SITES = {
  queryKey: ['compliance'],
  refetchInterval: LOOK_AGAIN_MS,
  queryFn: async () => (await api.GET('/api/compliance')).data,
};

/** How every location stands; those that need something come first. */
export function Sites() {
  const firstPage = useFirstPage();
  const { data, error, isPending, refetch } = useQuery(SITES);
  if (isPending)
    return (
      <Reading>
        <Spinner size="large" />
      </Reading>
    );
  if (!data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  const first = waiting(data.locations);
  const others = data.locations.filter((site) => !first.includes(site));
  const all = firstPage(['/places', '/settings']);
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <Verdict compliance={data} />
      <WholeTable
        name="locations"
        title={texts.home.locations}
        headerVariant="h2"
        counter={`(${data.locations.length})`}
        actions={all !== null && <PageLink to={all}>{texts.home.allLocations}</PageLink>}
        items={[...first, ...others]}
        itemKey={({ id }) => id}
        pageSize={SHOWN}
        empty={<Box textAlign="center">{texts.home.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.home.location,
            csv: ({ name }) => name,
            cell: ({ id, name }) => <LocationLink id={id} name={name} />,
            isRowHeader: true,
          },
          {
            id: 'standing',
            header: texts.home.standing,
            csv: (site) => standingText(standingOf(site)),
            cell: (site) => <Standing standing={standingOf(site)} />,
          },
          {
            id: 'stage',
            header: texts.home.stage,
            cell: (site) => (isExempt(site) ? texts.none : stageName(site.completed)),
          },
          {
            id: 'next',
            header: texts.home.nextStage,
            cell: (site) => (isExempt(site) ? texts.none : stageName(site.next)),
          },
        ]}
      />
    </SpaceBetween>
  );
}
