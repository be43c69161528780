import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { PageLink } from '../../parts/links.tsx';
import { Standing } from '../../parts/standing.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from '../places/place-types.ts';

const said = texts.onboarding.routing;
const STATUS = '/v1/telephony/config/locations/{locationId}/redSky/status';

/** Emergency calls on, per location; the wizard's last button does it for all. */
export function RoutingStep({ locations }: { locations: readonly LocationItem[] }) {
  const may = useMay();
  const notify = useNotify();
  const client = useQueryClient();
  const turning = useMutation({
    mutationFn: ({ id }: LocationItem) =>
      api.PUT(STATUS, { params: { path: { locationId: id } }, body: { complianceStatus: 'ROUTING_ENABLED' } }),
    async onSuccess(_answer, { name }) {
      await client.invalidateQueries();
      notify({ type: 'success', content: said.on(name) });
    },
    // Of several that were pressed, each that failed says so.
    onError: (error, { name }) => notify({ type: 'error', content: said.notOn(name, error.message) }),
  });
  const inService = locations.filter(({ standing }) => !standing.exempt && !standing.optedOut);
  const isAllOn = inService.length > 0 && inService.every(({ standing }) => standing.routingEnabled);
  const isAnyBehind = inService.some(({ standing }) => standing.missing.length > 1);
  return (
    <SpaceBetween size="m">
      {isAllOn && <Alert type="success">{said.allOn}</Alert>}
      {isAnyBehind && <Alert type="info">{said.behind}</Alert>}
      <Table
        header={<Header variant="h2">{texts.sites.title}</Header>}
        items={locations}
        trackBy="id"
        empty={<Box textAlign="center">{texts.onboarding.locations.empty}</Box>}
        columnDefinitions={[
          {
            id: 'name',
            header: texts.sites.name,
            isRowHeader: true,
            cell: ({ id, name }) => <PageLink to={`/places/${id}`}>{name}</PageLink>,
          },
          {
            id: 'standing',
            header: texts.sites.emergencyCalls,
            cell: ({ standing }) => <Standing standing={standing} />,
          },
          {
            id: 'next',
            header: texts.sites.next,
            cell: (location) => {
              const [next] = location.standing.exempt ? [] : location.standing.missing;
              if (next === undefined) return texts.none;
              if (next !== 'ROUTING_ENABLED' || !may(`PUT ${STATUS}`)) return texts.home.stages[next];
              return (
                <Button
                  ariaLabel={`${said.one}: ${location.name}`}
                  loading={turning.isPending && turning.variables.id === location.id}
                  onClick={() => turning.mutate(location)}
                >
                  {said.one}
                </Button>
              );
            },
          },
        ]}
      />
    </SpaceBetween>
  );
}
