import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Choice } from '../../parts/choice.tsx';
import { DataTable, listPage, sortedBy } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/links.tsx';
import { LocationLink } from '../../parts/location-link.tsx';
import { useLocations } from '../../parts/use-locations.ts';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { MemberForm } from './member-form.tsx';
import type { Member } from './member-types.ts';

const said = texts.members;

export default function MembersPage() {
  const may = useMay();
  const locations = useLocations();
  const [isAdding, setIsAdding] = useState(false);
  const add = may('POST /api/members') && (
    <Button variant="primary" onClick={() => setIsAdding(true)}>
      {said.add}
    </Button>
  );
  return (
    <>
      <DataTable<Member>
        title={said.title}
        description={said.description}
        usualSort="displayName"
        listKey="members"
        isSearchable
        filterNames={['kind', 'locationId']}
        filters={
          <>
            <Choice name="kind" label={texts.wireMap.anyKind} choices={said.kinds} />
            <Choice name="locationId" label={texts.wireMap.anyLocation} choices={locations} isSearchable />
          </>
        }
        itemKey={({ id }) => id}
        read={async ({ start, max, text, filters: { kind, ...rest }, sort }) => {
          const query = {
            start,
            max,
            ...rest,
            ...(text !== '' && { text }),
            ...sortedBy(sort),
            ...(kind !== undefined && { kind: kind as Member['kind'] }),
          };
          const { data, response } = await api.GET('/api/members', { params: { query } });
          return listPage(data?.items ?? [], response);
        }}
        actions={add}
        empty={
          <Box textAlign="center">
            <SpaceBetween size="s">
              <Box>{said.empty}</Box>
              {add}
            </SpaceBetween>
          </Box>
        }
        columns={[
          {
            id: 'name',
            header: said.name,
            sort: 'displayName',
            csv: ({ displayName }) => displayName,
            isRowHeader: true,
            cell: ({ id, displayName }) => <PageLink to={`/members/${id}`}>{displayName}</PageLink>,
          },
          { id: 'kind', header: said.kind, sort: 'kind', cell: ({ kind }) => said.kinds[kind] },
          {
            id: 'numbers',
            header: said.numbers,
            cell: ({ numbers }) => (numbers.length === 0 ? texts.none : numbers.map(({ number }) => number).join(', ')),
          },
          {
            id: 'extension',
            header: said.extension,
            sort: 'extension',
            cell: ({ extension }) => extension ?? texts.none,
          },
          {
            id: 'location',
            header: said.location,
            sort: 'location',
            csv: ({ locationId }) => locations[locationId] ?? texts.unknown,
            cell: ({ locationId }) => <LocationLink id={locationId} name={locations[locationId]} />,
          },
          {
            id: 'callback',
            header: said.calledBackOn,
            csv: ({ kind, ecbnSelected }) => (kind === 'HUNT_GROUP' ? texts.none : said.selections[ecbnSelected]),
            cell: ({ kind, ecbnSelected, elinEnabled }) =>
              kind === 'HUNT_GROUP' ? (
                texts.none
              ) : (
                <SpaceBetween direction="horizontal" size="xxs">
                  <span>{said.selections[ecbnSelected]}</span>
                  {elinEnabled && <Badge color="blue">{texts.formats.elin}</Badge>}
                </SpaceBetween>
              ),
          },
        ]}
      />
      {isAdding && <MemberForm member={null} onClose={() => setIsAdding(false)} />}
    </>
  );
}
