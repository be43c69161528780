import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { useAddressBar } from '../../parts/address-bar.ts';
import { faultOf } from '../../parts/fault-of.ts';
import { LocationSelect } from '../../parts/location-select.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from '../places/place-types.ts';

const said = texts.onboarding.alerts;
const PATH = '/v1/telephony/config/emergencyCallNotification';
const LOOK_AGAIN_MS = 1_500;

const STATES: Readonly<Record<keyof typeof said.states, StatusIndicatorProps.Type>> = {
  'not-sent': 'pending',
  queued: 'in-progress',
  accepted: 'success',
  failed: 'warning',
  exhausted: 'error',
};

type Settings = { emergencyCallNotificationEnabled?: boolean; emailAddress?: string };

function WhoIsTold({ settings, onUnsaved }: { settings: Settings; onUnsaved: (isUnsaved: boolean) => void }) {
  const may = useMay();
  const client = useQueryClient();
  // Whoever never named an address has not said that nobody is to be told.
  const [isOn, setIsOn] = useState(
    settings.emailAddress === undefined || settings.emergencyCallNotificationEnabled === true,
  );
  const [emailAddress, setEmailAddress] = useState(settings.emailAddress ?? '');
  const [kept, setKept] = useState({ isOn, emailAddress });
  const isUnsaved = isOn !== kept.isOn || emailAddress.trim() !== kept.emailAddress.trim();
  useEffect(() => {
    onUnsaved(isUnsaved);
    return () => onUnsaved(false);
  }, [isUnsaved, onUnsaved]);
  const saving = useMutation({
    mutationFn: (draft: typeof kept) =>
      api.PUT(PATH, {
        body: {
          emergencyCallNotificationEnabled: draft.isOn,
          ...(draft.isOn && { allowEmailNotificationAllLocationEnabled: true }),
          ...(draft.emailAddress.trim() !== '' && { emailAddress: draft.emailAddress }),
        },
      }),
    onSuccess(_answer, draft) {
      setKept(draft);
      return client.invalidateQueries();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate({ isOn, emailAddress });
      }}
    >
      <SpaceBetween size="m">
        <ProblemAlert error={saving.error} />
        <FormField
          label={said.email}
          description={said.emailHelp}
          errorText={faultOf(saving.error, 'emailAddress') ?? ''}
        >
          <Input
            type="email"
            autoComplete="off"
            value={emailAddress}
            onChange={({ detail }) => setEmailAddress(detail.value)}
          />
        </FormField>
        <Toggle checked={isOn} onChange={({ detail }) => setIsOn(detail.checked)}>
          {said.isOn}
        </Toggle>
        {may(`PUT ${PATH}`) && (
          <Button formAction="submit" loading={saving.isPending} disabled={isOn && emailAddress.trim() === ''}>
            {said.save}
          </Button>
        )}
        <div role="status">{saving.isSuccess && !isUnsaved && <StatusIndicator>{said.saved}</StatusIndicator>}</div>
      </SpaceBetween>
    </form>
  );
}

/** What became of a test alert; its id stands in the address bar. */
function Drill({ id }: { id: string }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['drills', id],
    refetchInterval: ({ state }) => ((state.data?.counts.queued ?? 1) > 0 ? LOOK_AGAIN_MS : false),
    queryFn: async () => (await api.GET('/api/drills/{id}', { params: { path: { id } } })).data,
  });
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error} />
      <div role="status">
        <WholeTable
          name="drill-results"
          title={said.test}
          variant="embedded"
          isPending={isPending}
          items={data?.results ?? []}
          itemKey={({ key }) => key}
          empty={
            <WhenEmpty error={error}>
              <Alert type="warning">{said.nobody}</Alert>
            </WhenEmpty>
          }
          columns={[
            { id: 'told', header: said.told, isRowHeader: true, cell: ({ label }) => label },
            { id: 'channel', header: said.channel, cell: ({ channel }) => said.channels[channel] },
            {
              id: 'state',
              header: said.state,
              csv: ({ state, lastError }) => [said.states[state], lastError].filter((part) => part !== null).join(': '),
              cell: ({ state, lastError }) => (
                <StatusIndicator type={STATES[state]}>
                  {said.states[state]}
                  {lastError !== null && `: ${lastError}`}
                </StatusIndicator>
              ),
            },
          ]}
        />
      </div>
    </SpaceBetween>
  );
}

function TestAlert({ locations }: { locations: readonly LocationItem[] }) {
  const may = useMay();
  const [search, changeAddress] = useAddressBar();
  const [chosen, setChosen] = useState<string | null>(null);
  const location = locations.find(({ id }) => id === chosen) ?? locations[0];
  const drill = search.get('drill');
  const sending = useMutation({
    mutationFn: async () =>
      (
        await api.POST('/api/drills', {
          body: { trigger: 'call-placed', note: said.note, ...(location && { locationId: location.id }) },
        })
      ).data,
    onSuccess(started) {
      if (started === undefined || !('id' in started)) return;
      changeAddress({ drill: started.id });
    },
  });
  if (!may('POST /api/drills')) return null;
  return (
    <Container
      header={
        <Header variant="h2" description={said.testHelp}>
          {said.test}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={sending.error} />
        <FormField label={said.at}>
          <LocationSelect label={said.at} among={locations} value={location?.id ?? ''} onChange={setChosen} />
        </FormField>
        <Button loading={sending.isPending} disabled={location === undefined} onClick={() => sending.mutate()}>
          {said.send}
        </Button>
        {drill !== null && <Drill id={drill} />}
      </SpaceBetween>
    </Container>
  );
}

/** Who is told of emergency calls, and a test of it. */
export function AlertsStep({
  locations,
  onUnsaved,
}: {
  locations: readonly LocationItem[];
  /** Whether something was written that is not saved. */
  onUnsaved: (isUnsaved: boolean) => void;
}) {
  const { data, error, isPending } = useQuery({
    queryKey: ['notification'],
    // A form begins with what stands there now, not with what was read minutes ago: it would put that back.
    gcTime: 0,
    queryFn: async () => (await api.GET(PATH)).data,
  });
  return (
    <SpaceBetween size="l">
      <ProblemAlert error={error} />
      <Container>
        {isPending && <Spinner />}
        {data && <WhoIsTold settings={data} onUnsaved={onUnsaved} />}
        {!isPending && !data && <Box>{texts.unknown}</Box>}
      </Container>
      <TestAlert locations={locations} />
    </SpaceBetween>
  );
}
