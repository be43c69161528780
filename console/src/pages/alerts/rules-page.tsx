import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { durationText } from '../../parts/age.tsx';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { Rule, Trigger } from './alert-types.ts';
import { RuleTabs } from './page-tabs.tsx';
import { useGroups, useRecipients } from './use-names.ts';

const FILTERS = ['trigger', 'isEnabled', 'source'] as const;
const NAMED = 3;

type Filters = { trigger?: Trigger; isEnabled?: boolean; source?: Rule['source']; text?: string };

function nameList(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} ${texts.andMore(names.length - NAMED)}` : shown;
}

/** The steps of a rule as people read them. */
function Steps({ rule, nameOf }: { rule: Rule; nameOf: (id: string) => string }) {
  if (rule.addresses !== undefined) return nameList(rule.addresses);
  return rule.steps.map(({ afterSeconds, groupIds, recipientIds }) => (
    <div key={afterSeconds}>
      <Box variant="span" color="text-body-secondary">
        {afterSeconds === 0 ? texts.rules.atOnce : texts.rules.after(durationText(afterSeconds))}:
      </Box>{' '}
      {nameList([...groupIds, ...recipientIds].map(nameOf)) || texts.none}
    </div>
  ));
}

/** The same on one line. */
function stepsText({ addresses, steps }: Rule, nameOf: (id: string) => string): string {
  if (addresses !== undefined) return addresses.join(', ');
  return steps
    .map(({ afterSeconds, groupIds, recipientIds }) => {
      const when = afterSeconds === 0 ? texts.rules.atOnce : texts.rules.after(durationText(afterSeconds));
      return `${when}: ${[...groupIds, ...recipientIds].map(nameOf).join(', ') || texts.none}`;
    })
    .join('; ');
}

/** Who is told of what happens where. */
export default function RulesPage() {
  const may = useMay();
  const navigate = useNavigate();
  const locations = useLocations();
  const recipients = useRecipients().data ?? [];
  const groups = useGroups().data ?? [];
  const names = new Map([...recipients, ...groups].map(({ id, name }) => [id, name]));
  const placeOf = ({ place }: Rule): string =>
    place.id === null ? texts.rules.everywhere : (locations[place.id] ?? texts.rules.placeKinds[place.kind]);
  return (
    <SpaceBetween size="s">
      <RuleTabs active="rules" />
      <DataTable<Rule>
        title={texts.rules.title}
        description={texts.rules.description}
        listKey="alert-rules"
        isSearchable
        filterNames={FILTERS}
        filters={
          <>
            <Choice name="trigger" label={texts.alerts.anyTrigger} choices={texts.alerts.triggers} />
            <Choice
              name="isEnabled"
              label={texts.rules.onOrOff}
              choices={{ true: texts.rules.on, false: texts.rules.off }}
            />
            <Choice name="source" label={texts.rules.anySource} choices={texts.rules.sources} />
          </>
        }
        wrapLines
        itemKey={({ id }) => id}
        actions={
          may('POST /api/alert-rules') && (
            <Button variant="primary" wrapText={false} onClick={() => void navigate('/alerts/rules/new')}>
              {texts.rules.add}
            </Button>
          )
        }
        read={async ({ start, max, text, filters: { isEnabled, ...filters }, sort }) => {
          const query = {
            start,
            max,
            ...(filters as Filters),
            ...(isEnabled !== undefined && { isEnabled: isEnabled === 'true' }),
            ...(text !== '' && { text }),
            ...sortedBy(sort),
          };
          const { data, response } = await api.GET('/api/alert-rules', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        empty={<Box textAlign="center">{texts.rules.empty}</Box>}
        columns={[
          {
            id: 'name',
            header: texts.rules.name,
            sort: 'name',
            csv: (rule) => `${rule.name}, ${rule.isReadOnly ? texts.rules.sources[rule.source] : placeOf(rule)}`,
            isRowHeader: true,
            minWidth: 220,
            cell: (rule) => (
              <>
                {rule.isReadOnly ? rule.name : <PageLink to={`/alerts/rules/${rule.id}`}>{rule.name}</PageLink>}
                <Box color="text-body-secondary" fontSize="body-s">
                  {rule.isReadOnly ? texts.rules.sources[rule.source] : placeOf(rule)}
                </Box>
              </>
            ),
          },
          {
            id: 'enabled',
            header: texts.rules.state,
            sort: 'isEnabled',
            csv: ({ isEnabled }) => (isEnabled ? texts.rules.on : texts.rules.off),
            cell: ({ isEnabled }) => (
              <StatusIndicator type={isEnabled ? 'success' : 'stopped'}>
                {isEnabled ? texts.rules.on : texts.rules.off}
              </StatusIndicator>
            ),
          },
          {
            id: 'triggers',
            header: texts.rules.triggers,
            csv: ({ triggers }) => triggers.map((trigger) => texts.alerts.triggers[trigger]).join(', '),
            minWidth: 200,
            cell: ({ triggers }) => nameList(triggers.map((trigger) => texts.alerts.triggers[trigger])),
          },
          {
            id: 'steps',
            header: texts.rules.steps,
            csv: (rule) => stepsText(rule, (id) => names.get(id) ?? id),
            minWidth: 240,
            cell: (rule) => <Steps rule={rule} nameOf={(id) => names.get(id) ?? id} />,
          },
        ]}
      />
    </SpaceBetween>
  );
}
