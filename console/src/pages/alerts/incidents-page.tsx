import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { addressOf, api } from '../../api/client.ts';
import { Age } from '../../parts/age.tsx';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, type ListRequest, listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { DAY_RANGE, DayRange } from '../../parts/day-range.tsx';
import { momentsOf } from '../../parts/days.ts';
import { PageLink } from '../../parts/links.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { ActOnIncident, type IncidentAction } from './act-on-incident.tsx';
import { IncidentState, LiveState, SeverityBadge } from './alert-badges.tsx';
import type { Incident, Severity, Trigger } from './alert-types.ts';
import { Escalation } from './escalation.tsx';
import { placeOfIncident } from './place-of-incident.ts';

const LOOK_AGAIN_MS = 10_000;
const FILTERS = ['state', 'severity', 'trigger', 'drill', ...DAY_RANGE] as const;

type Filters = { state?: Incident['state']; severity?: Severity; trigger?: Trigger };

function queryOf({ text, filters, sort }: ListRequest) {
  const { drill, from: _from, to: _to, ...others } = filters;
  const { since, until } = momentsOf(filters);
  return {
    ...(others as Filters),
    ...(drill !== undefined && { drill: drill === 'true' }),
    ...(text !== '' && { text }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
    ...sortedBy(sort),
  };
}

/** What people should act on, as it happens: who took it on, and who is told next. */
export default function IncidentsPage() {
  const may = useMay();
  const [acting, setActing] = useState<{ incident: Incident; action: IncidentAction } | null>(null);
  const mayAct = may('POST /api/incidents/{id}/actions/acknowledge/invoke');
  return (
    <>
      <DataTable<Incident>
        title={texts.incidents.title}
        description={texts.incidents.description}
        listKey="incidents"
        isSearchable
        wrapLines
        filterNames={FILTERS}
        filters={
          <>
            <Choice name="state" label={texts.incidents.anyState} choices={texts.incidents.states} />
            <Choice name="severity" label={texts.alerts.anySeverity} choices={texts.alerts.severities} />
            <Choice name="trigger" label={texts.alerts.anyTrigger} choices={texts.alerts.triggers} />
            <Choice name="drill" label={texts.incidents.anyDrill} choices={texts.incidents.drillChoices} />
            <DayRange />
          </>
        }
        exportPath={(asked) => pathWith('/api/incidents/export', { format: 'csv', ...queryOf(asked) })}
        refreshMs={LOOK_AGAIN_MS}
        itemKey={({ id }) => id}
        actions={
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <LiveState />
            <Button href={addressOf('/desk')} target="_blank" iconName="external" iconAlign="right">
              {texts.incidents.desk}
            </Button>
          </SpaceBetween>
        }
        read={async (asked) => {
          const { data, response } = await api.GET('/api/incidents', {
            params: {
              query: {
                max: asked.max,
                ...queryOf(asked),
                ...(asked.before !== undefined && { after: asked.before }),
              },
            },
          });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.incidents.empty}</Box>}
        columns={[
          {
            id: 'title',
            header: texts.incidents.what,
            csv: (incident) => `${incident.title}, ${placeOfIncident(incident)}`,
            isRowHeader: true,
            minWidth: 240,
            cell: ({ id, callId, title, place, isDrill, severity }) => (
              <SpaceBetween size="xxs">
                <SpaceBetween direction="horizontal" size="xxs">
                  <SeverityBadge severity={severity} />
                  {isDrill && <Badge color="blue">{texts.incidents.drill}</Badge>}
                </SpaceBetween>
                <div className="address">
                  <PageLink to={`/alerts/incidents/${id}`}>{title}</PageLink>
                </div>
                <Box color="text-body-secondary" fontSize="body-s">
                  {placeOfIncident({ callId, place })}
                </Box>
              </SpaceBetween>
            ),
          },
          {
            id: 'state',
            header: texts.incidents.state,
            csv: ({ state }) => texts.incidents.states[state],
            minWidth: 120,
            cell: ({ state }) => <IncidentState state={state} />,
          },
          {
            id: 'escalation',
            header: texts.incidents.escalation,
            csv: ({ acknowledgedBy, resolvedBy }) => resolvedBy ?? acknowledgedBy,
            minWidth: 180,
            cell: (incident) => <Escalation incident={incident} />,
          },
          {
            id: 'age',
            header: texts.incidents.age,
            sort: 'openedAt',
            csv: ({ openedAt }) => openedAt,
            cell: ({ openedAt }) => <Age at={openedAt} />,
          },
          ...(mayAct
            ? [
                {
                  id: 'actions',
                  header: texts.actions,
                  csv: null,
                  cell: (incident: Incident) => <Act incident={incident} onAct={setActing} />,
                },
              ]
            : []),
        ]}
      />
      {acting !== null && <ActOnIncident {...acting} onClose={() => setActing(null)} />}
    </>
  );
}

function Act(props: { incident: Incident; onAct: (wanted: { incident: Incident; action: IncidentAction }) => void }) {
  const { incident, onAct } = props;
  const actions: IncidentAction[] =
    incident.state === 'open' ? ['acknowledge', 'resolve'] : incident.state === 'acknowledged' ? ['resolve'] : [];
  return (
    <div className="in-row">
      {actions.map((action) => (
        <Button
          key={action}
          variant={action === 'acknowledge' ? 'primary' : 'normal'}
          wrapText={false}
          ariaLabel={`${texts.incidents.actions[action].button}: ${incident.title}`}
          onClick={() => onAct({ incident, action })}
        >
          {texts.incidents.actions[action].button}
        </Button>
      ))}
    </div>
  );
}
