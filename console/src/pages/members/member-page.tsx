import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Copied } from '../../parts/copied.tsx';
import { Edited } from '../../parts/edited.tsx';
import { PageLink } from '../../parts/links.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { WholeTable } from '../../parts/whole-table.tsx';
import { useMay } from '../../session/session.ts';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import { readDependents } from './callback-api.ts';
import { MemberCallbackCard } from './member-callback.tsx';
import { MemberForm } from './member-form.tsx';
import type { MemberDetail } from './member-types.ts';

const said = texts.members;

const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }): string =>
  [firstName, lastName].filter((part) => part !== '' && part !== '.').join(' ');

function RemoveMember({ member, onClose }: { member: MemberDetail; onClose: () => void }) {
  const notifyRemoved = useNotifyRemoved();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ['members', 'dependents', member.id],
    queryFn: async () => (await readDependents(member.kind, member.id)) ?? null,
  });
  return (
    <Confirm
      title={said.removeOf(member.displayName)}
      action={said.remove}
      isDisabled={data === undefined && error === null}
      onClose={onClose}
      run={async () => {
        await api.DELETE('/api/members/{memberId}', { params: { path: { memberId: member.id } } });
        await Promise.all(['members', 'numbers'].map((first) => client.invalidateQueries({ queryKey: [first] })));
        notifyRemoved({ id: member.id, name: member.displayName, content: said.removed(member.displayName) });
        await navigate('/members');
      }}
    >
      <SpaceBetween size="s">
        <ProblemAlert error={error} />
        <div>{said.removes(member.numbers.map(({ number }) => number))}</div>
        {data?.isLocationEcbnDefault && <Box color="text-status-error">{said.isLocationDefault}</Box>}
        {data !== undefined && data !== null && data.dependentMemberCount > 0 && (
          <Box color="text-status-error">{said.dependents(data.dependentMemberCount)}</Box>
        )}
      </SpaceBetween>
    </Confirm>
  );
}

export default function MemberPage() {
  const { id = '' } = useParams();
  const may = useMay();
  const locations = useLocations();
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const {
    data: member,
    error,
    refetch,
  } = useQuery({
    queryKey: ['members', id],
    queryFn: async () =>
      (await api.GET('/api/members/{memberId}', { params: { path: { memberId: id } } })).data ?? null,
  });
  usePageName(member?.displayName);
  if (!member) return error ? <PageProblem error={error} onRetry={() => void refetch()} /> : <Spinner size="large" />;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {may('DELETE /api/members/{memberId}') && <Button onClick={() => setOpen('remove')}>{said.remove}</Button>}
            {may('PATCH /api/members/{memberId}') && (
              <Button variant="primary" onClick={() => setOpen('edit')}>
                {said.edit}
              </Button>
            )}
          </SpaceBetween>
        }
      >
        {member.displayName}
      </Header>
      <ProblemAlert error={error} />
      <Container header={<Header variant="h2">{said.facts}</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: said.kind, value: said.kinds[member.kind] },
            {
              label: said.location,
              value: <LocationLink id={member.locationId} name={locations[member.locationId]} />,
            },
            { label: said.email, value: member.email ?? texts.none },
            { label: said.extension, value: member.extension ?? texts.none },
            {
              label: said.numbers,
              value:
                member.numbers.length === 0 ? (
                  texts.none
                ) : (
                  <SpaceBetween size="xxs">
                    {member.numbers.map(({ number, isMain, active }) => (
                      <SpaceBetween key={number} direction="horizontal" size="xxs">
                        <Copied text={number} />
                        {isMain && <Badge color="blue">{texts.numbers.main}</Badge>}
                        {!active && <Badge>{texts.numbers.inactive}</Badge>}
                      </SpaceBetween>
                    ))}
                  </SpaceBetween>
                ),
            },
          ]}
        />
      </Container>
      {member.kind === 'HUNT_GROUP' ? (
        <WholeTable
          name="agents"
          title={said.agents}
          headerVariant="h2"
          counter={`(${member.agents.length})`}
          items={member.agents}
          itemKey={({ memberId }) => memberId}
          empty={<Box textAlign="center">{said.noAgents}</Box>}
          columns={[
            {
              id: 'name',
              header: said.name,
              isRowHeader: true,
              csv: nameOf,
              cell: (agent) => <PageLink to={`/members/${agent.memberId}`}>{nameOf(agent)}</PageLink>,
            },
            { id: 'kind', header: said.kind, cell: ({ kind }) => said.kinds[kind] },
            { id: 'extension', header: said.extension, cell: ({ extension }) => extension ?? texts.none },
          ]}
        />
      ) : (
        <MemberCallbackCard member={member} kind={member.kind} />
      )}
      {open === 'edit' && (
        <Edited
          read={() => api.GET('/api/members/{memberId}', { params: { path: { memberId: id } } })}
          onClose={() => setOpen(null)}
        >
          {(current) => <MemberForm member={current} onClose={() => setOpen(null)} />}
        </Edited>
      )}
      {open === 'remove' && <RemoveMember member={member} onClose={() => setOpen(null)} />}
    </SpaceBetween>
  );
}
