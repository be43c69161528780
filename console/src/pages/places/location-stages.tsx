import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../../api/client.ts';
import { PageLink } from '../../parts/links.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Standing } from '../../parts/standing.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from './place-types.ts';

const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;
type Stage = (typeof STAGES)[number];

/** What a stage still asks for before it is said to be completed. */
function missingFor(stage: Stage, { building, addressCheck, responseLocations }: LocationItem): string | null {
  switch (stage) {
    case 'LOCATION_SETUP':
      if (building === null) return texts.stages.needsBuilding;
      return addressCheck?.isDispatchable === false ? texts.stages.needsAddress : null;
    case 'ALERTS':
      return building === null ? texts.stages.needsBuilding : null;
    case 'NETWORK_ELEMENTS':
      return responseLocations === 0 ? texts.stages.needsRooms : null;
    case 'ROUTING_ENABLED':
      return null;
  }
}

/** How far a location has come, what is missing, and the next step. */
export function LocationStages({ location }: { location: LocationItem }) {
  const may = useMay();
  const notify = useNotify();
  const client = useQueryClient();
  const { standing } = location;
  const [next] = standing.missing;
  const completing = useMutation({
    mutationFn: (stage: Stage) =>
      api.PUT('/v1/telephony/config/locations/{locationId}/redSky/status', {
        params: { path: { locationId: location.id } },
        body: { complianceStatus: stage },
      }),
    async onSuccess(_answer, stage) {
      await client.invalidateQueries();
      notify({ type: 'success', content: texts.stages.completed(texts.home.stages[stage], location.name) });
    },
  });
  const mayComplete = may('PUT /v1/telephony/config/locations/{locationId}/redSky/status');
  const isAside = standing.exempt || (standing.optedOut && !mayComplete);
  const missing = next === undefined ? null : missingFor(next, location);
  const steps: StepsProps.Step[] = STAGES.map((stage) => {
    const isDone = !standing.missing.includes(stage);
    const lacks = isDone ? null : missingFor(stage, location);
    let details: ReactNode = texts.stages.about[stage];
    if (lacks !== null) details = lacks;
    else if (stage === 'NETWORK_ELEMENTS' && !isDone)
      details = (
        <>
          {texts.stages.about[stage]} <PageLink to="/wire-map">{texts.stages.toWireMap}</PageLink>
        </>
      );
    return {
      status: isDone ? 'success' : stage === next ? (lacks === null ? 'in-progress' : 'warning') : 'pending',
      header: texts.home.stages[stage],
      details,
      statusIconAriaLabel: isDone ? texts.stages.done : stage === next ? texts.stages.isNext : texts.stages.later,
    };
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={<Standing standing={standing} />}
          actions={
            next !== undefined &&
            mayComplete &&
            !standing.exempt && (
              <Button
                variant="primary"
                loading={completing.isPending}
                disabled={missing !== null}
                disabledReason={missing ?? ''}
                onClick={() => completing.mutate(next)}
              >
                {texts.stages.complete(texts.home.stages[next])}
              </Button>
            )
          }
        >
          {standing.missing.length === 0 ? texts.sites.emergencyCalls : texts.stages.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={completing.error} />
        {!standing.accountEnabled && <Alert type="warning">{texts.stages.noAccount}</Alert>}
        {standing.exempt && <Alert type="info">{texts.stages.exempt}</Alert>}
        {!isAside && <Steps steps={steps} orientation="vertical" ariaLabel={texts.stages.title} />}
      </SpaceBetween>
    </Container>
  );
}
