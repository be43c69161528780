import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { addressOf, api } from '../api/client.ts';
import type { paths } from '../api/schema.generated.ts';
import { CallOutcome, ReceiptState } from '../parts/call-status.tsx';
import { AtSite, Moment } from '../parts/moment.tsx';
import { ProblemAlert } from '../parts/problem-alert.tsx';
import { usePageName } from '../shell/page-name.tsx';
import { texts } from '../texts/texts.ts';

type Call = paths['/api/calls/{id}']['get']['responses']['200']['content']['application/json'];

const LOOK_AGAIN_MS = 3_000;
const isUnderWay = ({ outcome }: Call): boolean => outcome === 'routing' || outcome === 'answered';

function Facts({ call }: { call: Call }) {
  const { location, destination, caller, callback } = call;
  const inside = location?.indoorText;
  return (
    <Container header={<Header variant="h2">{texts.call.facts}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.calls.outcome, value: <CallOutcome outcome={call.outcome} /> },
          { label: texts.calls.started, value: <Moment at={call.startedAt} /> },
          { label: texts.call.answered, value: call.answeredAt ? <Moment at={call.answeredAt} /> : texts.none },
          {
            label: texts.calls.caller,
            value: [caller.displayName, caller.number].filter(Boolean).join(' · ') || texts.unknown,
          },
          {
            label: texts.calls.callback,
            value: callback.number ? `${callback.number} (${callback.rule})` : `${texts.none} (${callback.rule})`,
          },
          { label: texts.call.dialed, value: call.dialed },
          { label: texts.calls.place, value: location?.text ?? texts.unknown },
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
        ]}
      />
    </Container>
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
  if (!call) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
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
        <Table
          header={<Header variant="h2">{texts.call.told}</Header>}
          items={call.receipts}
          trackBy="key"
          empty={<Box textAlign="center">{texts.call.toldNobody}</Box>}
          columnDefinitions={[
            { id: 'recipient', header: texts.call.recipient, cell: ({ recipient }) => recipient, isRowHeader: true },
            { id: 'state', header: texts.call.state, cell: ({ state }) => <ReceiptState state={state} /> },
            {
              id: 'when',
              header: texts.call.when,
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
        <Table
          header={
            <Header variant="h2" description={texts.call.storyHelp}>
              {texts.call.story}
            </Header>
          }
          items={call.trace}
          wrapLines
          columnDefinitions={[
            { id: 'step', header: texts.call.step, cell: ({ step }) => step, isRowHeader: true },
            { id: 'choice', header: texts.call.choice, cell: ({ choice }) => choice },
            { id: 'reason', header: texts.call.reason, cell: ({ reason }) => reason },
            {
              id: 'took',
              header: texts.call.took,
              minWidth: 110,
              cell: ({ durationMs }) => texts.formats.milliseconds(durationMs.toFixed(1)),
            },
          ]}
        />
        <Table
          header={<Header variant="h2">{texts.call.attempts}</Header>}
          items={call.attempts}
          empty={<Box textAlign="center">{texts.none}</Box>}
          columnDefinitions={[
            { id: 'name', header: texts.calls.destination, cell: ({ name }) => name, isRowHeader: true },
            { id: 'uri', header: texts.formats.uri, cell: ({ uri }) => uri },
            {
              id: 'outcome',
              header: texts.calls.outcome,
              cell: ({ outcome, status }) => `${outcome}${status === null ? '' : ` (${status})`}`,
            },
            {
              id: 'took',
              header: texts.call.took,
              cell: ({ durationMs }) => texts.formats.milliseconds(Math.round(durationMs)),
            },
          ]}
        />
        <Ladder id={id} />
      </SpaceBetween>
    </AtSite>
  );
}
