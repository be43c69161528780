import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { PageLink } from '../../parts/links.tsx';
import { Standing, stageName, standingText } from '../../parts/standing.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from '../places/place-types.ts';

const said = texts.onboarding.routing;
const STATUS = '/v1/telephony/config/locations/{locationId}/redSky/status';

const nextOf = ({ standing }: LocationItem) => (standing.exempt ? undefined : standing.missing[0]);

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
      <WholeTable
        name="locations"
        title={texts.sites.title}
        headerVariant="h2"
        items={locations}
        itemKey={({ id }) => id}
        empty={<Box textAlign="center">{texts.onboarding.locations.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.sites.name,
            isRowHeader: true,
            csv: ({ name }) => name,
            cell: ({ id, name }) => <PageLink to={`/places/${id}`}>{name}</PageLink>,
          },
          {
            id: 'standing',
            header: texts.sites.emergencyCalls,
            csv: ({ standing }) => standingText(standing),
            cell: ({ standing }) => <Standing standing={standing} />,
          },
          {
            id: 'next',
            header: texts.sites.next,
            csv: (location) => stageName(nextOf(location) ?? null),
            cell: (location) => {
              const next = nextOf(location);
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
