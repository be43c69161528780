import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { keepPreviousData } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useQuery } from '../../api/use-query.ts';
import { type MapArea, type MapPosition, MapView } from '../../parts/map-view.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { pointText, readPoint } from '../../parts/read-point.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { RouteAnswer } from './route-answer.tsx';

const said = texts.routing;
const MAP_PIXELS = 420;

type Asked = { lat: number; lon: number } | { address: string };

function readAsked(text: string): Asked | null {
  const point = readPoint(text);
  if (point) return { lat: point.latitude, lon: point.longitude };
  return text.trim() === '' ? null : { address: text.trim() };
}

function Answer({ data, error, isPending, refetch }: ReturnType<typeof useExplained>) {
  if (isPending) return <Spinner size="large" />;
  if (error instanceof ApiProblem && error.status === 404) return <Alert type="warning">{error.message}</Alert>;
  if (!data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return <RouteAnswer route={data} />;
}

function useExplained(asked: Asked | null) {
  return useQuery({
    queryKey: ['explain-route', asked],
    enabled: asked !== null,
    queryFn: async () => (await api.GET('/api/explain/route', { params: { query: asked ?? {} } })).data,
  });
}

/** Around a point, in degrees. */
const NEAR = 1.5;

/** Areas that were imported, near a point or anywhere; the one that answered stands out. */
function useAreas(point: MapPosition | null, answered: string | undefined): MapArea[] {
  const may = useMay();
  const box = point && {
    south: Math.max(-90, point.latitude - NEAR),
    north: Math.min(90, point.latitude + NEAR),
    west: Math.max(-180, point.longitude - NEAR),
    east: Math.min(180, point.longitude + NEAR),
  };
  const { data } = useQuery({
    queryKey: ['boundary-layers', 'outlines', box],
    enabled: may('GET /api/boundaries/outlines'),
    placeholderData: keepPreviousData,
    queryFn: async () =>
      (await api.GET('/api/boundaries/outlines', { params: { query: box ?? {} } })).data?.items ?? [],
  });
  return useMemo(
    () =>
      (data ?? []).map(({ sourceId, name, polygons }) => ({
        id: sourceId,
        name,
        polygons,
        isHighlighted: sourceId === answered,
      })),
    [data, answered],
  );
}

/** Which PSAP answers for any place. */
export default function RoutingPage() {
  const [search, setSearch] = useSearchParams();
  const where = search.get('where') ?? '';
  const [typed, setTyped] = useState(where);
  useEffect(() => setTyped(where), [where]);
  const asked = readAsked(where);
  const explained = useExplained(asked);
  const point = readPoint(where);
  const answered = asked ? explained.data?.mapping.sourceId : undefined;
  const areas = useAreas(point, answered);

  function ask(text: string): void {
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if (text.trim() === '') next.delete('where');
      else next.set('where', text.trim());
      return next;
    });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    ask(typed);
  }

  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={said.description}>
        {said.title}
      </Header>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
        <Container fitHeight header={<Header variant="h2">{said.where}</Header>}>
          <SpaceBetween size="m">
            <form onSubmit={submit}>
              <FormField label={said.place} description={said.placeHelp} stretch>
                <div className="filters">
                  <div className="search">
                    <Input
                      value={typed}
                      type="search"
                      placeholder={said.placeholder}
                      onChange={({ detail }) => setTyped(detail.value)}
                    />
                  </div>
                  <Button variant="primary" disabled={typed.trim() === ''}>
                    {said.ask}
                  </Button>
                </div>
              </FormField>
            </form>
            <MapView
              label={said.map}
              heightPixels={MAP_PIXELS}
              isTall
              places={point ? [{ id: 'asked', name: said.here, position: point }] : []}
              areas={areas}
              highlighted={answered === undefined ? [] : [answered]}
              focus={point}
              onPick={(position) => ask(pointText(position))}
            />
          </SpaceBetween>
        </Container>
        <Container fitHeight header={<Header variant="h2">{said.answer.title}</Header>}>
          {asked ? <Answer {...explained} /> : <Box color="text-body-secondary">{said.answer.none}</Box>}
        </Container>
      </Grid>
    </SpaceBetween>
  );
}
