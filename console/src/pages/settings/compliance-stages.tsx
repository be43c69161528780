import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Reading } from '../../parts/reading.tsx';
import { isExempt, Standing, stageName, standingOf, standingText } from '../../parts/standing.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

const ORGANIZATION_PATH = '/v1/telephony/config/redSky/status';
const LOCATION_PATH = '/v1/telephony/config/locations/{locationId}/redSky/status';

type Wanted = paths[typeof ORGANIZATION_PATH]['put']['requestBody']['content']['application/json']['complianceStatus'];
/** A location, or the whole organization (`locationId` null). */
type Subject = { locationId: string | null; name: string; next: string | null; optedOut: boolean };

function change({ locationId }: Subject, complianceStatus: Wanted): Promise<unknown> {
  return locationId === null
    ? api.PUT(ORGANIZATION_PATH, { body: { complianceStatus } })
    : api.PUT(LOCATION_PATH, { params: { path: { locationId } }, body: { complianceStatus } });
}

/** Completes the next stage, opts out (asked first, undone by opting in) and in again. */
function Steps({ subject, isWithin = false }: { subject: Subject; isWithin?: boolean }) {
  const client = useQueryClient();
  const notify = useNotify();
  const [isAsking, setIsAsking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const { name, next, optedOut } = subject;
  const look = (): Promise<void> => client.invalidateQueries();
  const optIn = async (): Promise<void> => {
    await change(subject, 'LOCATION_SETUP');
    notify({ type: 'success', content: texts.settings.optedIn(name) });
    await look();
  };
  const moving = useMutation({
    async mutationFn() {
      if (optedOut) return optIn();
      if (next === null) return;
      await change(subject, next as Wanted);
      notify({ type: 'success', content: texts.settings.completed(stageName(next), name) });
      await look();
    },
    onError: setError,
    onSuccess: () => setError(null),
  });
  async function optOut(): Promise<void> {
    await change(subject, 'OPTED_OUT');
    notify({
      type: 'warning',
      content: texts.settings.optedOut(name),
      action: (
        <Button onClick={() => void optIn().catch((problem: unknown) => setError(problem as Error))}>
          {texts.settings.undo}
        </Button>
      ),
    });
    await look();
  }
  // A location follows its organization: what would be refused is not offered.
  if (isWithin && optedOut) return <Box>{texts.settings.stillInOrganization}</Box>;
  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="xs" alignItems="center">
        {(optedOut || next !== null) && (
          <Button loading={moving.isPending} onClick={() => moving.mutate()}>
            {optedOut ? texts.settings.optIn : texts.settings.complete(stageName(next))}
          </Button>
        )}
        {!optedOut && (
          <Button
            variant="inline-link"
            ariaLabel={`${texts.settings.optOut}: ${name}`}
            onClick={() => setIsAsking(true)}
          >
            {texts.settings.optOut}
          </Button>
        )}
      </SpaceBetween>
      <ProblemAlert error={error} />
      {isAsking && (
        <Confirm
          title={texts.settings.optOutTitle(name)}
          action={texts.settings.optOut}
          onClose={() => setIsAsking(false)}
          run={optOut}
        >
          <Alert type="warning">{texts.settings.optOutText}</Alert>
        </Confirm>
      )}
    </SpaceBetween>
  );
}

/** How far the organization and every location have come, and what can be done about it. */
export function ComplianceStages() {
  const may = useMay();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['compliance'],
    queryFn: async () => (await api.GET('/api/compliance')).data,
  });
  if (isPending) return <Reading />;
  if (!data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  const { locations, organization } = data;
  const mayOrganization = may(`PUT ${ORGANIZATION_PATH}`) && organization.accountExists;
  const mayLocation = may(`PUT ${LOCATION_PATH}`) && organization.accountExists;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={texts.settings.complianceHelp}
          actions={
            mayOrganization && (
              <Steps subject={{ ...organization, locationId: null, name: texts.settings.organization }} />
            )
          }
        >
          {texts.settings.compliance}
        </Header>
      }
    >
      <WholeTable
        name="compliance"
        title={texts.settings.compliance}
        variant="embedded"
        items={locations}
        itemKey={({ id }) => id}
        empty={<Box textAlign="center">{texts.settings.noLocations}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.home.location,
            isRowHeader: true,
            csv: ({ name }) => name,
            cell: ({ id, name }) => <LocationLink id={id} name={name} />,
          },
          {
            id: 'standing',
            header: texts.home.standing,
            csv: (site) => standingText(standingOf(site)),
            cell: (site) => <Standing standing={standingOf(site)} />,
          },
          { id: 'stage', header: texts.home.stage, cell: ({ completed }) => stageName(completed) },
          ...(mayLocation
            ? [
                {
                  id: 'steps',
                  header: texts.home.nextStage,
                  csv: (site: (typeof locations)[number]) => (isExempt(site) ? texts.none : stageName(site.next)),
                  cell: (site: (typeof locations)[number]) =>
                    isExempt(site) ? (
                      texts.none
                    ) : (
                      <Steps subject={{ ...site, locationId: site.id }} isWithin={organization.optedOut} />
                    ),
                },
              ]
            : [
                {
                  id: 'next',
                  header: texts.home.nextStage,
                  cell: ({ next }: { next: string | null }) => stageName(next),
                },
              ]),
        ]}
      />
    </Container>
  );
}
