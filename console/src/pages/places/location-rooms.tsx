import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { keepPreviousData } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { addressOf, api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { changesOf, parameterOf, useAddressBar } from '../../parts/address-bar.ts';
import { readSorting, writeSorting } from '../../parts/columns.ts';
import { listPage, pathWith, sortedBy } from '../../parts/data-table.tsx';
import { Edited } from '../../parts/edited.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useTyped } from '../../parts/use-typed.ts';
import { WhenEmpty } from '../../parts/when-empty.tsx';
import { useMay } from '../../session/session.ts';
import { texts } from '../../texts/texts.ts';
import { MoveBuilding } from './move-building.tsx';
import { MoveRoom } from './move-room.tsx';
import type { LocationItem, ResponseLocation } from './place-types.ts';
import { RemoveBuilding } from './remove-building.tsx';
import { RemoveRoom } from './remove-room.tsx';
import { RenameFloor } from './rename-floor.tsx';
import { RoomForm } from './room-form.tsx';
import { ROOMS } from './rooms-address.ts';
import { type PlaceRow, useTree } from './use-tree.ts';

const PAGE_SIZE = 20;
/** By what the platform orders a location's rooms. */
const SORTED = [{ sort: 'name' }, { sort: 'room' }, { sort: 'floor' }];

const readRoom = (id: string) => () => api.GET('/api/response-locations/{id}', { params: { path: { id } } });

type Dialog =
  | { kind: 'edit'; room: ResponseLocation | null; floor?: string }
  | { kind: 'remove' | 'move'; room: ResponseLocation }
  | { kind: 'rename-floor'; floor: string }
  | { kind: 'move-building' | 'remove-building' };

type Open = (dialog: Dialog) => void;

function Act({ label, name, onClick }: { label: string; name: string; onClick: () => void }) {
  return (
    <Button variant="inline-link" ariaLabel={name} onClick={onClick}>
      {label}
    </Button>
  );
}

/** What one can do with a building, a floor or a room. */
function RowActions({ row, location, open }: { row: PlaceRow; location: LocationItem; open: Open }) {
  const may = useMay();
  const said = texts.rooms;
  if (row.kind === 'more') return null;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {row.kind === 'building' && may('POST /api/buildings/{id}/move') && (
        <Act
          label={said.move}
          name={said.moveBuildingOf(location.name)}
          onClick={() => open({ kind: 'move-building' })}
        />
      )}
      {row.kind === 'building' && may('DELETE /api/buildings/{id}') && (
        <Act
          label={said.remove}
          name={said.removeBuildingOf(location.name)}
          onClick={() => open({ kind: 'remove-building' })}
        />
      )}
      {row.kind === 'floor' && may('POST /api/response-locations') && (
        <Act
          label={said.addHere}
          name={said.addOn(row.floor)}
          onClick={() => open({ kind: 'edit', room: null, floor: row.floor })}
        />
      )}
      {row.kind === 'floor' && row.floor !== '' && may('POST /api/buildings/{id}/floors/rename') && (
        <Act
          label={said.rename}
          name={said.renameFloorOf(row.floor)}
          onClick={() => open({ kind: 'rename-floor', floor: row.floor })}
        />
      )}
      {row.kind === 'room' && may('PATCH /api/response-locations/{id}') && (
        <Act
          label={texts.sites.editShort}
          name={said.editOf(row.room.name)}
          onClick={() => open({ kind: 'edit', room: row.room })}
        />
      )}
      {row.kind === 'room' && may('POST /api/response-locations/{id}/move') && (
        <Act
          label={said.move}
          name={said.moveOf(row.room.name)}
          onClick={() => open({ kind: 'move', room: row.room })}
        />
      )}
      {row.kind === 'room' && may('DELETE /api/response-locations/{id}') && (
        <Act
          label={texts.sites.removeShort}
          name={said.removeOf(row.room.name)}
          onClick={() => open({ kind: 'remove', room: row.room })}
        />
      )}
    </SpaceBetween>
  );
}

function NameOf({ row }: { row: PlaceRow }) {
  const said = texts.rooms;
  if (row.kind === 'room') return row.room.name;
  if (row.kind === 'more') return <Box color="text-body-secondary">{said.moreOnFloor(row.count)}</Box>;
  const name = row.kind === 'floor' ? said.floorName(row.floor) : texts.sites.building;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Box fontWeight="bold">{name}</Box>
      <Box color="text-body-secondary">{said.count(row.count)}</Box>
    </SpaceBetween>
  );
}

/** The building of one location, its floors and its emergency response locations, as a tree; found by text, as a list. */
export function LocationRooms({ location }: { location: LocationItem }) {
  const may = useMay();
  const [search, changeAddress] = useAddressBar();
  const change = (changes: Readonly<Record<string, string>>): void => changeAddress(changesOf(ROOMS, changes));
  const named = parameterOf(ROOMS);
  const text = search.get(named('text')) ?? '';
  const page = Math.max(1, Number.parseInt(search.get(named('page')) ?? '1', 10) || 1);
  const asked = readSorting(search.get(named('sort')), SORTED);
  const sort = asked && writeSorting(asked);
  const [typed, setTyped] = useTyped(text, (wanted) => change({ text: wanted, page: '' }));
  const [dialog, setDialog] = useState<Dialog | null>(null);
  // What is found or ordered has no floors.
  const isTree = text === '' && sort === undefined;
  const found = useQuery({
    queryKey: ['response-locations', 'of', location.id, text, page, sort],
    placeholderData: keepPreviousData,
    enabled: !isTree,
    queryFn: async () => {
      const query = {
        locationId: location.id,
        start: (page - 1) * PAGE_SIZE,
        max: PAGE_SIZE,
        ...(text !== '' && { text }),
        ...sortedBy(sort),
      };
      const answer = await api.GET('/api/response-locations', { params: { query } });
      return listPage(answer.data?.items ?? [], answer.response);
    },
  });
  const tree = useTree(location);
  const error = isTree ? tree.error : found.error;
  const isPending = isTree ? tree.isPending : found.isPending;
  // What somebody looks for later takes away nothing of what stands below.
  const isShown = useRef(false);
  isShown.current ||= !isPending;
  const rows: readonly PlaceRow[] = isTree
    ? tree.roots
    : (found.data?.items ?? []).map((room) => ({ kind: 'room', id: room.id, room }));
  const mayAdd = may('POST /api/response-locations') && location.building !== null;
  const add = mayAdd && <Button onClick={() => setDialog({ kind: 'edit', room: null })}>{texts.rooms.add}</Button>;
  const close = (): void => setDialog(null);
  const roomOf = (row: PlaceRow): ResponseLocation | null => (row.kind === 'room' ? row.room : null);
  return (
    <SpaceBetween size="s" {...(!isShown.current && { className: 'reading' })}>
      <ProblemAlert error={error} onRetry={() => void (isTree ? tree.refetch() : found.refetch())} />
      <Table<PlaceRow>
        header={
          <Header
            variant="h2"
            description={texts.rooms.description}
            counter={`(${location.responseLocations})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {!isTree && (
                  <Button onClick={() => change({ text: '', sort: '', page: '' })}>{texts.rooms.asTree}</Button>
                )}
                {location.responseLocations > 0 && may('GET /api/response-locations/export') && (
                  <Button
                    iconName="download"
                    href={addressOf(
                      pathWith('/api/response-locations/export', {
                        locationId: location.id,
                        text: text || undefined,
                        sort,
                      }),
                    )}
                    download
                  >
                    {texts.table.export}
                  </Button>
                )}
                {add}
              </SpaceBetween>
            }
          >
            {texts.rooms.title}
          </Header>
        }
        loading={isPending}
        loadingText={texts.loading}
        items={rows}
        trackBy="id"
        // Its buttons stay in sight beside a long address.
        stickyColumns={{ last: 1 }}
        {...(asked && { sortingColumn: { sortingField: asked.word }, sortingDescending: asked.isDescending })}
        onSortingChange={({ detail }) => {
          const word = detail.sortingColumn.sortingField;
          if (word === undefined) return;
          change({ sort: writeSorting({ word, isDescending: detail.isDescending === true }), page: '' });
        }}
        {...(isTree && {
          expandableRows: {
            getItemChildren: tree.childrenOf,
            isItemExpandable: (row: PlaceRow) => row.kind === 'building' || row.kind === 'floor',
            expandedItems: tree.expanded,
            onExpandableItemToggle: ({ detail }: { detail: { item: PlaceRow; expanded: boolean } }) =>
              tree.toggle(detail.item, detail.expanded),
          },
        })}
        ariaLabels={{
          tableLabel: texts.rooms.title,
          expandButtonLabel: (row) =>
            texts.rooms.open(row.kind === 'floor' ? texts.rooms.floorName(row.floor) : texts.sites.building),
          collapseButtonLabel: (row) =>
            texts.rooms.close(row.kind === 'floor' ? texts.rooms.floorName(row.floor) : texts.sites.building),
        }}
        {...(location.responseLocations > 0 && {
          filter: (
            <TextFilter
              filteringText={typed}
              filteringPlaceholder={texts.rooms.search}
              filteringAriaLabel={texts.rooms.search}
              onChange={({ detail }) => setTyped(detail.filteringText)}
            />
          ),
        })}
        {...(!isTree && {
          pagination: (
            <Pagination
              currentPageIndex={page}
              pagesCount={page + (found.data?.hasMore ? 1 : 0)}
              openEnd={found.data?.hasMore === true}
              onChange={({ detail }) =>
                change({ page: detail.currentPageIndex === 1 ? '' : String(detail.currentPageIndex) })
              }
              ariaLabels={{
                nextPageLabel: texts.table.next,
                previousPageLabel: texts.table.previous,
                pageLabel: texts.table.page,
              }}
            />
          ),
        })}
        empty={
          <WhenEmpty error={error}>
            {isTree ? (
              <Box textAlign="center">{texts.rooms.needsBuilding}</Box>
            ) : page > 1 ? (
              <Nothing text={texts.table.beyondEnd} action={texts.table.first} onAct={() => change({ page: '' })} />
            ) : (
              <Nothing
                text={texts.table.noMatch}
                action={texts.table.clear}
                onAct={() => change({ text: '', page: '' })}
              />
            )}
          </WhenEmpty>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: texts.rooms.name,
            sortingField: 'name',
            isRowHeader: true,
            cell: (row) => <NameOf row={row} />,
          },
          {
            id: 'room',
            header: texts.rooms.room,
            sortingField: 'room',
            cell(row) {
              const detail = roomOf(row)?.detail;
              if (detail === undefined) return null;
              const room = detail['ROOM'] ?? detail['UNIT'] ?? detail['LOC'] ?? texts.none;
              return isTree
                ? room
                : `${detail['FLR'] === undefined ? '' : `${texts.rooms.floorName(detail['FLR'])}, `}${room}`;
            },
          },
          {
            id: 'elins',
            header: texts.rooms.elins,
            cell(row) {
              const elins = roomOf(row)?.elins ?? [];
              if (row.kind === 'room' && elins.length === 0) return texts.none;
              return elins.map((elin) => <Badge key={elin}>{elin}</Badge>);
            },
          },
          {
            id: 'alerts',
            header: texts.rooms.alertEmails,
            cell(row) {
              if (row.kind === 'building') return location.building?.alertingEmail;
              const room = roomOf(row);
              return room && (room.alertEmails.join(', ') || texts.none);
            },
          },
          {
            id: 'actions',
            header: texts.sites.actions,
            minWidth: 220,
            cell: (row) => <RowActions row={row} location={location} open={setDialog} />,
          },
        ]}
      />
      {location.building !== null && location.responseLocations === 0 && (
        <Box textAlign="center" color="text-body-secondary">
          {texts.rooms.empty}
        </Box>
      )}
      {dialog?.kind === 'edit' && dialog.room === null && (
        <RoomForm locationId={location.id} room={null} floor={dialog.floor ?? ''} onClose={close} />
      )}
      {dialog?.kind === 'edit' && dialog.room !== null && (
        <Edited read={readRoom(dialog.room.id)} onClose={close}>
          {(room) => <RoomForm locationId={location.id} room={room} onClose={close} />}
        </Edited>
      )}
      {dialog?.kind === 'remove' && <RemoveRoom room={dialog.room} onClose={close} />}
      {dialog?.kind === 'move' && <MoveRoom room={dialog.room} onClose={close} />}
      {location.building !== null && dialog?.kind === 'rename-floor' && (
        <RenameFloor buildingId={location.building.id} floor={dialog.floor} onClose={close} />
      )}
      {location.building !== null && dialog?.kind === 'move-building' && (
        <MoveBuilding location={location} buildingId={location.building.id} onClose={close} />
      )}
      {location.building !== null && dialog?.kind === 'remove-building' && (
        <RemoveBuilding location={location} buildingId={location.building.id} onClose={close} />
      )}
    </SpaceBetween>
  );
}
