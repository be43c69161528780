import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { listPage } from '../../parts/data-table.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import type { LocationItem, ResponseLocation } from './place-types.ts';
import { RemoveRoom } from './remove-room.tsx';
import { RoomForm } from './room-form.tsx';

const PAGE_SIZE = 20;
const TYPING_MS = 250;

type Dialog = { kind: 'edit'; room: ResponseLocation | null } | { kind: 'remove'; room: ResponseLocation };

/** The emergency response locations of one location. */
export function LocationRooms({ location }: { location: LocationItem }) {
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const [page, setPage] = useState(1);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setText(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['response-locations', 'of', location.id, text, page],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const answer = await api.GET('/api/response-locations', {
        params: {
          query: {
            locationId: location.id,
            start: (page - 1) * PAGE_SIZE,
            max: PAGE_SIZE,
            ...(text !== '' && { text }),
          },
        },
      });
      return listPage(answer.data?.items ?? [], answer.response);
    },
  });
  const mayAdd = may('POST /api/response-locations') && location.building !== null;
  const mayEdit = may('PATCH /api/response-locations/{id}');
  const add = mayAdd && <Button onClick={() => setDialog({ kind: 'edit', room: null })}>{texts.rooms.add}</Button>;
  return (
    <SpaceBetween size="s">
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <Table
        header={
          <Header
            variant="h2"
            description={texts.rooms.description}
            counter={`(${location.responseLocations})`}
            actions={add}
          >
            {texts.rooms.title}
          </Header>
        }
        loading={isPending}
        loadingText={texts.loading}
        items={[...(data?.items ?? [])]}
        trackBy="id"
        {...(location.responseLocations > PAGE_SIZE && {
          filter: (
            <TextFilter
              filteringText={typed}
              filteringPlaceholder={texts.table.search}
              filteringAriaLabel={texts.table.search}
              onChange={({ detail }) => {
                setTyped(detail.filteringText);
                setPage(1);
              }}
            />
          ),
          pagination: (
            <Pagination
              currentPageIndex={page}
              pagesCount={page + (data?.hasMore ? 1 : 0)}
              openEnd={data?.hasMore === true}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
              ariaLabels={{
                nextPageLabel: texts.table.next,
                previousPageLabel: texts.table.previous,
                pageLabel: texts.table.page,
              }}
            />
          ),
        })}
        empty={
          <Box textAlign="center">
            {text !== ''
              ? texts.table.noMatch
              : location.building === null
                ? texts.rooms.needsBuilding
                : texts.rooms.empty}
          </Box>
        }
        columnDefinitions={[
          { id: 'name', header: texts.rooms.name, isRowHeader: true, cell: ({ name }) => name },
          { id: 'floor', header: texts.rooms.floor, cell: ({ detail }) => detail['FLR'] ?? texts.none },
          { id: 'room', header: texts.rooms.room, cell: ({ detail }) => detail['ROOM'] ?? detail['LOC'] ?? texts.none },
          {
            id: 'elins',
            header: texts.rooms.elins,
            cell: ({ elins }) =>
              elins.length === 0 ? texts.none : elins.map((elin) => <Badge key={elin}>{elin}</Badge>),
          },
          {
            id: 'alerts',
            header: texts.rooms.alertEmails,
            cell: ({ alertEmails }) => alertEmails.join(', ') || texts.none,
          },
          ...(mayEdit
            ? [
                {
                  id: 'actions',
                  header: texts.sites.actions,
                  cell: (room: ResponseLocation) => (
                    <SpaceBetween direction="horizontal" size="xs">
                      <Button
                        variant="inline-link"
                        ariaLabel={texts.rooms.editOf(room.name)}
                        onClick={() => setDialog({ kind: 'edit', room })}
                      >
                        {texts.sites.editShort}
                      </Button>
                      <Button
                        variant="inline-link"
                        ariaLabel={texts.rooms.removeOf(room.name)}
                        onClick={() => setDialog({ kind: 'remove', room })}
                      >
                        {texts.sites.removeShort}
                      </Button>
                    </SpaceBetween>
                  ),
                },
              ]
            : []),
        ]}
      />
      {dialog?.kind === 'edit' && (
        <RoomForm locationId={location.id} room={dialog.room} onClose={() => setDialog(null)} />
      )}
      {dialog?.kind === 'remove' && <RemoveRoom room={dialog.room} onClose={() => setDialog(null)} />}
    </SpaceBetween>
  );
}
