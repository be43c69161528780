import './try.css';
import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useMutation } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { FindStory } from './find-story.tsx';
import { NotifyStory } from './notify-story.tsx';
import { RouteStory } from './route-story.tsx';
import { type Asked, isComplete, PLACE_KINDS, type Simulation, useSimulation } from './simulation.ts';
import { TestCall } from './test-call.tsx';
import { TryForm } from './try-form.tsx';

const said = texts.tryIt;
const NAMES = ['from', 'value', 'port', 'name'] as const;

function readAsked(search: URLSearchParams): Asked {
  const [from = '', value = '', port = '', name = ''] = NAMES.map((one) => search.get(one) ?? '');
  return {
    from,
    value,
    port,
    name,
    dialed: search.get('dialed') === '933' ? '933' : '911',
    kind: PLACE_KINDS.find((one) => one === search.get('kind')) ?? 'number',
  };
}

function Steps({ call }: { call: NonNullable<Simulation['call']> }) {
  return (
    <ExpandableSection variant="container" headerText={said.steps} headerDescription={said.stepsHelp}>
      <WholeTable
        name="steps"
        title={said.steps}
        variant="embedded"
        items={call.trace}
        itemKey={(step) => String(call.trace.indexOf(step))}
        empty={texts.none}
        columns={[
          { id: 'step', header: texts.call.step, cell: ({ step }) => step, isRowHeader: true },
          { id: 'choice', header: texts.call.choice, cell: ({ choice }) => choice },
          { id: 'reason', header: texts.call.reason, cell: ({ reason }) => reason },
          {
            id: 'asked',
            header: said.asked,
            csv: ({ lookups }) =>
              (lookups ?? [])
                .map(({ lookup, asked, found }) => `${lookup} ${asked}: ${found ?? texts.unknown}`)
                .join('; '),
            cell: ({ lookups }) => (
              <ul className="plain-list">
                {(lookups ?? []).map(({ lookup, asked, found }) => (
                  <li key={`${lookup} ${asked}`}>
                    {lookup} {asked}: {found ?? texts.unknown}
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </ExpandableSection>
  );
}

function Outcome({ simulation, isTest }: { simulation: Simulation; isTest: boolean }) {
  const { find, call, route, told } = simulation;
  const column = { colspan: { default: 12, s: 4 } } as const;
  if (call === null) {
    return (
      <SpaceBetween size="l">
        <FindStory find={find} call={call} />
        <Box color="text-body-secondary">{said.whose}</Box>
      </SpaceBetween>
    );
  }
  return (
    <SpaceBetween size="l">
      <Grid gridDefinition={[column, column, column]}>
        <FindStory find={find} call={call} />
        <RouteStory call={call} route={route} />
        {told && <NotifyStory told={told} isTest={isTest} />}
      </Grid>
      <Steps call={call} />
    </SpaceBetween>
  );
}

/** What would happen if somebody called: found how, sent where, who would be told. And a 933 that is really placed. */
export default function TryPage() {
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const asked = readAsked(search);
  const testCallId = search.get('test');
  const isAsked = isComplete(asked) && search.has('dialed');
  const { data, error, isFetching, refetch } = useSimulation(isAsked ? asked : null);

  function show({ dialed, kind, ...rest }: Asked, test: string | null): void {
    const next = new URLSearchParams({ dialed, kind });
    for (const name of NAMES) if (rest[name] !== '') next.set(name, rest[name].trim());
    if (test !== null) next.set('test', test);
    setSearch(next);
  }
  const test = useMutation({
    mutationFn: async ({ from, kind, value }: Asked) => {
      const body = { from, ...(kind === 'response-location' && { responseLocationId: value }) };
      return (await api.POST('/api/test-calls', { body })).data;
    },
    onSuccess: (placed, wanted) => show({ ...wanted, dialed: '933' }, placed?.callId ?? null),
  });
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={said.description}>
        {said.title}
      </Header>
      <TryForm
        key={search.toString()}
        asked={asked}
        onAsk={(wanted) => show(wanted, null)}
        onTest={may('POST /api/test-calls') ? (wanted) => test.mutate(wanted) : undefined}
        isTesting={test.isPending}
      />
      <ProblemAlert error={test.error} />
      {testCallId !== null && <TestCall callId={testCallId} />}
      {isAsked && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {isFetching && !data && <Spinner size="large" />}
      {isAsked && data && <Outcome simulation={data} isTest={asked.dialed === '933'} />}
    </SpaceBetween>
  );
}
