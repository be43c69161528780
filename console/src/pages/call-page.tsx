import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useParams } from 'react-router';
import { addressOf, api } from '../api/client.ts';
import type { paths } from '../api/schema.generated.ts';
import { useQuery } from '../api/use-query.ts';
import { CallOutcome, ReceiptState } from '../parts/call-status.tsx';
import { Copied } from '../parts/copied.tsx';
import { useKnownNames } from '../parts/known-names.ts';
import { PageLink } from '../parts/links.tsx';
import { MapView } from '../parts/map-view.tsx';
import { AtSite, Moment } from '../parts/moment.tsx';
import { PageProblem } from '../parts/page-problem.tsx';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { shapeOnMap } from '../parts/shape-on-map.ts';
import { useLocations, useSitesAhead } from '../parts/use-locations.ts';
import { WholeTable } from '../parts/whole-table.tsx';
import { useMay } from '../session/session.ts';
import { usePageName } from '../shell/page-name.tsx';
import { texts } from '../texts/texts.ts';

type Call = paths['/api/calls/{id}']['get']['responses']['200']['content']['application/json'];

const LOOK_AGAIN_MS = 3_000;
const MAP_PIXELS = 260;
const isUnderWay = ({ outcome }: Call): boolean => outcome === 'routing' || outcome === 'answered';

/** Words of the record, with the names of places of the call where it has ids. */
function useReadable({ location }: Call): (text: string) => string {
  const locations = useLocations();
  const { locationId = null, buildingId = null, erlId = null, indoorText = '' } = location ?? {};
  return useKnownNames({
    ...(buildingId !== null && locationId !== null && { [buildingId]: locations[locationId] }),
    ...(erlId !== null && indoorText !== '' && { [erlId]: indoorText }),
  });
}

/** What somebody is called, with the way to them. */
function Linked({ to, isThere, text }: { to: string; isThere: boolean; text: string }) {
  return isThere ? <PageLink to={to}>{text}</PageLink> : text;
}

function Facts({ call }: { call: Call }) {
  const { location, destination, caller, callback } = call;
  const may = useMay();
  const inside = location?.indoorText;
  // Whoever was told of it was told of an incident.
  const incident = call.receipts[0]?.incidentId ?? null;
  return (
    <Container header={<Header variant="h2">{texts.call.facts}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.calls.outcome, value: <CallOutcome outcome={call.outcome} /> },
          { label: texts.calls.started, value: <Moment at={call.startedAt} withAge /> },
          { label: texts.call.answered, value: call.answeredAt ? <Moment at={call.answeredAt} /> : texts.none },
          {
            label: texts.calls.caller,
            value: (
              <SpaceBetween direction="horizontal" size="xs">
                {caller.displayName !== null && (
                  <Linked
                    to={`/members/${caller.memberId}`}
                    isThere={caller.memberId !== null && may('GET /api/members/{memberId}')}
                    text={caller.displayName}
                  />
                )}
                {caller.number === null ? (
                  caller.displayName === null && texts.unknown
                ) : (
                  <Copied text={caller.number} />
                )}
              </SpaceBetween>
            ),
          },
          {
            label: texts.calls.callback,
            value: (
              <>
                {callback.number === null ? texts.none : <Copied text={callback.number} />} ({callback.rule})
              </>
            ),
          },
          { label: texts.call.dialed, value: call.dialed },
          {
            label: texts.calls.place,
            value: (
              <Linked
                to={`/places/${location?.locationId}`}
                isThere={typeof location?.locationId === 'string' && may('GET /api/locations')}
                text={location?.text ?? texts.unknown}
              />
            ),
          },
          { label: texts.call.inside, value: inside || texts.unknown },
          { label: texts.call.howFound, value: location?.rule ?? texts.unknown },
          { label: texts.calls.destination, value: destination.name },
          { label: texts.call.why, value: destination.reason },
          {
            label: texts.calls.flags,
            value: (
              <SpaceBetween direction="horizontal" size="xxs">
                {call.flags.length === 0 ? texts.none : call.flags.map((flag) => <Badge key={flag}>{flag}</Badge>)}
              </SpaceBetween>
            ),
          },
          { label: texts.call.callId, value: <Copied text={call.callId} /> },
          ...(incident !== null && may('GET /api/incidents/{id}')
            ? [
                {
                  label: texts.call.incident,
                  value: <PageLink to={`/alerts/incidents/${incident}`}>{texts.call.openIncident}</PageLink>,
                },
              ]
            : []),
        ]}
      />
    </Container>
  );
}

/** Where the caller was, and how exactly that is known. */
function Place({ call: { location } }: { call: Call }) {
  const shown = shapeOnMap(location?.shape);
  if (location === null || shown === null) return null;
  const { position, withinMeters, ring } = shown;
  const within = withinMeters === null ? undefined : texts.call.within(withinMeters);
  return (
    <Container
      header={
        <Header variant="h2" description={within}>
          {texts.call.map}
        </Header>
      }
    >
      <MapView
        label={texts.call.map}
        heightPixels={MAP_PIXELS}
        places={[{ id: 'caller', name: location.text, position }]}
        areas={ring === null ? [] : [{ id: 'caller', name: location.text, polygons: [[ring]], isHighlighted: true }]}
        focus={position}
      />
    </Container>
  );
}

/** Every step with what it chose, in the order of routing. */
function Story({ call }: { call: Call }) {
  const readable = useReadable(call);
  return (
    <WholeTable
      name={`call-${call.id}-story`}
      within="story"
      title={texts.call.story}
      headerVariant="h2"
      description={texts.call.storyHelp}
      items={call.trace}
      itemKey={(step) => String(call.trace.indexOf(step))}
      empty={<Box textAlign="center">{texts.none}</Box>}
      columns={[
        {
          id: 'step',
          header: texts.call.step,
          isRowHeader: true,
          minWidth: 180,
          csv: ({ step }) => step,
          cell: ({ step }) => (
            <>
              {texts.call.steps[step as keyof typeof texts.call.steps] ?? step}
              <Box color="text-body-secondary" fontSize="body-s">
                {step}
              </Box>
            </>
          ),
        },
        { id: 'choice', header: texts.call.choice, cell: ({ choice }) => readable(choice) },
        { id: 'reason', header: texts.call.reason, cell: ({ reason }) => readable(reason) },
        {
          id: 'took',
          header: texts.call.took,
          minWidth: 110,
          csv: ({ durationMs }) => durationMs,
          cell: ({ durationMs }) => texts.formats.milliseconds(durationMs.toFixed(1)),
        },
      ]}
    />
  );
}

function Ladder({ id }: { id: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const { data, error, isPending } = useQuery({
    // Made old with the call, while it goes on.
    queryKey: ['calls', 'ladder', id],
    enabled: isOpen,
    queryFn: async () =>
      (
        await api.GET('/api/calls/{id}/ladder', {
          params: { path: { id }, query: { format: 'text' } },
          parseAs: 'text',
        })
      ).data,
  });
  return (
    <ExpandableSection
      variant="container"
      headerText={texts.call.ladder}
      headerDescription={texts.call.ladderHelp}
      expanded={isOpen}
      onChange={({ detail }) => setIsOpen(detail.expanded)}
    >
      <ProblemAlert error={error} />
      {isPending && <Spinner />}
      {data !== undefined && (
        // It scrolls, by keyboard too.
        <pre className="ladder" tabIndex={0} aria-label={texts.call.ladder}>
          {data}
        </pre>
      )}
    </ExpandableSection>
  );
}

export default function CallPage() {
  const { id = '' } = useParams();
  useSitesAhead();
  const {
    data: call,
    error,
    isPending,
    refetch,
  } = useQuery({
    queryKey: ['calls', id],
    queryFn: async () => (await api.GET('/api/calls/{id}', { params: { path: { id } } })).data,
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_AGAIN_MS : false),
  });
  const title = call && `${texts.calls.kinds[call.kind]} · ${call.callerNumber ?? texts.unknown}`;
  usePageName(title);
  if (isPending) return <Spinner size="large" />;
  if (!call) return <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <AtSite locationId={call.location?.locationId}>
      <SpaceBetween size="l">
        <Header
          variant="h1"
          actions={
            <Button iconName="download" href={addressOf(`/api/calls/${id}`)} download={`call-${id}.json`}>
              {texts.call.export}
            </Button>
          }
        >
          {title}
        </Header>
        <ProblemAlert error={error} />
        <Facts call={call} />
        <Place call={call} />
        <WholeTable
          name={`call-${id}-told`}
          within="told"
          title={texts.call.told}
          headerVariant="h2"
          items={call.receipts}
          itemKey={({ key }) => key}
          empty={<Box textAlign="center">{texts.call.toldNobody}</Box>}
          columns={[
            { id: 'recipient', header: texts.call.recipient, cell: ({ recipient }) => recipient, isRowHeader: true },
            {
              id: 'state',
              header: texts.call.state,
              csv: ({ state }) => texts.receipts.states[state],
              cell: ({ state }) => <ReceiptState state={state} />,
            },
            {
              id: 'when',
              header: texts.call.when,
              csv: ({ acceptedAt, lastAttemptAt, queuedAt }) => acceptedAt ?? lastAttemptAt ?? queuedAt,
              cell: ({ acceptedAt, lastAttemptAt, queuedAt }) => (
                <Moment at={acceptedAt ?? lastAttemptAt ?? queuedAt} />
              ),
            },
            {
              id: 'reason',
              header: texts.call.reason,
              cell: ({ reasons, lastError }) => lastError ?? reasons.join('; '),
            },
          ]}
        />
        {call.spokenText !== null && (
          <Container header={<Header variant="h2">{texts.call.spoken}</Header>}>{call.spokenText}</Container>
        )}
        <Story call={call} />
        <WholeTable
          name={`call-${id}-attempts`}
          within="attempts"
          title={texts.call.attempts}
          headerVariant="h2"
          items={call.attempts}
          itemKey={(attempt) => String(call.attempts.indexOf(attempt))}
          empty={<Box textAlign="center">{texts.none}</Box>}
          columns={[
            { id: 'name', header: texts.calls.destination, cell: ({ name }) => name, isRowHeader: true },
            { id: 'uri', header: texts.formats.uri, csv: ({ uri }) => uri, cell: ({ uri }) => <Copied text={uri} /> },
            {
              id: 'outcome',
              header: texts.calls.outcome,
              cell: ({ outcome, status }) => `${outcome}${status === null ? '' : ` (${status})`}`,
            },
            {
              id: 'took',
              header: texts.call.took,
              csv: ({ durationMs }) => durationMs,
              cell: ({ durationMs }) => texts.formats.milliseconds(Math.round(durationMs)),
            },
          ]}
        />
        <Ladder id={id} />
      </SpaceBetween>
    </AtSite>
  );
}
