import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Moment } from '../../parts/moment.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { texts } from '../../texts/texts.ts';

const SHOWN = 50;

type Settings = Readonly<Record<string, unknown>> | null;

/** Names of what is different between two states. */
function changedNames(before: Settings, after: Settings): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
}

/** What was done to a location, by whom, newest first. */
export function LocationHistory({ id }: { id: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const { data, error, isLoading } = useQuery({
    queryKey: ['audit', 'location', id],
    enabled: isOpen,
    queryFn: async () =>
      (await api.GET('/api/audit', { params: { query: { subject: `location ${id}`, max: SHOWN } } })).data?.items ?? [],
  });
  return (
    <ExpandableSection
      variant="container"
      headerText={texts.sites.history}
      headerDescription={texts.sites.historyHelp}
      expanded={isOpen}
      onChange={({ detail }) => setIsOpen(detail.expanded)}
    >
      <ProblemAlert error={error} />
      <Table
        variant="embedded"
        loading={isLoading}
        loadingText={texts.loading}
        items={data ?? []}
        trackBy="sequence"
        wrapLines
        empty={
          <WhenEmpty error={error}>
            <Box textAlign="center">{texts.sites.noHistory}</Box>
          </WhenEmpty>
        }
        columnDefinitions={[
          { id: 'at', header: texts.sites.when, isRowHeader: true, cell: ({ at }) => <Moment at={at} /> },
          { id: 'who', header: texts.sites.who, cell: ({ actor }) => actor },
          { id: 'what', header: texts.sites.what, cell: ({ action }) => action },
          {
            id: 'changed',
            header: texts.sites.changed,
            cell: ({ before, after }) =>
              before === null ? texts.none : changedNames(before, after).join(', ') || texts.none,
          },
        ]}
      />
    </ExpandableSection>
  );
}
