import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { CallOutcome } from '../../parts/call-status.tsx';
import { faultOf } from '../../parts/fault-of.ts';
import { PageLink } from '../../parts/links.tsx';
import { LocationSelect } from '../../parts/location-select.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { type PickedPlace, ResponseLocationPicker } from '../../parts/response-location-picker.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from '../places/place-types.ts';

const said = texts.onboarding.test;
const LOOK_AGAIN_MS = 2_000;
const SHOWN = 5;
const NUMBERS_SHOWN = 100;

/** A first phone, so that there is somebody to call as. */
function AddPhone({ locations }: { locations: readonly LocationItem[] }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [phoneNumber, setPhoneNumber] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const location = locations.find(({ id }) => id === chosen) ?? locations[0];
  const adding = useMutation({
    mutationFn: () =>
      api.POST('/api/members', {
        body: { kind: 'PEOPLE', locationId: location?.id ?? '', firstName: name, phoneNumber },
      }),
    onSuccess: () => client.invalidateQueries(),
  });
  const fault = (field: string): string => faultOf(adding.error, field) ?? '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate();
      }}
    >
      <SpaceBetween size="m">
        <Alert type="info">{said.noNumbers}</Alert>
        <ProblemAlert error={adding.error} />
        <ColumnLayout columns={3}>
          <FormField label={said.name} errorText={fault('firstName')}>
            <Input value={name} autoComplete="off" onChange={({ detail }) => setName(detail.value)} />
          </FormField>
          <FormField label={said.number} constraintText={said.numberHelp} errorText={fault('phoneNumber')}>
            <Input
              value={phoneNumber}
              inputMode="tel"
              autoComplete="off"
              onChange={({ detail }) => setPhoneNumber(detail.value)}
            />
          </FormField>
          <FormField label={said.at}>
            <LocationSelect label={said.at} among={locations} value={location?.id ?? ''} onChange={setChosen} />
          </FormField>
        </ColumnLayout>
        <Button
          formAction="submit"
          loading={adding.isPending}
          disabled={name.trim() === '' || phoneNumber.trim() === ''}
        >
          {said.add}
        </Button>
      </SpaceBetween>
    </form>
  );
}

type Caller = { number: string; label: string };

function PlaceCall({ callers }: { callers: readonly Caller[] }) {
  const client = useQueryClient();
  const [number, setNumber] = useState<string | null>(null);
  const [room, setRoom] = useState<PickedPlace | null>(null);
  const caller = callers.find((one) => one.number === number) ?? callers[0];
  const placing = useMutation({
    mutationFn: () =>
      api.POST('/api/test-calls', {
        body: { from: caller?.number ?? '', ...(room !== null && { responseLocationId: room.id }) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['calls'] }),
  });
  const options = callers.map((one) => ({ value: one.number, label: one.number, description: one.label }));
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={placing.error} />
      <ColumnLayout columns={2}>
        <FormField label={said.from} errorText={faultOf(placing.error, 'from') ?? ''}>
          <Select
            options={options}
            filteringType={options.length > 10 ? 'auto' : 'none'}
            selectedOption={options.find(({ value }) => value === caller?.number) ?? null}
            onChange={({ detail }) => setNumber(detail.selectedOption.value ?? null)}
          />
        </FormField>
        <FormField label={said.room} constraintText={said.roomHelp}>
          <ResponseLocationPicker label={said.room} value={room} onChange={setRoom} />
        </FormField>
      </ColumnLayout>
      <Button loading={placing.isPending} disabled={caller === undefined} onClick={() => placing.mutate()}>
        {said.place}
      </Button>
      <Box color="text-body-secondary">
        <span role="status">{placing.isSuccess ? said.placed : ''}</span>
      </Box>
    </SpaceBetween>
  );
}

function TestCalls() {
  const { data, error, isPending } = useQuery({
    queryKey: ['calls', 'tests'],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: async () =>
      (await api.GET('/api/calls', { params: { query: { kind: '933', max: SHOWN } } })).data?.items ?? [],
  });
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error} />
      <Table
        header={<Header variant="h2">{said.results}</Header>}
        loading={isPending}
        loadingText={texts.loading}
        items={data ?? []}
        trackBy="id"
        empty={
          <WhenEmpty error={error}>
            <Box textAlign="center">{said.waiting}</Box>
          </WhenEmpty>
        }
        columnDefinitions={[
          {
            id: 'at',
            header: texts.calls.started,
            isRowHeader: true,
            cell: ({ id, startedAt }) => (
              <PageLink to={`/calls/${id}`}>
                <Moment at={startedAt} />
              </PageLink>
            ),
          },
          { id: 'caller', header: texts.calls.caller, cell: ({ callerNumber }) => callerNumber ?? texts.unknown },
          { id: 'place', header: texts.calls.place, cell: ({ location }) => location?.text ?? texts.unknown },
          { id: 'outcome', header: texts.calls.outcome, cell: ({ outcome }) => <CallOutcome outcome={outcome} /> },
        ]}
      />
      {data?.[0]?.spokenText && (
        <Container header={<Header variant="h2">{said.heard}</Header>}>{data[0].spokenText}</Container>
      )}
    </SpaceBetween>
  );
}

/** A 933 call: dialled on a phone, or by the platform itself; it is seen here as it arrives. */
export function TestStep({ locations }: { locations: readonly LocationItem[] }) {
  const may = useMay();
  const mayPlace = may('POST /api/test-calls');
  const { data, error } = useQuery({
    queryKey: ['numbers', 'callers'],
    enabled: mayPlace && may('GET /api/numbers'),
    queryFn: async () =>
      (await api.GET('/api/numbers', { params: { query: { max: NUMBERS_SHOWN } } })).data?.items ?? [],
  });
  const callers = (data ?? []).flatMap(({ number, owner }) =>
    number === null || owner === null
      ? []
      : [{ number, label: owner.displayName || `${owner.firstName} ${owner.lastName}`.trim() }],
  );
  const isAnswered = locations.some(({ standing }) => standing.testCallsEnabled);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={said.howHelp}>
            {said.how}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <ProblemAlert error={error} />
          {!isAnswered && <Alert type="warning">{said.notYet}</Alert>}
          {data && callers.length > 0 && <PlaceCall callers={callers} />}
          {data && callers.length === 0 && may('POST /api/members') && <AddPhone locations={locations} />}
        </SpaceBetween>
      </Container>
      <TestCalls />
    </SpaceBetween>
  );
}
