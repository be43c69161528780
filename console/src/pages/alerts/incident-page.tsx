import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { useParams } from 'react-router';
import { addressOf, api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Age } from '../../parts/age.tsx';
import { CallOutcome, ReceiptState } from '../../parts/call-status.tsx';
import { PageLink } from '../../parts/links.tsx';
import { AtSite, Moment } from '../../parts/moment.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useSitesAhead } from '../../parts/use-locations.ts';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import { ActOnIncident, type IncidentAction } from './act-on-incident.tsx';
import { IncidentState, SeverityBadge } from './alert-badges.tsx';
import type { Incident, IncidentTimeline, Situation } from './alert-types.ts';
import { Escalation } from './escalation.tsx';
import { placeOfIncident } from './place-of-incident.ts';

const LOOK_AGAIN_MS = 5_000;
const EXPORTS = ['html', 'csv', 'json'] as const;

const ACTIONS: Readonly<Record<Incident['state'], readonly IncidentAction[]>> = {
  open: ['acknowledge', 'resolve', 'note'],
  acknowledged: ['resolve', 'note'],
  resolved: ['reopen', 'note'],
};

function Done({ at, by }: { at: string | null; by: string | null }) {
  if (at === null) return texts.incidents.notYet;
  return (
    <>
      <Moment at={at} /> {by !== null && texts.incidents.by(by)}
    </>
  );
}

function Facts({ incident, call }: { incident: Incident; call: Situation['call'] }) {
  const may = useMay();
  return (
    <Container header={<Header variant="h2">{texts.incidents.facts}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: texts.incidents.state, value: <IncidentState state={incident.state} /> },
          { label: texts.alerts.severity, value: <SeverityBadge severity={incident.severity} /> },
          { label: texts.incidents.cause, value: texts.alerts.triggers[incident.trigger] },
          {
            label: texts.incidents.opened,
            value: (
              <>
                <Moment at={incident.openedAt} /> (<Age at={incident.openedAt} />)
              </>
            ),
          },
          {
            label: texts.incidents.takenOn,
            value: <Done at={incident.acknowledgedAt} by={incident.acknowledgedBy} />,
          },
          { label: texts.incidents.settled, value: <Done at={incident.resolvedAt} by={incident.resolvedBy} /> },
          { label: texts.incidents.caller, value: incident.caller ?? texts.unknown },
          { label: texts.calls.callback, value: incident.callbackNumber ?? texts.none },
          { label: texts.incidents.place, value: placeOfIncident(incident) },
          { label: texts.incidents.escalation, value: <Escalation incident={incident} /> },
          ...(call === null
            ? []
            : [
                {
                  label: texts.incidents.call,
                  value: (
                    <SpaceBetween direction="horizontal" size="s">
                      <CallOutcome outcome={call.outcome} />
                      {incident.callId !== null && may('GET /api/calls/{id}') && (
                        <PageLink to={`/calls/${incident.callId}`}>{texts.incidents.openCall}</PageLink>
                      )}
                    </SpaceBetween>
                  ),
                },
                { label: texts.calls.destination, value: call.destination.name },
              ]),
        ]}
      />
    </Container>
  );
}

function Told({ receipts }: { receipts: Situation['receipts'] }) {
  return (
    <WholeTable
      name="told"
      title={texts.incidents.told}
      headerVariant="h2"
      counter={`(${receipts.length})`}
      items={receipts}
      itemKey={(receipt) => String(receipts.indexOf(receipt))}
      empty={<Box textAlign="center">{texts.incidents.toldNobody}</Box>}
      columns={[
        { id: 'recipient', header: texts.call.recipient, cell: ({ recipient }) => recipient, isRowHeader: true },
        {
          id: 'channel',
          header: texts.receipts.channel,
          minWidth: 110,
          cell: ({ channel }) => texts.alerts.channels[channel],
        },
        {
          id: 'state',
          header: texts.call.state,
          minWidth: 170,
          csv: ({ state }) => texts.receipts.states[state],
          cell: ({ state }) => <ReceiptState state={state} />,
        },
        {
          id: 'when',
          header: texts.call.when,
          csv: ({ acceptedAt, lastAttemptAt, queuedAt }) => acceptedAt ?? lastAttemptAt ?? queuedAt,
          cell: ({ acceptedAt, lastAttemptAt, queuedAt }) => <Moment at={acceptedAt ?? lastAttemptAt ?? queuedAt} />,
        },
        { id: 'error', header: texts.receipts.trouble, cell: ({ lastError }) => lastError ?? '–' },
      ]}
    />
  );
}

function Timeline({ entries }: { entries: IncidentTimeline['entries'] }) {
  return (
    <WholeTable
      name="timeline"
      title={texts.incidents.timeline}
      headerVariant="h2"
      description={texts.incidents.timelineHelp}
      items={entries}
      itemKey={(entry) => String(entries.indexOf(entry))}
      empty={texts.none}
      // The whole of it, with what belongs to it, is exported above.
      isSavedElsewhere
      columns={[
        {
          id: 'at',
          header: texts.incidents.when,
          width: 260,
          csv: ({ at }) => at,
          cell: ({ at, isTimeDerived }) => (
            <>
              {isTimeDerived && <abbr title={texts.incidents.derived}>≈ </abbr>}
              <Moment at={at} />
            </>
          ),
        },
        {
          id: 'source',
          header: texts.incidents.source,
          width: 110,
          cell: ({ source }) => texts.incidents.sources[source],
        },
        { id: 'text', header: texts.incidents.what, cell: ({ text }) => text, isRowHeader: true },
      ]}
    />
  );
}

/** One incident: what happened, who acts, who was told, and everything in order. */
export default function IncidentPage() {
  const { id = '' } = useParams();
  useSitesAhead();
  const may = useMay();
  const [action, setAction] = useState<IncidentAction | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['incidents', 'one', id],
    refetchInterval: LOOK_AGAIN_MS,
    async queryFn() {
      const params = { path: { id } };
      const [situation, timeline] = await Promise.all([
        api.GET('/api/incidents/{id}/situation', { params }),
        api.GET('/api/incidents/{id}/timeline', { params }),
      ]);
      return { situation: situation.data, entries: timeline.data?.entries ?? [] };
    },
  });
  const incident = data?.situation?.incident;
  usePageName(incident?.title);
  if (isPending) return <Spinner size="large" />;
  if (!data?.situation || !incident) return <PageProblem error={error} onRetry={() => void refetch()} />;
  const actions = may('POST /api/incidents/{id}/actions/acknowledge/invoke') ? ACTIONS[incident.state] : [];
  const [first] = actions;
  return (
    <AtSite locationId={incident.locationId}>
      <SpaceBetween size="l">
        <Header
          variant="h1"
          description={placeOfIncident(incident)}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <ButtonDropdown
                items={EXPORTS.map((format) => ({
                  id: format,
                  text: texts.incidents.exports[format],
                  href: addressOf(`/api/incidents/${id}/timeline?format=${format}`),
                  external: true,
                  externalIconAriaLabel: texts.newWindow,
                }))}
              >
                {texts.incidents.export}
              </ButtonDropdown>
              {actions.map((one) => (
                <Button key={one} variant={one === first ? 'primary' : 'normal'} onClick={() => setAction(one)}>
                  {texts.incidents.actions[one].button}
                </Button>
              ))}
            </SpaceBetween>
          }
        >
          {incident.title}
        </Header>
        <ProblemAlert error={error} />
        {incident.isDrill && <Alert type="info">{texts.incidents.drillNotice}</Alert>}
        <Facts incident={incident} call={data.situation.call} />
        <Told receipts={data.situation.receipts} />
        <Timeline entries={data.entries} />
        {action !== null && <ActOnIncident incident={incident} action={action} onClose={() => setAction(null)} />}
      </SpaceBetween>
    </AtSite>
  );
}
