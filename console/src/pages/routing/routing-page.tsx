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
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { texts } from '../../texts/texts.ts';
import { RouteAnswer } from './route-answer.tsx';

const said = texts.routing;

type Asked = { lat: number; lon: number } | { address: string };

/** `30.27, -97.74`: a point, as people copy it from maps. */
const POINT = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[, ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;

function readAsked(text: string): Asked | null {
  const [, latitude, longitude] = POINT.exec(text) ?? [];
  if (latitude !== undefined && longitude !== undefined) return { lat: Number(latitude), lon: Number(longitude) };
  return text.trim() === '' ? null : { address: text.trim() };
}

function Answer({ asked }: { asked: Asked }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['explain-route', asked],
    queryFn: async () => (await api.GET('/api/explain/route', { params: { query: asked } })).data,
  });
  if (isPending) return <Spinner size="large" />;
  if (error instanceof ApiProblem && error.status === 404) return <Alert type="warning">{error.message}</Alert>;
  if (!data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return <RouteAnswer route={data} />;
}

/** Which PSAP answers for any place, and whether that is settled for one's own. */
export default function RoutingPage() {
  const [search, setSearch] = useSearchParams();
  const where = search.get('where') ?? '';
  const [typed, setTyped] = useState(where);
  useEffect(() => setTyped(where), [where]);
  const asked = readAsked(where);

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
      <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
        <Container header={<Header variant="h2">{said.where}</Header>}>
          <form onSubmit={submit}>
            <FormField label={said.place} description={said.placeHelp} stretch>
              <Grid gridDefinition={[{ colspan: { default: 12, xs: 9 } }, { colspan: { default: 12, xs: 3 } }]}>
                <Input
                  value={typed}
                  type="search"
                  placeholder={said.placeholder}
                  onChange={({ detail }) => setTyped(detail.value)}
                />
                <Button variant="primary" disabled={typed.trim() === ''}>
                  {said.ask}
                </Button>
              </Grid>
            </FormField>
          </form>
        </Container>
        <Container header={<Header variant="h2">{said.answer.title}</Header>} fitHeight>
          {asked ? <Answer asked={asked} /> : <Box color="text-body-secondary">{said.answer.none}</Box>}
        </Container>
      </Grid>
    </SpaceBetween>
  );
}
