import { useQueries } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import type { LocationItem, ResponseLocation } from './place-types.ts';

/** One line of the tree. `floor` empty: rooms that name none. */
export type PlaceRow =
  | { kind: 'building'; id: string; count: number }
  | { kind: 'floor'; id: string; floor: string; count: number }
  | { kind: 'room'; id: string; room: ResponseLocation }
  /** What a floor holds beyond what is shown. */
  | { kind: 'more'; id: string; count: number };

/** So many rooms of a floor are shown at once; the others are found by text. */
const MOST = 100;
/** A house of so few rooms stands open. */
const FEW = 20;

type Floors = readonly { floor: string; responseLocations: number }[];

/** The building of a location, its floors and rooms; the rooms of a floor are read when it is opened. */
export function useTree(location: LocationItem) {
  const building = location.building;
  const total = location.responseLocations;
  const [toggled, setToggled] = useState<Readonly<Record<string, boolean>>>({});
  const floors = useQuery({
    queryKey: ['response-locations', 'floors', building?.id, total],
    enabled: building !== null,
    queryFn: async (): Promise<Floors> =>
      (await api.GET('/api/buildings/{id}/floors', { params: { path: { id: building?.id ?? '' } } })).data?.items ?? [],
  });
  const named = (floors.data ?? []).map(({ floor, responseLocations: count }) => floorRow(floor, count));
  const without = total - named.reduce((sum, { count }) => sum + count, 0);
  const floorRows = floors.data !== undefined && without > 0 ? [...named, floorRow('', without)] : named;
  const isOpen = (row: PlaceRow): boolean => toggled[row.id] ?? (row.kind === 'building' || total <= FEW);
  const openFloors = floorRows.filter(isOpen);
  const rooms = useQueries({
    queries: openFloors.map(({ floor }) => ({
      queryKey: ['response-locations', 'on', building?.id, floor, total],
      queryFn: async () => {
        const query = { buildingId: building?.id ?? '', floor, max: MOST };
        return (await api.GET('/api/response-locations', { params: { query } })).data?.items ?? [];
      },
    })),
  });
  // As `useQuery` does for one: what could not be read stays so, and says so, while it is looked for again.
  const failed = useRef<Error | null>(null);
  const failure = rooms.find(({ error }) => error !== null)?.error ?? null;
  const isAgain = rooms.some(({ isPending, errorUpdateCount }) => isPending && errorUpdateCount > 0);
  if (failure !== null || !isAgain) failed.current = failure;
  const byFloor = new Map(openFloors.map(({ id }, at) => [id, rooms[at]?.data ?? []]));
  const roots: readonly PlaceRow[] = building === null ? [] : [{ kind: 'building', id: building.id, count: total }];
  function childrenOf(row: PlaceRow): readonly PlaceRow[] {
    if (row.kind === 'building') return floorRows;
    if (row.kind !== 'floor') return [];
    const shown = (byFloor.get(row.id) ?? []).map((room): PlaceRow => ({ kind: 'room', id: room.id, room }));
    const left = shown.length === MOST ? row.count - MOST : 0;
    return left > 0 ? [...shown, { kind: 'more', id: `more:${row.id}`, count: left }] : shown;
  }
  return {
    roots,
    childrenOf,
    expanded: [...roots, ...floorRows].filter(isOpen),
    toggle: (row: PlaceRow, isNowOpen: boolean) => setToggled((before) => ({ ...before, [row.id]: isNowOpen })),
    // Rows that stand open from the beginning come with what is in them; those that somebody opens, and those that could not be read
    // and are looked for again, are filled before their eyes.
    isPending:
      building !== null &&
      (floors.isPending ||
        (Object.keys(toggled).length === 0 &&
          rooms.some(({ isPending, errorUpdateCount }) => isPending && errorUpdateCount === 0))),
    error: floors.error ?? failed.current,
    refetch: () => Promise.all([floors.refetch(), ...rooms.map((one) => one.refetch())]),
  };
}

function floorRow(floor: string, count: number): PlaceRow & { kind: 'floor' } {
  return { kind: 'floor', id: `floor:${floor}`, floor, count };
}
